"""Attention of two texts, such as an example and its attacked version, side by side word by word."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import MOST_BYTES, Attention
from analysis.words import words_of
from models.classifier import ModelError


@dataclass(frozen=True)
class Unit:
    """A word of a text, or a special token, with the positions of the tokens that make it up."""

    text: str
    tokens: tuple[int, ...]
    special: bool


@dataclass(frozen=True)
class Comparison:
    """What changed in attention between the words that two texts have in the same place.

    `pairs` are the aligned words (first's, second's), in order; a word that was swapped for another one is
    aligned with it. `left_out` counts words of either text without a counterpart. `difference` is float32,
    (layers, heads, pairs, pairs): how much more of its attention the word gives in the second text than in
    the first. A word of several tokens looks as they do on average, and is looked at as all of them are.
    """

    pairs: tuple[tuple[Unit, Unit], ...]
    left_out: tuple[int, int]
    difference: NDArray[np.float32]

    @property
    def swapped(self) -> tuple[int, ...]:
        """The places among `pairs` where the words differ."""
        return tuple(place for place, (one, other) in enumerate(self.pairs) if _key(one) != _key(other))

    @cached_property
    def moved(self) -> NDArray[np.float64]:
        """How much of its attention a word moves on average, (layers, heads): half the sum of differences."""
        return np.abs(self.difference).sum(axis=-1, dtype=np.float64).mean(axis=-1) / 2

    def largest(self, layer: int, head: int) -> tuple[int, int, float]:
        """(from, to, difference) of the largest change between two words in one head, all from 0."""
        matrix = self.difference[layer, head]
        source, target = np.unravel_index(int(np.abs(matrix).argmax()), matrix.shape)
        return int(source), int(target), float(matrix[source, target])


def compare(first: tuple[Attention, str], second: tuple[Attention, str]) -> Comparison:
    """Two texts' attention in one model, (attention, text) each.

    Raises ModelError where the texts have no word in common place, or too many, or come from different layers
    and heads.
    """
    if first[0].weights.shape[:2] != second[0].weights.shape[:2]:
        raise ModelError("These two texts were read by models of different sizes; compare one model's.")
    units = [units_of(*one) for one in (first, second)]
    places = _aligned(*units)
    if not places:
        raise ModelError("The two texts have no word in a common place, so there is nothing to compare.")
    layers, heads = first[0].weights.shape[:2]
    most = int((MOST_BYTES / 4 / layers / heads) ** 0.5)
    if len(places) > most:
        raise ModelError(
            f"Two texts are compared up to {most:,} words with this model; these have {len(places):,} in "
            "common."
        )
    seen = [
        _by_word(attention, [own[place] for place in side])
        for (attention, _), own, side in zip((first, second), units, zip(*places, strict=True), strict=True)
    ]
    return Comparison(
        tuple((units[0][i], units[1][j]) for i, j in places),
        (len(units[0]) - len(places), len(units[1]) - len(places)),
        seen[1] - seen[0],
    )


def units_of(attention: Attention, text: str) -> list[Unit]:
    """The words and special tokens of a text, in the order of their tokens."""
    words = [Unit(word.text, word.tokens, False) for word in words_of(attention, text)]
    added = [
        Unit(token, (place,), True)
        for place, (token, special) in enumerate(zip(attention.tokens, attention.special, strict=True))
        if special
    ]
    return sorted([*words, *added], key=lambda unit: unit.tokens[0])


def _key(unit: Unit) -> tuple[bool, str]:
    return unit.special, unit.text.casefold()


def _aligned(first: Sequence[Unit], second: Sequence[Unit]) -> list[tuple[int, int]]:
    """Pairs of places: equal words, and words swapped one for one."""
    matcher = SequenceMatcher(None, [_key(one) for one in first], [_key(one) for one in second], False)
    pairs: list[tuple[int, int]] = []
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and i_end - i == j_end - j):
            pairs += zip(range(i, i_end), range(j, j_end), strict=True)
    return pairs


def _by_word(attention: Attention, units: Sequence[Unit]) -> NDArray[np.float32]:
    """Attention between words: rows averaged over a word's tokens, columns summed over them."""
    summed = np.zeros((len(attention.tokens), len(units)), np.float32)
    for place, unit in enumerate(units):
        summed[list(unit.tokens), place] = 1
    mean = (summed / summed.sum(axis=0)).T
    found = np.zeros((attention.layers, attention.heads, len(units), len(units)), np.float32)
    for layer in range(attention.layers):
        for start, block in attention.blocks(layer):
            rows = slice(start, start + block.shape[1])
            found[layer] += mean[:, rows] @ (block.cpu().numpy() @ summed)
    return found


def alike(
    first: Sequence[tuple[int, int, float]], second: Sequence[tuple[int, int, float]]
) -> tuple[float | None, int]:
    """Spearman's rank correlation of two models' shares of the same text's words, and over how many words.

    Words are (start, end, share), matched where both models see the same characters as one. None below five
    words, or where one side's shares are all equal.
    """
    from scipy.stats import spearmanr

    others = {(start, end): share for start, end, share in second}
    pairs = [(share, others[start, end]) for start, end, share in first if (start, end) in others]
    if len(pairs) < 5 or any(len(set(side)) == 1 for side in zip(*pairs, strict=True)):
        return None, len(pairs)
    return float(spearmanr(*zip(*pairs, strict=True)).statistic), len(pairs)
