"""TextAttack run by itself on one example: what the engine must equal."""

from collections.abc import Callable
from typing import Any

import numpy as np

from attacks.outcome import share_of_words
from attacks.resources import import_textattack

RECIPES = ("deepwordbug", "pruthi", "badcharacters", "input-reduction")
STATUSES = {
    "SuccessfulAttackResult": "succeeded",
    "FailedAttackResult": "failed",
    "SkippedAttackResult": "skipped",
    "MaximizedAttackResult": "succeeded",
}


#: As published: the classes of `textattack.attack_recipes` that build themselves around a wrapper.
PUBLISHED = {
    "deepwordbug": "DeepWordBugGao2018",
    "input-reduction": "InputReductionFeng2018",
    "leap": "LEAP2023",
    "pruthi": "Pruthi2019",
    "pwws": "PWWSRen2019",
}
BAD_CHARACTERS = {
    "badcharacters": "reorderings",
    "badcharacters-invisible": "invisible",
    "badcharacters-deletions": "deletions",
    "badcharacters-homoglyphs": "homoglyphs",
}


def stock_attack(recipe: str, wrapper: Any, text: str, target: int, classifier: Any = None) -> Any:
    """The recipe as TextAttack builds it, around any of its model wrappers."""
    import_textattack()
    from textattack import attack_recipes

    if recipe in PUBLISHED:
        return getattr(attack_recipes, PUBLISHED[recipe]).build(wrapper)
    if recipe not in BAD_CHARACTERS:
        return built_here(recipe, wrapper, text, target, classifier)
    scores = np.asarray(wrapper([text]))[0].copy()
    scores[target] = -np.inf
    return attack_recipes.BadCharacters2021.build(
        wrapper,
        goal_function_type="targeted_classification",
        perturbation_type=BAD_CHARACTERS[recipe],
        allow_skip=True,
        target_class=int(scores.argmax()),
    )


def built_here(recipe: str, wrapper: Any, text: str, target: int, classifier: Any = None) -> Any:
    """A recipe of Assay's own, around a wrapper and an encoder that know nothing of the engine."""
    from attacks.recipes import RECIPES, Setup
    from models.encoder import load_encoder

    import_textattack()
    probabilities = tuple(map(float, np.asarray(wrapper([text]))[0]))
    return RECIPES[recipe].build(
        Setup(wrapper, target, probabilities, lambda texts: load_encoder("cpu").vectors(texts), classifier)
    )


def at_most(words: float) -> Any:
    """A constraint on the share of words that change."""
    from textattack.constraints import Constraint

    class AtMost(Constraint):
        def _check_constraint(self, transformed_text: Any, reference_text: Any) -> bool:
            return share_of_words(reference_text.text, transformed_text.text) <= words

    return AtMost(compare_against_original=True)


def alone(
    recipe: str,
    wrapper: Any,
    text: str,
    target: int,
    *,
    seed: int,
    budget: int | None = None,
    words: float | None = None,
    classifier: Any = None,
    change: Callable[[Any], Any] = lambda attack: attack,
) -> tuple[str, str, int]:
    """(status, perturbed text, queries) of TextAttack's own `Attack.attack`, seeded by its own function.

    `change` may make the search smaller. A failed search's last try is not compared: the text counts as
    left alone.
    """
    textattack = import_textattack()
    attack = change(stock_attack(recipe, wrapper, text, target, classifier))
    if budget is not None:
        attack.goal_function.query_budget = budget
    if words is not None:
        attack.constraints.append(at_most(words))
    textattack.shared.utils.set_seed(seed)
    result = attack.attack(text, target)
    status, found = STATUSES[type(result).__name__], result.perturbed_text()
    if status == "succeeded" and found == text:
        status = "failed"
    return status, found if status == "succeeded" else text, result.num_queries
