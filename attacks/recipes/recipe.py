"""What a recipe is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from attacks.entry import Entry
from attacks.recipes.setup import Setup
from models.classifier import Classifier


def _nothing(classifier: Classifier) -> None:
    """Most recipes need no more than TextAttack."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One recipe: what the registry shows, and how TextAttack's attack is built.

    `build` returns a `textattack.Attack` for one example. `prepare` is called before the first of them,
    once TextAttack has been imported: it loads what all examples share, which may take a while or draw
    random numbers, and raises AttackError where the recipe cannot attack this classifier. `content` is a hash
    of what a recipe of one's own says, empty for those of the registry.
    """

    entry: Entry
    build: Callable[[Setup], Any]
    prepare: Callable[[Classifier], Any] = _nothing
    content: str = ""
