"""Attack recipes: TextAttack's own, each built for one example around any classifier."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from attacks.entry import Entry
from attacks.recipes import characters, deletions


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe: what the registry shows, and how TextAttack's attack is built.

    `build(wrapper, target, probabilities)` gets a `textattack.models.wrappers.ModelWrapper`, the
    example's true label and the model's answer to its unchanged text; it returns a
    `textattack.Attack`. It is called once an example, after TextAttack has been imported.
    """

    entry: Entry
    build: Callable[[Any, int, Sequence[float]], Any]


RECIPES = {entry.name: Recipe(entry, build) for entry, build in (*characters.RECIPES, *deletions.RECIPES)}
