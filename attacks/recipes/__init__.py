"""Attack recipes: TextAttack's own, each built for one example around any classifier."""

from attacks.recipes import (
    characters,
    contexts,
    deletions,
    gradients,
    invariances,
    neighbours,
    populations,
    synonyms,
)
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup

__all__ = ["RECIPES", "Recipe", "Setup"]

_MODULES = (characters, synonyms, neighbours, contexts, populations, gradients, invariances, deletions)
RECIPES = {recipe.entry.name: recipe for module in _MODULES for recipe in module.RECIPES}
