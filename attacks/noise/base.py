"""What every noise is: a list of edits that it could make, of which a severity decides how many it makes."""

import random
from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from attacks.entry import Entry, Need

Unit = Literal["characters", "words"]

#: From severity to the target share of edited units.
SHARES: dict[Unit, dict[int, float]] = {
    "characters": {1: 0.02, 2: 0.05, 3: 0.10, 4: 0.15, 5: 0.25},
    "words": {1: 0.05, 2: 0.10, 3: 0.20, 4: 0.35, 5: 0.50},
}
SEVERITIES = tuple(SHARES["characters"])
GOAL = "See whether the answer survives random edits; nothing is searched for."


def noise_entry(
    name: str,
    title: str,
    description: str,
    paper: str,
    family: str,
    *,
    may_break: str = "",
    needs: tuple[Need, ...] = (),
) -> Entry:
    """What the registry shows of a noise; the fields are those of `attacks.entry.Entry`."""
    return Entry(
        name,
        "noise",
        title,
        description,
        paper,
        GOAL,
        severities=SEVERITIES,
        needs=needs,
        family=family,
        may_break=may_break,
    )


@dataclass(frozen=True, slots=True)
class Edit:
    """`text[start:end]` becomes `new`; it counts as `units` edited characters or words.

    `units` is the edit distance that it adds: 1 for a letter replaced, added or taken away, 2 for two
    letters that change places or for m read as rn.
    """

    start: int
    end: int
    new: str
    units: int = 1


class Noise(ABC):
    """One noise: what the registry shows, and the edits it could make to a text.

    A severity is a target share of `unit`s, at least one. Random numbers come from the caller, a stream of
    its own for each (text, noise, seed) whatever the severity: all possible edits are drawn first and put
    in one random order, so the edits at a lower severity are among those at a higher one.

    Two promises that every noise keeps, also one that overrides `perturb`: where it is `applicable`, every
    severity with every seed changes the text, and elsewhere none does; and each edit begins and ends
    between two characters as a reader sees them (`attacks.noise.positions`).
    """

    entry: Entry
    unit: Unit = "characters"

    @abstractmethod
    def edits(self, text: str, rng: random.Random) -> Iterable[Edit]:
        """Every edit that it could make, in the text's order; some may overlap, each changes the text.

        Where there is an edit does not depend on `rng`, only what it makes of the place.
        """

    def applicable(self, text: str) -> bool:
        """Whether there is anything in the text that it could edit."""
        return any(True for _ in self.edits(text, random.Random(0)))

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
    """The first edits that do not overlap, of as nearly `budget` units together as comes (at least one edit).

    The last one is taken where that comes nearer to the budget, or as near, so the sum exceeds it by half of
    the last edit's units at most, or by those of a single edit. A smaller budget chooses the first of what a
    larger one chooses.
    """
    taken: list[Edit] = []
    spans: list[tuple[int, int]] = []
    spent = 0
    for edit in edits:
        if taken and spent >= budget:
            break
        place = bisect_left(spans, (edit.start, edit.end))
        if (place and spans[place - 1][1] > edit.start) or (
            place < len(spans) and spans[place][0] < edit.end
        ):
            continue
        if taken and spent + edit.units / 2 > budget:
            break
        spans.insert(place, (edit.start, edit.end))
        taken.append(edit)
        spent += edit.units
    return taken


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made that do not overlap; what is put in one place stands in the order given."""
    parts: list[str] = []
    done = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        parts += [text[done : edit.start], edit.new]
        done = edit.end
    return "".join([*parts, text[done:]])
