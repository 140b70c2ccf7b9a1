"""How often does a gate pass a release that it should not? Audits drawn by the thousand, of known truth.

Every model here meets one limit exactly, which is the worst case: further off, a wrong pass is rarer. Rates
are draws of right and wrong answers; drops and differences are draws of pairs. What is drawn goes through
`audits.policy.decide`, as an audit's figures do. Differences of other figures to a baseline's are those that
`benchmarks.intervals` draws.
"""

import math
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from audits import statistics
from audits.measures import split
from audits.pairing import Paired
from audits.policy import decide
from audits.rules import Policy, Rule
from audits.statistics import Estimate
from audits.summary import Quality, Summary, TestFigures
from benchmarks.intervals import between
from benchmarks.intervals.scenario import Scenario

TITLE = "How often a gate is wrong"

#: An audit is grown once to what the gate asked for, and to so many times its size at most.
GROWN_AT_MOST = 30

#: What one audit found, as counts: hits, or pairs that flip either way.
Counts = tuple[int, ...]

#: What `benchmarks.intervals` calls the difference of a figure, and the figure's name in a rule.
DIFFERENCES = {
    "difference of macro F1": "macro_f1",
    "difference of calibration error": "calibration_error",
    "difference of Brier score": "brier",
    "difference of success": "success attack",
}


@dataclass(frozen=True)
class Case:
    """A truth and the rules it is held to: what is drawn, and what a gate says of it.

    Where `few` is set a quarter of the audits is drawn: their counts hardly ever come up twice.
    """

    title: str
    examples: int | str
    draw: Callable[[np.random.Generator], Any]
    judge: Callable[[Any], str]
    few: bool = False


def options(parser: ArgumentParser) -> None:
    """How many audits of each kind."""
    parser.add_argument("--audits", type=int, default=4000, help="how many audits are drawn of each kind")
    parser.add_argument("--seed", type=int, default=0)


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Draws and decides; the shares of each verdict, with what could be chance."""
    lines = [
        "| truth: exactly at the limit | examples | wrongly passed | failed | inconclusive |",
        "|---|---|---|---|---|",
    ]
    worst = 0.0
    for case in cases():
        rng = np.random.default_rng([options.seed, len(lines)])
        audits = max(1, options.audits // 4) if case.few else options.audits
        judge = cache(case.judge)
        counts = Counter(judge(case.draw(rng)) for _ in range(audits))
        worst = max(worst, counts["pass"] / audits)
        shares = " | ".join(_share(counts[kind], audits) for kind in ("pass", "fail", "inconclusive"))
        lines.append(f"| {case.title} | {case.examples} | {shares} |")
        say(lines[-1])
    found = grown(options.audits, np.random.default_rng(options.seed))
    lines += ["", *found]
    say(found[-1])
    return (
        f"{options.audits} audits a line; brackets are 95 % intervals. The highest share of wrong passes is "
        f"{100 * worst:.1f} %. A limit that is missed by a hair is the hardest case, so these shares bound "
        "those of any worse model.\n\n" + "\n".join(lines)
    )


def _share(count: int, of: int) -> str:
    found = statistics.accuracy(np.arange(of) < count)
    return f"{100 * found.value:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def cases() -> list[Case]:
    """Every kind of rule, with samples small and large, at limits in the middle and at the edge."""
    found = []
    for count in (50, 200, 1000):
        found += [_rate(true, count, "at_least") for true in (0.7, 0.9, 0.98)]
        found += [_rate(true, count, "at_most") for true in (0.02, 0.1, 0.4)]
        found += [_drops([flips], count) for flips in ((0.03, 0.01), (0.08, 0.03), (0.25, 0.05))]
        found += [_paired(less, more, count) for less, more in ((0.03, 0.01), (0.08, 0.06))]
        found.append(_unpaired(0.85, 0.9, count))
    at, far = (0.08, 0.03), (0.008, 0.003)
    found.append(_drops([at] * 10, 200, "ten drops, all exactly at their limits"))
    found.append(_drops([at] + [far] * 9, 200, "ten drops, one at its limit, nine far better"))
    pairs = [one for one in between.scenarios() if one.figure in DIFFERENCES and not one.one_sided]
    return found + [_difference(one) for one in pairs]


def _audit(clean: Estimate, *tests: TestFigures) -> Summary:
    return Summary.model_construct(
        id="drawn", clean_accuracy=clean, tests=tests, examples=clean.count, clean_errors=0
    )


def _right(hits: int, count: int) -> Summary:
    return _audit(statistics.accuracy(np.arange(count) < hits))


def _rate(true: float, count: int, side: str) -> Case:
    policy = Policy((Rule.model_validate({"figure": "accuracy", side: true}),))
    return Case(
        f"accuracy {side.replace('_', ' ')} {true:.0%}",
        count,
        lambda rng: (int(rng.binomial(count, true)),),
        lambda hits: decide(policy, _right(hits[0], count)).kind,
    )


def _drop(down: int, up: int, count: int) -> Estimate:
    place = np.arange(count)
    return statistics.drop(place < down, (place >= down) & (place < down + up))


def _drops(flips: list[tuple[float, float]], count: int, title: str = "") -> Case:
    """One test for each pair of shares, lost and gained; the first has its drop for its limit."""
    (lost, gained), *_ = flips
    policy = Policy((Rule(figure="drop *", at_most=round(lost - gained, 9)),))

    def draw(rng: np.random.Generator) -> Counts:
        return tuple(
            int(number)
            for lost, gained in flips
            for number in rng.multinomial(count, [lost, gained, 1 - lost - gained])[:2]
        )

    def judge(counts: Counts) -> str:
        tests = [
            TestFigures.model_construct(
                test=f"noise-{place}", kind="noise", flips=True, rows=count, errors=0, paired=count,
                lost=down, gained=up, drop=_drop(down, up, count),
            )
            for place, (down, up) in enumerate(zip(counts[::2], counts[1::2], strict=True))
        ]  # fmt: skip
        return decide(policy, _audit(statistics.accuracy([True] * count), *tests)).kind

    named = f"drop at most {lost - gained:.0%} ({lost:.0%} lost, {gained:.0%} gained)"
    return Case(title or named, count, draw, judge, few=len(flips) > 1)


def _paired(less: float, more: float, count: int) -> Case:
    policy = Policy((Rule(figure="accuracy", worse_by_at_most=round(less - more, 9)),))
    same = _right(count, count)

    def draw(rng: np.random.Generator) -> Counts:
        up, down, _ = map(int, rng.multinomial(count, [more, less, 1 - more - less]))
        return up, down

    def judge(counts: Counts) -> str:
        up, down = counts
        pair = Paired(_drop(up, down, count), up / count, down / count)
        return decide(policy, same, same, {"accuracy": pair}).kind

    title = f"worse by at most {less - more:.0%}, paired ({less + more:.0%} of answers differ)"
    return Case(title, count, draw, judge)


def _difference(pairs: Scenario) -> Case:
    """A rule on how much worse a figure may be than a baseline's. A better one changes places with it."""
    figure = DIFFERENCES[pairs.figure]
    found = split(figure)
    assert found is not None
    worse = -1 if found[0].higher_is_better else 1
    anything = Estimate(0.5, 0.4, 0.6, 1)
    scores = ("macro_f1", "brier", "log_loss", "calibration_error")
    quality = Quality(recalls={}, **dict.fromkeys(scores, anything))
    attack = TestFigures.model_construct(
        test="attack", success=anything, flips=True, errors=0, rows=1, paired=1
    )
    same = _audit(anything, attack).model_copy(update={"clean_quality": quality})

    def judge(drawn: tuple[float, Estimate]) -> str:
        truth, one = drawn
        if truth * worse < 0:
            truth, one = -truth, Estimate(-one.value, -one.high, -one.low, one.count, one.confidence)
        policy = Policy((Rule(figure=figure, worse_by_at_most=abs(truth)),))
        return decide(policy, same, same, {figure: Paired(one)}).kind

    model, _, examples = pairs.model.rpartition(", ")
    return Case(f"{pairs.figure} at its limit: {model}", examples, pairs.draw, judge)


