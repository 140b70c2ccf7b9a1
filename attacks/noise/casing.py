"""Casing: letters in another case than they were written."""

import random
from abc import abstractmethod
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import substitutions, words
from attacks.noise.sources import HATECHECK, HELM, NL_AUGMENTER

MAYHEW = "Mayhew et al. (2019), ner and pos when nothing is capitalized"


def other_case(character: str) -> str:
    """The letter in its other case, or nothing where that is not one letter that leads back (ß, ı)."""
    other = character.swapcase()
    return other if other != character and len(other) == 1 and other.swapcase() == character else ""


class RandomCasing(Noise):
    """Flips the case of single letters."""

    entry = noise_entry(
        "casing",
        "Random casing",
        "Letters change between upper and lower case.",
        HATECHECK,
        "Casing",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter in its other case."""
        return substitutions(text, rng, other_case)


class _WordCasing(Noise):
    """Writes whole words in another case."""

    unit = "words"

    @abstractmethod
    def recased(self, word: str) -> str:
        """The word in the other case; the same word where it is to be left alone."""

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every word that would look different."""
        for start, end in words(text):
            word = text[start:end]
            if (new := self.recased(word)) != word:
                yield Edit(start, end, new)


class LowerCase(_WordCasing):
    """Writes words with capitals in lower case, names and acronyms too."""

    entry = noise_entry(
        "lower-case",
        "Lower case",
        "Words that have capitals are written in lower case, names and acronyms too.",
        HELM,
        "Casing",
    )

    def recased(self, word: str) -> str:
        """The word in lower case."""
        return word.lower()


class UpperCase(_WordCasing):
    """Writes words in capitals."""

    entry = noise_entry(
        "upper-case",
        "Upper case",
        "Words are written in CAPITALS, as by somebody who shouts.",
        NL_AUGMENTER,
        "Casing",
    )

    def recased(self, word: str) -> str:
        """The word in upper case."""
        return word.upper()


class LostCapitals(_WordCasing):
    """Takes the capitals of sentences' beginnings and names, and leaves those of acronyms."""

    entry = noise_entry(
        "lost-capitals",
        "Lost capitals",
        "Sentences and names begin without their capital; words all in capitals stay.",
        MAYHEW,
        "Casing",
    )

    def recased(self, word: str) -> str:
        """The word in lower case, unless two or more of its letters are capitals and none is small."""
        capitals = sum(letter.isupper() for letter in word)
        return word if capitals > 1 and word.isupper() else word.lower()


NOISES: tuple[Noise, ...] = (RandomCasing(), LowerCase(), UpperCase(), LostCapitals())
