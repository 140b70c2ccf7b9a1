"""Noise: random edits that a careless or hostile hand might make, at three severities.

A severity is a target share of the characters: 2, 5 and 10 percent, at least one edit, where the
text has that many characters a noise can edit. The share really edited is measured and stored with
every outcome. The edits at a lower severity are among those at a higher one.
"""

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass

from attacks.entry import Entry
from attacks.noise import casing, homoglyphs, keyboard, swaps

#: From severity to the target share of edited characters.
SHARES = {1: 0.02, 2: 0.05, 3: 0.10}

#: (text, number of characters to edit, random numbers) to the edited text, equal to `text` where
#: nothing can be edited. With the same random numbers, more edits contain the fewer.
Edit = Callable[[str, int, random.Random], str]


@dataclass(frozen=True, slots=True)
class Noise:
    """One noise: what the registry shows, and the edit itself."""

    entry: Entry
    edit: Edit

    def perturb(self, text: str, severity: int, rng: random.Random) -> str:
        """The text with its share of edits; the same text where it has nothing to edit."""
        return self.edit(text, max(1, round(SHARES[severity] * len(text))), rng)


def _noise(name: str, title: str, description: str, paper: str, edit: Edit) -> Noise:
    goal = "See whether the answer survives random edits; nothing is searched for."
    constraints = ("2, 5 or 10 % of the characters, at least one",)
    return Noise(Entry(name, "noise", title, description, paper, goal, constraints, tuple(SHARES)), edit)


_BELINKOV = "Belinkov & Bisk (2018), Synthetic and Natural Noise Both Break Neural Machine Translation"

NOISES = {
    noise.entry.name: noise
    for noise in (
        _noise(
            "keyboard-typos",
            "Keyboard typos",
            "Letters and digits become a neighbour on a QWERTY keyboard.",
            _BELINKOV,
            keyboard.edit,
        ),
        _noise(
            "character-swaps",
            "Character swaps",
            "Two neighbouring letters inside a word change places (each swap edits two characters).",
            _BELINKOV,
            swaps.edit,
        ),
        _noise(
            "casing",
            "Random casing",
            "Letters change between upper and lower case.",
            "Röttger et al. (2021), HateCheck: Functional Tests for Hate Speech Detection Models",
            casing.edit,
        ),
        _noise(
            "homoglyphs",
            "Homoglyphs",
            "Letters become look-alikes from another script, such as Latin a and Cyrillic а.",
            "Unicode Technical Standard 39; Boucher et al. (2022), Bad Characters",
            homoglyphs.edit,
        ),
    )
}


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
