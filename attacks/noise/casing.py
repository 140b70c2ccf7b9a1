"""Casing: letters in another case than they were written."""

import random

from attacks.entry import Entry
from attacks.noise.base import SHARES, Edit, Noise
from attacks.noise.positions import substitutions

GOAL = "See whether the answer survives random edits; nothing is searched for."


def other_case(character: str) -> str:
    """The letter in its other case, or nothing where that is not one letter that leads back (ß, ı)."""
    other = character.swapcase()
    return other if other != character and len(other) == 1 and other.swapcase() == character else ""


class RandomCasing(Noise):
    """Flips the case of single letters."""

    entry = Entry(
        "casing",
        "noise",
        "Random casing",
        "Letters change between upper and lower case.",
        "Röttger et al. (2021), HateCheck: Functional Tests for Hate Speech Detection Models",
        GOAL,
        severities=tuple(SHARES["characters"]),
        family="Casing",
    )

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every letter in its other case."""
        return substitutions(text, rng, other_case)


NOISES: tuple[Noise, ...] = (RandomCasing(),)
