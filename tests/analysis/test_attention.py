"""Attention and rollout, against hand computation and an independent implementation."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import tokenizers
import torch
import transformers

from analysis.attention import (
    Attention,
    _labels,
    attend,
    profiles,
    rollout,
    rollout_to_answer,
    strongest_pair,
)
from models.classifier import ModelError
from models.encoding import EncodedText
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXT = "It was never dull, and the unbelievably good ending 😀 stays."


def attention_of(weights, special=None, pooled=0):
    weights = np.asarray(weights, dtype=np.float32)
    count = weights.shape[-1]
    return Attention(
        tokens=tuple(f"t{i}" for i in range(count)),
        weights=weights,
        truncated=False,
        special=tuple(special or [False] * count),
        offsets=((0, 0),) * count,
        pooled=pooled,
    )


def random_attention(layers=4, heads=3, count=6, **settings):
    rng = np.random.default_rng(3)
    return attention_of(rng.dirichlet(np.ones(count), (layers, heads, count)), **settings)


def test_rollout_of_two_tokens_by_hand():
    first, second = [[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.0, 1.0]]
    # With the residual: [[1, 0], [.25, .75]] and [[.5, .5], [0, 1]]; second times first:
    expected = [[0.5 * 1 + 0.5 * 0.25, 0.5 * 0.75], [0.25, 0.75]]
    found = rollout(attention_of([[first], [second]]))
    np.testing.assert_allclose(found, expected, atol=1e-7)


def reference_rollout(weights):
    """Written after the authors' attention_rollout.py: loops, no matrix product of numpy."""
    layers, _, count, _ = weights.shape
    residual = [
        [
            [0.5 * float(np.mean(weights[k, :, i, j])) + (0.5 if i == j else 0.0) for j in range(count)]
            for i in range(count)
        ]
        for k in range(layers)
    ]
    joint = residual[0]
    for k in range(1, layers):
        joint = [
            [sum(residual[k][i][m] * joint[m][j] for m in range(count)) for j in range(count)]
            for i in range(count)
        ]
    return joint


def test_rollout_equals_an_independent_implementation():
    attention = random_attention()
    np.testing.assert_allclose(rollout(attention), reference_rollout(attention.weights), atol=1e-6)


def test_rollout_is_a_share():
    flow = rollout(random_attention(layers=7))
    np.testing.assert_allclose(flow.sum(axis=1), 1, atol=1e-6)
    assert (flow >= 0).all()


def test_the_answer_reads_the_pooled_row_or_all_rows():
    attention = random_attention(pooled=2)
    np.testing.assert_allclose(rollout_to_answer(attention), rollout(attention)[2])
    everywhere = random_attention(pooled=None)
    np.testing.assert_allclose(rollout_to_answer(everywhere), rollout(everywhere).mean(axis=0))


@pytest.mark.parametrize(
    ("name", "matrix"),
    [
        ("next", np.eye(5, k=1) + np.diag([0, 0, 0, 0, 1.0])),
        ("previous", np.eye(5, k=-1) + np.diag([1.0, 0, 0, 0, 0])),
        ("same", np.eye(5)),
        ("special", np.tile([1.0, 0, 0, 0, 0], (5, 1))),
        ("everywhere", np.full((5, 5), 0.2)),
    ],
)
def test_plain_patterns_are_named(name, matrix):
    # Five tokens of which the first and the last are special, as in most classifiers.
    special = [True, False, False, False, name == "special"]
    found, share = profiles(attention_of(matrix[None, None], special)).pattern(0, 0)
    assert found == name
    assert share > 0.7


def test_profiles_against_closed_forms():
    found = profiles(attention_of(np.full((2, 3, 8, 8), 1 / 8)))
    np.testing.assert_allclose(found.spread, 1, atol=1e-6)
    np.testing.assert_allclose(found.same, 1 / 8, atol=1e-6)
    np.testing.assert_allclose(found.next, 7 / 64, atol=1e-6)
    distances = np.abs(np.subtract.outer(np.arange(8), np.arange(8)))
    np.testing.assert_allclose(found.distance, distances.mean(), atol=1e-5)
    focused = profiles(attention_of(np.eye(8)[None, None]))
    assert focused.spread[0, 0] == 0
    assert focused.pattern(0, 0) == ("same", 1.0)


def test_the_strongest_pair_is_of_ordinary_tokens():
    weights = np.full((1, 1, 4, 4), 0.1)
    weights[0, 0, 1, 2], weights[0, 0, 0, 3], weights[0, 0, 2, 2] = 0.4, 0.9, 0.8
    assert strongest_pair(attention_of(weights, [True, False, False, True]), 0, 0)[:2] == (1, 2)
    assert strongest_pair(attention_of(weights, [True, False, True, True]), 0, 0)[:2] == (0, 3)


def test_a_text_of_one_token_is_fine():
    attention = attention_of(np.ones((2, 2, 1, 1)))
    assert rollout(attention).tolist() == [[1.0]]
    assert profiles(attention).pattern(0, 0)[0] == "same"


def in_dtype(family, dtype):
    one = tiny.classifier(family)
    module = copy.deepcopy(one.module).to(dtype)
    return TransformerClassifier(module, one.tokenizer, reference=family, weights=f"{family} {dtype}")


