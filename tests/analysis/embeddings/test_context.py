"""A word's vectors in context against one plain forward pass a text."""

import numpy as np
import pytest
import torch

from analysis.embeddings import EmbeddingError, in_context
from tests.analysis.embeddings.conftest import FAMILIES, TEXTS

HOLDING = [*TEXTS, "unfilmable", "The goodness of it", "GOOD, and never bad"]


@pytest.mark.parametrize(
    ("family", "word", "rows"),
    [
        *(
            (family, word, rows)
            for family in FAMILIES
            for word, rows in (("good", (0, 3, 7)), ("Bad", (1, 2, 7)))
        ),
        ("bert", "unfilmable", (3, 5)),  # in three pieces
    ],
)
def test_every_layer_is_the_mean_over_the_words_own_tokens(tiny, family, word, rows):
    classifier = tiny[family]
    found = in_context(classifier, HOLDING, word)
    assert found.rows == rows
    assert found.vectors.shape == (classifier.layers + 1, len(rows), 16)
    for place, row in enumerate(rows):
        (encoded,) = classifier.encode([HOLDING[row]])
        with torch.inference_mode():
            output = classifier.module(input_ids=torch.tensor([encoded.ids]), output_hidden_states=True)
        text, spelt = HOLDING[row].lower(), word.lower()
        within = {at + i for at in range(len(text)) if text.startswith(spelt, at) for i in range(len(spelt))}
        own = [token for token, (start, end) in enumerate(encoded.offsets) if within & set(range(start, end))]
        for layer, states in enumerate(output.hidden_states):
            np.testing.assert_allclose(found.vectors[layer, place], states[0, own].mean(0).numpy(), atol=2e-5)
        np.testing.assert_allclose(
            found.probabilities[place], output.logits[0].double().softmax(-1), atol=1e-6
        )


def test_part_of_a_word_is_another_word_and_no_word_is_an_error(tiny):
    found = in_context(tiny["bert"], HOLDING, "goo")
    assert found.rows == ()
    assert found.vectors.shape == (tiny["bert"].layers + 1, 0, 16)
    assert in_context(tiny["bert"], ["the goodness"], "good").rows == ()
    with pytest.raises(EmbeddingError, match="No word is given"):
        in_context(tiny["bert"], HOLDING, "  ")


def test_before_any_layer_the_same_word_differs_by_its_place_alone(tiny):
    same = in_context(tiny["bert"], ["the film was good", "not bad but good"], "good").vectors
    np.testing.assert_allclose(same[0, 0], same[0, 1], atol=1e-6)
    assert np.abs(same[1, 0] - same[1, 1]).max() > 1e-4


def test_progress_reaches_the_total_and_can_stop_the_work(tiny):
    heard = []
    in_context(tiny["gpt2"], HOLDING, "good", on_progress=lambda *step: heard.append(step))
    assert heard[-1] == (3, 3)

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        in_context(tiny["gpt2"], HOLDING, "good", on_progress=stop)
