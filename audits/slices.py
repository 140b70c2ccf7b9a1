"""Where a model is weak: its accuracy on parts of the data, unchanged and under noise.

Known slices are those of the label, the text's length, the model's confidence and the data's other columns.
Weak ones that nobody named are searched for among words, and pairs of conditions: on one half of the
examples, and only what the other half confirms is said (the halves share no text). Every p-value is
one-sided, for being weaker than the rest, and corrected by Holm for all that were asked at once.

Chung et al. (2019), "Slice Finder: automated data slicing for model validation", ICDE, for the search.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy import stats

from audits import statistics
from audits.rows import Row, source
from audits.statistics import Estimate

#: A slice with fewer examples is not looked at; nor is one found with fewer in either half.
FEWEST = 15
#: A column with more values than this names no slices, unless they are numbers.
MOST_VALUES = 20
#: Words that so many examples share are tried as conditions, the most frequent first.
MOST_WORDS = 80
#: So many weak slices of each kind are put to the other half.
CANDIDATES = 4
SIGNIFICANT = 0.05

Outcome = Literal["unchanged", "under noise"]
Metadata = Mapping[str, Mapping[str, str]]


class Slice(BaseModel):
    """The examples of which `by` is `value`: how many, and their accuracy unchanged and under noise.

    Under noise every noise and severity of the audit counts alike, rows of one example together. The
    p-values are those of being weaker than the other examples, after Holm's correction.
    """

    model_config = ConfigDict(frozen=True)

    by: str
    value: str
    examples: int
    clean: Estimate
    noisy: Estimate | None = None
    p_clean: float
    p_noisy: float | None = None

    @property
    def weak(self) -> bool:
        """Whether it is weaker than the rest beyond chance, unchanged."""
        return self.p_clean < SIGNIFICANT

    @property
    def weak_under_noise(self) -> bool:
        """Whether it is weaker than the rest beyond chance, under noise."""
        return self.p_noisy is not None and self.p_noisy < SIGNIFICANT


class Found(BaseModel):
    """A slice that was searched for: what its examples share, and what the confirming half says of it.

    `searched` is its accuracy in the half in which it was found, which flatters the search; `accuracy` and
    `rest` are those of the other half, inside and outside the slice.
    """

    model_config = ConfigDict(frozen=True)

    conditions: tuple[str, ...]
    outcome: Outcome
    searched: float
    accuracy: Estimate
    rest: Estimate
    p_adjusted: float

    @property
    def confirmed(self) -> bool:
        """Whether the other half agrees beyond chance."""
        return self.p_adjusted < SIGNIFICANT


class Slices(BaseModel):
    """The slices of one audit. `tried` counts the conditions and pairs that the search looked at."""

    model_config = ConfigDict(frozen=True)

    known: tuple[Slice, ...] = ()
    found: tuple[Found, ...] = ()
    tried: int = 0

    @property
    def weakest(self) -> Slice | None:
        """Of the known slices that are weak beyond chance, the one with the lowest accuracy."""
        weak = [one for one in self.known if one.weak]
        return min(weak, key=lambda one: one.clean.value, default=None)

    @property
    def confirmed(self) -> tuple[Found, ...]:
        """The slices found in one half and confirmed by the other, the weakest first."""
        return tuple(sorted((one for one in self.found if one.confirmed), key=lambda one: one.accuracy.value))


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is true of some of the examples: `by` is `value`."""

    by: str
    value: str
    holds: NDArray[np.bool_]

    @property
    def written(self) -> str:
        """In words, such as `length: 3–8 words` or `contains “not”`."""
        return f"contains “{self.value}”" if self.by == "word" else f"{self.by}: {self.value}"


@dataclass(frozen=True, slots=True)
class Answers:
    """Examples with their clean answers: right or not, and right how often under noise (nan without)."""

    rows: Sequence[Row]
    right: NDArray[np.bool_]
    noisy: NDArray[np.float64]
    #: Each example's rows under noise: right or not.
    under_noise: Sequence[Sequence[bool]]

    def estimate(self, inside: NDArray[np.bool_], outcome: Outcome) -> Estimate:
        """The accuracy of some examples."""
        places = np.flatnonzero(inside).tolist()
        if outcome == "unchanged":
            return statistics.accuracy(self.right[inside], [source(self.rows[place]) for place in places])
        flags = [flag for place in places for flag in self.under_noise[place]]
        names = [source(self.rows[place]) for place in places for _ in self.under_noise[place]]
        return statistics.accuracy(flags, names)

    def values(self, outcome: Outcome) -> NDArray[np.float64]:
        """Each example's accuracy."""
        return self.right.astype(float) if outcome == "unchanged" else self.noisy


