"""The three things that a board must know, from the figures alone.

A board asks three questions of a model: how much harm can happen, to whom or where, and what is not known.
So at most one finding of each kind is told, and only what chance does not explain:

- mishap: the noise that costs most accuracy; nobody has to want it
- attack: the attack that costs most; where people or thresholds say so, by its valid successes
- group: the group whose texts are answered worse than the same texts about somebody else
- slice: the part of the data, found and confirmed or known before, where the model is weakest
- confidence: a model that sounds more or less sure than it is right, so that nobody can go by it

They are ordered by the harm that is certain: the end of the interval nearest to none. What is *open* comes
third whenever something that a decision hangs on is not settled: an unfinished audit, a rule that could
not be decided, rows without an answer. Places left over say how small a loss these examples could miss.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from audits.policy import Verdict
from audits.reports.wording import demand
from audits.statistics import Estimate
from audits.summary import Summary, TestFigures, points, signed, titled
from views.numbers import grouped, percent, rate

Kind = Literal["mishap", "attack", "group", "slice", "confidence", "open"]
#: A gap between confidence and accuracy below this is not worth a board's time.
OVERCONFIDENT = 0.05


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: a plain sentence, the figure's name, and its interval where there is one."""

    kind: Kind
    title: str
    sentence: str
    figure: str = ""
    estimate: Estimate | None = None
    certain: float = 0.0


def findings(summary: Summary, verdict: Verdict | None = None) -> tuple[Finding, ...]:
    """The three things, or fewer before there are figures."""
    if summary.clean_accuracy is None:
        return ()
    found = sorted(_harms(summary), key=lambda one: -one.certain)
    unsettled = _unsettled(summary, verdict)
    if unsettled:
        return (*found[:2], unsettled)
    return (*found, *_unseen(summary, found))[:3]


def _harms(summary: Summary) -> Iterator[Finding]:
    """One finding of each kind, as far as there is something beyond chance."""
    lost = [test for test in summary.by_harm if test.is_lost]
    noise = next((test for test in lost if test.kind == "noise"), None)
    if noise and noise.drop and noise.accuracy:
        yield Finding(
            "mishap",
            "What mishaps cost",
            f"{titled(noise)}, with {percent(noise.characters_edited, 0)} of the characters changed, takes "
            f"{points(noise.drop)} of accuracy, n\u00a0=\u00a0{grouped(noise.paired)}: "
            f"{percent(noise.accuracy.value)} of the answers are left right.",
            f"drop {noise.test}",
            noise.drop,
            noise.drop.low,
        )
    attack = next((test for test in lost if test.kind == "attack"), None)
    if attack:
        yield from _attack(attack)
    yield from _group(summary)
    yield from _slice(summary)
    quality = summary.clean_quality
    if quality and quality.calibration_error and quality.calibration_error.low >= OVERCONFIDENT:
        error = quality.calibration_error
        yield Finding(
            "confidence",
            "Whether it knows when it errs",
            f"Its confidence is off by {rate(error.value, error.low, error.high)} on average, "
            f"n\u00a0=\u00a0{grouped(error.count)}: how sure it sounds does not say how often it is right.",
            "calibration_error",
            error,
            error.low,
        )


def _attack(test: TestFigures) -> Iterator[Finding]:
    success = test.validity.success if test.validity else test.success
    if not success or not test.drop:
        return
    valid = "counting only those that keep the meaning, " if test.validity else ""
    effort = test.effort.words if test.effort else None
    how = f" It changes {percent(effort.value, 0)} of the words." if effort else ""
    yield Finding(
        "attack",
        "What an attacker can do",
        f"{test.title} turns {rate(success.value, success.low, success.high)} of the right answers that it "
        f"tries, {valid}n\u00a0=\u00a0{grouped(success.count)}.{how}",
        f"{'valid ' if test.validity else ''}success {test.test}",
        success,
        success.low,
    )


def _group(summary: Summary) -> Iterator[Finding]:
    """The widest gap whose interval leaves no doubt that there is one, else the surest flips."""
    gaps = [
        (gap, test)
        for test in summary.tests
        if test.groups
        for gap in test.groups.gaps
        if gap.difference.high < 0
    ]
    if gaps:
        gap, test = min(gaps, key=lambda pair: pair[0].difference.high)
        worse = gap.difference
        yield Finding(
            "group",
            "Who is answered worse",
            f"Texts about {gap.group} are answered right {signed(-worse.value)} points less often "
            f"[{signed(-worse.high)}, {signed(-worse.low)}] than the same texts about others, "
            f"n\u00a0=\u00a0{grouped(worse.count)}.",
            f"accuracy_gap {test.test} {gap.group}",
            worse,
            -worse.high,
        )
        return
    turned = [(test.groups, test) for test in summary.tests if test.groups and test.groups.flipped]
    if turned:
        groups, test = max(turned, key=lambda pair: pair[0].flip_rate.low)
        flips = groups.flip_rate
        yield Finding(
            "group",
            "Whether it matters whom a text is about",
            f"The same text about somebody else ({test.title.lower()}) gets another answer in "
            f"{rate(flips.value, flips.low, flips.high)} of the texts that name a group, "
            f"n\u00a0=\u00a0{grouped(flips.count)}.",
            f"flip_rate {test.test}",
            flips,
            flips.low,
        )


