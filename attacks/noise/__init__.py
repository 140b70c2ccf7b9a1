"""Noise: random edits that a careless or hostile hand might make, at five severities.

A severity is a target share of the characters or words (`attacks.noise.base.SHARES`), at least one edit,
where the text has that many that a noise can edit. The share really edited is measured and stored with
every outcome. The edits at a lower severity are among those at a higher one.
"""

import hashlib
import random

from attacks.noise import (
    accents,
    casing,
    contractions,
    emoji,
    invisible,
    keyboard,
    lookalikes,
    names,
    numbers,
    ocr,
    punctuation,
    sentences,
    shorthand,
    slips,
    sounds,
    spacing,
    spelling,
    synonyms,
    words,
)
from attacks.noise.base import SHARES, Noise

__all__ = ["NOISES", "SHARES", "Noise", "applicable", "perturb", "random_numbers"]

#: Those that edit characters, then those that edit words.
_MODULES = (
    *(keyboard, slips, ocr, casing, punctuation, spacing, accents, lookalikes, invisible, emoji),
    *(spelling, sounds, contractions, shorthand, words, sentences, numbers, names, synonyms),
)
#: Every noise by name, in the order in which they are shown.
NOISES: dict[str, Noise] = {noise.entry.name: noise for module in _MODULES for noise in module.NOISES}


def random_numbers(text: str, name: str, seed: int) -> random.Random:
    """Random numbers of their own for (text, noise, seed), the same in any process and any order.

    The severity is left out on purpose: that is what makes a lower severity's edits part of a
    higher one's.
    """
    key = f"{name}\x1f{seed}\x1f{text}".encode("utf-8", "surrogatepass")
    return random.Random(int.from_bytes(hashlib.sha256(key).digest(), "big"))


def perturb(text: str, name: str, severity: int, seed: int) -> str:
    """The text under the noise called `name`, fully decided by the four arguments."""
    return NOISES[name].perturb(text, severity, random_numbers(text, name, seed))


def applicable(text: str, name: str) -> bool:
    """Whether the text has anything that the noise could edit."""
    return NOISES[name].applicable(text)
