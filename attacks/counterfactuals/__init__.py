"""Counterfactuals: the same text about somebody else, whose answer should be the same."""

from attacks.counterfactuals import age, disability, gender, names, nationality, religion
from attacks.counterfactuals.base import JOIN, Counterfactual, Swapped
from attacks.noise import random_numbers

__all__ = ["COUNTERFACTUALS", "JOIN", "Counterfactual", "Swapped", "swap"]

#: Every counterfactual by name, in the order in which they are shown.
COUNTERFACTUALS: dict[str, Counterfactual] = {
    counterfactual.entry.name: counterfactual
    for module in (gender, names, nationality, religion, age, disability)
    for counterfactual in module.COUNTERFACTUALS
}


def swap(text: str, name: str, seed: int) -> Swapped:
    """The text under the counterfactual called `name`, fully decided by the three arguments."""
    return COUNTERFACTUALS[name].swap(text, random_numbers(text, name, seed))
