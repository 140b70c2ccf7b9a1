"""The classifier against Transformers' own answers, one text at a time."""

import numpy as np
import pytest
import torch
from torch.nn.functional import softmax

from corpora import loading as corpora_loading
from models.batching import one_thread
from models.loading import load
from models.transformer import TransformerClassifier
from tests.models import tiny
from tests.models.conftest import SENTENCES


def _alone(classifier, text):
    inputs = classifier.tokenizer(text, truncation=True, max_length=tiny.MAX_LENGTH, return_tensors="pt")
    with torch.no_grad():
        return softmax(classifier.module(**inputs).logits.double(), -1)[0].numpy()


def test_probabilities_are_those_of_transformers_alone(classifier):
    texts = [text for text in SENTENCES if text]
    expected = np.array([_alone(classifier, text) for text in texts])
    assert np.ptp(expected[:, 0]) > 0.1
    np.testing.assert_allclose(classifier.probabilities(texts), expected, atol=2e-6)


def test_probabilities_are_those_of_the_pipeline(classifier):
    from transformers import pipeline

    ask = pipeline("text-classification", model=classifier.module, tokenizer=classifier.tokenizer, top_k=None)
    for text in SENTENCES[:2]:
        scores = {answer["label"]: answer["score"] for answer in ask([text])[0]}
        expected = [scores[label] for label in classifier.labels]
        np.testing.assert_allclose(classifier.probabilities([text])[0], expected, atol=2e-6)


def test_a_batch_answers_as_each_text_alone(classifier):
    together = classifier.logits(SENTENCES)
    np.testing.assert_allclose(
        together, np.vstack([classifier.logits([text]) for text in SENTENCES]), atol=1e-5
    )
    np.testing.assert_allclose(classifier.logits(SENTENCES[::-1]), together[::-1], atol=1e-5)
    assert (together[0] == together[5]).all()  # the same text


def test_in_one_thread_an_answer_is_the_same_to_the_last_bit_in_any_company():
    model = load("bundled:sentiment", device="cpu")
    texts = corpora_loading.load("bundled:reviews").texts[:60]
    with one_thread():
        together = model.logits(texts)
        for size in (1, 3, 17):
            parts = [model.logits(texts[start : start + size]) for start in range(0, len(texts), size)]
            assert (np.vstack(parts) == together).all()
        order = np.random.default_rng(0).permutation(len(texts))
        assert (model.logits([texts[place] for place in order]) == together[order]).all()


def test_rows_are_distributions_in_double_precision(classifier):
    found = classifier.probabilities(SENTENCES)
    assert found.dtype == np.float64
    assert found.shape == (len(SENTENCES), 2)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-12)
    assert classifier.probabilities([]).shape == (0, 2)
    assert classifier.logits([]).shape == (0, 2)


def test_identical_texts_are_run_once(classifier, monkeypatch):
    asked = []
    run = TransformerClassifier.run

    def counting(self, encoded, read):
        asked.append(len(encoded))
        return run(self, encoded, read)

    monkeypatch.setattr(TransformerClassifier, "run", counting)
    classifier.logits(["good", "bad", "good", "good"])
    assert asked == [2]


def test_texts_of_the_same_tokens_are_run_once():
    model = load("bundled:sentiment", device="cpu")
    rows = []
    hook = model.module.register_forward_pre_hook(
        lambda module, arguments, inputs: rows.append(len(inputs["input_ids"])), with_kwargs=True
    )
    found = model.logits(["Cash again", "cash AGAIN", "cash  again", "cash once"])
    hook.remove()
    assert sum(rows) == 2
    assert (found[0] == found[1]).all() and (found[0] == found[2]).all()
    assert (found[0] == model.logits(["Cash again"])[0]).all()
    assert (found[0] != found[3]).any()


def test_broken_characters_are_answered(classifier):
    found = classifier.probabilities(["good \ud800 film", "good \ufffd film"])
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)


