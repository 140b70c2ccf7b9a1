"""May this model be released? Rules on an audit's figures, decided on their intervals.

A rule is *passed* where the whole interval of its figure lies on the right side of the limit, *failed* where
it lies on the wrong side by more than chance would among so many rules, else *inconclusive*: the sample is
too small, and so many examples would do. A gate passes where every rule passes.

**Passing needs no correction for the number of rules.** Who passes although one limit is not met must have
been wrong about that very rule, and that happens in some 2.5 % of audits (one side of a 95 % interval; at
most 5.0 % where measured, `benchmarks/RESULTS.md`), however many other rules there are: an intersection-union
test. Berger (1982), "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24. That holds
for one look. An audit that is grown because it was inconclusive gives chance another one (5.3 % after one).

**Failing does.** Of forty rules that are all met, some will look broken by chance. So a rule fails only where
it still would after Holm's correction (1979, Scandinavian Journal of Statistics 6) over all rules of the
policy: a model that meets every limit fails in some 2.5 % of audits. With one rule that is its interval's
bound itself.

**Rows without an answer count in no figure, yet against the rule.** Where a test failed on some texts, its
figures are of the others, maybe the easy ones. So a rule passes only where it would with each such row at its
worst (Horowitz and Manski 2000, "Nonparametric analysis of randomized experiments with missing covariate and
outcome data", JASA 95); else it is inconclusive.

Differences to a baseline are paired over the examples that both audits share (`audits.pairing`); where there
are too few, or the figure has no paired interval, it comes from those of both figures, which is on the safe
side: Zou and Donner (2008), "Construction of confidence limits about effect measures", Statistics in Medicine
27; for rates that is Newcombe's interval (1998, same place, 17). Non-inferiority with a margin: CPMP (2000),
"Points to consider on switching between superiority and non-inferiority".
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from scipy import stats

from audits import statistics
from audits.figures import figures, matching
from audits.measures import Measure, split, written
from audits.nearest import meant
from audits.pairing import Paired
from audits.rules import Policy, PolicyError, Rule
from audits.slices.named import within
from audits.statistics import CONFIDENCE, Estimate
from audits.statistics.power import POWER
from audits.summary import Summary
from views.numbers import grouped

Kind = Literal["pass", "fail", "inconclusive"]
#: How often a limit that is met may look broken, and the other way round: one side of an interval.
ERROR = (1 - CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """One limit of a rule on one figure, decided.

    `estimate` is what is held against `limit` (a share): the figure, or its difference to `baseline`, the
    same figure of the baseline. It must be at least the limit where `at_least`, else at most. `p` is the
    chance of such a figure, or a worse one, where the limit is just met, corrected by Holm. `needed` is the
    number of examples an audit would take to decide, if the figure stays what it is; None where it is
    decided, or no number would do. `place` is the rule's in the policy, from 0. `unanswered` are the rows
    without an answer that alone keep it from being passed; 0 where they do not.
    """

    rule: Rule
    place: int
    figure: str
    estimate: Estimate
    limit: float
    at_least: bool
    verdict: Kind = "inconclusive"
    p: float = 1.0
    needed: int | None = None
    baseline: Estimate | None = None
    paired: bool = False
    unanswered: int = 0

    @property
    def demand(self) -> str:
        """What the rule demands, in words: `Drop keyboard-typos@2: at most 5.0 points`."""
        measure, margin = _measure(self.figure), abs(self.limit)
        if self.baseline is not None:
            size = measure.written(margin) if measure.unit == "number" else f"{100 * margin:g} points"
            return f"{self.figure}: worse than the baseline by at most {size}"
        side = "at least" if self.at_least else "at most"
        return f"{self.figure}: {side} {measure.written(self.limit)}"

    @property
    def found(self) -> str:
        """The estimate with its interval and rows: `82.4 % [79.1, 85.2], n = 500`."""
        return written(self.estimate, self.figure, is_difference=self.baseline is not None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says of an audit. `failed_rows` have no answer.

    `problem` says why the policy could not be applied; there are no rules then.
    """

    kind: Kind
    rules: tuple[RuleVerdict, ...]
    examples: int
    baseline: str | None = None
    failed_rows: int = 0
    problem: str = ""

    @property
    def needed(self) -> int | None:
        """The examples that would decide every rule that is open; None where no number is known."""
        wanted = [rule.needed for rule in self.rules if rule.verdict == "inconclusive"]
        return max((number for number in wanted if number), default=None) if None not in wanted else None

    @property
    def unanswered(self) -> str:
        """What rows without an answer mean for the rules, in a sentence; empty where there are none."""
        if not self.failed_rows:
            return ""
        return (
            f"{grouped(self.failed_rows)} rows have no answer and count in no figure; a rule is met only if "
            "it would be with each of them at its worst."
        )

    @property
    def by_urgency(self) -> list[RuleVerdict]:
        """The rules, broken ones first and those that are met last."""
        return [*self.of("fail"), *self.of("inconclusive"), *self.of("pass")]

    def of(self, kind: Kind) -> list[RuleVerdict]:
        """The rules that came out so."""
        return [rule for rule in self.rules if rule.verdict == kind]

    @property
    def sentence(self) -> str:
        """The verdict in one plain sentence."""
        if self.problem:
            return f"Not judged: {self.problem}"
        many, rules = len(self.rules), "the one rule" if len(self.rules) == 1 else f"{len(self.rules)} rules"
        if self.kind == "pass":
            return f"Passed: {rules} is met." if many == 1 else f"Passed: all {rules} are met."
        if self.kind == "fail":
            broken = len(self.of("fail"))
            if many == 1:
                return "Failed: the one rule is broken."
            return f"Failed: {broken} of {rules} {'is' if broken == 1 else 'are'} broken."
        more = (
            f"about {grouped(self.needed)} examples would decide, where {grouped(self.examples)} were tested"
            if self.needed
            else "that hangs on rows without an answer: mend what made them fail, and audit again"
            if any(rule.unanswered for rule in self.rules)
            else "too near to a limit, or too little known, to say how many examples would decide"
        )
        open_rules = rules if many == 1 else f"{len(self.of('inconclusive'))} of {rules}"
        return f"Inconclusive: {open_rules} cannot be decided on these examples; {more}."


