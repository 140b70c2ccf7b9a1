"""The whole audit in figures, and what to take away from them."""

import math
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from audits import statistics
from audits.costs import Cost
from audits.plan import Plan
from audits.rows import CLEAN, Row, source
from audits.slices import Metadata, Slices, slices
from audits.statistics import Estimate
from audits.summary.curves import Robustness, curves, robustness
from audits.summary.flips import Flip, flips
from audits.summary.gaps import GapUnderNoise, gaps, left_out, sentence
from audits.summary.of_test import TestFigures, corrected, figures_of, in_order, is_right, titled
from audits.summary.quality import Quality, quality
from audits.summary.sliced import SlicedTest, sliced
from audits.summary.wording import points, signed
from audits.tables import Audit
from audits.validity import PLAINLY, Thresholds, Validity
from views.charts.curves import Curve
from views.numbers import percent, rate

#: So many gaps between groups are shown.
SHOWN_GAPS = 8


class Summary(BaseModel):
    """An audit in figures. `examples` counts the clean rows; `expected` the rows that the plan asks for.

    `thresholds` decide which successful attacks are valid, where no person has said so. `sliced` are the
    figures of the slices that the plan or a policy names, `gaps` those between groups under each noise;
    `ungrouped` are the columns of too many groups for that.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    state: str
    created: str
    finished: str | None
    plan: Plan
    model_name: str
    model_fingerprint: str
    corpus_name: str
    corpus_fingerprint: str
    labels: tuple[str, ...]
    environment: Mapping[str, str]
    examples: int
    rows: int
    expected: int
    clean_errors: int
    clean_accuracy: Estimate | None
    tests: tuple[TestFigures, ...]
    curves: tuple[Curve, ...]
    flips: tuple[Flip, ...]
    thresholds: Thresholds = Thresholds()
    clean_quality: Quality | None = None
    robustness: tuple[Robustness, ...] = ()
    slices: Slices = Slices()
    cost: Cost | None = None
    sliced: tuple[SlicedTest, ...] = ()
    gaps: tuple[GapUnderNoise, ...] = ()
    ungrouped: tuple[str, ...] = ()

    @property
    def reviewed(self) -> tuple[int, int]:
        """How many successful attacks a person has judged, and how many there are."""
        attacks = [test for test in self.tests if test.validity]
        seen = sum(test.validity.reviewed for test in attacks if test.validity)
        return seen, sum(test.succeeded for test in attacks)

    @property
    def unmeasured(self) -> int:
        """How many successful attacks lack something that a threshold asks about, and no person judged."""
        return sum(test.validity.unmeasured for test in self.tests if test.validity)

    @property
    def redrawn(self) -> str:
        """What the draws of the noises moved and what the sample did, in words; empty for one seed."""
        spreads = [(test, test.seeds) for test in self.tests if test.seeds]
        if not spreads:
            return ""
        test, spread = max(spreads, key=lambda pair: pair[1].noise)
        return (
            f"Each noise was drawn {self.plan.seeds} times, with the seeds from {self.plan.seed} on; figures "
            f"are means over them. A single draw would move a drop by \u00b1{signed(spread.noise)} points at "
            f"most (standard error; {titled(test)}), where other examples move it by "
            f"\u00b1{signed(spread.sampling)}."
        )

    @property
    def reach(self) -> str:
        """The smallest drop that the examples would show, in words; empty where there is none to show."""
        known = [test.detectable for test in self.tests if test.drop and test.detectable]
        if not known:
            return ""
        least, most = signed(min(known)), signed(max(known))
        size = f"{least} points" if least == most else f"{least} to {most} points, by test,"
        return f"On these examples a drop of {size} would be seen in four audits of five; less may be missed."

    @property
    def undecided(self) -> list[TestFigures]:
        """The tests that may or may not cost accuracy and would be decided by more examples, fewest first."""
        return sorted((test for test in self.tests if test.needed), key=lambda test: test.needed or 0)

    @property
    def unequal(self) -> str:
        """Whether noise widens a gap between groups, in words; empty where there are no groups."""
        return sentence(self.gaps, self.ungrouped)

    @property
    def widest_gaps(self) -> list[GapUnderNoise]:
        """The gaps between groups that noise changes most, so many as a reader can take in."""
        return sorted(self.gaps, key=lambda gap: -abs(gap.change.value))[:SHOWN_GAPS]

    def worst_in(self, part: str) -> SlicedTest | None:
        """The test that costs most on a slice; None where none has been run there."""
        there = [(one.drop.value, one) for one in self.sliced if one.slice == part and one.drop]
        known = [(value, one) for value, one in there if not math.isnan(value)]
        return max(known, key=lambda pair: pair[0])[1] if known else None

    @property
    def by_harm(self) -> list[TestFigures]:
        """The tests that have a drop, the largest first."""
        dropped = [test for test in self.tests if test.drop is not None]
        return sorted(dropped, key=lambda test: -test.drop.value if test.drop else 0.0)

    @property
    def headline(self) -> list[str]:
        """What to take away, in at most three plain sentences."""
        if self.clean_accuracy is None:
            return ["This audit has no answers yet."]
        clean = self.clean_accuracy
        sentences = [
            f"On the unchanged texts {self.model_name} is right in "
            f"{rate(clean.value, clean.low, clean.high, clean.count)}."
        ]
        proven = [test for test in self.by_harm if test.is_lost]
        worst = next(iter(proven), None)
        if worst and worst.drop and worst.accuracy:
            sentences.append(
                f"{titled(worst)} costs most: {points(worst.drop)} of accuracy, "
                f"down to {percent(worst.accuracy.value)} of n\u00a0=\u00a0{worst.counted}"
                f"{_if_valid(worst)}."
            )
            if len(proven) < len(self.by_harm):
                sentences.append(
                    f"{len(self.by_harm) - len(proven)} of {len(self.by_harm)} tests show no loss beyond "
                    "chance on this sample (p at or above 0.05 after Holm's correction)."
                )
        elif self.by_harm:
            sentences.append("No test lowers the accuracy by more than chance would on so many examples.")
        return sentences


def _if_valid(test: TestFigures) -> str:
    """What is left of an attack's harm when only valid successes count, where that is another figure."""
    found = test.validity
    if found is None or found.accuracy is None or found.valid == test.succeeded:
        return ""
    return f" ({percent(found.accuracy.value)} where only valid successes count)"


