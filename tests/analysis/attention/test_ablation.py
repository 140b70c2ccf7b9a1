"""Heads removed and heads weighed, against zeroed projections and finite differences."""

import copy

import numpy as np
import pytest
import torch

from analysis.attention import attend, importance, parts, scaled, without_each
from models.batching import pad
from models.classifier import ModelError
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXT = "It was never dull."
#: Where each family's attention block of layer 0 puts its heads together.
PROJECTIONS = {
    "bert": "bert.encoder.layer.0.attention.output.dense",
    "roberta": "roberta.encoder.layer.0.attention.output.dense",
    "mpnet": "mpnet.encoder.layer.0.attention.attn.o",
    "distilbert": "distilbert.transformer.layer.0.attention.out_lin",
    "electra": "electra.encoder.layer.0.attention.output.dense",
    "deberta-v2": "deberta.encoder.layer.0.attention.output.dense",
    "modernbert": "model.layers.0.attn.Wo",
    "gpt2": "transformer.h.0.attn.c_proj",
    "llama": "model.layers.0.self_attn.o_proj",
    "qwen2": "model.layers.0.self_attn.o_proj",
    "mistral": "model.layers.0.self_attn.o_proj",
    "opt": "model.decoder.layers.0.self_attn.out_proj",
    "gpt_neox": "gpt_neox.layers.0.attention.dense",
    "t5": "transformer.encoder.block.0.layer.0.SelfAttention.o",
    "bart": "model.encoder.layers.0.self_attn.out_proj",
}
PARTS = {
    ("t5", "decoder"): "transformer.decoder.block.1.layer.0.SelfAttention.o",
    ("t5", "cross"): "transformer.decoder.block.1.layer.1.EncDecAttention.o",
    ("bart", "cross"): "model.decoder.layers.0.encoder_attn.out_proj",
}


def in_double(family):
    one = tiny.classifier(family)
    module = copy.deepcopy(one.module).double()
    return TransformerClassifier(module, one.tokenizer, reference=family, weights=f"{family} double")


def with_input_zeroed(classifier, path):
    module = classifier.module.get_submodule(path)
    hook = module.register_forward_pre_hook(lambda _, args: (torch.zeros_like(args[0]),))
    try:
        return classifier.logits([TEXT])[0]
    finally:
        hook.remove()


@pytest.mark.parametrize(
    ("family", "part", "path"),
    [(family, None, path) for family, path in PROJECTIONS.items()]
    + [(family, part, path) for (family, part), path in PARTS.items()],
)
def test_a_layer_without_its_heads_is_one_whose_projection_is_fed_nothing(family, part, path):
    classifier = tiny.classifier(family)
    layers, heads = attend(classifier, TEXT, part).weights.shape[:2]
    scales = np.ones((3, layers, heads))
    scales[1, 0 if part is None else layers - 1] = 0
    scales[2, :, 1] = 0
    whole, without, others = scaled(classifier, TEXT, scales, part)
    np.testing.assert_allclose(whole, classifier.logits([TEXT])[0], atol=1e-5)
    np.testing.assert_allclose(without, with_input_zeroed(classifier, path), atol=1e-5)
    assert np.abs(without - whole).max() > 1e-4
    assert not np.allclose(others, without)


def test_layers_that_share_their_weights_lose_their_heads_one_by_one():
    """ALBERT's layers are one module: each call of it is a layer of its own."""
    classifier = tiny.classifier("albert")
    found = without_each(classifier, TEXT)
    assert found.shape == (2, 4, 3)
    assert len(np.unique(found.reshape(8, 3).round(6), axis=0)) == 8


def test_progress_is_told_and_may_stop_the_work():
    seen: list[tuple[int, int]] = []
    without_each(tiny.classifier("bert"), TEXT, on_progress=lambda *counts: seen.append(counts))
    assert seen[-1] == (8, 8)


def test_xlnets_heads_go_as_if_their_slice_of_the_projection_were_nothing():
    classifier = tiny.classifier("xlnet")
    text = pad(classifier.tokenizer, classifier.encode([TEXT]), "cpu")
    found = without_each(classifier, TEXT)
    for layer, head in np.ndindex(found.shape[:2]):
        module = copy.deepcopy(classifier.module)
        with torch.no_grad():
            whole = module(**text).logits[0]
            module.transformer.layer[layer].rel_attn.o[:, head] = 0
            without = module(**text).logits[0]
        np.testing.assert_allclose(found[layer, head], without, atol=1e-5)
        assert (without - whole).abs().max() > 1e-4


def test_a_family_whose_heads_cannot_be_reached_says_so_in_one_line():
    with pytest.raises(ModelError, match="cannot be removed one by one") as caught:
        without_each(tiny.classifier("canine"), TEXT)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("family", "part"), [("bert", None), ("llama", None), ("t5", "cross"), ("t5", "encoder")]
)
def test_a_heads_effect_is_the_derivative_by_a_factor_on_its_output(family, part):
    """Sum of weights times gradients on one side, central differences of the scaled model on the other."""
    classifier = in_double(family)
    found = importance(classifier, TEXT, 2, 0, part)
    layers, heads = found.effect.shape
    # Llama's and T5's norms compute in single precision whatever the model's.
    step, close = (1e-4, 1e-4) if family == "bert" else (1e-3, 5e-3)
    moved = np.eye(layers * heads).reshape(-1, layers, heads) * step
    up, down = (scaled(classifier, TEXT, 1 + sign * moved, part) for sign in (1, -1))
    slopes = ((up - down)[:, 2] - (up - down)[:, 0]) / (2 * step)
    np.testing.assert_allclose(found.effect.ravel(), slopes, rtol=close, atol=close * np.abs(slopes).max())
    logits = classifier.logits([TEXT])[0]
    assert found.answer == pytest.approx(logits[2] - logits[0], rel=1e-5)


def test_relevance_keeps_what_spoke_for_the_answer():
    classifier = tiny.classifier("bert")
    one, other = importance(classifier, TEXT, 2, 0), importance(classifier, TEXT, 0, 2)
    np.testing.assert_allclose(one.effect, -other.effect, atol=1e-6)
    count = len(classifier.encode([TEXT])[0])
    np.testing.assert_allclose((one.relevance - other.relevance) * count, one.effect, atol=1e-5)


def test_hooks_are_gone_afterwards():
    classifier = tiny.classifier("bert")
    without_each(classifier, TEXT)
    importance(classifier, TEXT, 0, 1)
    modules = [*classifier.module.modules(), *classifier.eager().module.modules()]
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in modules)


def test_encoder_decoders_have_three_parts():
    assert parts(tiny.classifier("t5")) == ("encoder", "decoder", "cross")
    assert parts(tiny.classifier("bert")) == ("self",)
