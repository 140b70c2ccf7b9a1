"""Recipes that replace words by synonyms from WordNet."""

from typing import Any

from attacks.entry import Entry
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import wordnet
from models.classifier import Classifier


def _load(classifier: Classifier) -> None:
    wordnet.load()


def _pwws(setup: Setup) -> Any:
    from textattack.attack_recipes import PWWSRen2019

    return PWWSRen2019.build(setup.wrapper)


RECIPES = (
    Recipe(
        Entry(
            name="pwws",
            kind="attack",
            family="Synonyms",
            title="PWWS",
            description="Replaces words by WordNet's synonyms, those first that matter most and change most.",
            paper="Ren et al. (2019), Generating Natural Language Adversarial Examples through Probability "
            "Weighted Word Saliency",
            goal=FLIP,
            constraints=(EACH_ONCE, STOP_WORDS),
            needs=(wordnet.NEED,),
        ),
        _pwws,
        _load,
    ),
)
