"""Spacing: white space lost, added, doubled, or turned into the end of a line."""

import random
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import letters, neighbouring, whole_characters
from attacks.noise.sources import GRONDAHL, HELM, ZEROE


def _gaps(text: str) -> Iterator[int]:
    """The positions of single white-space characters between two others that are none."""
    for position in whole_characters(text):
        around = text[max(0, position - 1) : position] + text[position + 1 : position + 2]
        if text[position].isspace() and len(around) == 2 and not any(map(str.isspace, around)):
            yield position


class LostSpaces(Noise):
    """Runs words together."""

    entry = noise_entry(
        "lost-spaces",
        "Lost spaces",
        "Words run together: the space between them is gone.",
        GRONDAHL,
        "Spacing",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every single white-space character between two words, taken away."""
        return (Edit(position, position + 1, "") for position in _gaps(text))


class AddedSpaces(Noise):
    """Tears words apart."""

    entry = noise_entry(
        "added-spaces",
        "Added spaces",
        "Words are torn apart by a space between two letters.",
        GRONDAHL,
        "Spacing",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """A space between every two neighbouring letters."""
        return (Edit(first + 1, first + 1, " ") for first in neighbouring(letters(text)))


class RepeatedSpaces(Noise):
    """Widens the space between words."""

    entry = noise_entry(
        "repeated-spaces",
        "Repeated spaces",
        "The space between two words is typed more than once.",
        HELM,
        "Spacing",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """One to three spaces more beside every single white-space character between two words."""
        for position in _gaps(text):
            more = rng.randint(1, 3)
            yield Edit(position + 1, position + 1, " " * more, units=more)


class LineBreaks(Noise):
    """Breaks lines between words, as text does that was copied from a narrow column."""

    entry = noise_entry(
        "line-breaks",
        "Line breaks",
        "The space between two words becomes the end of a line, as in text copied from a narrow column.",
        ZEROE,
        "Spacing",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every single space between two words, as the end of a line."""
        return (Edit(position, position + 1, "\n") for position in _gaps(text) if text[position] != "\n")


NOISES: tuple[Noise, ...] = (LostSpaces(), AddedSpaces(), RepeatedSpaces(), LineBreaks())
