"""Relevance and value zeroing against the papers' arithmetic, written out in loops."""

import math

import numpy as np
import pytest
import torch

from analysis.attention import attend, rollout_to_answer
from analysis.attribution import attribute
from tests.analysis import tiny

TEXT = "A dull film, but unforgettable!"


def test_rollout_is_the_attention_pages():
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, "rollout")
    expected = rollout_to_answer(attend(classifier, TEXT))
    np.testing.assert_allclose(found.token_scores[1:-1], expected[1:-1])


def bert_by_hand(classifier, ids, *, zeroed=None, kept=None):
    """A BERT's forward pass step by step: every layer's attention and output, and the logits.

    With `zeroed` = (layer, position) that position's value is zero in that layer, whose input is `kept`.
    """
    bert = classifier.module.bert
    size = bert.config.hidden_size // bert.config.num_attention_heads
    state = bert.embeddings(ids)
    maps, states = [], []
    for number, layer in enumerate(bert.encoder.layer):
        if zeroed is not None and number == zeroed[0]:
            state = kept
        own = layer.attention.self

        def heads(projected):
            return projected.view(1, -1, bert.config.num_attention_heads, size).transpose(1, 2)

        values = own.value(state)
        if zeroed is not None and number == zeroed[0]:
            values = values.clone()
            values[0, zeroed[1]] = 0
        scores = heads(own.query(state)) @ heads(own.key(state)).transpose(-1, -2) / math.sqrt(size)
        weights = scores.softmax(-1)
        if weights.requires_grad:
            weights.retain_grad()
        mixed = (weights @ heads(values)).transpose(1, 2).reshape(1, -1, bert.config.hidden_size)
        attended = layer.attention.output(mixed, state)
        state = layer.output(layer.intermediate(attended), attended)
        maps.append(weights)
        states.append(state)
        if zeroed is not None and number == zeroed[0]:
            return states[-1]
    return maps, states, classifier.module.classifier(bert.pooler(state))


def test_relevance_is_the_papers_rule_in_loops():
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, "relevance")
    ids = torch.tensor([classifier.encode([TEXT])[0].ids])
    embeddings = classifier.module.get_input_embeddings()
    hook = embeddings.register_forward_hook(lambda _, __, output: output.detach().requires_grad_())
    maps, _, logits = bert_by_hand(classifier, ids)
    hook.remove()
    (logits[0, found.target] - logits[0, found.contrast]).backward()
    count = ids.shape[1]
    flow = [[float(i == j) for j in range(count)] for i in range(count)]
    for weights in maps:
        heads, products = weights.shape[1], (weights.grad * weights)[0].detach()
        mixed = [
            [sum(max(float(products[h, i, j]), 0.0) for h in range(heads)) / heads for j in range(count)]
            for i in range(count)
        ]
        flow = [
            [flow[i][j] + sum(mixed[i][k] * flow[k][j] for k in range(count)) for j in range(count)]
            for i in range(count)
        ]
    np.testing.assert_allclose(found.token_scores[1:-1], flow[0][1:-1], rtol=1e-3, atol=1e-7)


def test_relevance_of_xlnet_is_that_of_the_weights_it_computes_with():
    """It shows copies; the dropout behind each softmax gets the weights themselves."""
    classifier = tiny.classifier("xlnet")
    found = attribute(classifier, TEXT, "relevance")
    module, maps = classifier.eager().module, []

    def keep(_, __, output):
        if output.dim() == 4:
            output.retain_grad()
            maps.append(output)

    ids = torch.tensor([classifier.encode([TEXT])[0].ids])
    hooks = [layer.rel_attn.dropout.register_forward_hook(keep) for layer in module.transformer.layer]
    begin = lambda _, __, output: output.detach().requires_grad_()  # noqa: E731
    hooks.append(module.get_input_embeddings().register_forward_hook(begin))
    logits = module(ids).logits[0]
    for hook in hooks:
        hook.remove()
    (logits[found.target] - logits[found.contrast]).backward()
    flow = np.eye(ids.shape[1])
    for weights in maps:
        mixed = (weights * weights.grad).clamp(min=0).mean(1)[0].detach().numpy()
        flow = flow + mixed @ flow
    assert len(maps) == 2
    pooled = attend(classifier, TEXT).pooled
    np.testing.assert_allclose(found.token_scores[1:-1], flow[pooled][1:-1], rtol=1e-3, atol=1e-7)


