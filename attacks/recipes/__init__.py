"""Attack recipes: TextAttack's own, each built for one example around any classifier."""

from attacks.recipes import characters, deletions, synonyms
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup

__all__ = ["RECIPES", "Recipe", "Setup"]

RECIPES = {
    recipe.entry.name: recipe for recipe in (*characters.RECIPES, *synonyms.RECIPES, *deletions.RECIPES)
}
