"""Recipes that delete words."""

from typing import Any

from attacks.entry import Entry
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.words import STOP_WORDS


def _input_reduction(setup: Setup) -> Any:
    from textattack.attack_recipes import InputReductionFeng2018

    attack = InputReductionFeng2018.build(setup.wrapper)
    wordless(attack.goal_function)
    return attack


def wordless(goal: Any) -> Any:
    """An input-reduction goal that bears a text without words, such as one of nothing but emoji.

    TextAttack divides by the number of words.
    """
    score = goal._get_score

    def score_or_zero(output: Any, text: Any) -> Any:
        return score(output, text) if goal.initial_attacked_text.num_words else 0.0

    goal._get_score = score_or_zero
    return goal


RECIPES = (
    Recipe(
        Entry(
            name="input-reduction",
            kind="attack",
            family="Words",
            title="Input reduction",
            description="Deletes words for as long as the answer stays: how little text does it rest on?",
            paper="Feng et al. (2018), Pathologies of Neural Models Make Interpretations Difficult",
            goal="Keep the true label's answer with as few words as possible.",
            constraints=(STOP_WORDS, "the answer stays"),
            flips=False,
        ),
        _input_reduction,
    ),
)
