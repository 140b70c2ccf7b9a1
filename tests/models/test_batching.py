"""Batches: similar lengths, within the budget, halved when memory runs out, answers in order."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.batching import pad, padded_width, run_in_batches, steady
from models.classifier import ModelError, between_batches
from models.encoding import EncodedText


@given(
    lengths=st.lists(st.integers(0, 60), max_size=60), budget=st.integers(1, 200), room=st.integers(60, 300)
)
def test_answers_are_in_order_and_batches_within_budget_and_memory(lengths, budget, room):
    seen = []

    def run(indices):
        assert len({lengths[index] for index in indices}) == 1
        padded = len(indices) * lengths[indices[0]]
        if padded > room:
            raise torch.OutOfMemoryError("fake")
        assert len(indices) == 1 or padded <= budget
        seen.extend(indices)
        return [index * 10 for index in indices]

    assert run_in_batches(lengths, run, token_budget=budget) == [index * 10 for index in range(len(lengths))]
    assert sorted(seen) == list(range(len(lengths)))
    assert [lengths[index] for index in seen] == sorted(lengths, reverse=True)


@pytest.mark.parametrize(
    "error", [torch.OutOfMemoryError("fake"), MemoryError(), RuntimeError("can't allocate memory: you tried")]
)
def test_one_item_too_large_is_said(error):
    def run(indices):
        raise error

    with pytest.raises(ModelError, match="A text of 7 tokens does not fit"):
        run_in_batches([3, 7], run)


def test_other_errors_pass():
    def run(indices):
        raise RuntimeError("shapes")

    with pytest.raises(RuntimeError, match="shapes"):
        run_in_batches([3, 7], run)


@given(tokens=st.integers(1, 600), longest=st.integers(1, 600))
def test_a_width_holds_the_text_and_stays_within_the_model(tokens, longest):
    width = padded_width(tokens, longest)
    assert width >= tokens
    assert width <= max(tokens, longest)
    assert width - tokens < 16


@pytest.mark.parametrize("rows", [1, 5, 16, 20])
def test_a_steady_head_answers_as_before_and_passes_gradients(rows):
    head = torch.nn.Linear(8, 3)
    texts = torch.randn(rows, 8, generator=torch.Generator().manual_seed(rows), requires_grad=True)
    expected = head(texts)
    (gradient,) = torch.autograd.grad(expected.sum(), texts)
    steady(head)
    found = head(texts)
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(torch.autograd.grad(found.sum(), texts)[0], gradient)


def test_padding_is_on_the_tokenizers_side_and_masked():
    class Tokenizer:
        padding_side = "right"
        pad_token_id, pad_token_type_id = 9, 4
        model_input_names: tuple[str, ...] = ("input_ids", "token_type_ids")

    def encoded(*ids):
        count = len(ids)
        return EncodedText(ids, (0,) * count, ("x",) * count, ((0, 0),) * count, (False,) * count, False)

    batch = pad(Tokenizer(), [encoded(1, 2, 3), encoded(5)], "cpu")
    assert batch["input_ids"].tolist() == [[1, 2, 3], [5, 9, 9]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["token_type_ids"].tolist() == [[0, 0, 0], [0, 4, 4]]
    Tokenizer.padding_side = "left"
    batch = pad(Tokenizer(), [encoded(1, 2, 3), encoded(5)], "cpu")
    assert batch["input_ids"].tolist() == [[1, 2, 3], [9, 9, 5]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [0, 0, 1]]
    Tokenizer.model_input_names = ("input_ids",)
    assert "token_type_ids" not in pad(Tokenizer(), [encoded(5)], "cpu")


def test_whoever_waits_is_heard_before_every_batch():
    heard: list[int] = []
    ran: list[list[int]] = []

    def stop():
        heard.append(len(ran))
        if len(heard) == 3:
            raise KeyError("enough")

    def run(indices):
        ran.append(indices)
        return indices

    with pytest.raises(KeyError), between_batches(stop):
        run_in_batches([4] * 10, run, token_budget=8)
    assert heard == [0, 1, 2] and len(ran) == 2
    assert len(run_in_batches([4] * 10, run, token_budget=8)) == 10
