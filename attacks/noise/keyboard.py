"""Keyboard typos: a neighbouring key is hit instead, on the keyboards that people type on."""

import random
from collections.abc import Iterator

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import substitutions
from attacks.noise.sources import BELINKOV

#: How far each of the three rows of letters is shifted to the right, in keys.
_SHIFTS = (0.0, 0.25, 0.75)

#: The three rows of letters of each keyboard; a key without a letter is a blank.
LAYOUTS: dict[str, tuple[str, str, str]] = {
    "QWERTY": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "AZERTY": ("azertyuiop", "qsdfghjklm", "wxcvbn"),
    "QWERTZ": ("qwertzuiopü", "asdfghjklöä", "yxcvbnm"),
    "Dvorak": ("   pyfgcrl", "aoeuidhtns", " qjkxbmwvz"),
    "ЙЦУКЕН": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
}


def neighbours(rows: tuple[str, ...]) -> dict[str, str]:
    """For every letter those on the keys that touch its own, upper case alike."""
    keys = [
        (key, column + shift, row)
        for row, (row_keys, shift) in enumerate(zip(rows, _SHIFTS, strict=True))
        for column, key in enumerate(row_keys)
        if key != " "
    ]
    table = {}
    for key, x, y in keys:
        touching = "".join(
            other
            for other, other_x, other_y in keys
            if other != key and abs(other_x - x) <= 1 and abs(other_y - y) <= 1
        )
        table[key] = touching
        table[key.upper()] = touching.upper()
    return table


class KeyboardTypos(Noise):
    """Replaces letters by one on a key beside theirs; case is kept, numbers are left alone."""

    def __init__(self, layout: str, name: str, title: str, where: str) -> None:
        self.neighbours = neighbours(LAYOUTS[layout])
        self.entry = noise_entry(name, title, f"Letters become a neighbour on {where}.", BELINKOV, "Spelling")

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every letter of the keyboard, with a neighbour in its place."""
        return substitutions(text, rng, self.neighbours)


NOISES: tuple[Noise, ...] = (
    KeyboardTypos("QWERTY", "keyboard-typos", "Keyboard typos", "a QWERTY keyboard"),
    KeyboardTypos("AZERTY", "keyboard-typos-azerty", "Keyboard typos (AZERTY)", "a French AZERTY keyboard"),
    KeyboardTypos("QWERTZ", "keyboard-typos-qwertz", "Keyboard typos (QWERTZ)", "a German QWERTZ keyboard"),
    KeyboardTypos("Dvorak", "keyboard-typos-dvorak", "Keyboard typos (Dvorak)", "a Dvorak keyboard"),
    KeyboardTypos(
        "ЙЦУКЕН", "keyboard-typos-cyrillic", "Keyboard typos (ЙЦУКЕН)", "a Russian ЙЦУКЕН keyboard"
    ),
)
