"""Recipes that replace words by their neighbours among word vectors, one word at a time."""

from attacks.entry import Entry
from attacks.recipes import variants
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.words import EACH_ONCE, FLIP, STOP_WORDS
from attacks.resources import tagger, word_vectors
from models.classifier import Classifier


def _load(classifier: Classifier) -> None:
    word_vectors.load()
    tagger.pos_tag(["ready"], lang=tagger.TEXTBLOB)


def _textfooler_parts(setup: Setup) -> variants.Parts:
    encoder = {"UniversalSentenceEncoder": variants.encoder(setup)}
    return {**encoder, **variants.embedded(), **variants.tagged()}


RECIPES = (
    Recipe(
        Entry(
            name="textfooler-local",
            kind="attack",
            family="Synonyms",
            title="TextFooler (local)",
            description="Replaces the words that matter most by near neighbours that fit the sentence.",
            paper="Jin et al. (2020), Is BERT Really Robust?",
            goal=FLIP,
            constraints=(
                EACH_ONCE,
                STOP_WORDS,
                "words alike: cosine of 0.5 or more",
                "part of speech stays, nouns and verbs exchangeable",
                "sentences alike: angular similarity of 0.84 or more in texts of fifteen words or more",
            ),
            variant=f"TextFooler with {variants.EMBEDDING}, {variants.ENCODER}, and "
            f"{tagger.TEXTBLOB_VARIANT}.",
        ),
        variants.build_with("textfooler_jin_2019", "TextFoolerJin2019", _textfooler_parts),
        _load,
    ),
)
