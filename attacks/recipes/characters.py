"""Recipes that edit characters."""

from collections.abc import Callable
from typing import Any

from attacks.entry import Entry
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.words import FLIP, STOP_WORDS


def _deepwordbug(setup: Setup) -> Any:
    from textattack.attack_recipes import DeepWordBugGao2018

    return DeepWordBugGao2018.build(setup.wrapper)


def _pruthi(setup: Setup) -> Any:
    from textattack.attack_recipes import Pruthi2019

    return Pruthi2019.build(setup.wrapper)


def _badcharacters(kind: str) -> Callable[[Setup], Any]:
    def build(setup: Setup) -> Any:
        from textattack.attack_recipes import BadCharacters2021

        # The recipe knows only targeted goals for classifiers; the likeliest wrong label is the nearest
        # to an untargeted one. With it, an example that is wrong already is skipped, as elsewhere.
        others = [label for label in range(len(setup.probabilities)) if label != setup.target]
        return BadCharacters2021.build(
            setup.wrapper,
            goal_function_type="targeted_classification",
            perturbation_type=kind,
            allow_skip=True,
            target_class=max(others, key=lambda label: setup.probabilities[label]),
        )

    return build


#: Name, TextAttack's name for the kind, title, description, what may be changed, and the variant.
_BAD_CHARACTERS = (
    (
        "badcharacters",
        "reorderings",
        "Swaps two characters and hides it: control characters make the text look unchanged.",
        ("one hidden swap", "looks the same where Unicode's control characters are obeyed"),
        "",
    ),
    (
        "badcharacters-invisible",
        "invisible",
        "Adds a character that is not drawn.",
        ("one invisible character",),
        "",
    ),
    (
        "badcharacters-deletions",
        "deletions",
        "Adds a character and one that deletes it where the text is drawn.",
        ("one deleted character", "looks the same where Unicode's control characters are obeyed"),
        "",
    ),
    (
        "badcharacters-homoglyphs",
        "homoglyphs",
        "Replaces a letter by one of another script that looks alike.",
        ("one letter",),
        "Bad Characters with Assay's table of look-alike letters, for TextAttack's lacks its own.",
    ),
)


RECIPES = (
    Recipe(
        Entry(
            name="deepwordbug",
            kind="attack",
            family="Characters",
            title="DeepWordBug",
            description="Swaps, replaces, deletes or adds one letter in the words that matter most.",
            paper="Gao et al. (2018), Black-box Generation of Adversarial Text Sequences to Evade Deep "
            "Learning Classifiers",
            goal=FLIP,
            constraints=("at most 30 character edits", "each word once", STOP_WORDS),
        ),
        _deepwordbug,
    ),
    Recipe(
        Entry(
            name="pruthi",
            kind="attack",
            family="Characters",
            title="One misspelling (Pruthi)",
            description="Tries every simple typo inside one word: swap, deletion, insertion, neighbour key.",
            paper="Pruthi et al. (2019), Combating Adversarial Misspellings with Robust Word Recognition",
            goal=FLIP,
            constraints=(
                "one word",
                "words of four letters or more",
                "first and last letter stay",
                STOP_WORDS,
            ),
            fast=False,
        ),
        _pruthi,
    ),
    *(
        Recipe(
            Entry(
                name=name,
                kind="attack",
                family="Characters",
                title=f"Bad Characters ({kind})",
                description=description,
                paper="Boucher et al. (2022), Bad Characters: Imperceptible NLP Attacks",
                goal="Make the model give its likeliest wrong label.",
                constraints=constraints,
                variant=variant,
                fast=False,
            ),
            _badcharacters(kind),
        )
        for name, kind, description, constraints, variant in _BAD_CHARACTERS
    ),
)
