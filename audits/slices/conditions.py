"""The conditions that cut data into slices, and the answers inside and outside of each."""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from audits import statistics
from audits.rows import Row, source
from audits.slices import named
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
    """Something that is true of some of the examples: `by` is `value`; where `by` is empty, they contain it.

    `name` is how figures are called.
    """

    by: str
    value: str
    holds: NDArray[np.bool_]
    name: str = ""

    @property
    def written(self) -> str:
        """In words, such as `length: 3–8 words` or `contains “not”`."""
        return f"{self.by}: {self.value}" if self.by else f"contains “{self.value}”"


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
        """Each example's accuracy; not a number for a text that stood there before, which proves nothing."""
        found = self.right.astype(float) if outcome == "unchanged" else self.noisy
        sources = [source(row) for row in self.rows]
        first = np.zeros(len(sources), dtype=bool)
        first[np.unique(sources, return_index=True)[1]] = True
        return np.where(first, found, np.nan)


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


def known(answers: Answers, metadata: Metadata, asked: Sequence[str] = ()) -> list[Condition]:
    """The conditions that are asked for, or all that come with the data.

    Each is true of enough examples, and not of nearly all.
    """
    rows = answers.rows
    columns = dict.fromkeys(name for row in rows for name in metadata.get(row.example, {}))
    most = len(rows) - FEWEST
    looked_at = list(map(named.read, asked)) or [named.Named(by) for by in (*named.OWN, *columns)]
    found = conditions_of(rows, metadata, looked_at)
    return [one for one in found if FEWEST <= one.holds.sum() <= most]


def conditions_of(rows: Sequence[Row], metadata: Metadata, asked: Iterable[named.Named]) -> list[Condition]:
    """The conditions that named slices stand for, on clean rows without errors."""
    found: dict[str, Condition] = {}
    for one in asked:
        if one.comparison:
            holds = np.array([one.holds(value) for value in _values(one.by, rows, metadata)], dtype=bool)
            found.setdefault(one.written, Condition(one.by, one.shown, holds, one.written))
        else:
            for condition in _all_of(one.by, rows, metadata):
                found.setdefault(condition.name, condition)
    return list(found.values())


def members(
    conditions: Sequence[str], rows: Iterable[Row], metadata: Metadata, asked: Sequence[str] = ()
) -> list[str]:
    """The examples of which all conditions hold; none where a condition is unknown.

    A condition is said as `Condition.written` says it or called as its figures are: `label: negative`,
    `contains “not”`, `length>20`. `rows` are all clean rows without errors, for bands of numbers follow from
    them; `asked` are the slices that the plan names.
    """
    ordered, there = _everything(rows, metadata, asked)
    found = {name: one for one in there for name in (one.name, one.written)}
    holds = np.ones(len(ordered), dtype=bool)
    for condition in conditions:
        word = condition.removeprefix("contains “").removesuffix("”")
        if condition in found:
            holds &= found[condition].holds
        elif condition == f"contains “{word}”":
            holds &= containing(word, [words_in(row.text) for row in ordered]).holds
        else:
            return []
    return [ordered[place].example for place in np.flatnonzero(holds)]


def by_name(rows: Iterable[Row], metadata: Metadata, asked: Sequence[str]) -> dict[str, frozenset[str]]:
    """The examples of every slice, those that come with the data and those `asked` for, as figures call it.

    `rows` are all clean rows without errors.
    """
    ordered, there = _everything(rows, metadata, asked)
    return {
        one.name: frozenset(ordered[place].example for place in np.flatnonzero(one.holds)) for one in there
    }


def _everything(
    rows: Iterable[Row], metadata: Metadata, asked: Sequence[str]
) -> tuple[list[Row], list[Condition]]:
    """The rows in order, and the conditions that come with the data or are asked for."""
    ordered = sorted(rows, key=lambda row: row.example)
    columns = dict.fromkeys(name for row in ordered for name in metadata.get(row.example, {}))
    looked_at = [*map(named.Named, (*named.OWN, *columns)), *map(named.read, asked)]
    return ordered, conditions_of(ordered, metadata, looked_at)


def words_in(text: str) -> set[str]:
    """What a slice can be asked to contain: words of three letters and more, numbers, and ? and !."""
    return set(re.findall(r"[^\W\d_]{3,}|\?|!|\d+", text.casefold()))


def containing(word: str, texts: Iterable[Container[str]]) -> Condition:
    """The texts that contain a word; each as its words."""
    return Condition("", word, np.array([word in text for text in texts], dtype=bool))


def _values(by: str, rows: Sequence[Row], metadata: Metadata) -> list[str]:
    """What is known of each example by one name."""
    if by == "label":
        return [row.label for row in rows]
    if by == "length":
        return [str(len(row.text.split())) for row in rows]
    if by == "confidence":
        return [str(max(row.probabilities)) for row in rows]
    return [metadata.get(row.example, {}).get(by, "") for row in rows]


def _all_of(by: str, rows: Sequence[Row], metadata: Metadata) -> list[Condition]:
    """All values of a name, or bands of its numbers; nothing for a column of many texts."""
    values = _values(by, rows, metadata)
    if by == "length":
        return _banded(by, list(map(float, values)), "{} words")
    if by == "confidence":
        return _banded(by, [round(100 * float(value)) for value in values], "{} %")
    if by == "label" or len(set(values)) <= MOST_VALUES:
        return _named(by, values)
    numbers = _numbers(values)
    return [] if numbers is None else _banded(by, numbers, "{}")


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
    return [
        Condition(by, value or "(empty)", there == value, f"{by}={value}") for value in sorted(set(values))
    ]


def _banded(by: str, numbers: Sequence[float], form: str) -> list[Condition]:
    """Four bands of about as many examples each; fewer where many numbers are equal."""
    values = np.array(numbers, dtype=float)
    edges = np.unique(np.quantile(values, [0.25, 0.5, 0.75], method="lower"))
    index = np.searchsorted(edges, values, side="left")
    bands = []
    for number in np.unique(index):
        inside = index == number
        low, high = f"{values[inside].min():g}", f"{values[inside].max():g}"
        value = form.format(low if low == high else f"{low}–{high}")
        bands.append(Condition(by, value, inside, f"{by}={value}"))
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
    # From their moments: where all of one side are equal, the test of the values themselves warns in vain.
    told = [(side.mean(), side.std(ddof=1), len(side)) for side in (first, second)]
    found = stats.ttest_ind_from_stats(*told[0], *told[1], equal_var=False, alternative="less")
    return float(found.pvalue)
