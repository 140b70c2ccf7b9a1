"""Accents: marks on letters that are left out, or put where none belongs."""

import random
import string
import unicodedata
from collections.abc import Iterator

from rapidfuzz.distance import Levenshtein

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import clusters, substitutions
from attacks.noise.sources import EGER, NL_AUGMENTER

#: The block Combining Diacritical Marks: the accents of the Latin, Greek and Cyrillic scripts. The vowel
#: signs of other scripts are no accents and lie elsewhere.
_FIRST, _LAST = "\u0300", "\u036f"
#: Grave, acute, circumflex, tilde, macron, breve, dot, diaeresis, hook, ring, double acute, caron, comma,
#: cedilla, ogonek.
_ADDED = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u0326\u0327\u0328"


def bare(character: str) -> str:
    """A character as a reader sees it without its accents; the same where it has none or nothing else."""
    apart = unicodedata.normalize("NFD", character)
    left = "".join(sign for sign in apart if not _FIRST <= sign <= _LAST)
    return unicodedata.normalize("NFC", left) if left and left != apart else character


def _accented(letter: str) -> str:
    """The letter under each accent with which Unicode has it as one character."""
    together = (unicodedata.normalize("NFC", letter + accent) for accent in _ADDED)
    return "".join(character for character in together if len(character) == 1)


#: For every letter of the Latin alphabet that can have accents, the letters with them.
ACCENTED = {letter: accented for letter in string.ascii_letters if (accented := _accented(letter))}


class LostAccents(Noise):
    """Leaves accents out."""

    entry = noise_entry(
        "lost-accents",
        "Lost accents",
        "Letters lose their accents: café becomes cafe, Ёлка becomes Елка.",
        NL_AUGMENTER,
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter with accents, without any."""
        for start, end in clusters(text):
            character = text[start:end]
            if not character.isascii() and (new := bare(character)) != character:
                yield Edit(start, end, new, units=Levenshtein.distance(character, new))


class AddedAccents(Noise):
    """Puts accents on letters that have none."""

    entry = noise_entry(
        "added-accents",
        "Added accents",
        "Latin letters get an accent that does not belong there: film becomes fìlm.",
        EGER,
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every bare letter, under one of the accents that it can have."""
        return substitutions(text, rng, ACCENTED)


NOISES: tuple[Noise, ...] = (LostAccents(), AddedAccents())
