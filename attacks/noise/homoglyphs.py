"""Homoglyphs: letters that look alike and are not."""

import random

from attacks.entry import Entry
from attacks.noise.base import SHARES, Edit, Noise
from attacks.noise.casing import GOAL
from attacks.noise.positions import substitutions

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

    entry = Entry(
        "homoglyphs",
        "noise",
        "Homoglyphs",
        "Letters become look-alikes from another script, such as Latin a and Cyrillic а.",
        "Unicode Technical Standard 39; Boucher et al. (2022), Bad Characters",
        GOAL,
        severities=tuple(SHARES["characters"]),
        family="Unicode",
    )

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every letter that has a look-alike, as one of them."""
        return substitutions(text, rng, lambda character: CONFUSABLES.get(character, ""))


NOISES: tuple[Noise, ...] = (Homoglyphs(),)
