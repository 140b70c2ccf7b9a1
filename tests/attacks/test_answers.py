"""Asking a model: all texts at once where it asks between its batches, in short calls where it does not."""

import numpy as np
import pytest

from attacks.answers import Answers, Cancelled
from models.classifier import next_batch
from tests.attacks.doubles import Fragile, WordCounter


class InBatches(WordCounter):
    """Answers eight texts at a time, and lets whoever waits speak in between."""

    def probabilities(self, texts):
        rows = []
        for start in range(0, len(texts), 8):
            next_batch()
            rows.append(super().probabilities(texts[start : start + 8]))
        return np.concatenate(rows)


def test_a_model_with_batches_gets_all_texts_and_is_stopped_between_them():
    model = InBatches()
    ask = Answers(model, cancelled=lambda: len(model.calls) >= 10)
    ask([f"warm {number}" for number in range(32)])
    assert [len(call) for call in model.calls] == [8] * 4
    with pytest.raises(Cancelled):
        ask([f"text {number}" for number in range(800)])
    assert len(model.calls) == 10


def test_answers_are_the_models_own_however_many_are_asked():
    texts = [f"a good film number {number}" for number in range(500)]
    found = Answers(InBatches())(texts)
    assert list(found) == texts
    expected = WordCounter().probabilities(texts)
    for text, row in zip(texts, expected, strict=True):
        np.testing.assert_allclose(np.asarray(found[text]), row, atol=1e-7)


def test_one_text_that_fails_fails_alone():
    found = Answers(Fragile())(["good", "poison", "bad", "dull"])
    assert {text for text, answer in found.items() if isinstance(answer, RuntimeError)} == {"poison"}
