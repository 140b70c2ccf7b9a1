"""Counterfactuals: the same text about somebody else, whose answer should be the same."""

import random
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from attacks.entry import Entry
from attacks.noise import random_numbers


@dataclass(frozen=True, slots=True)
class Swapped:
    """A text after a swap, and the groups it was about before and after; equal texts have no groups."""

    text: str
    group_before: str = ""
    group_after: str = ""


class Counterfactual(ABC):
    """One protected attribute: what the registry shows, and the swap itself."""

    entry: ClassVar[Entry]

    @abstractmethod
    def swap(self, text: str, rng: random.Random) -> Swapped:
        """The text about another group; the same text where it names none."""


#: Every counterfactual by name, in the order in which they are shown.
COUNTERFACTUALS: dict[str, Counterfactual] = {}


def swap(text: str, name: str, seed: int) -> Swapped:
    """The text under the counterfactual called `name`, fully decided by the three arguments."""
    return COUNTERFACTUALS[name].swap(text, random_numbers(text, name, seed))
