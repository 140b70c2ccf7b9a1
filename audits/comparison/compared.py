"""Two or more audits held against the first of them."""

from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from audits import statistics
from audits.comparison import figures
from audits.comparison.changes import Change, changes, in_order
from audits.comparison.figures import RobustnessFigures, TestDifference
from audits.comparison.sides import Side, dtype_of, titles
from audits.pairing import Place, Shared, place, shared
from audits.plan import PlannedTest
from audits.rows import CLEAN, Row
from audits.store import Store
from audits.summary import known
from audits.summary.of_test import is_right
from audits.tables import Audit


class ComparisonError(ValueError):
    """Audits that cannot be compared. The message says why, and what could be done."""


class Against(BaseModel):
    """One audit against the first. `tests` begins with the clean answers, where both have some.

    `examples` are those that both answered unchanged; `only_first` and `only_second` count the others.
    """

    model_config = ConfigDict(frozen=True)

    second: Side
    examples: int
    only_first: int
    only_second: int
    tests: tuple[TestDifference, ...]
    tests_only_first: tuple[str, ...]
    tests_only_second: tuple[str, ...]
    robustness: tuple[RobustnessFigures, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...]

    @property
    def clean(self) -> TestDifference | None:
        """The unchanged texts, where any are shared."""
        return next((test for test in self.tests if test.test == CLEAN and test.shared), None)


class Comparison(BaseModel):
    """Audits against the first of them, the reference; p-values are corrected over all their tests."""

    model_config = ConfigDict(frozen=True)

    first: Side
    against: tuple[Against, ...]

    @property
    def sides(self) -> tuple[Side, ...]:
        """All the audits, the reference first."""
        return (self.first, *(one.second for one in self.against))


def compare(audits: Sequence[tuple[Audit, Sequence[Row]]]) -> Comparison:
    """The first audit against each of the others, on the rows that they share. A pure function of the rows.

    Raises ComparisonError for fewer than two, for labels that differ, and where nothing is shared.
    """
    if len(audits) < 2:
        raise ComparisonError("A comparison needs two audits or more. Name another one.")
    ids = [audit.id for audit, _ in audits]
    if len(set(ids)) < len(ids):
        raise ComparisonError(f"Audit {max(ids, key=ids.count)} stands there twice. Name each audit once.")
    (first, rows), *others = audits
    names = titles([audit for audit, _ in audits])
    before = _by_test(rows)
    reference = _side(first, names[0], before)
    against = [
        _against((reference, first, before), _side(second, name, after), second, after)
        for (second, _), name, after in zip(
            others, names[1:], (_by_test(more) for _, more in others), strict=True
        )
    ]
    return Comparison(first=reference, against=_corrected(against))


def of_store(store: Store, ids: Sequence[str]) -> Comparison:
    """As `compare`, for audits of the store by their ids or the beginnings of them. Raises StoreError too."""
    audits = [store.audit(name) for name in ids]
    for audit in audits:
        if not audit.model_fingerprint:
            raise ComparisonError(f"Audit {audit.id} has no rows yet. Let it begin, or choose another one.")
    return compare([(audit, store.rows(audit.id)) for audit in audits])


ByTest = dict[tuple[str, int], list[Row]]


def _by_test(rows: Iterable[Row]) -> ByTest:
    found: ByTest = {}
    for row in rows:
        found.setdefault((row.test, row.severity), []).append(row)
    return found


def _side(audit: Audit, title: str, rows: ByTest) -> Side:
    return Side(
        id=audit.id,
        title=title,
        model=audit.plan.model,
        model_fingerprint=audit.model_fingerprint,
        dtype=dtype_of(audit),
        data=audit.plan.data,
        state=audit.state,
        created=audit.created,
        examples=len(rows.get((CLEAN, 0), ())),
        cost=audit.cost,
    )


def _against(reference: tuple[Side, Audit, ByTest], side: Side, second: Audit, after: ByTest) -> Against:
    first_side, first, before = reference
    _check_labels(first, second)
    seed = first.plan.seed
    columns = _columns(before, after, first, second)
    pairs = {
        column: shared(before[column.name, column.severity], after[column.name, column.severity])
        for column in columns
    }
    if not any(one.pairs for one in pairs.values()):
        raise ComparisonError(
            f"Audits {first.id} and {second.id} share nothing: no text of the one stands in the other under "
            f"the same test, severity and seed ({first_side.examples} and {side.examples} examples, of "
            f"{first.plan.data} and {second.plan.data}). Run one plan on both models, or both on one sample."
        )
    clean_pairs = pairs.get(PlannedTest(CLEAN), Shared((), 0, 0, 0))
    clean = {
        place(old): (is_right(first.labels, old), is_right(second.labels, new))
        for old, new in clean_pairs.pairs
    }
    tests, changed = [], []
    for column, found in pairs.items():
        tests.append(_test(column, found, clean, (first, second), seed))
        if tests[-1].accuracy:
            changed += changes(column.written, found, first, second)
    examples = (
        {place(row) for row in before.get((CLEAN, 0), ())},
        {place(row) for row in after.get((CLEAN, 0), ())},
    )
    return Against(
        second=side,
        examples=len(examples[0] & examples[1]),
        only_first=len(examples[0] - examples[1]),
        only_second=len(examples[1] - examples[0]),
        tests=tuple(tests),
        tests_only_first=_only(first, before, columns),
        tests_only_second=_only(second, after, columns),
        robustness=_robustness(pairs, clean, (first, second)),
        changes=in_order(changed),
        notes=_notes(first, second, before, after),
    )


