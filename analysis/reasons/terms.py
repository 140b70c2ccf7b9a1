"""Words and phrases over many texts: how strongly each speaks for a label (or a higher value), and how sure
that is.

A text counts once for a word, with the mean over its places there: places of one text are not independent.
Intervals are Student's t over texts (a percentile bootstrap of five texts covers 83 % where it claims 95),
differences Welch's. Many words are looked at, so what is pointed out holds after Benjamini and Hochberg,
"Controlling the false discovery rate", JRSS B 1995: of the words marked as found, 5 % are chance.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from analysis.attribution import Attribution
from analysis.reasons.gathering import Gathered
from corpora.examples import PAIR_MARK

#: The share of chance finds among what is marked as found.
DISCOVERY_RATE = 0.05

#: A word is judged from so many texts on.
FEWEST = 5


@dataclass(frozen=True)
class Mean:
    """A mean over `count` texts with its 95 % interval (Student's t)."""

    mean: float
    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Term:
    """A word, or a phrase of words in a row, in lower case, and what it adds to a label's score.

    `each` is the mean over the texts that hold it; `total` the sum over them, what it does to the data
    as a whole. `p` is that of no effect, adjusted for all terms looked at; `found`: it is small enough.
    """

    text: str
    each: Mean
    p: float

    @property
    def total(self) -> float:
        """The sum over all texts that hold the term."""
        return self.each.mean * self.each.count

    @property
    def found(self) -> bool:
        """Whether chance is no good explanation, after as many looks."""
        return self.p <= DISCOVERY_RATE


@dataclass(frozen=True)
class Flip:
    """A term that speaks for a label in right answers and against it in wrong ones, or the reverse.

    `p` is that of no difference, adjusted for all terms looked at.
    """

    text: str
    right: Mean
    wrong: Mean
    p: float

    @property
    def found(self) -> bool:
        """Whether chance is no good explanation, after as many looks."""
        return self.p <= DISCOVERY_RATE


def drivers(
    gathered: Gathered,
    label: int,
    *,
    words: int = 1,
    among: NDArray[np.bool_] | None = None,
    fewest: int = FEWEST,
) -> list[Term]:
    """The terms of so many words and what they add to a label's score, the strongest for it first.

    `among` (texts,) restricts it to some texts, such as errors. Terms in fewer than `fewest` texts are
    left out. Scores are in the attributions' own unit.
    """
    signs = gathered.toward(label)
    kept = signs != 0 if among is None else (signs != 0) & among
    return judged(_table(gathered, signs, kept, words), fewest)


def flips(gathered: Gathered, label: int, *, words: int = 1, fewest: int = 3) -> list[Flip]:
    """The terms whose mean has one sign in right answers and the other in wrong ones, surest first.

    Both need `fewest` texts with the term.
    """
    from scipy.stats import ttest_ind

    signs = gathered.toward(label)
    sides = [
        _table(gathered, signs, (signs != 0) & which, words) for which in (gathered.right, ~gathered.right)
    ]
    both = [
        (term, values, sides[1][term])
        for term, values in sides[0].items()
        if min(len(values), len(sides[1].get(term, ()))) >= max(2, fewest)
    ]
    with np.errstate(all="ignore"):  # equal values on both sides: no p, taken for 1
        ps = [float(ttest_ind(one, other, equal_var=False).pvalue) for _, one, other in both]
    found = [
        Flip(term, mean_of(one), mean_of(other), p)
        for (term, one, other), p in zip(both, _adjusted(ps), strict=True)
    ]
    return sorted((one for one in found if one.right.mean * one.wrong.mean < 0), key=lambda one: one.p)


def holding(gathered: Gathered, term: str) -> list[tuple[int, float]]:
    """The texts (by index) that hold a term, with its score for the answer there, strongest first."""
    words = term.count(" ") + 1
    found = []
    for index, attribution in enumerate(gathered.attributions):
        scores = by_term(attribution, attribution.word_scores, words).get(term)
        if scores:
            found.append((index, float(np.mean(scores))))
    return sorted(found, key=lambda one: -abs(one[1]))


def by_term(found: Attribution, scores: NDArray[np.float64], length: int) -> dict[str, list[float]]:
    """The summed scores of every run of `length` words of a text, by the words in lower case.

    No run begins or ends with a mark that has neither letter nor digit, or goes from one text of a pair
    into the other, or over something that is no word here.
    """
    terms: defaultdict[str, list[float]] = defaultdict(list)
    plain = [word.text.casefold() for word in found.words]
    spelt = [any(character.isalnum() for character in word) for word in plain]
    between = [found.text[one.end : other.start] for one, other in pairwise(found.words)]
    broken = [bool(gap.strip()) or PAIR_MARK in gap for gap in between]
    for start in range(len(plain) - length + 1):
        last = start + length - 1
        if spelt[start] and spelt[last] and not any(broken[start:last]):
            run = slice(start, last + 1)
            terms[" ".join(plain[run])].append(float(scores[run].sum()))
    return terms


def judged(table: dict[str, list[float]], fewest: int) -> list[Term]:
    """Each term's mean over its texts' values, the highest first."""
    from scipy.stats import ttest_1samp

    listed = [(term, values) for term, values in table.items() if len(values) >= max(2, fewest)]
    with np.errstate(all="ignore"):
        ps = [float(ttest_1samp(values, 0).pvalue) for _, values in listed]
    found = [Term(term, mean_of(values), p) for (term, values), p in zip(listed, _adjusted(ps), strict=True)]
    return sorted(found, key=lambda one: -one.each.mean)


def mean_of(values: Sequence[float]) -> Mean:
    """The mean of some texts' values with its interval."""
    from scipy.stats import t

    mean, count = float(np.mean(values)), len(values)
    half = (
        float(t.ppf(0.975, count - 1) * np.std(values, ddof=1) / math.sqrt(count)) if count > 1 else math.inf
    )
    return Mean(mean, mean - half, mean + half, count)


def _adjusted(ps: Iterable[float]) -> list[float]:
    from scipy.stats import false_discovery_control

    known = np.nan_to_num(np.array(list(ps), dtype=float), nan=1.0)
    return [float(p) for p in false_discovery_control(known)] if len(known) else []


def _table(
    gathered: Gathered, signs: NDArray[np.float64], kept: NDArray[np.bool_], words: int
) -> dict[str, list[float]]:
    """For each term one value a text that holds it: the mean over its places, for the label."""
    table: defaultdict[str, list[float]] = defaultdict(list)
    for index in np.flatnonzero(kept):
        attribution = gathered.attributions[index]
        terms = by_term(attribution, attribution.word_scores, words)
        for term, scores in terms.items():
            table[term].append(float(signs[index] * np.mean(scores)))
    return table
