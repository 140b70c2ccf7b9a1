"""Keyboard typos: a neighbouring key is hit instead."""

import random

from attacks.entry import Entry
from attacks.noise.base import SHARES, Edit, Noise
from attacks.noise.casing import GOAL
from attacks.noise.positions import substitutions

BELINKOV = "Belinkov & Bisk (2018), Synthetic and Natural Noise Both Break Neural Machine Translation"

#: The rows of a QWERTY keyboard, each with how far it is shifted to the right, in keys.
_ROWS = (("1234567890", 0.0), ("qwertyuiop", 0.5), ("asdfghjkl", 0.75), ("zxcvbnm", 1.25))


def _neighbours() -> dict[str, str]:
    """For every key those of the same sort (letters, digits) that touch it, upper case alike."""
    keys = [
        (key, column + shift, row)
        for row, (row_keys, shift) in enumerate(_ROWS)
        for column, key in enumerate(row_keys)
    ]
    table = {}
    for key, x, y in keys:
        touching = "".join(
            other
            for other, other_x, other_y in keys
            if other != key
            and abs(other_x - x) <= 1
            and abs(other_y - y) <= 1
            and other.isdigit() == key.isdigit()
        )
        table[key] = touching
        table[key.upper()] = touching.upper()
    return table


NEIGHBOURS = _neighbours()


class KeyboardTypos(Noise):
    """Replaces letters and digits by a key beside them; case is kept."""

    entry = Entry(
        "keyboard-typos",
        "noise",
        "Keyboard typos",
        "Letters and digits become a neighbour on a QWERTY keyboard.",
        BELINKOV,
        GOAL,
        severities=tuple(SHARES["characters"]),
        family="Spelling",
    )

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every key of the table, with a neighbour in its place."""
        return substitutions(text, rng, lambda character: NEIGHBOURS.get(character, ""))


NOISES: tuple[Noise, ...] = (KeyboardTypos(),)