def _unpaired(now: float, before: float, count: int) -> Case:
    policy = Policy((Rule(figure="accuracy", worse_by_at_most=round(before - now, 9)),))
    return Case(
        f"worse by at most {before - now:.0%}, not paired",
        count,
        lambda rng: (int(rng.binomial(count, now)), int(rng.binomial(count, before))),
        lambda hits: decide(policy, _right(hits[0], count), _right(hits[1], count)).kind,
    )


def grown(audits: int, rng: np.random.Generator) -> list[str]:
    """Accuracy at least 80 %: what comes of an inconclusive audit that is grown once to what it asked for.

    The first examples are part of the larger sample, so one limit is looked at twice.
    """
    lines = [
        "| accuracy, limit 80 % | at 100 examples: passed, failed | grown to the examples asked for, once: "
        "passed, failed, open | median examples |",
        "|---|---|---|---|",
    ]
    policy = Policy((Rule(figure="accuracy", at_least=0.8),))

    @cache
    def judged(hits: int, count: int) -> tuple[str, int]:
        verdict = decide(policy, _right(hits, count))
        return verdict.kind, min(verdict.needed or 0, 100 * GROWN_AT_MOST)

    for true in (0.8, 0.85, 0.75):
        first: Counter[str] = Counter()
        last: Counter[str] = Counter()
        sizes = []
        for _ in range(audits):
            hits = int(rng.binomial(100, true))
            kind, wanted = judged(hits, 100)
            first[kind] += 1
            if wanted > 100:
                sizes.append(wanted)
                hits += int(rng.binomial(wanted - 100, true))
                kind, _ = judged(hits, wanted)
            last[kind] += 1
        once = ", ".join(_share(first[kind], audits) for kind in ("pass", "fail"))
        twice = ", ".join(_share(last[kind], audits) for kind in ("pass", "fail", "inconclusive"))
        median = math.ceil(float(np.median(sizes))) if sizes else 100
        lines.append(f"| truth {true:.0%} | {once} | {twice} | {median} |")
    return lines
