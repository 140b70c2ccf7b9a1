"""What every noise is: a list of edits that it could make, of which a severity decides how many it makes."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from attacks.entry import Entry

Unit = Literal["characters", "words"]

#: From severity to the target share of edited units.
SHARES: dict[Unit, dict[int, float]] = {
    "characters": {1: 0.02, 2: 0.05, 3: 0.10, 4: 0.15, 5: 0.25},
    "words": {1: 0.05, 2: 0.10, 3: 0.20, 4: 0.35, 5: 0.50},
}


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` becomes `new`; it counts as `units` edited characters or words."""

    start: int
    end: int
    new: str
    units: int = 1


class Noise(ABC):
    """One noise: what the registry shows, and the edits it could make to a text.

    A severity is a target share of `unit`s, at least one. Random numbers come from the caller, a stream of
    its own for each (text, noise, seed) whatever the severity: all possible edits are drawn first and put
    in one random order, so the edits at a lower severity are among those at a higher one.
    """

    entry: ClassVar[Entry]
    unit: ClassVar[Unit] = "characters"

    @abstractmethod
    def edits(self, text: str, rng: random.Random) -> Sequence[Edit]:
        """Every edit that it could make, in the text's order; some may overlap, each changes the text."""

    def applicable(self, text: str) -> bool:
        """Whether there is anything in the text that it could edit."""
        return bool(self.edits(text, random.Random(0)))

    def perturb(self, text: str, severity: int, rng: random.Random) -> str:
        """The text with its share of edits; the same text where it has nothing to edit."""
        budget = max(1, round(SHARES[self.unit][severity] * self.size(text)))
        edits = list(self.edits(text, rng))
        rng.shuffle(edits)
        return applied(text, chosen(edits, budget))

    def size(self, text: str) -> int:
        """How many units the text has."""
        return len(text) if self.unit == "characters" else len(text.split())


def chosen(edits: Sequence[Edit], budget: int) -> list[Edit]:
    """The first edits that do not touch each other, of `budget` units together (at least one edit)."""
    taken: list[Edit] = []
    spent = 0
    for edit in edits:
        if taken and spent + edit.units > budget:
            break
        if all(edit.end <= other.start or other.end <= edit.start for other in taken):
            taken.append(edit)
            spent += edit.units
    return taken


def applied(text: str, edits: Sequence[Edit]) -> str:
    """The text with edits made that do not touch each other."""
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text
