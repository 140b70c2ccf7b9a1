"""Recipes whose words come from a masked language model: what would fit here?"""

from typing import Any

from attacks.entry import Entry
from attacks.recipes import parts
from attacks.recipes.neighbours import ready
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.variants import build_with
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import masked_models, published, tagger
from attacks.resources.published import UNIVERSAL_ENCODER
from models.classifier import Classifier

_WINDOW = "in texts of fifteen words or more"
_MODEL = "the bundled masked language model instead of"
#: Tokens that BERT and its kin take.
_LONGEST = 512


def _local(setup: Setup) -> parts.Parts:
    module, tokenizer = masked_models.bundled()
    encoder = {"UniversalSentenceEncoder": parts.encoder(setup)}
    return {**encoder, **parts.tagged(), **parts.masked(module, tokenizer)}


def _bert(setup: Setup) -> parts.Parts:
    return parts.masked(*published.load_language_model(published.BERT.name, "AutoModelForMaskedLM"), _LONGEST)


def _ready(classifier: Classifier) -> None:
    ready(classifier)
    masked_models.bundled()


_BAE: dict[str, Any] = {
    "kind": "attack",
    "family": "Context",
    "description": "Replaces the words that matter most by those that a masked language model expects there.",
    "paper": "Garg & Ramakrishnan (2020), BAE: BERT-based Adversarial Examples (BAE-R)",
    "goal": FLIP,
    "constraints": (
        EACH_ONCE,
        STOP_WORDS,
        "part of speech stays, nouns and verbs exchangeable",
        f"sentences alike: cosine of 0.94 or more {_WINDOW}",
    ),
}
_BERT_ATTACK: dict[str, Any] = {
    "kind": "attack",
    "family": "Context",
    "description": "Replaces the words that matter most by what a masked language model reads there.",
    "paper": "Li et al. (2020), BERT-ATTACK: Adversarial Attack Against BERT Using BERT (eight candidates)",
    "goal": FLIP,
    "constraints": (
        EACH_ONCE,
        STOP_WORDS,
        "at most two fifths of the words",
        "sentences alike: cosine of 0.2 or more",
    ),
}
_CLARE: dict[str, Any] = {
    "kind": "attack",
    "family": "Context",
    "description": "Replaces, inserts and merges words as a masked language model expects.",
    "paper": "Li et al. (2021), Contextualized Perturbation for Textual Adversarial Attack",
    "goal": FLIP,
    "constraints": (EACH_ONCE, STOP_WORDS, f"sentences alike: cosine of 0.7 or more {_WINDOW}"),
    "fast": False,
}

RECIPES = (
    Recipe(
        Entry(
            name="bae", title="BAE", needs=(published.BERT.need, UNIVERSAL_ENCODER.need, tagger.NEED), **_BAE
        ),
        build_with("bae_garg_2019", "BAEGarg2019", _bert),
    ),
    Recipe(
        Entry(
            name="bae-local",
            title="BAE (local)",
            needs=(masked_models.NEED,),
            variant=f"BAE with {_MODEL} BERT, {parts.ENCODER}, and {parts.TAGGER}.",
            **_BAE,
        ),
        build_with("bae_garg_2019", "BAEGarg2019", _local),
        _ready,
    ),
    Recipe(
        Entry(
            name="bert-attack",
            title="BERT-Attack",
            needs=(published.BERT.need, UNIVERSAL_ENCODER.need),
            **_BERT_ATTACK,
        ),
        build_with("bert_attack_li_2020", "BERTAttackLi2020", _bert),
    ),
    Recipe(
        Entry(
            name="bert-attack-local",
            title="BERT-Attack (local)",
            needs=(masked_models.NEED,),
            variant=f"BERT-Attack with {_MODEL} BERT, and {parts.ENCODER}.",
            **_BERT_ATTACK,
        ),
        build_with("bert_attack_li_2020", "BERTAttackLi2020", _local),
        _ready,
    ),
    Recipe(
        Entry(
            name="clare",
            title="CLARE",
            needs=(
                published.never(
                    "flair's tagger",
                    "It comes as a pickle, which is code from a stranger and is not loaded: run clare-local.",
                ),
            ),
            **_CLARE,
        ),
        build_with("clare_li_2020", "CLARE2020"),
    ),
    Recipe(
        Entry(
            name="clare-local",
            title="CLARE (local)",
            needs=(masked_models.NEED,),
            variant=f"CLARE with {_MODEL} DistilRoBERTa, {parts.ENCODER}, and TextBlob's part-of-speech "
            "tagger instead of flair's.",
            **_CLARE,
        ),
        build_with("clare_li_2020", "CLARE2020", _local),
        _ready,
    ),
)