def decide(
    policy: Policy,
    summary: Summary,
    baseline: Summary | None = None,
    paired: Mapping[str, Paired] | None = None,
) -> Verdict:
    """The verdict of a policy on an audit's figures.

    `paired` holds differences of figures to the baseline's over shared examples (`audits.pairing`).

    Raises PolicyError where a rule is about a figure that the audit does not have, or lacks a baseline.
    """
    if not policy.rules:
        raise PolicyError("This policy has no rules.")
    if policy.needs_baseline and baseline is None:
        raise PolicyError(
            "A rule with worse_by_at_most compares with a baseline, and none is named. Give an audit's id "
            "with --baseline, or as baseline in the plan."
        )
    known, before = figures(summary), figures(baseline) if baseline else {}
    limits = [
        limit
        for place, rule in enumerate(policy.rules)
        for figure in _matching(rule, place, known)
        for limit in _limits(rule, place, (figure, known[figure]), before, paired or {})
    ]
    adjusted = statistics.holm([_chance(limit.estimate, limit.limit, limit.at_least) for limit in limits])
    decided = tuple(
        _decided(replace(limit, p=p), (summary, baseline), len(limits), (paired or {}).get(limit.figure))
        for limit, p in zip(limits, adjusted, strict=True)
    )
    kinds = {rule.verdict for rule in decided}
    return Verdict(
        kind="fail" if "fail" in kinds else "pass" if kinds == {"pass"} else "inconclusive",
        rules=decided,
        examples=summary.examples,
        baseline=baseline.id if baseline else None,
        failed_rows=summary.clean_errors + sum(test.errors for test in summary.tests),
    )


def compared(policy: Policy, summary: Summary) -> list[str]:
    """The figures that the policy's rules hold against a baseline. Raises PolicyError as `decide` does."""
    known = figures(summary)
    rules = [pair for pair in enumerate(policy.rules) if pair[1].worse_by_at_most is not None]
    return list(dict.fromkeys(figure for place, rule in rules for figure in _matching(rule, place, known)))


def _measure(figure: str) -> Measure:
    found = split(figure)
    if found is None:
        raise PolicyError(f"There is no figure {figure!r}.")
    return found[0]


def _matching(rule: Rule, place: int, known: Mapping[str, Estimate]) -> list[str]:
    """The figures that a rule is about."""
    found = matching(rule.figure, known)
    if not found:
        near = meant(rule.figure, tuple(known))
        raise PolicyError(f"rule {place + 1}: this audit has no figure {rule.figure!r:.80}. {near}")
    return found


def _limits(
    rule: Rule,
    place: int,
    measured: tuple[str, Estimate],
    before: Mapping[str, Estimate],
    paired: Mapping[str, Paired],
) -> Iterator[RuleVerdict]:
    """What a rule demands of one figure, not decided yet."""
    figure, estimate = measured
    if rule.at_least is not None:
        yield RuleVerdict(rule, place, figure, estimate, rule.at_least, at_least=True)
    if rule.at_most is not None:
        yield RuleVerdict(rule, place, figure, estimate, rule.at_most, at_least=False)
    if rule.worse_by_at_most is not None:
        if figure not in before:
            raise PolicyError(f"rule {place + 1}: the baseline has no figure {figure!r:.80} to compare with.")
        higher = _measure(figure).higher_is_better
        pair = paired.get(figure)
        yield RuleVerdict(
            rule,
            place,
            figure,
            pair.estimate if pair else statistics.unpaired(estimate, before[figure]),
            -rule.worse_by_at_most if higher else rule.worse_by_at_most,
            at_least=higher,
            baseline=before[figure],
            paired=pair is not None,
        )


