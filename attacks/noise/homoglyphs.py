"""Homoglyphs: letters that look alike and are not."""

import random
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import substitutions
from attacks.noise.sources import BOUCHER

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


NOISES: tuple[Noise, ...] = (Homoglyphs(),)