def test_eager_shares_weights_and_returns_attention(classifier):
    eager = classifier.eager()
    assert classifier.module.config._attn_implementation == "sdpa"
    assert eager.eager() is eager
    assert classifier.eager() is eager
    assert (eager.fingerprint, eager.labels) == (classifier.fingerprint, classifier.labels)
    shared = {parameter.data_ptr() for parameter in classifier.module.parameters()}
    assert {parameter.data_ptr() for parameter in eager.module.parameters()} == shared
    assert not any(tensor.is_meta for tensor in [*eager.module.parameters(), *eager.module.buffers()])
    np.testing.assert_allclose(eager.logits(SENTENCES), classifier.logits(SENTENCES), atol=1e-5)
    ids = torch.tensor([eager.encode(["the film was good"])[0].ids])
    attentions = eager.module(input_ids=ids, output_attentions=True).attentions
    assert len(attentions) == eager.layers
    assert attentions[0].shape == (1, eager.heads, ids.shape[1], ids.shape[1])
    torch.testing.assert_close(attentions[0].sum(-1), torch.ones(1, eager.heads, ids.shape[1]))


def test_what_is_said_of_the_model(classifier):
    parameters = list(classifier.module.parameters())
    assert classifier.parameters == sum(parameter.numel() for parameter in parameters)
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in classifier.module.buffers())
    assert classifier.memory_bytes == 4 * classifier.parameters + buffers
    assert (classifier.layers, classifier.heads, classifier.hidden_size) == (2, 4, 32)
    assert classifier.max_length == tiny.MAX_LENGTH
    assert classifier.family in tiny.FAMILIES
    assert classifier.architecture.endswith("ForSequenceClassification")
    assert classifier.device.type == ("cuda" if torch.cuda.is_available() else "cpu")
    assert classifier.dtype == torch.float32
    assert not any(parameter.requires_grad for parameter in parameters)
    assert not classifier.module.training


def test_the_fingerprint_is_of_the_content(tmp_path):
    def fingerprint(name, dtype="float32", **options):
        return load(str(tiny.save(tmp_path / name, **options)), dtype=dtype).fingerprint

    first = fingerprint("first")
    assert fingerprint("elsewhere") == first
    assert load(str(tmp_path / "first")).fingerprint == first
    others = {
        fingerprint("weights", seed=1),
        fingerprint("labels", labels=("bad", "good")),
        fingerprint("half", dtype="bfloat16"),
        fingerprint("activation", hidden_act="relu"),
    }
    settings = tmp_path / "elsewhere" / "tokenizer_config.json"
    settings.write_text(settings.read_text().replace('"do_lower_case": true', '"do_lower_case": false'))
    others.add(load(str(tmp_path / "elsewhere")).fingerprint)
    assert len(others | {first}) == 6


def test_half_precision_answers_alike(tmp_path):
    folder = str(tiny.save(tmp_path, "bert"))
    full, half = load(folder), load(folder, dtype="bfloat16")
    assert half.dtype == torch.bfloat16
    assert half.memory_bytes < full.memory_bytes
    np.testing.assert_allclose(half.probabilities(SENTENCES), full.probabilities(SENTENCES), atol=0.1)


def test_running_out_of_memory_halves_the_batch(tiny_folder, monkeypatch):
    classifier = load(str(tiny_folder("bert")))
    texts = [" ".join(tiny.WORDS[:count]) for count in range(1, 9)]
    expected = classifier.logits(texts)
    sizes = []
    forward = classifier.module.forward

    def limited(*args, **inputs):
        sizes.append(len(inputs["input_ids"]))
        if sizes[-1] > 3:
            raise torch.OutOfMemoryError("fake")
        return forward(*args, **inputs)

    monkeypatch.setattr(classifier.module, "forward", limited)
    np.testing.assert_allclose(classifier.logits(texts), expected, atol=1e-5)
    assert sizes[:2] == [8, 4]
    assert max(sizes[2:]) <= 3


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cuda_answers_as_the_processor(tiny_folder):
    for family in tiny.FAMILIES:
        there, here = (load(str(tiny_folder(family)), device=device) for device in ("cuda", "cpu"))
        assert isinstance(there, TransformerClassifier)
        assert there.device.type == "cuda"
        np.testing.assert_allclose(there.probabilities(SENTENCES), here.probabilities(SENTENCES), atol=1e-4)
        np.testing.assert_allclose(
            there.eager().probabilities(SENTENCES), here.probabilities(SENTENCES), atol=1e-4
        )
