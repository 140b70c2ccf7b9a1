"""Attention weights of every family, against the definition."""

import copy
import gc
from types import SimpleNamespace

import numpy as np
import pytest
import tokenizers
import torch
import transformers

from analysis.attention import attend, glance, parts, rollout, rollout_to_answer
from analysis.attention.fused import Recomputed
from analysis.attention.weights import _labels
from models.classifier import ModelError
from models.encoding import EncodedText
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXT = "It was never dull, and the unbelievably good ending 😀 stays."
CAUSAL = ("gpt2", "gpt2-without-pad", "gpt_neox", "llama", "mistral", "opt", "qwen2")


def in_dtype(family, dtype):
    one = tiny.classifier(family)
    module = copy.deepcopy(one.module).to(dtype)
    return TransformerClassifier(module, one.tokenizer, reference=family, weights=f"{family} {dtype}")


@pytest.mark.parametrize("family", [name for name in tiny.FAMILIES if name != "canine"])
def test_every_family_gives_shares_of_one_unpadded_text(family):
    classifier = tiny.classifier(family)
    attention = attend(classifier, TEXT)
    count = len(classifier.encode([TEXT])[0].ids)
    assert attention.array.shape[2:] == (count, count)
    assert attention.array.dtype == np.float32
    assert attention.heads == 4
    np.testing.assert_allclose(attention.array.sum(axis=-1), 1, atol=1e-5)
    assert len(attention.tokens) == len(attention.special) == len(attention.offsets) == count
    assert not attention.truncated
    looks_ahead = np.triu(attention.array, k=1).any()
    assert looks_ahead == (family not in CAUSAL)


