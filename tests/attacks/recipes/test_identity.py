"""Each recipe against TextAttack alone: outcome, text and number of queries of twenty examples."""

import pytest

from attacks import engine
from attacks.answers import rounded
from attacks.registry import entry
from tests.attacks.alone import alone
from tests.attacks.doubles import WordCounter

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
RECIPES = ("pwws", "textfooler-local")


def wrapped():
    """The test double as TextAttack sees a model, with nothing of the engine but its rounding."""
    from attacks.resources import import_textattack

    import_textattack()
    from textattack.models.wrappers import ModelWrapper

    class Wrapper(ModelWrapper):
        model = None

        def __call__(self, texts):
            return rounded(WordCounter().probabilities(list(texts)))

    return Wrapper()


def compared(outcomes):
    return [(outcome.status, outcome.perturbed, outcome.queries) for outcome in outcomes]


@pytest.mark.parametrize("recipe", RECIPES)
def test_twenty_examples_are_as_textattack_alone(recipe):
    found = entry(recipe)
    if not found.available:
        pytest.skip(found.remedy)
    targets = [int(row.argmax()) for row in WordCounter().probabilities(TEXTS)]
    targets[-1] = 1 - targets[-1]
    wrapper = wrapped()
    expected = [alone(recipe, wrapper, *pair, seed=3) for pair in zip(TEXTS, targets, strict=True)]
    assert {"succeeded", "skipped"} <= {status for status, _, _ in expected}
    for concurrency in (1, 7, 64):
        outcomes = engine.run(recipe, None, WordCounter(), TEXTS, targets, seed=3, concurrency=concurrency)
        assert [outcome.error for outcome in outcomes] == [None] * len(TEXTS)
        assert compared(outcomes) == expected
