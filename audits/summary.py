"""Every figure of an audit, from its rows alone: pages, command line and reports show nothing else."""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from attacks.entry import Kind
from attacks.recipes import custom
from attacks.registry import AttackError, Entry, entry
from audits import statistics
from audits.groups import GroupFigures, group_figures
from audits.plan import Plan, PlannedTest
from audits.rows import CLEAN, Row
from audits.statistics import Estimate
from audits.tables import Audit
from audits.validity import PLAINLY, Thresholds, ValidFigures, Validity, Verdict, valid_figures
from views.charts.curves import Curve, Point
from views.numbers import grouped, percent, rate


class TestFigures(BaseModel):
    """One test of an audit.

    Figures of accuracy compare the test with the clean answers on the same examples; they are None for a
    test that keeps the answer on purpose (`flips` is false), and where there is nothing to compare yet.
    Shares lie between 0 and 1. `lost` examples were right and became wrong, `gained` the other way round.
    `success` is the share that an attack turned among the examples that it could attack (those answered
    right). `characters_edited` and `words_edited` are means over the rows.
    `words_left` is the mean share of words that a successful attack leaves as they were. `groups` are
    the figures of a counterfactual that changed some text, `validity` those of an attack on the answer when
    only its valid successes count.
    """

    __test__ = False  # the name is no invitation to pytest
    model_config = ConfigDict(frozen=True)

    test: str
    name: str
    severity: int
    kind: Kind
    title: str
    family: str = ""
    variant: str = ""
    flips: bool
    rows: int
    errors: int
    changed: int
    characters_edited: float
    words_edited: float
    paired: int = 0
    clean_accuracy: Estimate | None = None
    accuracy: Estimate | None = None
    drop: Estimate | None = None
    lost: int = 0
    gained: int = 0
    p_value: float | None = None
    p_adjusted: float | None = None
    attacked: int = 0
    succeeded: int = 0
    skipped: int = 0
    success: Estimate | None = None
    queries: float | None = None
    words_left: float | None = None
    groups: GroupFigures | None = None
    validity: ValidFigures | None = None

    @property
    def kept(self) -> str:
        """What a test that keeps the answer on purpose shows in the place of a drop."""
        left = "" if self.words_left is None else f" with {percent(self.words_left, 0)} of the words"
        return f"keeps the answer{left}"


class Flip(BaseModel):
    """An example that was answered right and, under a test, wrong. Confidences are shares.

    `valid` says whether a successful attack counts (`audits.validity`); it is None for other tests.
    """

    model_config = ConfigDict(frozen=True)

    example: str
    test: str
    title: str
    label: str
    predicted: str
    text: str
    perturbed: str
    confidence_before: float
    confidence_after: float
    queries: int
    words_edited: float = 0.0
    similarity: float | None = None
    fluency: float | None = None
    valid: bool | None = None
    mark: Verdict | None = None


class Summary(BaseModel):
    """An audit in figures. `examples` counts the clean rows; `expected` the rows that the plan asks for.

    `thresholds` decide which successful attacks are valid, where no person has said so.
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
        worst = next(iter(self.by_harm), None)
        if worst and worst.drop and worst.accuracy and worst.drop.low > 0:
            sentences.append(
                f"{titled(worst)} costs most: {points(worst.drop)} of accuracy, "
                f"down to {percent(worst.accuracy.value)} of n\u00a0=\u00a0{grouped(worst.paired)}"
                f"{_if_valid(worst)}."
            )
        elif worst:
            sentences.append("No test lowers the accuracy by more than chance would on so many examples.")
        harmless = [test for test in self.by_harm if test.drop and test.drop.low <= 0]
        if worst and worst.drop and worst.drop.low > 0 and harmless:
            sentences.append(
                f"{len(harmless)} of {len(self.by_harm)} tests cost nothing that this sample can show."
            )
        return sentences


def _if_valid(test: TestFigures) -> str:
    """What is left of an attack's harm when only valid successes count, where that is another figure."""
    found = test.validity
    if found is None or found.accuracy is None or found.valid == test.succeeded:
        return ""
    return f" ({percent(found.accuracy.value)} where only valid successes count)"


def points(drop: Estimate) -> str:
    """A drop as `12.4 points [9.1, 15.8]`."""
    return f"{signed(drop.value)} points [{signed(drop.low)}, {signed(drop.high)}]"


def signed(share: float) -> str:
    """A share as percentage points, one digit, with a true minus."""
    return f"{100 * share:.1f}".replace("-", "\u2212").replace("\u22120.0", "0.0")


def p_value(value: float | None) -> str:
    """A p value as `0.042`, or `< 0.001`."""
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def titled(test: TestFigures) -> str:
    """A test's title with its severity: `Keyboard typos, severity 2`."""
    return f"{test.title}, severity {test.severity}" if test.severity else test.title


def summarise(audit: Audit, rows: Sequence[Row], view: Validity = PLAINLY) -> Summary:
    """The figures of an audit, finished or not. A pure function: the same rows give the same figures.

    `view` says which successful attacks are valid; it moves the figures that say so and no others.
    """
    by_test: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        by_test.setdefault((row.test, row.severity), []).append(row)
    clean = {row.example: row for row in by_test.pop((CLEAN, 0), [])}
    right = {name: _is_right(audit, row) for name, row in clean.items() if not row.error}
    tests = [
        _figures(audit, column, by_test[column.name, column.severity], clean, right, view=view)
        for column in audit.plan.columns
        if (column.name, column.severity) in by_test
    ]
    adjusted = iter(statistics.holm([test.p_value for test in tests if test.p_value is not None]))
    tests = [
        test if test.p_value is None else test.model_copy(update={"p_adjusted": next(adjusted)})
        for test in tests
    ]
    accuracy = statistics.accuracy(np.array(list(right.values()))) if right else None
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
        examples=len(clean),
        rows=len(rows),
        expected=len(clean) * len(audit.plan.columns),
        clean_errors=len(clean) - len(right),
        clean_accuracy=accuracy,
        tests=tuple(tests),
        curves=_curves(tests, accuracy),
        flips=_flips(audit, clean, right, {test.test: test for test in tests}, by_test, view=view),
        thresholds=view.thresholds,
    )


