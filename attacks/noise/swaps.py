"""Character swaps: two neighbouring letters inside a word change places."""

import random

from attacks.noise.positions import whole_characters


def _pairs(text: str) -> list[int]:
    """The positions whose letter differs from the next one's and has the same case as it.

    A capital at a word's start therefore stays where it is, as it does when people mistype.
    """
    whole = set(whole_characters(text))
    return [
        position
        for position in range(len(text) - 1)
        if {position, position + 1} <= whole
        and text[position].isalpha()
        and text[position + 1].isalpha()
        and text[position] != text[position + 1]
        and text[position].isupper() == text[position + 1].isupper()
    ]


def edit(text: str, count: int, rng: random.Random) -> str:
    """Swaps letters until up to `count` characters (two a swap, at least one swap) are edited."""
    pairs = _pairs(text)
    rng.shuffle(pairs)
    characters, moved, swaps_left = list(text), set[int](), max(1, round(count / 2))
    for first in pairs:
        if swaps_left and not {first, first + 1} & moved:
            characters[first], characters[first + 1] = text[first + 1], text[first]
            moved |= {first, first + 1}
            swaps_left -= 1
    return "".join(characters)