def _slice(summary: Summary) -> Iterator[Finding]:
    """The weakest part of the data, whether it was known or searched for and confirmed."""
    whole = summary.clean_accuracy
    if whole is None:
        return
    known = [
        (
            one.clean,
            f"where the {one.by} is {one.value}",
            "",
            "over all unchanged texts",
            whole.value,
            f"slice {one.by}: {one.value}",
        )
        for one in summary.slices.known
        if one.weak and one.by != "confidence"
    ]
    found = [
        (
            one.accuracy,
            f"where {' and '.join(map(_stated, one.conditions))}",
            " under noise" if one.outcome == "under noise" else "",
            "elsewhere",
            one.rest.value,
            f"slice {' and '.join(one.conditions)}",
        )
        for one in summary.slices.confirmed
    ]
    if known or found:
        accuracy, where, when, others, theirs, name = min([*known, *found], key=lambda part: part[0].high)
        yield Finding(
            "slice",
            "Where it is weak",
            f"It is right in only {rate(accuracy.value, accuracy.low, accuracy.high)}{when} {where}, "
            f"n\u00a0=\u00a0{grouped(accuracy.count)}; {others} in {percent(theirs)}.",
            name,
            accuracy,
            theirs - accuracy.high,
        )


def _stated(condition: str) -> str:
    """A condition inside a sentence: `label: positive` as `the label is positive`."""
    return (
        f"the text {condition}"
        if condition.startswith("contains ")
        else f"the {condition.replace(': ', ' is ', 1)}"
    )


def _unsettled(summary: Summary, verdict: Verdict | None) -> Finding | None:
    """What a decision hangs on and this audit does not settle."""
    title = "What is not settled"
    if summary.state != "finished":
        share = f"{grouped(summary.rows)} of {grouped(summary.expected)} rows are there"
        return Finding(
            "open", title, f"The audit is {summary.state}: {share}, and every figure may still move."
        )
    if verdict and verdict.problem:
        return Finding("open", title, f"The policy was not applied: {verdict.problem}")
    undecided = verdict.of("inconclusive") if verdict else []
    if verdict and verdict.kind == "inconclusive" and undecided:
        rule = undecided[0]
        many = f", nor can {len(undecided) - 1} more" if len(undecided) > 1 else ""
        wanted = (
            f" About {grouped(verdict.needed)} examples would decide, where "
            f"{grouped(summary.examples)} were tested."
            if verdict.needed
            else ""
        )
        sentence = f"“{demand(rule)}” cannot be decided{many}: it found {rule.found}.{wanted}"
        return Finding("open", title, sentence, rule.figure, rule.estimate)
    failed = summary.clean_errors + sum(test.errors for test in summary.tests)
    if failed:
        sentence = f"{grouped(failed)} of {grouped(summary.rows)} rows have no answer and count in no figure."
        return Finding("open", title, sentence)
    return None


def _unseen(summary: Summary, found: list[Finding]) -> Iterator[Finding]:
    """What these examples could have missed, for the places that are left."""
    chance = [test for test in summary.by_harm if not test.is_lost and test.drop]
    if chance:
        widest = max(chance, key=lambda test: test.drop.high if test.drop else 0.0)
        drop = widest.drop
        if drop:
            yield Finding(
                "open",
                "What these examples could have missed",
                f"{len(chance)} of {len(summary.by_harm)} tests show no loss beyond chance, "
                f"which is no proof that there is none: {titled(widest)} may cost up to {signed(drop.high)} "
                f"({points(drop)}), n\u00a0=\u00a0{grouped(widest.paired)}.",
                f"drop {widest.test}",
                drop,
            )
    told = {one.kind for one in found}
    if "slice" not in told and summary.slices.known:
        yield Finding(
            "slice",
            "Where it is weak",
            f"No part of the data is weaker than the rest beyond chance, among {len(summary.slices.known)} "
            f"known slices and {grouped(summary.slices.tried)} that were searched, n\u00a0=\u00a0"
            f"{grouped(summary.examples)}.",
        )
    if "group" not in told and not any(test.kind == "counterfactual" for test in summary.tests):
        yield Finding(
            "open", "What was not asked", "No test asked whether the answer hangs on whom a text is about."
        )
    if not any(test.kind == "attack" for test in summary.tests):
        yield Finding("open", "What was not asked", "No attack was tried: nothing here speaks of intent.")
