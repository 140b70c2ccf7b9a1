"""Every family: the last layer's reading is the model's own answer, and the parts add up to it."""

import copy
from functools import cache

import numpy as np
import pytest
import torch

from analysis.layers import LayerError, Stack, contribute, drift, infer, read_layers
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXT = "the film was not very dull, but it is a good one."
FAMILIES = [family for family in tiny.FAMILIES if family not in ("canine", "gpt2-without-pad")]
WITHOUT_BIAS = {"llama", "mistral", "qwen2"}
LINEAR = {"gpt2", "gpt_neox", "opt", "llama", "qwen2", "mistral"}


@cache
def classifier(family):
    """The tiny model of a family, its biases and norms not left at 0 and 1, where errors would hide."""
    usual = tiny.classifier(family)
    module = copy.deepcopy(usual.module)
    random = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weights in module.parameters():
            if weights.dim() == 1:
                weights.add_(0.3 * torch.randn(weights.shape, generator=random))
    return TransformerClassifier(module, usual.tokenizer, reference=family, weights=family)


def parts_of(stack, target, contrast):
    """What adds up, where it must."""
    found = contribute(stack, target, contrast)
    assert found is not None
    return found


@pytest.fixture(params=FAMILIES)
def stack(request):
    model = classifier(request.param)
    return Stack(model, model.encode([TEXT])[0])


def test_the_last_reading_is_the_models_own_answer_to_the_bit(stack):
    lens = read_layers(stack)
    with torch.no_grad():
        own = stack.module(**stack.inputs).logits[0]
    assert lens.logits.shape == (stack.layers + 1, 3)
    assert np.array_equal(lens.logits[-1], own.double().numpy())
    assert not np.allclose(lens.logits[0], lens.logits[-1], atol=1e-3)


def test_the_parts_add_up_to_the_models_own_difference(stack):
    model = stack.module.config.model_type
    for target, contrast in ((0, 1), (2, None)):
        found = parts_of(stack, target, contrast)
        kinds = 3 if stack.module.config.is_encoder_decoder else 2
        assert len(found.parts) == 1 + kinds * stack.layers
        own = stack.logits[target] - (0 if contrast is None else stack.logits[contrast])
        assert found.total == pytest.approx(float(own), abs=1e-6)
        assert found.exact
        assert abs(found.gap) <= max(0.001 * abs(found.total), 0.001)
        if model in WITHOUT_BIAS:
            assert found.constant == 0
        else:
            assert abs(found.constant) > 1e-4
        if model in LINEAR:  # nothing is approximated there, so nothing but rounding may be amiss
            assert found.linear
            assert found.points == 16
            assert abs(found.gap) < 1e-4


def test_swapping_both_labels_changes_every_sign(stack):
    forward, back = parts_of(stack, 0, 1), parts_of(stack, 1, 0)
    assert [part.score for part in forward.parts] == pytest.approx(
        [-part.score for part in back.parts], rel=1e-3, abs=1e-4
    )


def test_drift_is_what_scipy_calls_the_cosine_distance(stack):
    from scipy.spatial.distance import cosine

    found = drift(stack)
    positions = len(stack.encoded)
    assert found.shape == (stack.layers, positions)
    old, new = (stack.rows(state).double().numpy() for state in stack.states[:2])
    assert found[0, 3] == pytest.approx(cosine(old[3], new[3]), abs=1e-6)


def test_a_family_that_cannot_be_followed_says_so():
    model = tiny.classifier("canine")
    with pytest.raises(LayerError, match=r"canine .*one state for each token"):
        infer(model, TEXT)


def test_the_model_itself_is_left_alone():
    model = classifier("gpt2")
    before = model.logits([TEXT])
    stack = Stack(model, model.encode([TEXT])[0])
    contribute(stack, 0, 1)
    assert np.array_equal(model.logits([TEXT]), before)
    assert stack.module is not model.module
    assert all(
        one.data_ptr() == other.data_ptr()
        for one, other in zip(stack.module.parameters(), model.module.parameters(), strict=True)
    )
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in model.module.modules())


@pytest.mark.parametrize("text", ["", "film", "the " * 200])
@pytest.mark.parametrize("family", ["bert", "llama", "t5", "xlnet"])
def test_empty_short_and_long_texts(family, text):
    found = infer(classifier(family), text)
    assert found.drift.shape == (found.lens.layers, len(found.positions))
    assert found.encoded.truncated == (len(text) > 100)
    assert found.contributions is not None


@pytest.mark.parametrize("family", ["bert", "llama"])
def test_half_precision_adds_up_to_what_its_logits_are_worth(family):
    whole = classifier(family)
    module = copy.deepcopy(whole.module).to(torch.bfloat16)
    half = TransformerClassifier(module, whole.tokenizer, reference="half", weights="half")
    for text in (TEXT, TEXT * 20):
        stack = Stack(half, half.encode([text])[0])
        found = parts_of(stack, 0, 1)
        assert found.tolerance == 0.02
        assert found.exact
