"""Slips of the hand: letters that change places, go missing, come in, or come twice."""

import random
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import letters, neighbouring
from attacks.noise.sources import BELINKOV, PRUTHI, ZEROE


class CharacterSwaps(Noise):
    """Swaps two neighbouring letters inside a word; each swap edits two characters.

    Both have one case: a capital at a word's start stays where it is, as it does when people mistype.
    """

    entry = noise_entry(
        "character-swaps",
        "Character swaps",
        "Two neighbouring letters inside a word change places (each swap edits two characters).",
        BELINKOV,
        "Spelling",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every pair of letters that differ, exchanged."""
        for first in neighbouring(letters(text)):
            a, b = text[first], text[first + 1]
            if a != b and a.isupper() == b.isupper():
                yield Edit(first, first + 2, b + a, units=2)


class CharacterDeletions(Noise):
    """Takes letters away."""

    entry = noise_entry(
        "character-deletions", "Character deletions", "Letters go missing.", PRUTHI, "Spelling"
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter, taken away."""
        return (Edit(position, position + 1, "") for position in letters(text))


class CharacterInsertions(Noise):
    """Adds letters; they are drawn from the text's own, so they fit whatever script it is written in."""

    entry = noise_entry(
        "character-insertions",
        "Character insertions",
        "Letters come in that do not belong there, drawn from the text's own letters.",
        PRUTHI,
        "Spelling",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """A letter of the same case after every letter."""
        found = list(letters(text))
        upper = [text[position] for position in found if text[position].isupper()]
        other = [text[position] for position in found if not text[position].isupper()]
        for position in found:
            new = rng.choice(upper if text[position].isupper() else other)
            yield Edit(position + 1, position + 1, new)


class CharacterRepeats(Noise):
    """Doubles letters, as a key does that is held too long."""

    entry = noise_entry(
        "character-repeats", "Character repeats", "Letters are typed twice.", ZEROE, "Spelling"
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter, once more."""
        return (Edit(position + 1, position + 1, text[position]) for position in letters(text))


NOISES: tuple[Noise, ...] = (
    CharacterSwaps(),
    CharacterDeletions(),
    CharacterInsertions(),
    CharacterRepeats(),
)
