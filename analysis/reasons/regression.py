"""Two models on the same texts: where they give the same answer for different reasons.

Two numbers count as the same answer where they lie no further apart than the first model's typical error.
Logits of two models have no common unit. So words are compared by rank in one text, and over texts by
their share of all that moved the text's answer.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.attribution import Attribution, AttributionError
from analysis.faithfulness import Agreement, compared
from analysis.reasons.gathering import Gathered
from analysis.reasons.terms import FEWEST, Term, by_term, judged
from corpora.examples import Example


@dataclass(frozen=True)
class Pair:
    """One text explained in two models that give the same answer, on the words that both read.

    `values` are both models' numbers; None where they give labels.
    """

    example: Example
    first: Attribution
    second: Attribution
    alike: Agreement
    values: tuple[float, float] | None = None


@dataclass(frozen=True)
class Compared:
    """`pairs` have the same answer in both models, the least alike reasons first; `apart` differ in it.

    `labels` are the first model's; `others` gives the second model's number for each of them. `within` is how
    far apart two numbers with the same answer may lie; `values` (texts, 2) are both models' numbers, without
    rows where they give labels.
    """

    labels: tuple[str, ...]
    others: tuple[int, ...]
    pairs: tuple[Pair, ...]
    apart: tuple[Example, ...]
    within: float
    values: NDArray[np.float64]

    @cached_property
    def correlation(self) -> tuple[float, float, float] | None:
        """Pearson's correlation of both models' values and its 95 % interval (Fisher's z).

        None where there are fewer than four, or a model gives one value to all texts.
        """
        from scipy.stats import pearsonr

        if len(self.values) < 4 or not np.ptp(self.values, axis=0).all():
            return None
        found = pearsonr(*self.values.T)
        interval = found.confidence_interval()
        return float(found.statistic), float(interval.low), float(interval.high)


def compare(first: Gathered, second: Gathered) -> Compared:
    """Set the attributions of two models side by side, text by text.

    Raises AttributionError where the models do not have the same labels; a value may have another name.
    """
    by_name = first.values is None or second.values is None
    if by_name and sorted(first.labels) != sorted(second.labels):
        raise AttributionError(
            f"The models speak of different labels: {', '.join(first.labels)} and "
            f"{', '.join(second.labels)}. Choose a second model that was made for the same task."
        )
    known = {example.text: index for index, example in enumerate(second.examples)}
    pairs, apart, values = [], [], []
    for index, (example, one) in enumerate(zip(first.examples, first.attributions, strict=True)):
        place = known.get(example.text)
        if place is None:
            continue
        other, numbers = second.attributions[place], None
        if first.values is not None and second.values is not None:
            numbers = float(first.values[index]), float(second.values[place])
            values.append(numbers)
            same = abs(numbers[0] - numbers[1]) <= first.typical_error
        else:
            same = first.labels[one.target] == second.labels[other.target]
        if not same:
            apart.append(example)
            continue
        read = {(word.start, word.end) for word in one.words} & {
            (word.start, word.end) for word in other.words
        }
        if read:
            ours, theirs = _only(one, read), _only(other, read)
            pairs.append(Pair(example, ours, theirs, compared(ours, theirs), numbers))

    def likeness(pair: Pair) -> float:
        return 1.0 if pair.alike.spearman is None else pair.alike.spearman

    return Compared(
        labels=first.labels,
        others=tuple(second.labels.index(label) for label in first.labels) if by_name else (0, 1),
        pairs=tuple(sorted(pairs, key=likeness)),
        apart=tuple(apart),
        within=first.typical_error,
        values=np.array(values, dtype=float).reshape(-1, 2),
    )


def moved(compared: Compared, label: int, *, words: int = 1, fewest: int = FEWEST) -> list[Term]:
    """What each term's share for a label gains from the first model to the second, the largest gain first.

    A share is the term's score divided by the sizes of all scores of the text, so it lies between -1 and 1.
    """
    table: defaultdict[str, list[float]] = defaultdict(list)
    for pair in compared.pairs:
        sides = []
        for found, number in ((pair.first, label), (pair.second, compared.others[label])):
            sign = 1.0 if found.target == number else -1.0 if found.contrast == number else 0.0
            size = float(np.abs(found.word_scores).sum())
            if not sign or not size:
                break
            sides.append(by_term(found, sign * found.word_scores / size, words))
        else:
            for term, shares in sides[0].items():
                table[term].append(float(np.mean(sides[1][term]) - np.mean(shares)))
    return judged(table, fewest)


def _only(found: Attribution, spans: set[tuple[int, int]]) -> Attribution:
    """An attribution of some words alone."""
    kept = [index for index, word in enumerate(found.words) if (word.start, word.end) in spans]
    if len(kept) == len(found.words):
        return found
    words = tuple(found.words[index] for index in kept)
    return replace(found, words=words, word_scores=found.word_scores[kept])
