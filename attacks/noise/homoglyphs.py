"""Homoglyphs: letters that look alike and are not."""

import random

from attacks.noise.positions import substitute

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


def edit(text: str, count: int, rng: random.Random) -> str:
    """Replaces up to `count` letters by a look-alike from another script."""
    return substitute(text, count, rng, lambda character: CONFUSABLES.get(character, ""))
