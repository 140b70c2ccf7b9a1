"""Recipes that change what should not matter: names, places, numbers, contractions. And other languages'."""

from typing import Any

from attacks.entry import Entry
from attacks.recipes import parts
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.variants import build_with
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import labelled, published
from models.classifier import Classifier


def _listed(setup: Setup) -> parts.Parts:
    return parts.named()


def _ready(classifier: Classifier) -> None:
    labelled.names(["Ready"])


_CHECKLIST: dict[str, Any] = {
    "kind": "attack",
    "family": "Invariance",
    "description": "Changes contractions, names of people and places, and numbers, the best each time.",
    "paper": "Ribeiro et al. (2020), Beyond Accuracy: Behavioral Testing of NLP Models with CheckList",
    "goal": FLIP,
    "constraints": (EACH_ONCE,),
}
_OTHER_LANGUAGES = (
    (
        "french",
        "French synonyms",
        "French",
        "french_recipe",
        "FrenchRecipe",
        "TextAttack wants another edition of WordNets than NLTK 3.10 reads, and flair's pickled tagger.",
    ),
    (
        "spanish",
        "Spanish synonyms",
        "Spanish",
        "spanish_recipe",
        "SpanishRecipe",
        "TextAttack wants another edition of WordNets than NLTK 3.10 reads, by a language code that does not "
        "exist, and flair's pickled tagger.",
    ),
    (
        "chinese",
        "Chinese synonyms and homophones",
        "Chinese",
        "chinese_recipe",
        "ChineseRecipe",
        "TextAttack reads its tables in a way that pandas 3 no longer knows, and asks for OpenHowNet's data.",
    ),
)

RECIPES = (
    Recipe(
        Entry(
            name="checklist",
            title="CheckList",
            needs=(
                published.never(
                    "flair's tagger of names",
                    "It comes as a pickle, which is code from a stranger and is not loaded: "
                    "run checklist-local.",
                ),
            ),
            **_CHECKLIST,
        ),
        build_with("checklist_ribeiro_2020", "CheckList2020"),
    ),
    Recipe(
        Entry(
            name="checklist-local",
            title="CheckList (local)",
            variant="CheckList with names and places known by lists instead of flair's tagger.",
            **_CHECKLIST,
        ),
        build_with("checklist_ribeiro_2020", "CheckList2020", _listed),
        _ready,
    ),
    *(
        Recipe(
            Entry(
                name=name,
                kind="attack",
                family="Other languages",
                title=title,
                description=f"Replaces words of a {language} text by synonyms.",
                paper="TextAttack's documentation",
                goal=FLIP,
                constraints=(EACH_ONCE, STOP_WORDS),
                needs=(published.never(f"TextAttack's {language} resources", f"It cannot run: {why}"),),
                fast=False,
            ),
            build_with(module, recipe),
        )
        for name, title, language, module, recipe, why in _OTHER_LANGUAGES
    ),
)
