"""Recipes that replace words by their neighbours among word vectors, one word at a time."""

from collections.abc import Callable
from typing import Any

from attacks.entry import Entry
from attacks.gradients import white_box
from attacks.recipes import parts
from attacks.recipes.gradients import with_gradients
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.variants import build_with
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import masked_models, published, tagger, word_vectors
from attacks.resources.published import COUNTER_FITTED, UNIVERSAL_ENCODER
from models.classifier import Classifier

_SAME_PART = "part of speech stays"
_NOUN_OR_VERB = f"{_SAME_PART}, nouns and verbs exchangeable"


def ready(classifier: Classifier) -> None:
    """Loads what local variants share."""
    word_vectors.load()
    tagger.pos_tag(["ready"], lang=tagger.TEXTBLOB)


def _load_published(classifier: Classifier) -> None:
    published.load_counter_fitted()


def _local(part: str) -> Callable[[Setup], parts.Parts]:
    """All that is replaced in a local variant; `part` is the recipe's sentence encoder."""

    def replaced(setup: Setup) -> parts.Parts:
        return {part: parts.encoder(setup), **parts.embedded(), **parts.tagged()}

    return replaced


def _with_masked(setup: Setup) -> parts.Parts:
    module, tokenizer = masked_models.bundled()
    return {**parts.embedded(), "GPT2": parts.masked_scores(module, tokenizer)}


def _with_gpt2(setup: Setup) -> parts.Parts:
    from textattack.constraints.grammaticality.language_models import GPT2

    module, tokenizer = published.load_language_model("gpt2", "GPT2LMHeadModel")

    class Shared(GPT2):
        """GPT-2 loaded once, and not for every example."""

        def __init__(self, **options: Any) -> None:
            from textattack.constraints.grammaticality.language_models.language_model_constraint import (
                LanguageModelConstraint,
            )
            from textattack.shared import utils

            self.model, self.tokenizer = module.to(utils.device), tokenizer
            LanguageModelConstraint.__init__(self, **options)

    return {"GPT2": Shared}


def _a2t_ready(classifier: Classifier) -> None:
    white_box(classifier)
    ready(classifier)


def _a2t_published(classifier: Classifier) -> None:
    white_box(classifier)
    published.load_counter_fitted()


_TEXTFOOLER: dict[str, Any] = {
    "kind": "attack",
    "family": "Synonyms",
    "description": "Replaces the words that matter most by near neighbours that fit the sentence.",
    "paper": "Jin et al. (2020), Is BERT Really Robust?",
    "goal": FLIP,
    "constraints": (
        EACH_ONCE,
        STOP_WORDS,
        "words alike: cosine of 0.5 or more",
        _NOUN_OR_VERB,
        "sentences alike: angular similarity of 0.84 or more in texts of fifteen words or more",
    ),
}
_TEXTBUGGER: dict[str, Any] = {
    "kind": "attack",
    "family": "Characters",
    "description": "Tries typos, look-alike letters and near neighbours on the words that matter most.",
    "paper": "Li et al. (2019), TextBugger: Generating Adversarial Text Against Real-world Applications",
    "goal": FLIP,
    "constraints": (EACH_ONCE, STOP_WORDS, "sentences alike: angular similarity of 0.8 or more"),
}
_A2T: dict[str, Any] = {
    "kind": "attack",
    "family": "White box",
    "description": "Replaces words by near neighbours, in the order of the model's gradient "
    "(without dropout, which TextAttack leaves on): few queries.",
    "paper": "Yoo & Qi (2021), Towards Improving Adversarial Training of NLP Models",
    "goal": FLIP,
    "constraints": (
        EACH_ONCE,
        STOP_WORDS,
        "at most a tenth of the words, or four",
        "words alike: cosine of 0.8 or more",
        _SAME_PART,
        "sentences alike: cosine of 0.9 or more",
    ),
}
_KULESHOV: dict[str, Any] = {
    "kind": "attack",
    "family": "Synonyms",
    "description": "Takes the best of all near neighbours of all words, again and again.",
    "paper": "Kuleshov et al. (2018), Adversarial Examples for Natural Language Classification Problems",
    "goal": "Make the model give any other label, the true one at 30 % or less.",
    "constraints": (
        EACH_ONCE,
        STOP_WORDS,
        "at most half of the words",
        "mean word vectors near",
        "the new word at most e² times less likely",
    ),
    "fast": False,
}

RECIPES = (
    Recipe(
        Entry(
            name="textfooler",
            title="TextFooler",
            needs=(COUNTER_FITTED.need, UNIVERSAL_ENCODER.need, tagger.NEED),
            **_TEXTFOOLER,
        ),
        build_with("textfooler_jin_2019", "TextFoolerJin2019"),
        _load_published,
    ),
    Recipe(
        Entry(
            name="textfooler-local",
            title="TextFooler (local)",
            variant=f"TextFooler with {parts.EMBEDDING}, {parts.ENCODER}, and {parts.TAGGER}.",
            **_TEXTFOOLER,
        ),
        build_with("textfooler_jin_2019", "TextFoolerJin2019", _local("UniversalSentenceEncoder")),
        ready,
    ),
    Recipe(
        Entry(
            name="textbugger",
            title="TextBugger",
            needs=(COUNTER_FITTED.need, UNIVERSAL_ENCODER.need),
            **_TEXTBUGGER,
        ),
        build_with("textbugger_li_2018", "TextBuggerLi2018"),
        _load_published,
    ),
    Recipe(
        Entry(
            name="textbugger-local",
            title="TextBugger (local)",
            variant=f"TextBugger with {parts.EMBEDDING}, and {parts.ENCODER}.",
            **_TEXTBUGGER,
        ),
        build_with("textbugger_li_2018", "TextBuggerLi2018", _local("UniversalSentenceEncoder")),
        ready,
    ),
    Recipe(
        Entry(
            name="a2t", title="A2T", needs=(COUNTER_FITTED.need, published.SBERT.need, tagger.NEED), **_A2T
        ),
        build_with("a2t_yoo_2021", "A2TYoo2021", wrapper=with_gradients),
        _a2t_published,
    ),
    Recipe(
        Entry(
            name="a2t-local",
            title="A2T (local)",
            variant=f"A2T with {parts.EMBEDDING}, the MiniLM sentence encoder instead of DistilBERT's, "
            f"and {parts.TAGGER}.",
            **_A2T,
        ),
        build_with("a2t_yoo_2021", "A2TYoo2021", _local("SBERT"), with_gradients),
        _a2t_ready,
    ),
    Recipe(
        Entry(
            name="kuleshov", title="Kuleshov", needs=(COUNTER_FITTED.need, published.GPT2.need), **_KULESHOV
        ),
        build_with("kuleshov_2017", "Kuleshov2017", _with_gpt2),
        _load_published,
    ),
    Recipe(
        Entry(
            name="kuleshov-local",
            title="Kuleshov (local)",
            needs=(masked_models.NEED,),
            variant=f"Kuleshov's attack with {parts.EMBEDDING}, and the bundled masked language model "
            "instead of GPT-2.",
            **_KULESHOV,
        ),
        build_with("kuleshov_2017", "Kuleshov2017", _with_masked),
        ready,
    ),
)