def _check_labels(first: Audit, second: Audit) -> None:
    if set(first.labels) != set(second.labels):
        raise ComparisonError(
            f"Audit {first.id} has the labels {', '.join(first.labels)[:200]}, and {second.id} has "
            f"{', '.join(second.labels)[:200]}: no answer of the one is right or wrong by the other's. "
            "Choose audits of models that name their labels alike."
        )


def _columns(before: ByTest, after: ByTest, first: Audit, second: Audit) -> list[PlannedTest]:
    """The tests that both audits have rows of, in the first one's order."""
    return [
        column
        for column in first.plan.columns
        if (column.name, column.severity) in before
        and (column.name, column.severity) in after
        and first.plan.recipes.get(column.name) == second.plan.recipes.get(column.name)
    ]


def _only(audit: Audit, rows: ByTest, columns: Sequence[PlannedTest]) -> tuple[str, ...]:
    return tuple(
        column.written
        for column in audit.plan.columns
        if (column.name, column.severity) in rows and column not in columns
    )


def _test(
    column: PlannedTest,
    found: Shared,
    clean: dict[Place, tuple[bool, bool]],
    audits: tuple[Audit, Audit],
    seed: int,
) -> TestDifference:
    entry = None if column.name == CLEAN else known(column.name)
    title = "Unchanged texts" if column.name == CLEAN else entry.title if entry else column.name
    more: dict[str, object] = {}
    # A test that keeps the answer on purpose says nothing of accuracy.
    if entry is None or entry.flips:
        more |= figures.figures(found, *audits, seed)
        if column.name != CLEAN:
            more["drop"] = figures.drop_difference(found, clean, *audits, seed)
    if entry and entry.kind == "attack":
        more["attack"] = figures.attack_difference(found)
    return TestDifference(
        test=column.written,
        title=f"{title}, severity {column.severity}" if column.severity else title,
        kind=entry.kind if entry else None,
        severity=column.severity,
        shared=len(found.pairs),
        unanswered=found.unanswered,
        only_first=found.only_first,
        only_second=found.only_second,
    ).model_copy(update=more)


def _robustness(
    pairs: dict[PlannedTest, Shared],
    clean: dict[Place, tuple[bool, bool]],
    audits: tuple[Audit, Audit],
) -> tuple[RobustnessFigures, ...]:
    levels: dict[str, list[Shared]] = {}
    for column, found in pairs.items():
        if column.severity:
            levels.setdefault(column.name, []).append(found)
    made = []
    for name, shared_levels in levels.items():
        score = figures.robustness_difference(shared_levels, *audits, clean)
        if score:
            entry = known(name)
            made.append(RobustnessFigures(name=name, title=entry.title if entry else name, score=score))
    return tuple(made)


def _notes(first: Audit, second: Audit, before: ByTest, after: ByTest) -> tuple[str, ...]:
    """What else differs and bears on the figures, a sentence each."""
    notes = []
    for audit in (first, second):
        if audit.state != "finished":
            notes.append(f"Audit {audit.id} is {audit.state}: its figures may still move.")
    seeds = [
        {row.seed for rows in side.values() for row in rows if row.test != CLEAN} for side in (before, after)
    ]
    if all(seeds) and not seeds[0] & seeds[1]:
        notes.append(
            "The audits drew their noise with other seeds, so only their unchanged texts are the same rows."
        )
    attacks = any(
        entry and entry.kind == "attack"
        for entry in map(known, {name for name, _ in before.keys() & after.keys()} - {CLEAN})
    )
    if attacks and first.plan.limits != second.plan.limits:
        notes.append(
            "Their attacks had other limits (queries, time or words), so success rates differ for that too."
        )
    if first.model_fingerprint == second.model_fingerprint:
        notes.append(
            "Both audits are of the same model: whatever differs is the plan's doing or the machine's."
        )
    return tuple(notes)


def _corrected(against: Sequence[Against]) -> tuple[Against, ...]:
    """The tests with their p-values corrected for being several, over the whole comparison."""
    values = [test.p_value for one in against for test in one.tests if test.p_value is not None]
    both = iter(zip(statistics.holm(values), statistics.benjamini_hochberg(values), strict=True))
    return tuple(
        one.model_copy(
            update={
                "tests": tuple(
                    test
                    if test.p_value is None
                    else test.model_copy(update=dict(zip(("p_adjusted", "q_value"), next(both), strict=True)))
                    for test in one.tests
                )
            }
        )
        for one in against
    )