def slices(
    clean: Iterable[Row],
    under_noise: Iterable[Row],
    labels: Sequence[str],
    metadata: Metadata | None = None,
    seed: int = 0,
) -> Slices:
    """The slices of an audit from its clean rows and those of its noises, all without errors.

    `metadata` holds the data's other columns by example. `seed` draws the halves.
    """
    answers = _answers(clean, under_noise, labels)
    if len(answers.rows) < 2 * FEWEST:
        return Slices()
    conditions = [*_known(answers, metadata or {})]
    outcomes: list[Outcome] = ["unchanged"]
    if not np.isnan(answers.noisy).all():
        outcomes.append("under noise")
    found, tried = _searched(answers, conditions, outcomes, seed)
    return Slices(known=_figures(answers, conditions, outcomes), found=found, tried=tried)


def _answers(clean: Iterable[Row], under_noise: Iterable[Row], labels: Sequence[str]) -> Answers:
    rows = sorted(clean, key=lambda row: row.example)
    noisy: dict[str, list[bool]] = {row.example: [] for row in rows}
    for row in sorted(under_noise, key=lambda row: (row.test, row.severity, row.seed)):
        if row.example in noisy and row.predicted is not None:
            noisy[row.example].append(labels[row.predicted] == row.label)
    flags = [noisy[row.example] for row in rows]
    return Answers(
        rows,
        np.array(
            [row.predicted is not None and labels[row.predicted] == row.label for row in rows], dtype=bool
        ),
        np.array([sum(each) / len(each) if each else np.nan for each in flags]),
        flags,
    )


def _known(answers: Answers, metadata: Metadata) -> list[Condition]:
    """The conditions that come with the data, each true of enough examples and not of nearly all."""
    rows = answers.rows
    found = _named("label", [row.label for row in rows])
    found += _banded("length", [len(row.text.split()) for row in rows], "{} words")
    found += _banded("confidence", [round(100 * max(row.probabilities)) for row in rows], "{} %")
    for column in dict.fromkeys(name for row in rows for name in metadata.get(row.example, {})):
        values = [metadata.get(row.example, {}).get(column, "") for row in rows]
        numbers = _numbers(values)
        if len(set(values)) <= MOST_VALUES:
            found += _named(column, values)
        elif numbers is not None:
            found += _banded(column, numbers, "{}")
    most = len(rows) - FEWEST
    return [one for one in found if FEWEST <= one.holds.sum() <= most]


