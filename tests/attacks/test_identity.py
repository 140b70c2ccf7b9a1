"""The engine against TextAttack run alone, example by example."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest
import torch

from attacks import engine
from attacks.answers import rounded
from attacks.limits import Limits
from tests.attacks.alone import RECIPES, alone
from tests.attacks.doubles import WordCounter

TEXTS = (
    "The acting was good, but nobody would call the story great.",
    "An awful mess of a film with great actors.",
    "Superb, I say!",
    "Cash and cash again: the same dull trick, twice.",
    "I can't recommend it to anyone who isn't paid to watch.",
    "It isn't bad. It isn't good either.",
    "Señor Müller loved the naïve café scene 😀 and so did I",
    "bad",
    "A long walk through wet streets, a good umbrella, and nothing to say about either of them for an hour.",
    "The the the the",
    "Nothing here is dull; everything shines.",
    "😀 👩‍👩‍👧",
    "good, bad",
    "A dull day",
    "Great!",
    "not superb",
    "An awful lot",
    "So it goes",
    "don't, won't, can't",
    "1 of 2 films",
)
recipes = pytest.mark.parametrize("recipe", RECIPES)


def predicted(model, text):
    return int(model.probabilities([text])[0].argmax())


def plain_wrapper(labels=("negative", "positive")):
    """The test double as TextAttack sees a model, with nothing of the engine but its rounding."""
    from attacks.resources import import_textattack

    import_textattack()
    from textattack.models.wrappers import ModelWrapper

    class Wrapper(ModelWrapper):
        model = None

        def __init__(self):
            self.double = WordCounter(labels)

        def __call__(self, texts):
            return rounded(self.double.probabilities(list(texts)))

    return Wrapper()


@pytest.fixture(scope="module")
def wrapper():
    return plain_wrapper


def reference(recipe, wrapper, text, target, **options):
    """TextAttack alone, but for the one text on which its input reduction divides by zero."""
    if recipe == "input-reduction" and not any(map(str.isalnum, text)):
        with pytest.raises(ZeroDivisionError):
            alone(recipe, wrapper, text, target, **options)
        return "failed", text, 1
    return alone(recipe, wrapper, text, target, **options)


def compared(outcomes):
    return [(outcome.status, outcome.perturbed, outcome.queries) for outcome in outcomes]


@recipes
def test_every_example_is_as_textattack_alone_whatever_runs_beside_it(recipe, wrapper):
    targets = [predicted(WordCounter(), text) for text in TEXTS]
    targets[3] = 1 - targets[3]
    expected = [reference(recipe, wrapper(), *pair, seed=11) for pair in zip(TEXTS, targets, strict=True)]
    assert {"succeeded", "skipped"} <= {status for status, _, _ in expected}
    for concurrency in (1, 7, 64):
        outcomes = engine.run(recipe, None, WordCounter(), TEXTS, targets, seed=11, concurrency=concurrency)
        assert compared(outcomes) == expected
    backwards = engine.run(recipe, None, WordCounter(), TEXTS[::-1], targets[::-1], seed=11, concurrency=5)
    assert compared(backwards[::-1]) == expected


@recipes
def test_four_labels_and_numpy_targets(recipe, wrapper):
    labels = ("World", "Sports", "Business", "Sci/Tech")
    targets = np.array([predicted(WordCounter(labels), text) for text in TEXTS])
    expected = [
        reference(recipe, wrapper(labels), text, int(target), seed=0)
        for text, target in zip(TEXTS, targets, strict=True)
    ]
    assert compared(engine.run(recipe, None, WordCounter(labels), TEXTS, list(targets), seed=0)) == expected


@pytest.mark.parametrize("recipe", ["deepwordbug", "pruthi", "input-reduction"])
@pytest.mark.parametrize("budget", [2, 9, 30])
def test_a_budget_cuts_the_search_where_textattack_cuts_it(recipe, budget, wrapper):
    targets = [predicted(WordCounter(), text) for text in TEXTS]
    expected = [
        reference(recipe, wrapper(), text, target, seed=3, budget=budget)
        for text, target in zip(TEXTS, targets, strict=True)
    ]
    outcomes = engine.run(recipe, None, WordCounter(), TEXTS, targets, seed=3, limits=Limits(queries=budget))
    assert compared(outcomes) == expected
    assert max(outcome.queries for outcome in outcomes) <= budget


# Bad characters' search cannot bear a constraint: its goal is limited.
@pytest.mark.parametrize("recipe", ["deepwordbug", "pruthi", "input-reduction"])
@pytest.mark.parametrize("words", [0.1, 0.4])
def test_a_limit_of_words_is_textattacks_search_under_one_constraint_more(recipe, words, wrapper):
    targets = [predicted(WordCounter(), text) for text in TEXTS]
    expected = [
        reference(recipe, wrapper(), text, target, seed=3, words=words)
        for text, target in zip(TEXTS, targets, strict=True)
    ]
    outcomes = engine.run(recipe, None, WordCounter(), TEXTS, targets, seed=3, limits=Limits(words=words))
    assert compared(outcomes) == expected


def test_the_process_keeps_its_own_random_states():
    def states():
        return random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()

    before = states()
    engine.run("deepwordbug", None, WordCounter(), TEXTS, [0] * len(TEXTS), seed=1)
    assert states() == before


def test_seeds_matter():
    found = {
        tuple(compared(engine.run("deepwordbug", None, WordCounter(), TEXTS, [1] * len(TEXTS), seed=seed)))
        for seed in range(4)
    }
    assert len(found) > 1


def test_another_process_with_another_hash_seed_finds_the_same():
    code = (
        "from attacks import engine; from tests.attacks.doubles import WordCounter;"
        "from tests.attacks.test_identity import TEXTS, compared;"
        "print(compared(engine.run('deepwordbug', None, WordCounter(), TEXTS, [0] * len(TEXTS), seed=4))"
        " + compared(engine.run('pruthi', None, WordCounter(), TEXTS, [0] * len(TEXTS), seed=4)))"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONIOENCODING": "utf-8"}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, encoding="utf-8", check=True
    ).stdout
    here = [
        row
        for recipe in ("deepwordbug", "pruthi")
        for row in compared(engine.run(recipe, None, WordCounter(), TEXTS, [0] * len(TEXTS), seed=4))
    ]
    assert printed.strip() == str(here)


@recipes
def test_on_the_bundled_model_all_is_as_with_textattacks_own_wrapper(recipe):
    """The stock wrapper pads every text to the tokenizer's maximum (cut to 32 here, for speed)."""
    import copy

    from attacks.resources import import_textattack
    from models.loading import load

    textattack = import_textattack()
    model = load("bundled:sentiment", device="cpu")
    tokenizer = copy.deepcopy(model.tokenizer)
    tokenizer.model_max_length = 32
    stock = textattack.models.wrappers.HuggingFaceModelWrapper(model.module, tokenizer)
    texts = [text for text in TEXTS[:12] if len(text) < 70]
    assert len(texts) >= 10
    targets = [predicted(model, text) for text in texts]
    expected = [reference(recipe, stock, *pair, seed=5) for pair in zip(texts, targets, strict=True)]
    assert compared(engine.run(recipe, None, model, texts, targets, seed=5, concurrency=7)) == expected