def test_value_zeroing_is_the_papers_rule_in_loops():
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, "value-zeroing")
    ids = torch.tensor([classifier.encode([TEXT])[0].ids])
    count = ids.shape[1]
    with torch.no_grad():
        _, states, _ = bert_by_hand(classifier, ids)
        inputs = [classifier.module.bert.embeddings(ids), *states[:-1]]
        flow = np.eye(count)
        for number, (before, after) in enumerate(zip(inputs, states, strict=True)):
            mixing = np.zeros((count, count))
            for j in range(count):
                changed = bert_by_hand(classifier, ids, zeroed=(number, j), kept=before)
                for i in range(count):
                    cosine = torch.cosine_similarity(changed[0, i], after[0, i], dim=0)
                    mixing[i, j] = 1 - float(cosine)
            flow = mixing / mixing.sum(axis=1, keepdims=True) @ flow
    np.testing.assert_allclose(found.token_scores[1:-1], flow[0][1:-1], rtol=5e-3, atol=1e-5)


def evened(flow):
    gained = flow - np.eye(len(flow))
    sums = gained.sum(axis=1, keepdims=True)  # 0 where a decoder's first place gains nothing
    return np.divide(gained, sums, out=np.zeros_like(gained), where=sums > 0) + np.eye(len(flow))


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_relevance_through_a_decoder_is_the_papers_rule(family):
    """Chefer et al., equations 5 to 10, on one pass through the module with every map's gradient kept."""
    classifier = tiny.classifier(family)
    found = attribute(classifier, TEXT, "relevance")
    ids = torch.tensor([classifier.encode([TEXT])[0].ids])
    module = classifier.eager().module
    halves = (module.base_model.get_encoder(), module.base_model.get_decoder())
    embeddings = {half.get_input_embeddings() for half in halves}
    hooks = [
        each.register_forward_hook(lambda _, __, output: output.detach().requires_grad_())
        for each in embeddings
    ]
    output = module(input_ids=ids, attention_mask=torch.ones_like(ids), output_attentions=True)
    for hook in hooks:
        hook.remove()
    maps = [*output.encoder_attentions, *output.decoder_attentions, *output.cross_attentions]
    quantity = output.logits[0, found.target] - output.logits[0, found.contrast]
    slopes = torch.autograd.grad(quantity, maps)
    mixed = [
        (weights * slope).clamp(min=0).mean(1)[0].detach().double().numpy()
        for weights, slope in zip(maps, slopes, strict=True)
    ]
    layers, count = len(output.decoder_attentions), ids.shape[1]
    encoder, decoder, cross = np.eye(count), np.eye(count), np.zeros((count, count))
    for each in mixed[: -2 * layers]:
        encoder = encoder + each @ encoder
    for own, between in zip(mixed[-2 * layers : -layers], mixed[-layers:], strict=True):
        decoder, cross = decoder + own @ decoder, cross + own @ cross
        cross = cross + evened(decoder).T @ between @ evened(encoder)
    read = count - 1  # the text's end, which both heads read
    # A token is read by the encoder, and by the decoder one place later.
    expected = [cross[read, token] + decoder[read, token + 1] for token in range(1, count - 2)]
    expected.append(cross[read, count - 2] + decoder[read, count - 1] - 1)  # not what it is itself
    np.testing.assert_allclose(found.token_scores[1:-1], expected, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize("family", ["gpt2", "gpt_neox", "modernbert"])
def test_the_values_of_a_fused_layer_are_the_columns_that_no_attention_weight_depends_on(family):
    from analysis.attribution.values import _FUSED, _columns

    classifier = tiny.classifier(family).eager()
    name, layer = next(
        (name.rpartition(".")[2], part)
        for name, part in classifier.module.named_modules()
        if name.rpartition(".")[2] in _FUSED
    )
    columns = _columns(layer, classifier, _FUSED[name])
    assert columns is not None
    before = attend(classifier, TEXT).array[0]
    size = classifier.hidden_size // classifier.heads
    for start in range(0, len(columns), size):  # a head's queries, keys or values at a time

        def changed(_, __, output, start=start):
            output = output.clone()
            output[..., start : start + size] *= 3
            return output

        hook = layer.register_forward_hook(changed)
        after = attend(classifier, TEXT).array[0]
        hook.remove()
        assert columns[start : start + size].all() == np.allclose(after, before, atol=1e-6)


def test_value_zeroing_of_xlnet_takes_one_value_out_of_the_mixture():
    classifier = tiny.classifier("xlnet")
    found = attribute(classifier, TEXT, "value-zeroing")
    ids = torch.tensor([classifier.encode([TEXT])[0].ids])
    count, layers = ids.shape[1], classifier.module.transformer.layer
    flow, core = np.eye(count), type(layers[0].rel_attn).rel_attn_core

    def run(layer=None, zeroed=None):
        """The outputs of all layers, one of which mixes with one value left out."""
        states = []
        hooks = [
            each.register_forward_hook(lambda _, __, out: states.append(out[0][:, 0])) for each in layers
        ]
        if layer is not None:

            def without(q, k_head_h, v_head_h, k_head_r, **rest):
                value = v_head_h.clone()
                value[zeroed] = 0
                return core(layers[layer].rel_attn, q, k_head_h, value, k_head_r, **rest)

            layers[layer].rel_attn.rel_attn_core = without
        try:
            with torch.no_grad():
                classifier.module(ids)
        finally:
            for hook in hooks:
                hook.remove()
            if layer is not None:
                del layers[layer].rel_attn.rel_attn_core
        return states

    whole = run()
    for number in range(len(layers)):
        turned = [
            1 - torch.cosine_similarity(run(number, j)[number], whole[number], dim=-1) for j in range(count)
        ]
        mixing = torch.stack(turned, dim=1).numpy()
        flow = mixing / mixing.sum(axis=1, keepdims=True) @ flow
    pooled = attend(classifier, TEXT).pooled
    expected = flow.mean(axis=0) if pooled is None else flow[pooled]
    np.testing.assert_allclose(found.token_scores[1:-1], expected[1:-1], rtol=5e-3, atol=1e-5)


PARTS = {
    "t5": ("encoder.block", "decoder.block", "layer.0.SelfAttention.v", "layer.1.EncDecAttention.v"),
    "bart": ("encoder.layers", "decoder.layers", "self_attn.v_proj", "encoder_attn.v_proj"),
}


@pytest.mark.parametrize("family", PARTS)
def test_value_zeroing_through_a_decoder_is_the_same_rule_in_whole_passes(family):
    """Every value is zeroed in a pass of the whole model, and its block's output read off there."""
    classifier = tiny.classifier(family)
    found = attribute(classifier, TEXT, "value-zeroing")
    module = classifier.module
    encoder, decoder, own_values, cross_values = PARTS[family]
    ids = torch.tensor([classifier.encode([TEXT])[0].ids])
    count = ids.shape[1]

    def output(block, values=None, zeroed=None):
        seen = []

        def zero(_, __, made):
            made = made.clone()
            made[0, zeroed] = 0
            return made

        hooks = [block.register_forward_hook(lambda _, __, out: seen.append(out[0]))]
        if values is not None:
            hooks.append(block.get_submodule(values).register_forward_hook(zero))
        try:
            with torch.no_grad():
                module(ids)
        finally:
            for hook in hooks:
                hook.remove()
        return seen[0][0].double()

    def turns(block, values):
        whole = output(block)
        return np.array(
            [
                [float(1 - torch.cosine_similarity(changed[i], whole[i], dim=0)) for i in range(count)]
                for changed in (output(block, values, j) for j in range(count))
            ]
        ).T

    below = np.eye(count)
    for block in module.base_model.get_submodule(encoder):
        mixing = turns(block, own_values)
        below = mixing / mixing.sum(1, keepdims=True) @ below
    own, cross = np.eye(count), np.zeros((count, count))
    for block in module.base_model.get_submodule(decoder):
        inside, between = turns(block, own_values), turns(block, cross_values)
        whole = inside.sum(1, keepdims=True) + between.sum(1, keepdims=True)
        cross = inside / whole @ cross + between / whole @ below
        own = inside / whole @ own
    read = count - 1
    expected = [cross[read, token] + own[read, token + 1] for token in range(1, count - 1)]
    np.testing.assert_allclose(found.token_scores[1:-1], expected, rtol=5e-3, atol=1e-5)


@pytest.mark.parametrize(
    "family", ["roberta", "distilbert", "albert", "deberta-v2", "llama", "gpt2", "gpt_neox"]
)
def test_value_zeroing_shares_sum_to_one_over_all_tokens(family):
    """The tokenizer's own tokens hold the rest, which words do not get."""
    found = attribute(tiny.classifier(family), TEXT, "value-zeroing")
    assert 0 < found.word_scores.sum() <= 1 + 1e-6
    assert (found.word_scores >= 0).all()


@pytest.mark.parametrize("family", ["roberta", "albert", "deberta-v2", "llama", "gpt2", "modernbert", "bart"])
def test_relevance_knows_which_label_is_asked_about(family):
    classifier = tiny.classifier(family)
    one, other = (attribute(classifier, TEXT, "relevance", target=t, quantity="logit") for t in (0, 1))
    assert not np.allclose(one.word_scores, other.word_scores, rtol=0.05)


def test_the_model_is_left_as_it_was():
    classifier = tiny.classifier("bert")
    before = classifier.logits([TEXT])
    for method in ("relevance", "value-zeroing", "smoothgrad"):
        attribute(classifier, TEXT, method)
    np.testing.assert_array_equal(classifier.logits([TEXT]), before)
    modules = [*classifier.module.modules(), *classifier.eager().module.modules()]
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in modules)
    assert all(weights.grad is None for weights in classifier.module.parameters())