def _numbers(values: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    # Whole numbers that no two examples share are names, not measures.
    names = len(set(numbers)) == len(numbers) and all(number.is_integer() for number in numbers)
    return None if names or not all(map(np.isfinite, numbers)) else numbers


def _named(by: str, values: Sequence[str]) -> list[Condition]:
    there = np.array(values, dtype=object)
    return [Condition(by, value or "(empty)", there == value) for value in sorted(set(values))]


def _banded(by: str, numbers: Sequence[float], form: str) -> list[Condition]:
    """Four bands of about as many examples each; fewer where many numbers are equal."""
    values = np.array(numbers, dtype=float)
    edges = np.unique(np.quantile(values, [0.25, 0.5, 0.75], method="lower"))
    index = np.searchsorted(edges, values, side="left")
    bands = []
    for number in np.unique(index):
        inside = index == number
        low, high = f"{values[inside].min():g}", f"{values[inside].max():g}"
        bands.append(Condition(by, form.format(low if low == high else f"{low}–{high}"), inside))
    return bands


def _figures(
    answers: Answers, conditions: Sequence[Condition], outcomes: Sequence[Outcome]
) -> tuple[Slice, ...]:
    values = {
        outcome: [_weaker(answers.values(outcome), one.holds) for one in conditions] for outcome in outcomes
    }
    adjusted = iter(statistics.holm([value for outcome in outcomes for value in values[outcome]]))
    corrected = {outcome: [next(adjusted) for _ in conditions] for outcome in outcomes}
    return tuple(
        Slice(
            by=one.by,
            value=one.value,
            examples=int(one.holds.sum()),
            clean=answers.estimate(one.holds, "unchanged"),
            noisy=answers.estimate(one.holds, "under noise") if "under noise" in outcomes else None,
            p_clean=corrected["unchanged"][place],
            p_noisy=corrected["under noise"][place] if "under noise" in outcomes else None,
        )
        for place, one in enumerate(conditions)
    )


def _weaker(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    """How likely the values inside would be so much lower by chance; one-sided, at most 1.

    Fisher's exact test for answers that are right or wrong, Welch's for shares.
    """
    some = ~np.isnan(values)
    first, second = values[inside & some], values[~inside & some]
    if not len(first) or not len(second):
        return 1.0
    if set(np.unique(values[some])) <= {0.0, 1.0}:
        table = [[(first == 1).sum(), (first == 0).sum()], [(second == 1).sum(), (second == 0).sum()]]
        return float(stats.fisher_exact(table, alternative="less").pvalue)
    if len(first) < 2 or len(second) < 2 or (np.ptp(first) == 0 and np.ptp(second) == 0):
        return 1.0
    return float(stats.ttest_ind(first, second, equal_var=False, alternative="less").pvalue)


def _searched(
    answers: Answers, conditions: Sequence[Condition], outcomes: Sequence[Outcome], seed: int
) -> tuple[tuple[Found, ...], int]:
    """Weak slices of one half, put to the other; and how many were looked at."""
    names = sorted({source(row) for row in answers.rows})
    drawn = np.random.default_rng(seed).permutation(len(names))
    first = {names[place] for place in drawn[: len(names) // 2]}
    half = np.array([source(row) in first for row in answers.rows])
    # A slice of low confidence is weak by its making, and stands among the known ones.
    tried = [one for one in conditions if one.by != "confidence"] + _words(answers, half)
    if not tried:
        return (), 0
    matrix = np.stack([one.holds for one in tried])
    candidates = [
        (outcome, pair) for outcome in outcomes for pair in _weakest(matrix, answers.values(outcome), half)
    ]
    tests = [
        _weaker(answers.values(outcome)[~half], _both(matrix, pair)[~half]) for outcome, pair in candidates
    ]
    found = []
    for (outcome, pair), p_adjusted in zip(candidates, statistics.holm(tests), strict=True):
        inside = _both(matrix, pair)
        found.append(
            Found(
                conditions=tuple(tried[place].written for place in pair),
                outcome=outcome,
                searched=answers.estimate(inside & half, outcome).value,
                accuracy=answers.estimate(inside & ~half, outcome),
                rest=answers.estimate(~inside & ~half, outcome),
                p_adjusted=p_adjusted,
            )
        )
    return tuple(found), len(tried) * (len(tried) + 1) // 2


def _both(matrix: NDArray[np.bool_], pair: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where the conditions of a pair, or of one alone, hold together."""
    return np.logical_and.reduce([matrix[place] for place in pair])


def _words(answers: Answers, half: NDArray[np.bool_]) -> list[Condition]:
    """Words that enough examples of the searching half hold, and that half of them lack."""
    texts = [set(re.findall(r"[^\W\d_]{3,}|\?|!|\d+", row.text.casefold())) for row in answers.rows]
    counts = Counter(word for place in np.flatnonzero(half).tolist() for word in texts[place])
    usual = [word for word, count in counts.most_common() if FEWEST <= count <= half.sum() / 2]
    return [
        Condition("word", word, np.array([word in text for text in texts])) for word in usual[:MOST_WORDS]
    ]


def _weakest(
    matrix: NDArray[np.bool_], values: NDArray[np.float64], half: NDArray[np.bool_]
) -> list[tuple[int, ...]]:
    """The conditions, alone or in pairs, that are weakest in the searching half, none much like another."""
    use = half & ~np.isnan(values)
    there, known = matrix[:, use].astype(float), values[use]
    other = matrix[:, ~half].astype(float)
    count, enough = there @ there.T, other @ other.T >= FEWEST
    rest = len(known) - count
    with np.errstate(all="ignore"):
        mean = (there * known) @ there.T / count
        square = (there * known**2) @ there.T / count
        mean_rest = (known.sum() - mean * count) / rest
        square_rest = ((known**2).sum() - square * count) / rest
        error = np.sqrt((square - mean**2) / count + (square_rest - mean_rest**2) / rest)
        score = (mean_rest - mean) / np.maximum(error, 1e-9)
    score[~((count >= FEWEST) & (rest >= FEWEST) & enough)] = -np.inf
    chosen: list[tuple[int, ...]] = []
    masks: list[NDArray[np.bool_]] = []
    firsts, seconds = np.triu_indices(len(matrix))
    for place in np.argsort(-score[firsts, seconds], kind="stable").tolist():
        one, two = int(firsts[place]), int(seconds[place])
        if len(chosen) == CANDIDATES or not score[one, two] > 0:
            break
        mask = matrix[one] & matrix[two]
        if all((mask & taken).sum() < 0.5 * (mask | taken).sum() for taken in masks):
            chosen.append((one,) if one == two else (one, two))
            masks.append(mask)
    return chosen