@pytest.mark.parametrize("family", [name for name in tiny.FAMILIES if name != "canine"])
def test_every_family_gives_shares_of_one_unpadded_text(family):
    classifier = tiny.classifier(family)
    attention = attend(classifier, TEXT)
    count = len(classifier.encode([TEXT])[0].ids)
    assert attention.weights.shape[2:] == (count, count)
    assert attention.weights.dtype == np.float32
    assert attention.heads == 4
    np.testing.assert_allclose(attention.weights.sum(axis=-1), 1, atol=1e-5)
    assert len(attention.tokens) == len(attention.special) == len(attention.offsets) == count
    assert not attention.truncated
    looks_ahead = np.triu(attention.weights, k=1).any()
    assert looks_ahead == (family not in ("gpt2", "gpt2-without-pad", "llama"))


def test_the_weights_are_those_of_the_definition():
    """Softmax of the scaled products of queries and keys, by hand, in BERT's first layer."""
    classifier = tiny.classifier("bert")
    module, encoded = classifier.module.bert, classifier.encode([TEXT])[0]
    with torch.no_grad():
        hidden = module.embeddings(input_ids=torch.tensor([encoded.ids]))[0]
        own = module.encoder.layer[0].attention.self
        queries, keys = own.query(hidden).view(-1, 4, 8), own.key(hidden).view(-1, 4, 8)
        scores = torch.einsum("ihd,jhd->hij", queries, keys) / 8**0.5
    found = attend(classifier, TEXT).weights[0]
    np.testing.assert_allclose(found, scores.softmax(dim=-1).numpy(), atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_gives_float32_rows_that_sum_to_one(dtype):
    attention = attend(in_dtype("bert", dtype), TEXT)
    assert attention.weights.dtype == np.float32
    np.testing.assert_allclose(attention.weights.sum(axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(
        attention.weights[0], attend(tiny.classifier("bert"), TEXT).weights[0], atol=0.05
    )


def test_a_family_without_token_to_token_attention_says_so_in_one_line():
    with pytest.raises(ModelError, match="has no attention maps to show") as caught:
        attend(tiny.classifier("canine"), TEXT)
    assert "\n" not in str(caught.value)


def test_a_model_without_attention_says_so():
    """FNet mixes tokens by a Fourier transform."""
    read = tiny.tokenizer()
    config = transformers.FNetConfig(
        vocab_size=len(read), hidden_size=32, num_hidden_layers=2, intermediate_size=64, pad_token_id=0
    )
    module = transformers.FNetForSequenceClassification(config)
    classifier = TransformerClassifier(module, read, reference="fnet", weights="fnet")
    with pytest.raises(ModelError, match="it has no attention heads"):
        attend(classifier, TEXT)


def test_a_model_that_returns_no_weights_says_so(monkeypatch):
    classifier = tiny.classifier("bert").eager()
    forward = classifier.module.forward
    monkeypatch.setattr(classifier.module, "forward", lambda output_attentions, **rest: forward(**rest))
    with pytest.raises(ModelError, match="gives no attention weights"):
        attend(classifier, TEXT)


@pytest.mark.parametrize(
    ("family", "pooled"), [("bert", 0), ("gpt2", -1), ("llama", -1), ("bart", None), ("t5", None)]
)
def test_the_position_that_the_classifier_reads(family, pooled):
    attention = attend(tiny.classifier(family), TEXT)
    expected = len(attention.tokens) - 1 if pooled == -1 else pooled
    assert attention.pooled == expected


def test_tokens_are_named_as_the_model_sees_them():
    attention = attend(tiny.classifier("bert"), TEXT)
    assert attention.tokens[0] == "[CLS]"
    assert "dull" in attention.tokens
    assert "[UNK] 😀" in attention.tokens
    assert any(token.startswith("##") for token in attention.tokens)


def test_a_long_text_is_cut_and_says_so():
    attention = attend(tiny.classifier("bert"), TEXT * 20)
    assert attention.truncated
    assert len(attention.tokens) == 64
    assert attend(tiny.classifier("bert"), "").tokens == ("[CLS]", "[SEP]")


def test_bytes_spelt_as_letters_are_read_back_from_the_text():
    """GPT-2's and RoBERTa's tokenizers write "سلام" as "Ø³ÙĦØ§Ùħ"."""
    backend = SimpleNamespace(decoder=tokenizers.decoders.ByteLevel())
    classifier = SimpleNamespace(tokenizer=SimpleNamespace(backend_tokenizer=backend, unk_token="<unk>"))
    encoded = EncodedText(
        ids=(0, 1, 2, 3),
        type_ids=(0, 0, 0, 0),
        tokens=("<s>", "Ø³ÙĦØ§Ùħ", "ĠcafÃ©", "Ġ"),
        offsets=((0, 0), (0, 4), (4, 9), (9, 10)),
        special=(True, False, False, False),
        truncated=False,
    )
    assert _labels(classifier, encoded, "سلام café ") == ["<s>", "سلام", "café", "Ġ"]  # type: ignore[arg-type]


def test_weights_that_would_fill_the_memory_are_refused_with_the_length_that_fits(monkeypatch):
    monkeypatch.setattr("analysis.attention.MOST_BYTES", 4 * 2 * 4 * 10**2)
    with pytest.raises(ModelError, match="fit the memory up to 10"):
        attend(tiny.classifier("bert"), TEXT)
    assert len(attend(tiny.classifier("bert"), "It was dull.").tokens) <= 10
