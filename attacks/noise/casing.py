"""Random casing: letters change between upper and lower case."""

import random

from attacks.noise.positions import substitute


def _other_case(character: str) -> str:
    """The letter in its other case, or nothing where that is not one letter that leads back (ß, ı)."""
    other = character.swapcase()
    return other if other != character and len(other) == 1 and other.swapcase() == character else ""


def edit(text: str, count: int, rng: random.Random) -> str:
    """Flips the case of up to `count` letters."""
    return substitute(text, count, rng, _other_case)
