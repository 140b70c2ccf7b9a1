"""Where a text may be edited without tearing what a reader sees as one character."""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

import regex

from attacks.noise.base import Edit

#: An extended grapheme cluster of Unicode Standard Annex 29: a letter with its marks, a flag, a family of
#: emoji, a Hangul syllable, a line's end of two characters.
_CLUSTER = regex.compile(r"\X")
_SPACE = re.compile(r"\s")
_SPELLED = re.compile(r"(?<!\w)(?<!\w['’-])[^\W\d_]+(?!['’-]?\w)")


def clusters(text: str) -> Iterator[tuple[int, int]]:
    """Where each character as a reader sees it begins and ends."""
    return (match.span() for match in _CLUSTER.finditer(text))


def whole_characters(text: str) -> Iterator[int]:
    """The positions of characters that stand alone: nothing combines with them, before or after."""
    return (start for start, end in clusters(text) if end - start == 1)


def letters(text: str) -> Iterator[int]:
    """The positions of letters that stand alone."""
    return (position for position in whole_characters(text) if text[position].isalpha())


def words(text: str) -> Iterator[tuple[int, int]]:
    """Where each word begins and ends: whatever stands between white space.

    A mark that combines with white space belongs to neither word, so there may be fewer words than
    `str.split` finds, and never two of them within one of its.
    """
    runs = groupby(clusters(text), key=lambda span: bool(_SPACE.search(text, *span)))
    for is_space, run in runs:
        if not is_space:
            spans = list(run)
            yield spans[0][0], spans[-1][1]


def spelled(text: str) -> Iterator[tuple[int, int]]:
    """Where each word made of letters alone begins and ends; not the parts of don't, well-known or R2D2."""
    ends = {0, *(end for _, end in clusters(text))}
    for match in _SPELLED.finditer(text):
        if match.start() in ends and match.end() in ends:
            yield match.span()


def neighbouring(positions: Iterable[int]) -> Iterator[int]:
    """Those of the rising `positions` whose next one follows at once."""
    return (first for first, second in pairwise(positions) if second == first + 1)


def substitutions(
    text: str, rng: random.Random, choices: Mapping[str, Sequence[str]] | Callable[[str], Sequence[str]]
) -> Iterator[Edit]:
    """For every character that stands alone and has `choices`, one of them in its place."""
    look_up = choices if callable(choices) else lambda character: choices.get(character, "")
    for position in whole_characters(text):
        if found := look_up(text[position]):
            yield Edit(position, position + 1, rng.choice(found))