def test_the_weights_are_those_of_the_definition():
    """Softmax of the scaled products of queries and keys, by hand, in BERT's first layer."""
    classifier = tiny.classifier("bert")
    module, encoded = classifier.module.bert, classifier.encode([TEXT])[0]
    with torch.no_grad():
        hidden = module.embeddings(input_ids=torch.tensor([encoded.ids]))[0]
        own = module.encoder.layer[0].attention.self
        queries, keys = own.query(hidden).view(-1, 4, 8), own.key(hidden).view(-1, 4, 8)
        scores = torch.einsum("ihd,jhd->hij", queries, keys) / 8**0.5
    found = attend(classifier, TEXT).array[0]
    np.testing.assert_allclose(found, scores.softmax(dim=-1).numpy(), atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_gives_float32_rows_that_sum_to_one(dtype):
    attention = attend(in_dtype("bert", dtype), TEXT)
    assert attention.array.dtype == np.float32
    np.testing.assert_allclose(attention.array.sum(axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(attention.array[0], attend(tiny.classifier("bert"), TEXT).array[0], atol=0.05)


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


#: What computes its attention by functions of its own, which keep nothing to compute weights from.
UNFUSED = ("mpnet", "electra", "deberta-v2", "t5", "xlnet")


@pytest.mark.parametrize("family", [name for name in tiny.FAMILIES if name != "canine"])
def test_a_long_texts_weights_are_the_same_from_queries_and_keys_or_on_disk(family, monkeypatch):
    classifier = tiny.classifier(family)
    told: list[tuple[int, int]] = []
    monkeypatch.setattr("analysis.attention.fused.MOST_AT_ONCE", 5 * 4 * 20)  # several blocks a layer
    for part in parts(classifier):
        told.clear()
        with monkeypatch.context() as patch:
            whole = attend(classifier, TEXT, part)
            patch.setattr("analysis.attention.weights.MOST_BYTES", 100)
            kept = attend(classifier, TEXT, part, lambda *at: told.append(at))
        assert isinstance(kept.weights, np.memmap if family in UNFUSED else Recomputed)
        assert kept.whole is None  # a download of all weights would bring them into memory
        for layer, head in np.ndindex(whole.layers, whole.heads):
            assert kept.head(layer, head).dtype == np.float32
            np.testing.assert_allclose(kept.head(layer, head), whole.array[layer, head], atol=5e-4)
        assert (kept.tokens, kept.pooled, kept.readers) == (whole.tokens, whole.pooled, whole.readers)
        assert told == [(layer + 1, whole.layers) for layer in range(whole.layers)]
        # Figures made of them are the same, too.
        first, second = glance(kept, 5), glance(whole, 5)
        for name in first.profiles.__dataclass_fields__:
            np.testing.assert_allclose(
                getattr(first.profiles, name), getattr(second.profiles, name), atol=2e-3
            )
        np.testing.assert_allclose(first.small, second.small, atol=5e-4)
        np.testing.assert_allclose(first.reached, rollout_to_answer(whole), atol=1e-3)
        np.testing.assert_allclose(rollout(kept), rollout(whole), atol=1e-3)


@pytest.mark.parametrize("family", ["mpnet", "t5", "xlnet"])
def test_of_a_long_text_no_layers_weights_stay_in_memory(family, monkeypatch):
    classifier = tiny.classifier(family)
    size = attend(classifier, TEXT).array[0].nbytes
    held: list[int] = []

    def count(*_: int) -> None:
        gc.collect()
        storages = [one.untyped_storage() for one in gc.get_objects() if type(one) is torch.Tensor]
        held.append(len({one.data_ptr() for one in storages if one.nbytes() == size}))

    monkeypatch.setattr("analysis.attention.weights.MOST_BYTES", 100)
    attend(classifier, TEXT, None, count)
    assert held[-1] <= held[0]


def test_a_model_that_looks_near_and_far_is_recomputed_with_both_masks(monkeypatch):
    """ModernBERT's layers look at their neighbours only, but for every third."""
    one = tiny.classifier("modernbert")
    config = copy.deepcopy(one.module.config)
    config.local_attention, config.num_hidden_layers, config.global_attn_every_n_layers = 6, 4, 3
    torch.manual_seed(2)
    classifier = TransformerClassifier(
        type(one.module)(config).eval(), one.tokenizer, reference="near", weights="near"
    )
    whole = attend(classifier, TEXT)
    monkeypatch.setattr("analysis.attention.weights.MOST_BYTES", 100)
    kept = attend(classifier, TEXT)
    assert isinstance(kept.weights, Recomputed)
    assert (whole.array[1] == 0).any() and (whole.array[0] > 0).all()
    for layer, head in np.ndindex(4, whole.heads):
        np.testing.assert_allclose(kept.head(layer, head), whole.array[layer, head], atol=1e-5)


def test_looking_at_all_heads_can_be_stopped_on_the_way():
    attention = attend(tiny.classifier("bert"), TEXT)

    def stop(done, total):
        assert total == attention.layers
        if done:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        glance(attention, 4, stop)


def test_weights_in_another_form_and_too_many_are_refused_with_what_to_do(monkeypatch):
    monkeypatch.setattr("analysis.attention.weights.MOST_BYTES", 100)
    with monkeypatch.context() as patch, pytest.raises(ModelError, match="cannot be taken layer by layer"):
        patch.setattr("analysis.attention.long.places", lambda *_: (3, 0, 1))  # one layer gives none
        attend(tiny.classifier("mpnet"), TEXT)
    free = SimpleNamespace(free=2 * 2 * 2 * 4 * 10**2)  # half of it: two bytes, 2 layers of 4 heads
    monkeypatch.setattr("shutil.disk_usage", lambda _: free)
    with pytest.raises(ModelError, match=r"has room for 10\. Shorten the text, or free"):
        attend(tiny.classifier("mpnet"), TEXT)


@pytest.mark.parametrize("family", ["bart", "t5"])
def test_an_encoder_decoder_looks_in_three_places(family):
    classifier = tiny.classifier(family)
    encoder, decoder, cross = (attend(classifier, TEXT, part) for part in parts(classifier))
    count = len(encoder.tokens)
    assert np.triu(encoder.array, k=1).any()
    assert not np.triu(decoder.array, k=1).any()  # a decoder sees what came before
    assert np.triu(cross.array, k=1).any()
    assert decoder.tokens == cross.readers == ("start", *encoder.tokens[:-1])
    assert cross.tokens == encoder.tokens
    assert decoder.offsets[1:] == encoder.offsets[:-1]
    # The head reads the state where the text's end token stands.
    assert (encoder.pooled, decoder.pooled, cross.pooled) == (None, count - 1, count - 1)


def test_what_the_decoder_of_a_bart_sees_of_the_encoder_is_by_the_definition():
    classifier = tiny.classifier("bart")
    module, encoded = classifier.module.model, classifier.encode([TEXT])[0]
    own = module.decoder.layers[0].encoder_attn
    seen: list[torch.Tensor] = []
    hook = own.register_forward_pre_hook(
        lambda _, args, kwargs: seen.extend([kwargs["hidden_states"], kwargs["key_value_states"]]),
        with_kwargs=True,
    )
    with torch.no_grad():
        classifier.module(input_ids=torch.tensor([encoded.ids]))
        hook.remove()
        queries, keys = own.q_proj(seen[0][0]).view(-1, 4, 8), own.k_proj(seen[1][0]).view(-1, 4, 8)
        scores = torch.einsum("ihd,jhd->hij", queries, keys) / 8**0.5
    found = attend(classifier, TEXT, "cross").array[0]
    np.testing.assert_allclose(found, scores.softmax(dim=-1).numpy(), atol=1e-5)
