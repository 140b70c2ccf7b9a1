"""Pooled hidden states against one plain forward pass a text, in every family."""

import numpy as np
import pytest
import torch

from analysis.embeddings import POOLINGS, EmbeddingError, embed, pool_layers
from tests.analysis.embeddings.conftest import FAMILIES, TEXTS


def by_hand(classifier, text, layer, pooling):
    """One text, no padding, pooled with NumPy."""
    ids = torch.tensor([classifier.encode([text])[0].ids])
    with torch.inference_mode():
        states = classifier.module(input_ids=ids, output_hidden_states=True).hidden_states[layer][0].numpy()
    return {"cls": states[0], "last": states[-1], "mean": states.mean(0), "max": states.max(0)}[pooling]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_layer_is_that_of_the_text_alone(tiny, family, pooling):
    classifier = tiny[family]
    for layer in range(classifier.layers + 1):
        found = embed(classifier, TEXTS, layer=layer, pooling=pooling)
        assert found.shape == (len(TEXTS), 16)
        assert found.dtype == np.float32
        for row, text in enumerate(TEXTS):
            np.testing.assert_allclose(found[row], by_hand(classifier, text, layer, pooling), atol=2e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_batch_mates_and_order_do_not_matter(tiny, family):
    classifier = tiny[family]
    texts = [*TEXTS, *TEXTS[::-1], " ".join(["good"] * 100)]
    together = pool_layers(classifier, texts)
    assert list(together.vectors) == list(POOLINGS)
    for row, text in enumerate(texts):
        alone = pool_layers(classifier, [text])
        for pooling in POOLINGS:
            np.testing.assert_allclose(
                together.vectors[pooling][:, row], alone.vectors[pooling][:, 0], atol=2e-5
            )


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_pass_gives_the_probabilities(tiny, family):
    found = pool_layers(tiny[family], TEXTS).probabilities
    np.testing.assert_allclose(found, tiny[family].probabilities(TEXTS), atol=1e-6)


def test_the_last_layer_is_what_the_classifier_reads(tiny):
    bert, gpt2 = tiny["bert"].module, tiny["gpt2"].module
    cls = torch.from_numpy(embed(tiny["bert"], TEXTS, layer=3, pooling="cls"))
    last = torch.from_numpy(embed(tiny["gpt2"], TEXTS, layer=3, pooling="last"))
    with torch.inference_mode():
        pooled = torch.tanh(bert.bert.pooler.dense(cls))
        np.testing.assert_allclose(bert.classifier(pooled), tiny["bert"].logits(TEXTS), atol=2e-5)
        np.testing.assert_allclose(gpt2.score(last), tiny["gpt2"].logits(TEXTS), atol=2e-5)


def test_progress_reaches_the_total(tiny):
    heard = []
    embed(tiny["bert"], TEXTS * 60, layer=1, pooling="mean", on_progress=lambda *step: heard.append(step))
    assert len(heard) > 1
    assert heard == sorted(heard)
    assert heard[-1] == (300, 300)


def test_no_texts_are_no_vectors(tiny):
    assert embed(tiny["bert"], [], layer=1, pooling="max").shape == (0, 16)
    assert pool_layers(tiny["bert"], []).probabilities.shape == (0, 2)


def test_what_does_not_exist_is_named(tiny):
    for layer in (-1, 4):
        with pytest.raises(
            EmbeddingError, match=rf"no layer {layer}: tiny bert has layers 0 \(embeddings\) to 3"
        ):
            embed(tiny["bert"], TEXTS, layer=layer, pooling="mean")
    with pytest.raises(EmbeddingError, match="no pooling 'median': choose one of cls, mean, last, max"):
        embed(tiny["bert"], TEXTS, layer=0, pooling="median")  # type: ignore[arg-type]


def test_the_module_is_left_as_it_was(tiny):
    module = tiny["bert"].module
    pool_layers(tiny["bert"], TEXTS)
    assert not module.config.output_hidden_states
    assert not module.training
