"""The gradient at the input embeddings against finite differences, family by family."""

import numpy as np
import pytest
import torch

from attacks import engine
from attacks.entry import AttackError
from attacks.gradients import embedding_gradient
from attacks.recipes import gradients
from attacks.recipes.setup import Setup
from models.loading import load
from tests.attacks.doubles import WordCounter
from tests.models import tiny

TEXT = "the film was very good"


@pytest.fixture(scope="module", params=tiny.FAMILIES)
def classifier(request, tmp_path_factory):
    return load(str(tiny.save(tmp_path_factory.mktemp("tiny"), request.param, seed=1)), device="cpu")


def loss(classifier, text, label):
    return -float(np.log(classifier.probabilities([text])[0][label]))


def test_it_is_the_slope_of_the_loss(classifier):
    """The row of a token that occurs once in the table of embeddings is moved a little, to and fro."""
    module = classifier.module.double()
    found = embedding_gradient(classifier, TEXT, 1)
    assert found.loss == pytest.approx(loss(classifier, TEXT, 1), abs=1e-6)
    assert found.rows.shape == (len(found.encoded), classifier.hidden_size)
    ids = found.encoded.ids
    once = [place for place, number in enumerate(ids) if ids.count(number) == 1]
    assert len(once) >= 3
    table = module.get_input_embeddings().weight
    rng = np.random.default_rng(0)
    for place in once[:4]:
        direction = torch.from_numpy(rng.normal(size=table.shape[1]))
        ends = []
        for step in (1e-4, -1e-4):
            with torch.no_grad():
                table[ids[place]] += step * direction
            ends.append(loss(classifier, TEXT, 1))
            with torch.no_grad():
                table[ids[place]] -= step * direction
        slope = (ends[0] - ends[1]) / 2e-4
        assert float(found.rows[place] @ direction.numpy()) == pytest.approx(slope, rel=1e-3, abs=1e-6)
    classifier.module.float()


def test_the_model_is_left_as_it_was(classifier):
    before = classifier.probabilities([TEXT])
    embedding_gradient(classifier, TEXT, 0)
    assert (classifier.probabilities([TEXT]) == before).all()
    assert not classifier.module.training
    assert not any(parameter.requires_grad for parameter in classifier.module.parameters())
    assert not classifier.module.get_input_embeddings()._forward_hooks


def test_first_order_changes_are_of_the_word_that_stands_there(classifier):
    setup = Setup(None, 1, (0.5, 0.5), lambda texts: np.zeros((len(texts), 1), np.float32), classifier)
    start = TEXT.index("good")
    spans = [(start, start + 4), (len(TEXT) + 10, len(TEXT) + 12)]
    changes, beyond = gradients.first_order(setup, TEXT, spans)
    words = gradients.vocabulary(classifier.tokenizer)
    assert len(changes) == len(words) and not len(beyond)
    assert all(word.isalpha() for word in words)
    gradient = embedding_gradient(classifier, TEXT, 1)
    place = next(
        place
        for place, (first, last) in enumerate(gradient.encoded.offsets)
        if first < start + 4 and last > start
    )
    table = classifier.module.get_input_embeddings().weight.double().numpy()
    for index, number in list(enumerate(words.values()))[:20]:
        expected = (table[number] - table[gradient.encoded.ids[place]]) @ gradient.rows[place]
        assert changes[index] == pytest.approx(expected, abs=1e-9)


def test_swaps_that_promise_a_loss_find_more_of_it_than_those_that_promise_a_gain(tmp_path):
    from attacks.resources import import_textattack

    import_textattack()
    from textattack.shared import AttackedText

    model = load(str(tiny.save(tmp_path, "bert", seed=1)), device="cpu")
    setup = Setup(None, 1, (0.5, 0.5), lambda texts: np.zeros((len(texts), 1), np.float32), model)
    swap = gradients.swap_by_gradient(setup, candidates=3, nearest=None)
    made = swap(AttackedText(TEXT))
    assert len(made) >= 5 and all(text.num_words == 5 for text in made)
    before = loss(model, TEXT, 1)
    assert np.mean([loss(model, text.text, 1) for text in made]) > before


def test_a_classifier_without_gradients_is_told_so():
    with pytest.raises(AttackError, match="needs a local Transformer"):
        engine.run("hotflip", None, WordCounter(), ["good"], [1], seed=0)
