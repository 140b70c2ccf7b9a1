"""Noise: random edits that a careless or hostile hand might make, at five severities.

A severity is a target share of the characters or words (`attacks.noise.base.SHARES`), at least one edit,
where the text has that many that a noise can edit. The share really edited is measured and stored with
every outcome. The edits at a lower severity are among those at a higher one.
"""

import hashlib
import random
from itertools import chain, zip_longest

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
from corpora.examples import PAIR_MARK

__all__ = ["NOISES", "SHARES", "Noise", "applicable", "perturb", "random_numbers", "slight"]

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


def slight(text: str) -> list[str]:
    """Different copies of a text with as little noise as there is, by every noise that keeps the right label.

    The kinds of noise (`Entry.family`) take turns, so the first few copies differ in kind. Of a pair of texts
    only the first that can be changed is. The same text has the same copies.
    """
    kinds: dict[str, list[str]] = {}
    for name, noise in NOISES.items():
        if noise.entry.available and not noise.entry.may_break:
            kinds.setdefault(noise.entry.family, []).append(name)
    first, mark, second = text.partition(PAIR_MARK)
    found = []
    for name in filter(None, chain.from_iterable(zip_longest(*kinds.values()))):
        if applicable(first, name):
            found.append(perturb(first, name, 1, 0) + mark + second)
        elif applicable(second, name):
            found.append(first + mark + perturb(second, name, 1, 0))
    return list(dict.fromkeys(found))
