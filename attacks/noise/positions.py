"""Where a text may be edited without tearing what a reader sees as one character."""

import random
import unicodedata
from collections.abc import Callable

from attacks.noise.base import Edit

_JOINER = "\u200d"


def _joins_the_one_before(character: str) -> bool:
    """Combining marks, variation selectors, joiners and emoji skin tones belong to what precedes them."""
    return (
        character == _JOINER
        or unicodedata.category(character).startswith("M")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def whole_characters(text: str) -> list[int]:
    """The positions of characters that stand alone: nothing combines with them, before or after."""
    return [
        position
        for position, character in enumerate(text)
        if not _joins_the_one_before(character)
        and not (position + 1 < len(text) and _joins_the_one_before(text[position + 1]))
        and not (position and text[position - 1] == _JOINER)
    ]


def substitutions(text: str, rng: random.Random, choices: Callable[[str], str]) -> list[Edit]:
    """For every whole character that has `choices(character)` one of them in its place."""
    return [
        Edit(position, position + 1, rng.choice(choices(text[position])))
        for position in whole_characters(text)
        if choices(text[position])
    ]
