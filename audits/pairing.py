"""Two audits side by side: which rows they share, and differences of figures over the examples both have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from audits import statistics
from audits.rows import CLEAN, Row
from audits.statistics import Estimate
from audits.tables import Audit

#: Figures are paired where the audits share at least this part of the smaller one's examples; below that,
#: all of both say more than the few that are shared. What the model answered has no part in the choice.
ENOUGH_SHARED = 0.5


@dataclass(frozen=True, slots=True)
class Paired:
    """A figure minus the baseline's, over shared examples, with its interval.

    `more` and `less` are the shares of examples that raise and lower the figure; None where one example can
    move it by anything but one.
    """

    estimate: Estimate
    more: float | None = None
    less: float | None = None


#: An example wherever it stands: its id, which follows from its text, and its label.
Place = tuple[str, str]
Answers = Mapping[Place, float]


def place(row: Row) -> Place:
    """What two audits know a row's example by."""
    return row.example, row.label


@dataclass(frozen=True, slots=True)
class Shared:
    """The rows of one test that two audits have: the same example, label and seed.

    `pairs` are those that carry both answers, in the order of examples and seeds; `unanswered` lack one.
    """

    pairs: tuple[tuple[Row, Row], ...]
    unanswered: int
    only_first: int
    only_second: int


def shared(first: Iterable[Row], second: Iterable[Row]) -> Shared:
    """The rows of one test in two audits, paired. The clean answer has no draw, so its seed is no matter."""
    before, after = _keyed(first), _keyed(second)
    both = sorted(before.keys() & after.keys())
    pairs = tuple((before[key], after[key]) for key in both)
    answered = tuple(pair for pair in pairs if all(_answered(row) for row in pair))
    return Shared(answered, len(pairs) - len(answered), len(before) - len(both), len(after) - len(both))


def _keyed(rows: Iterable[Row]) -> dict[tuple[str, str, int], Row]:
    return {(*place(row), 0 if row.test == CLEAN else row.seed): row for row in rows}


def _answered(row: Row) -> bool:
    return row.predicted is not None and not row.error


def paired(audit: Audit, rows: Sequence[Row], baseline: Audit, before: Sequence[Row]) -> dict[str, Paired]:
    """The differences in accuracy and drop, clean and under every test that both audits have.

    An example is shared where text and label are the same. An audit whose rows repeat an example (its seeds)
    counts it once, with the share of its rows that are right.
    """
    now, then = _by_test(audit, rows), _by_test(baseline, before)
    found: dict[str, Paired] = {}
    for test in now:
        if test not in then:
            continue
        both = [place for place in now[test] if place in then[test]]
        if not both or len(both) < ENOUGH_SHARED * min(len(now[test]), len(then[test])):
            continue
        name = "accuracy" if test == CLEAN else f"accuracy {test}"
        # An id repeats with a suffix where the same text stands in the data twice: one source.
        found[name] = _difference(_values(now[test], both), _values(then[test], both), both, audit)
        if test == CLEAN:
            continue
        both = [place for place in both if place in now.get(CLEAN, {}) and place in then.get(CLEAN, {})]
        if both:
            drop_now = _values(now[CLEAN], both) - _values(now[test], both)
            drop_then = _values(then[CLEAN], both) - _values(then[test], both)
            found[f"drop {test}"] = _difference(drop_now, drop_then, both, audit)
    return found


def _by_test(audit: Audit, rows: Sequence[Row]) -> dict[str, dict[tuple[str, str], float]]:
    """For every test: the share of an example's rows that are right, by its id and label."""
    found: dict[str, dict[tuple[str, str], list[bool]]] = {}
    for row in rows:
        if row.predicted is not None and not row.error:
            test = f"{row.test}@{row.severity}" if row.severity else row.test
            right = audit.labels[row.predicted] == row.label
            found.setdefault(test, {}).setdefault(place(row), []).append(right)
    return {
        test: {place: sum(flags) / len(flags) for place, flags in places.items()}
        for test, places in found.items()
    }


def _values(answers: Answers, places: Sequence[tuple[str, str]]) -> np.ndarray:
    return np.array([answers[place] for place in places], dtype=float)


def _difference(now: np.ndarray, then: np.ndarray, places: Sequence[Place], audit: Audit) -> Paired:
    """The mean difference, clustered by source; as a drop where every example counts whole."""
    sources = [example.partition("-")[0] for example, _ in places]
    change = now - then
    estimate = mean_difference(change, sources, audit.plan.seed)
    if set(np.unique(change)) <= {-1.0, 0.0, 1.0}:
        return Paired(estimate, float((change > 0).mean()), float((change < 0).mean()))
    return Paired(estimate)


def mean_difference(change: np.ndarray, sources: Sequence[str], seed: int) -> Estimate:
    """The mean of changes between -2 and 2, such as differences of drops, over source examples."""
    if set(np.unique(change)) <= {-1.0, 0.0, 1.0}:
        # The interval of a drop is one of any difference between two flags.
        return statistics.drop(change > 0, change < 0, clusters=sources, seed=seed)
    if len(change) == 0 or np.abs(change).max() <= 1:
        return statistics.mean(change, sources, seed)
    half = statistics.mean(change / 2, sources, seed)
    return Estimate(2 * half.value, 2 * half.low, 2 * half.high, half.count, half.confidence)
