"""Where a text may be edited without tearing what a reader sees as one character."""

import random
import unicodedata
from collections.abc import Callable

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


def substitute(text: str, count: int, rng: random.Random, choices: Callable[[str], str]) -> str:
    """Replaces up to `count` whole characters, each by one of `choices(character)` (none: leave it)."""
    candidates = [position for position in whole_characters(text) if choices(text[position])]
    rng.shuffle(candidates)
    characters = list(text)
    for position in candidates[:count]:
        characters[position] = rng.choice(choices(text[position]))
    return "".join(characters)
