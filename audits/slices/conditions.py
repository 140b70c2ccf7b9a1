"""The conditions that cut data into slices, and the answers inside and outside of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from audits import statistics
from audits.rows import Row, source
from audits.slices.figures import Outcome
from audits.statistics import Estimate
from corpora.examples import Example

#: A slice with fewer examples is not looked at; nor is one found with fewer in either half.
FEWEST = 15
#: A column with more values than this names no slices, unless they are numbers.
MOST_VALUES = 20

Metadata = Mapping[str, Mapping[str, str]]


def metadata_of(examples: Iterable[Example]) -> Metadata:
    """The data's other columns by example."""
    return {example.id: example.metadata for example in examples if example.metadata}


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


def answers_of(clean: Iterable[Row], under_noise: Iterable[Row], labels: Sequence[str]) -> Answers:
    """The clean answers, and beside each those under noise. No row may have an error."""
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


def known(answers: Answers, metadata: Metadata) -> list[Condition]:
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


def weaker(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
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
