"""Look-alikes: letters of another script, full-width forms, mathematical letters, figures for letters."""

import random
import string
import unicodedata
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import substitutions
from attacks.noise.sources import BOUCHER, EGER, HATECHECK

#: Sets of letters that most fonts draw (nearly) alike: Latin, Greek, Cyrillic, Armenian. Each pair
#: is a confusable of Unicode Technical Standard 39; the table keeps the ones a reader would miss.
_LOOK_ALIKES = (
    "aа", "cсϲ", "dԁ", "eе", "gɡ", "hһ", "iі", "jј", "lӏ", "nո", "oоο", "pр", "qԛ", "sѕ", "uս", "vν", "wԝ",
    "xх", "yу", "AАΑ", "BВΒ", "CСϹ", "EЕΕ", "GԌ", "HНΗ", "IІΙ", "JЈ", "KКΚ", "MМΜ", "NΝ", "OОΟ", "PРΡ", "SЅ",
    "TТΤ", "VѴ", "WԜ", "XХΧ", "YҮΥ", "ZΖ",
)  # fmt: skip

CONFUSABLES = {
    letter: "".join(other for other in group if other != letter) for group in _LOOK_ALIKES for letter in group
}
#: Visible ASCII characters and their full-width forms.
WIDE = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)}


def _styled() -> dict[str, str]:
    """ASCII letters in each of the styles in which Unicode has them among the mathematical letters."""
    found: dict[str, str] = {}
    for code in range(0x1D400, 0x1D6A4):
        letter = unicodedata.normalize("NFKC", chr(code))
        found[letter] = found.get(letter, "") + chr(code)
    return {letter: styles for letter, styles in found.items() if letter in string.ascii_letters}


STYLED = _styled()

_STAND_INS = {
    "a": "4@", "b": "8", "e": "3", "g": "9", "i": "1!", "l": "1", "o": "0", "s": "5$", "t": "7", "z": "2",
}  # fmt: skip
#: Letters of either case, and the figures and signs that stand for them.
LEET = _STAND_INS | {letter.upper(): signs for letter, signs in _STAND_INS.items()}


class Homoglyphs(Noise):
    """Replaces letters by look-alikes from another script."""

    entry = noise_entry(
        "homoglyphs",
        "Homoglyphs",
        "Letters become look-alikes from another script, such as Latin a and Cyrillic а.",
        f"Unicode Technical Standard 39; {BOUCHER}",
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter that has a look-alike, as one of them."""
        return substitutions(text, rng, CONFUSABLES)


class FullWidth(Noise):
    """Writes letters, figures and marks as wide as ideographs."""

    entry = noise_entry(
        "full-width",
        "Full-width forms",
        "Letters, figures and marks take the wide forms that stand among ideographs: ｆｉｌｍ.",
        "Unicode Standard Annex 11, East Asian Width",
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every visible ASCII character in its wide form."""
        return substitutions(text, rng, WIDE)


class StyledLetters(Noise):
    """Writes letters as mathematical symbols, which social media use for bold and italic type."""

    entry = noise_entry(
        "styled-letters",
        "Styled letters",
        "Letters become mathematical ones, which social media use for bold and script: 𝐟𝒾𝓁𝗺.",
        f"Unicode Technical Report 25; {EGER}",
        "Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every ASCII letter in one of the styles that have it."""
        return substitutions(text, rng, STYLED)


class Leetspeak(Noise):
    """Writes figures and signs in place of the letters that they resemble."""

    entry = noise_entry(
        "leetspeak",
        "Leetspeak",
        "Figures and signs stand for the letters that they resemble: l33t.",
        HATECHECK,
        "Emoji and symbols",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter that has a stand-in, as one of them."""
        return substitutions(text, rng, LEET)


NOISES: tuple[Noise, ...] = (Homoglyphs(), FullWidth(), StyledLetters(), Leetspeak())