def summarise(
    audit: Audit,
    rows: Sequence[Row],
    view: Validity = PLAINLY,
    metadata: Metadata | None = None,
    also: Sequence[str] = (),
) -> Summary:
    """The figures of an audit, finished or not. A pure function: the same rows give the same figures.

    `view` says which successful attacks are valid; it moves the figures that say so and no others.
    `metadata` holds the data's other columns by example, for slices; `also` names some beside the plan's.
    """
    by_test: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        by_test.setdefault((row.test, row.severity), []).append(row)
    clean = {row.example: row for row in by_test.pop((CLEAN, 0), [])}
    right = {name: is_right(audit.labels, row) for name, row in clean.items() if not row.error}
    tests = corrected(
        [
            figures_of(audit, column, by_test[column.name, column.severity], clean, right, view=view)
            for column in audit.plan.columns
            if (column.name, column.severity) in by_test
        ]
    )
    answered = in_order(row for row in clean.values() if not row.error)
    accuracy = (
        statistics.accuracy([right[row.example] for row in answered], list(map(source, answered)))
        if answered
        else None
    )
    return Summary(
        id=audit.id,
        state=audit.state,
        created=audit.created,
        finished=audit.finished,
        plan=audit.plan,
        model_name=audit.model_name,
        model_fingerprint=audit.model_fingerprint,
        corpus_name=audit.corpus_name,
        corpus_fingerprint=audit.corpus_fingerprint,
        labels=audit.labels,
        environment=audit.environment,
        cost=audit.cost,
        examples=len(clean),
        rows=len(rows),
        expected=len(clean) * audit.plan.rows_an_example,
        clean_errors=len(clean) - len(right),
        clean_accuracy=accuracy,
        tests=tuple(tests),
        curves=curves(tests, accuracy),
        flips=flips(audit, clean, right, {test.test: test for test in tests}, by_test, view=view),
        thresholds=view.thresholds,
        clean_quality=quality(answered, audit.labels),
        robustness=robustness(tests, by_test, right, audit.labels),
        slices=slices(
            answered,
            [
                row
                for test in tests
                if test.kind == "noise"
                for row in by_test[test.name, test.severity]
                if not row.error
            ],
            audit.labels,
            metadata,
            audit.plan.seed,
            asked=audit.plan.slices,
        ),
        gaps=gaps(
            tests,
            by_test,
            right,
            audit.labels,
            metadata,
            asked=audit.plan.slices,
            seed=audit.plan.seed,
        ),
        ungrouped=left_out(tests, right, metadata, audit.plan.slices),
        sliced=sliced(
            answered,
            tests,
            by_test,
            audit.labels,
            metadata,
            asked=[*audit.plan.asked_slices, *also],
            seed=audit.plan.seed,
        ),
    )
