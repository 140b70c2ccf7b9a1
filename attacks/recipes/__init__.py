"""Attack recipes: TextAttack's own, each built for one example around any classifier."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attacks.entry import Entry
from attacks.recipes import characters, deletions
from attacks.recipes.setup import Setup

__all__ = ["RECIPES", "Recipe", "Setup"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe: what the registry shows, and how TextAttack's attack is built.

    `build` returns a `textattack.Attack` for one example. It is called once an example, after TextAttack
    has been imported.
    """

    entry: Entry
    build: Callable[[Setup], Any]


RECIPES = {entry.name: Recipe(entry, build) for entry, build in (*characters.RECIPES, *deletions.RECIPES)}
