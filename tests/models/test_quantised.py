import numpy as np
import pytest
import torch

from analysis.attribution import METHODS, AttributionError, attribute, unusable
from attacks.entry import AttackError
from attacks.gradients import white_box
from corpora import loading as corpora_loading
from models import loading
from models.batching import one_thread
from models.classifier import ModelError
from models.quantised import int8
from tests.models import tiny


@pytest.fixture(scope="module")
def full():
    return loading.load("bundled:sentiment", device="cpu")


@pytest.fixture(scope="module")
def copy():
    return loading.load("bundled:sentiment", device="cpu", dtype="int8")


def test_a_copy_answers_nearly_the_same_and_is_another_model(full, copy):
    texts = corpora_loading.load("bundled:reviews").texts[:24]
    expected, found = full.probabilities(texts), copy.probabilities(texts)
    assert 0 < np.abs(expected - found).max() < 0.3
    assert (expected.argmax(axis=1) == found.argmax(axis=1)).mean() >= 0.95
    assert copy.fingerprint != full.fingerprint and copy.is_steady
    assert (copy.precision, full.precision) == ("int8", "float32")


def test_its_memory_counts_the_packed_weights(full, copy):
    linear = [part for part in full.module.modules() if type(part) is torch.nn.Linear]
    weights = sum(part.weight.numel() for part in linear)
    assert copy.parameters == full.parameters
    assert full.memory_bytes - copy.memory_bytes == 3 * weights


def test_in_one_thread_an_answer_is_the_same_in_any_company(copy):
    texts = corpora_loading.load("bundled:reviews").texts[:12]
    with one_thread():
        together = copy.logits(texts)
        assert (np.vstack([copy.logits([text]) for text in texts]) == together).all()
        assert (copy.logits(texts[::-1]) == together[::-1]).all()


@pytest.mark.parametrize("family", ["distilbert", "roberta"])
def test_other_families_are_quantised_too(family, tmp_path):
    folder = str(tiny.save(tmp_path / family, family, ("no", "yes")))
    full, copy = loading.load(folder, device="cpu"), loading.load(folder, device="cpu", dtype="int8")
    texts = ["a good film", "the plot was dull"]
    np.testing.assert_allclose(copy.logits(texts), full.logits(texts), atol=0.1)
    assert copy.memory_bytes < full.memory_bytes


def test_what_has_hardly_a_linear_layer_is_not_quantised(tmp_path):
    model = loading.load(str(tiny.save(tmp_path / "gpt2", "gpt2", ("no", "yes"))), device="cpu")
    with pytest.raises(ModelError, match="in linear layers that PyTorch can quantise"):
        int8(model)


def test_attacks_that_follow_gradients_say_what_they_need(copy):
    with pytest.raises(AttackError, match="not quantised"):
        white_box(copy)


def test_attributions_that_need_more_than_answers_say_so(copy):
    with pytest.raises(AttributionError, match="An int8 copy has no gradients"):
        attribute(copy, "a dull film", "gradient-input")
    assert set(METHODS) - set(unusable(copy)) == {"occlusion", "lime", "kernel-shap", "shapley-sampling"}
