"""Two audits side by side: which rows they share, and differences of figures over the examples both have."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from audits import statistics
from audits.measures import SLICED, split
from audits.plan import Plan
from audits.progress import kind_of
from audits.rows import CLEAN, Row, source, source_of
from audits.slices.named import within
from audits.statistics import Estimate
from audits.tables import Audit

#: Figures are paired where the audits share at least this part of the smaller one's examples; below that,
#: all of both say more than the few that are shared. What the model answered has no part in the choice.
ENOUGH_SHARED = 0.5
#: What an attack made of an example that it could attack.
ATTACKED = ("succeeded", "failed")


def same_test(name: str, plan: Plan, other: Plan) -> bool:
    """Whether two plans mean the same by a test's name: how far an attack may go, and what a recipe says."""
    if kind_of(name) != "attack":
        return True
    return plan.limits == other.limits and plan.recipes.get(name) == other.recipes.get(name)


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


@dataclass(frozen=True, slots=True)
class Answered:
    """An audit, its rows, and the examples of its slices, by the name that figures give them."""

    audit: Audit
    rows: Sequence[Row]
    slices: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def of(self, test: str) -> list[Row]:
        """The rows of a test, called `casing@1`, that carry an answer; "" are the unchanged texts."""
        return [row for row in self.rows if _answered(row) and _written(row) == (test or CLEAN)]


def paired(figures: Iterable[str], now: Answered, before: Answered) -> dict[str, Paired]:
    """Those of the figures whose difference can be paired: `now` minus the baseline, on examples of both.

    An example is shared where text and label are the same. Of a slice it is that of both audits: one by
    confidence holds other examples for another model, and is not paired. The labels are in one order.
    """
    found = {figure: _paired(figure, now, before) for figure in figures}
    return {figure: pair for figure, pair in found.items() if pair}


def _paired(figure: str, now: Answered, before: Answered) -> Paired | None:
    known, part = split(figure), within(figure)[1]
    if known is None:
        return None
    measure, test = known[0].name, known[1]
    if measure in SLICED:
        return _of_rightness(measure, test, part, now, before)
    label = ""
    if measure == "recall" and test not in now.audit.labels:
        test, _, label = test.partition(" ")
    elif measure == "recall":
        test, label = "", test
    rows, others = ([row for row in one.of(test) if not label or row.label == label] for one in (now, before))
    both = shared(others, rows).pairs
    examples = len({place(row) for row, _ in both})
    if not _enough(examples, {place(row) for row in rows}, {place(row) for row in others}):
        return None
    estimate = _of_scores(measure, both, now.audit)
    return Paired(estimate) if estimate else None


def _enough(examples: int, now: Collection[Place], before: Collection[Place]) -> bool:
    return examples > 0 and examples >= ENOUGH_SHARED * min(len(now), len(before))


def _of_rightness(measure: str, test: str, part: str, now: Answered, before: Answered) -> Paired | None:
    """A difference in accuracy or drop. An audit whose rows repeat an example (its seeds) counts it once,
    with the share of its rows that are right."""
    answers = [_by_place(one.audit, one.of(test)) for one in (now, before)]
    if part:
        if part not in now.slices or part not in before.slices:
            return None
        insides = [
            {where for where in found if where[0] in one.slices[part]}
            for found, one in zip(answers, (now, before), strict=True)
        ]
        shared_places = answers[0].keys() & answers[1].keys()
        if insides[0] & shared_places != insides[1] & shared_places:
            return None
        answers = [
            {where: value for where, value in found.items() if where in inside}
            for found, inside in zip(answers, insides, strict=True)
        ]
    both = [where for where in answers[0] if where in answers[1]]
    if not _enough(len(both), *answers):
        return None
    if measure == "accuracy":
        return _difference(_values(answers[0], both), _values(answers[1], both), both, now.audit)
    clean = [_by_place(one.audit, one.of("")) for one in (now, before)]
    both = [where for where in both if all(where in found for found in clean)]
    if not both:
        return None
    drops = [
        _values(unchanged, both) - _values(found, both)
        for unchanged, found in zip(clean, answers, strict=True)
    ]
    return _difference(drops[0], drops[1], both, now.audit)


def _of_scores(measure: str, both: Sequence[tuple[Row, Row]], audit: Audit) -> Estimate | None:
    """A difference of another figure of rows, the baseline's first; None where it has no paired interval."""
    sources, seed = [source(row) for _, row in both], audit.plan.seed
    if measure in ("success", "success_of_all"):
        tried = (*ATTACKED, "skipped") if measure == "success_of_all" else ATTACKED
        won, won_now = (
            np.array([[row.status == "succeeded", row.status in tried] for row in rows])
            for rows in zip(*both, strict=True)
        )
        return statistics.success_difference(won, won_now, sources)
    places = {label: index for index, label in enumerate(audit.labels)}
    if any(row.label not in places for _, row in both):
        return None
    truth, k = np.array([places[row.label] for _, row in both]), len(places)
    said, said_now = (np.array([row.predicted for row in rows]) for rows in zip(*both, strict=True))
    scores, scores_now = (np.array([row.probabilities for row in rows]) for rows in zip(*both, strict=True))
    found: dict[str, Callable[[], Estimate]] = {
        "macro_f1": lambda: statistics.macro_f1_difference(truth, said, said_now, k, sources),
        "calibration_error": lambda: statistics.calibration_difference(scores, scores_now, truth, sources),
        "recall": lambda: statistics.drop(said_now == truth, said == truth, sources, seed),
        "brier": lambda: statistics.brier_difference(scores, scores_now, truth, sources, seed),
    }
    return found[measure]() if measure in found else None


def _written(row: Row) -> str:
    return f"{row.test}@{row.severity}" if row.severity else row.test


def _by_place(audit: Audit, rows: Iterable[Row]) -> dict[Place, float]:
    """The share of an example's rows that are right, by its id and label."""
    found: dict[Place, list[bool]] = {}
    for row in rows:
        found.setdefault(place(row), []).append(audit.labels[row.predicted or 0] == row.label)
    return {where: sum(flags) / len(flags) for where, flags in found.items()}


def _values(answers: Answers, places: Sequence[Place]) -> np.ndarray:
    return np.array([answers[where] for where in places], dtype=float)


def _difference(now: np.ndarray, then: np.ndarray, places: Sequence[Place], audit: Audit) -> Paired:
    """The mean difference, clustered by source; as a drop where every example counts whole."""
    sources = [source_of(example) for example, _ in places]
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