def _is_right(audit: Audit, row: Row) -> bool:
    return row.predicted is not None and audit.labels[row.predicted] == row.label


def known(name: str) -> Entry | None:
    """What the registry knows of a test, or a recipe of one's own; None for one that this version lacks."""
    try:
        return custom.outline(name) or entry(name)
    except AttackError:
        return None


def _figures(
    audit: Audit,
    column: PlannedTest,
    rows: Sequence[Row],
    clean: Mapping[str, Row],
    right: Mapping[str, bool],
    *,
    view: Validity,
) -> TestFigures:
    found = known(column.name)
    sound = [row for row in rows if not row.error]
    figures = TestFigures(
        test=column.written,
        name=column.name,
        severity=column.severity,
        kind=found.kind if found else ("noise" if column.severity else "attack"),
        title=found.title if found else column.name,
        family=found.family if found else "",
        variant=found.variant if found else "",
        flips=found.flips if found else True,
        rows=len(rows),
        errors=len(rows) - len(sound),
        changed=sum(row.perturbed != row.text for row in sound),
        characters_edited=_mean([row.characters_edited for row in sound]),
        words_edited=_mean([row.words_edited for row in sound]),
    )
    more = _attack_figures(sound) if figures.kind == "attack" else {}
    if figures.kind == "counterfactual":
        more["groups"] = group_figures(sound, clean, audit.labels, audit.plan.seed)
    if figures.flips:
        paired = [row for row in sound if row.example in right]
        more |= _accuracy_figures(audit, paired, right)
        if figures.kind == "attack":
            more["validity"] = valid_figures(sound, [(row, _is_right(audit, row)) for row in paired], view)
    return figures.model_copy(update=more)


def _accuracy_figures(audit: Audit, paired: Sequence[Row], right: Mapping[str, bool]) -> dict[str, object]:
    """What a test does to accuracy, on the examples that have both answers."""
    if not paired:
        return {}
    before = np.array([right[row.example] for row in paired])
    after = np.array([_is_right(audit, row) for row in paired])
    # The same text twice in the data is one source; ids tell them apart by a suffix.
    sources = [row.example.partition("-")[0] for row in paired]
    return {
        "paired": len(paired),
        "clean_accuracy": statistics.accuracy(before),
        "accuracy": statistics.accuracy(after),
        "drop": statistics.drop(before, after, clusters=sources, seed=audit.plan.seed),
        "lost": int((before & ~after).sum()),
        "gained": int((~before & after).sum()),
        "p_value": statistics.mcnemar(before, after),
    }


def _attack_figures(sound: Sequence[Row]) -> dict[str, object]:
    """How an attack fared among the examples that it could attack."""
    attacked = [row for row in sound if row.status in ("succeeded", "failed")]
    won = np.array([row.status == "succeeded" for row in attacked], dtype=bool)
    changed = [row.words_edited for row in attacked if row.status == "succeeded"]
    return {
        "words_left": 1.0 - _mean(changed) if changed else None,
        "attacked": len(attacked),
        "succeeded": int(won.sum()),
        "skipped": sum(row.status == "skipped" for row in sound),
        # A share of successes has the same (Wilson) interval as a share of right answers.
        "success": statistics.accuracy(won) if attacked else None,
        "queries": _mean([row.queries for row in attacked]) if attacked else None,
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _curves(tests: Sequence[TestFigures], clean: Estimate | None) -> tuple[Curve, ...]:
    """Accuracy against the share of characters really edited, one curve a noise, from the clean answer on."""
    curves = []
    for name in dict.fromkeys(test.name for test in tests if test.kind == "noise"):
        levels = sorted((test for test in tests if test.name == name), key=lambda test: test.severity)
        known_points = [
            Point(
                level.characters_edited,
                level.accuracy.value,
                level.accuracy.low,
                level.accuracy.high,
                level.accuracy.count,
                f"severity {level.severity}",
            )
            for level in levels
            if level.accuracy
        ]
        if clean and known_points:
            start = Point(0.0, clean.value, clean.low, clean.high, clean.count, "unchanged")
            curves.append(Curve(levels[0].title, (start, *known_points), name))
    return tuple(curves)


def _flips(
    audit: Audit,
    clean: Mapping[str, Row],
    right: Mapping[str, bool],
    tests: Mapping[str, TestFigures],
    by_test: Mapping[tuple[str, int], Sequence[Row]],
    *,
    view: Validity,
) -> tuple[Flip, ...]:
    """Right before, wrong after: in the order of tests and examples."""
    return tuple(
        Flip(
            example=row.example,
            test=test.test,
            title=titled(test),
            label=row.label,
            predicted=audit.labels[row.predicted],
            text=row.text,
            perturbed=row.perturbed,
            confidence_before=max(clean[row.example].probabilities),
            confidence_after=row.probabilities[row.predicted],
            queries=row.queries,
            words_edited=row.words_edited,
            similarity=row.similarity,
            fluency=row.fluency,
            valid=view.of(row, flips=True),
            mark=mark.verdict if (mark := view.mark(row)) else None,
        )
        for test in tests.values()
        if test.flips
        for row in by_test[test.name, test.severity]
        if right.get(row.example) and row.predicted is not None and not _is_right(audit, row)
    )