def _chance(estimate: Estimate, limit: float, at_least: bool) -> float:
    """The one-sided p value that the limit is met, read off the interval's end that faces it.

    Exact where that end meets the limit, and elsewhere as if the figure were normal.
    """
    gap = limit - estimate.value if at_least else estimate.value - limit
    reach = estimate.high - estimate.value if at_least else estimate.value - estimate.low
    if not math.isfinite(gap) or gap <= 0 or not math.isfinite(reach):
        return 1.0
    z = float(stats.norm.ppf((1 + estimate.confidence) / 2))
    return float(stats.norm.sf(gap / reach * z)) if reach > 0 else 0.0


def _decided(
    rule: RuleVerdict, audits: tuple[Summary, Summary | None], rules: int, pair: Paired | None
) -> RuleVerdict:
    """The rule with its verdict; `audits` are the one judged and the baseline, where there is one."""
    estimate, limit, summary = rule.estimate, rule.limit, audits[0]
    if math.isfinite(estimate.value):
        if estimate.low >= limit if rule.at_least else estimate.high <= limit:
            compared = audits if rule.baseline is not None else audits[:1]
            unanswered = sum(_unanswered(rule.figure, audit) for audit in compared if audit)
            passes = _passes_at_worst(rule, unanswered)
            return replace(rule, verdict="pass") if passes else replace(rule, unanswered=unanswered)
        if rule.p <= ERROR:
            return replace(rule, verdict="fail")
    # What looks broken has to look so among all rules; what looks met, by itself.
    broken = estimate.value < limit if rule.at_least else estimate.value > limit
    confidence = 1 - 2 * ERROR / rules if broken else estimate.confidence
    rows = _rows_needed(rule, summary, confidence, pair)
    if rows is None or not estimate.count:
        return rule
    # A figure over some of the examples (those that could be attacked) grows with their number.
    needed = math.ceil(rows * summary.examples / estimate.count)
    return replace(rule, needed=max(needed, summary.examples + 1))


def _unanswered(figure: str, summary: Summary) -> int:
    """The rows that a figure lacks for want of an answer: of its test, or of all levels of its noise."""
    found = split(figure)
    of = found[1].partition(" ")[0] if found else ""
    tests = [test for test in summary.tests if of in (test.test, test.test.partition("@")[0])]
    if not tests:
        return summary.clean_errors
    # A row pairs with the plain answer, where it is of accuracy, and so lacks that as well.
    return sum(test.rows - test.paired if test.flips else test.errors for test in tests)


def _passes_at_worst(rule: RuleVerdict, unanswered: int) -> bool:
    """Whether the interval lies on the right side with so many more rows, each as bad as a row can be."""
    if not unanswered:
        return True
    estimate, at_least = rule.estimate, rule.at_least
    worst = _measure(rule.figure).worst(at_least=at_least, is_difference=rule.baseline is not None)
    end = estimate.low if at_least else estimate.high
    end = (end * estimate.count + worst * unanswered) / (estimate.count + unanswered)
    return end >= rule.limit if at_least else end <= rule.limit


def _rows_needed(rule: RuleVerdict, summary: Summary, confidence: float, pair: Paired | None) -> int | None:
    """How many rows behind the figure it would take to decide."""
    estimate, limit = rule.estimate, rule.limit
    if not math.isfinite(estimate.value):
        return None
    name, part = within(rule.figure)
    measure, rest = _measure(rule.figure), name.partition(" ")[2]
    test = next((test for test in summary.tests if test.test == rest.partition(" ")[0]), None)
    flips: tuple[float | None, float | None] = (None, None)
    if rule.baseline is not None and pair:
        flips = pair.more, pair.less
    elif rule.baseline is None and not (test and test.seeds):
        # Several rows of an example say less than as many examples: then the interval alone knows.
        if measure.unit == "rate":
            return statistics.examples_for_rate(estimate.value, limit, confidence)
        if measure.name == "drop" and test and not part:
            flips = test.lost / test.paired, test.gained / test.paired
    more, less = flips
    if more is not None and less is not None:
        return statistics.examples_for_drop(more, less, limit, confidence)
    found = statistics.examples_for(estimate, limit)
    # The rows grow with the square of the distance, in standard errors, from which a limit is cleared.
    wider, usual = (stats.norm.ppf((1 + one) / 2) + stats.norm.ppf(POWER) for one in (confidence, CONFIDENCE))
    return None if found is None else math.ceil(found * (wider / usual) ** 2)
