"""How far an audit has come, and how long it will take from here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attacks.recipes import custom
from attacks.registry import AttackError, entry
from audits.plan import Plan
from audits.rows import CLEAN
from audits.tables import State

#: Until an attack has been timed, one is taken to cost so many plain answers.
QUERIES_OF_AN_ATTACK = 30


@dataclass(frozen=True, slots=True)
class TestProgress:
    """Rows made and rows to make under one test, and the seconds spent on them."""

    __test__ = False  # the name is no invitation to pytest

    written: str
    kind: str
    done: int
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """A running audit at a glance. `total` is None until the data are loaded; `workers` are on it now."""

    state: State
    error: str | None
    done: int
    total: int | None
    seconds_left: float | None
    tests: tuple[TestProgress, ...]
    workers: int = 0

    @property
    def share(self) -> float:
        """Rows made as a share of all, 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def rows_a_second(self) -> float | None:
        """The rate of the test that has rows last, by all workers together; None before the first row."""
        test = next((test for test in reversed(self.tests) if test.done), None)
        return max(1, self.workers) * test.done / test.seconds if test and test.seconds else None

    @property
    def current(self) -> TestProgress | None:
        """The first test that is not complete."""
        return next((test for test in self.tests if test.done < test.total), None)


def kind_of(name: str) -> str:
    """`clean`, `noise` or `attack`; `noise` for a test that this version does not know."""
    if name == CLEAN:
        return CLEAN
    try:
        return (custom.outline(name) or entry(name)).kind
    except AttackError:
        return "noise"


def by_test(
    plan: Plan, examples: int, done: Mapping[tuple[str, int], tuple[int, float]]
) -> tuple[TestProgress, ...]:
    """The store's counts (rows, seconds) laid over the plan's columns."""
    found = []
    for column in plan.columns:
        rows, seconds = done.get((column.name, column.severity), (0, 0.0))
        total = examples * len(plan.seeds_of(column))
        found.append(TestProgress(column.written, kind_of(column.name), rows, total, seconds))
    return tuple(found)


def seconds_left(tests: Sequence[TestProgress], workers: int = 1) -> float | None:
    """The time that so many workers will take for the missing rows, from the time that rows like them took.

    A test that has begun goes by its own rate; one that has not, by the mean of its kind; the first attack,
    by the clean answer's rate times a usual number of queries. None while nothing has been timed.
    """
    left = 0.0
    for test in tests:
        missing = test.total - test.done
        if not missing:
            continue
        rate = _seconds_a_row([test]) or _seconds_a_row([other for other in tests if other.kind == test.kind])
        if rate is None:
            answer = _seconds_a_row([other for other in tests if other.kind != "attack"])
            if answer is None:
                return None
            rate = answer * (QUERIES_OF_AN_ATTACK if test.kind == "attack" else 1)
        left += missing * rate
    return left / max(1, workers)


def _seconds_a_row(tests: Sequence[TestProgress]) -> float | None:
    """Mean seconds a row over tests, or None where there is no row yet."""
    rows = sum(test.done for test in tests)
    return sum(test.seconds for test in tests) / rows if rows else None
