"""Character swaps: two neighbouring letters inside a word change places."""

import random

from attacks.entry import Entry
from attacks.noise.base import SHARES, Edit, Noise
from attacks.noise.casing import GOAL
from attacks.noise.keyboard import BELINKOV
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


class CharacterSwaps(Noise):
    """Swaps two neighbouring letters inside a word; each swap edits two characters."""

    entry = Entry(
        "character-swaps",
        "noise",
        "Character swaps",
        "Two neighbouring letters inside a word change places (each swap edits two characters).",
        BELINKOV,
        GOAL,
        severities=tuple(SHARES["characters"]),
        family="Spelling",
    )

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every pair of letters, exchanged."""
        return [Edit(first, first + 2, text[first + 1] + text[first], units=2) for first in _pairs(text)]


NOISES: tuple[Noise, ...] = (CharacterSwaps(),)
