"""Characters that a reader does not see: of no width, and controls of the writing direction."""

import random
import unicodedata
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import letters, neighbouring
from attacks.noise.sources import BOUCHER

#: Zero-width space, word joiner, invisible separator, zero-width no-break space. None of them changes the
#: shape of the letters beside it, not in joined scripts either, as the zero-width (non-)joiner would.
ZERO_WIDTH = "\u200b\u2060\u2063\ufeff"
#: From here on letters run from right to left, whatever they are; and the end of that.
_RIGHT_TO_LEFT, _POP = "\u202e", "\u202c"


class InvisibleCharacters(Noise):
    """Puts characters without width between letters."""

    entry = noise_entry(
        "invisible-characters",
        "Invisible characters",
        "Characters of no width come in between letters; the text looks the same.",
        BOUCHER,
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """One between every two neighbouring letters."""
        for first in neighbouring(letters(text)):
            yield Edit(first + 1, first + 1, rng.choice(ZERO_WIDTH))


class BidirectionalControls(Noise):
    """Stores two letters in the wrong order between controls that show them in the right one."""

    entry = noise_entry(
        "bidirectional-controls",
        "Bidirectional controls",
        "Two letters change places between controls that show them in the right order; the text looks the "
        "same (each pair edits three characters).",
        BOUCHER,
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every two neighbouring letters that differ and run from left to right."""
        for first in neighbouring(letters(text)):
            a, b = text[first], text[first + 1]
            if a != b and unicodedata.bidirectional(a) == unicodedata.bidirectional(b) == "L":
                yield Edit(first, first + 2, _RIGHT_TO_LEFT + b + a + _POP, units=3)


NOISES: tuple[Noise, ...] = (InvisibleCharacters(), BidirectionalControls())
