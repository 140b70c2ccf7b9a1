"""Each recipe against TextAttack alone: outcome, text and number of queries of twenty examples."""

from dataclasses import replace

import pytest

from attacks import engine
from attacks.answers import rounded
from attacks.recipes import RECIPES
from attacks.resources import import_textattack, masked_models
from models.batching import one_thread
from models.loading import load
from tests.attacks.alone import RECIPES as FIRST_RECIPES
from tests.attacks.alone import alone
from tests.attacks.doubles import WordCounter
from tests.models import tiny

#: Written for this test: statements of the length of a headline, with words that every resource knows.
TEXTS = (
    "A good film with a dull ending",
    "The awful weather spoiled a great journey",
    "Superb cooking, bad service",
    "The teacher praised the quick answer of her student",
    "Nothing was as bad as the noise at night",
    "It is a great book about small towns",
    "Dull speeches made the evening long",
    "The doctor gave me good advice",
    "An awful smell filled the old house",
    "Superb paintings hang in every room",
    "He bought a cheap car and lost money",
    "They won the match after a bad start",
    "A dull knife is a dangerous tool",
    "Good friends are hard to find",
    "The market fell while prices rose",
    "This great idea came too late",
    "The actor played an awful king",
    "Children laughed at the strange clown",
    "bad",
    "A quiet street with superb trees",
    "We can't say that it wasn't good",
    "The Company said profits would RISE again",
)
#: The same with names, numbers and contractions, which CheckList's changes need.
NAMED_TEXTS = tuple(
    f"{name}: {text}, it isn't 7" for name, text in zip(("Michael", "France") * 11, TEXTS, strict=True)
)
#: Each with a classifier: a test double, or where gradients are wanted a tiny Transformer.
BLACK_BOX = (
    "pwws",
    "textfooler-local",
    "textbugger-local",
    "checklist-local",
    "badcharacters-invisible",
    "badcharacters-deletions",
    "badcharacters-homoglyphs",
    "alzantot-local",
    "faster-alzantot-local",
    "iga-local",
    "pso-local",
    "leap",
)
MASKED = ("bae-local", "bert-attack-local", "clare-local", "kuleshov-local")
WHITE_BOX = ("a2t-local", "hotflip")


def smaller(attack):
    """The same attack with fewer candidates, a smaller population and fewer rounds."""
    search = attack.search_method
    for name, most in (("pop_size", 3), ("popsize", 2), ("max_iters", 2), ("maxiter", 1), ("beam_width", 2)):
        if hasattr(search, name):
            setattr(search, name, most)
    for part in getattr(attack.transformation, "transformations", [attack.transformation]):
        if hasattr(part, "max_candidates"):
            part.max_candidates = min(part.max_candidates, 5)
    return attack


@pytest.fixture(scope="module")
def tiny_classifier(tmp_path_factory):
    return load(str(tiny.save(tmp_path_factory.mktemp("tiny"), seed=3)), device="cpu")


@pytest.fixture(scope="module")
def untrained():
    """A masked language model whose head has learnt nothing: the mechanics, without the bundled weights."""
    import torch

    from models import masked

    with torch.random.fork_rng():
        torch.manual_seed(0)
        module, tokenizer = masked.bare()
    return module.eval().requires_grad_(False), tokenizer


def wrapped(classifier):
    """A classifier as TextAttack sees a model, with nothing of the engine but its rounding."""
    import_textattack()
    from textattack.models.wrappers import ModelWrapper

    class Wrapper(ModelWrapper):
        model = None

        def __call__(self, texts):
            return rounded(classifier.probabilities(list(texts)))

    return Wrapper()


def compared(outcomes):
    return [(outcome.status, outcome.perturbed, outcome.queries) for outcome in outcomes]


def compare(recipe, classifier, monkeypatch, texts=TEXTS):
    found = RECIPES[recipe]
    if not found.entry.available:
        pytest.skip(found.entry.remedy)
    import_textattack()
    found.prepare(classifier)
    monkeypatch.setitem(RECIPES, recipe, replace(found, build=lambda setup: smaller(found.build(setup))))
    targets = [int(row.argmax()) for row in classifier.probabilities(texts)]
    targets[-1] = 1 - targets[-1]
    expected = [
        alone(recipe, wrapped(classifier), *pair, seed=3, classifier=classifier, change=smaller)
        for pair in zip(texts, targets, strict=True)
    ]
    assert {"succeeded", "skipped"} <= {status for status, _, _ in expected}
    for concurrency in (1, 7, 64):
        outcomes = engine.run(recipe, None, classifier, texts, targets, seed=3, concurrency=concurrency)
        assert [outcome.error for outcome in outcomes] == [None] * len(texts)
        assert compared(outcomes) == expected


def test_every_recipe_is_compared_or_differs_from_one_that_is_in_its_resources_alone():
    compared_here = {*BLACK_BOX, *MASKED, *WHITE_BOX, *FIRST_RECIPES}
    others = {name for name in RECIPES if f"{name}-local" in compared_here}
    assert set(RECIPES) - compared_here - others == {"chinese", "french", "spanish"}


@pytest.mark.parametrize("recipe", BLACK_BOX)
def test_twenty_examples_are_as_textattack_alone(recipe, monkeypatch):
    compare(recipe, WordCounter(), monkeypatch, NAMED_TEXTS if recipe == "checklist-local" else TEXTS)


@pytest.mark.parametrize("recipe", WHITE_BOX)
def test_white_box_recipes_are_as_textattack_alone(recipe, monkeypatch, tiny_classifier):
    with one_thread():
        compare(recipe, tiny_classifier, monkeypatch)


@pytest.mark.parametrize("recipe", MASKED)
def test_recipes_with_a_masked_model_are_as_textattack_alone(recipe, monkeypatch, untrained):
    monkeypatch.setattr(masked_models, "bundled", lambda: untrained)
    need = replace(masked_models.NEED, present=lambda: True)
    entry = replace(RECIPES[recipe].entry, needs=(need,))
    monkeypatch.setitem(RECIPES, recipe, replace(RECIPES[recipe], entry=entry))
    # A masked model is asked once a word: all texts take minutes (and came out equal, when they were tried).
    longest = 4 if recipe == "clare-local" else 6
    texts = [text for text in TEXTS if len(text.split()) <= longest]
    with one_thread():
        compare(recipe, WordCounter(), monkeypatch, texts)
