"""The one place that batches, in such a way that an answer does not hang on the company it is asked in.

Matrix products of another shape may add their terms in another order, and answers then differ in the
last digits: enough to break a tie in a search another way. So a text is padded to a width that its own
length decides, only texts of one width share a batch, and a head that would see fewer rows than
`STEADY_ROWS` sees zeros below them. On a processor with one thread the answers are then the same to the
last bit, whatever the batch, its order and its size; several threads share out the rows of a product,
and the sixth digit may move with the size of the batch.
"""

import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from models.classifier import ModelError, next_batch
from models.encoding import EncodedText

T = TypeVar("T")

CPU_TOKENS = 1024
"""A processor is busy at about a thousand tokens a batch; more only costs memory."""

STEADY_ROWS = 16
"""From so many rows on, the rows of a matrix product come out the same however many there are."""

_WIDTH_STEP = 4
"""Narrow steps pad less, wide ones fill batches: of 1, 2, 4 and 8 this was quickest for sentences."""


def run_in_batches(
    lengths: Sequence[int],
    run: Callable[[list[int]], Sequence[T]],
    *,
    token_budget: int = CPU_TOKENS,
) -> list[T]:
    """Run items of one length together and return the answers in the caller's order.

    Args:
        lengths: the number of tokens of each item, padding included (see `padded_width`).
        run: gets the indices of one batch and returns one answer each. Whether gradients are wanted
            is its own choice.
        token_budget: the most tokens a batch may have; one item always goes.

    Before every batch `models.classifier.next_batch` is called, and ends the work by raising. When memory
    runs out the batch is halved and the budget stays at what did fit.

    Raises:
        ModelError: a single item does not fit the memory.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    answers: list[T | None] = [None] * len(lengths)
    start = 0
    while start < len(order):
        length = lengths[order[start]]
        most = max(1, token_budget // max(1, length))
        chosen = [index for index in order[start : start + most] if lengths[index] == length]
        next_batch()
        try:
            found = run(chosen)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            if len(chosen) == 1:
                raise ModelError(
                    f"A text of {length} tokens does not fit the memory that is left. "
                    "Shorten it, free memory, or choose another device or a smaller dtype."
                ) from error
            token_budget = length * (len(chosen) // 2)
        else:
            for index, answer in zip(chosen, found, strict=True):
                answers[index] = answer
            start += len(chosen)
            continue
        # Outside of the handler, where the error no longer holds the failed batch's tensors.
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return cast(list[T], answers)


def _is_out_of_memory(error: Exception) -> bool:
    """Whether memory ran out: on a processor torch raises a bare RuntimeError for it."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)


def padded_width(tokens: int, longest: int) -> int:
    """The width that a text of so many tokens is padded to, in a model that takes `longest` at most."""
    rounded = max(STEADY_ROWS, -(-tokens // _WIDTH_STEP) * _WIDTH_STEP)
    return max(tokens, min(rounded, longest))


def pad(
    tokenizer: Any, encoded: Sequence[EncodedText], device: torch.device | str, width: int = 0
) -> dict[str, Tensor]:
    """The texts as one batch on the device: what the model takes as keywords.

    Padded to the longest of them, or to `width` where that is more, on the tokenizer's side;
    `models.loading` found the one that leaves this model's answers alone.
    """
    width = max(width, *(len(item) for item in encoded))
    left = tokenizer.padding_side == "left"

    def rows(values: Sequence[Sequence[int]], fill: int) -> Tensor:
        gaps = [[fill] * (width - len(row)) for row in values]
        filled = [[*gap, *row] if left else [*row, *gap] for row, gap in zip(values, gaps, strict=True)]
        return torch.tensor(filled, dtype=torch.long, device=device)

    batch = {
        "input_ids": rows([item.ids for item in encoded], tokenizer.pad_token_id),
        "attention_mask": rows([[1] * len(item) for item in encoded], 0),
    }
    if "token_type_ids" in tokenizer.model_input_names:
        batch["token_type_ids"] = rows([item.type_ids for item in encoded], tokenizer.pad_token_type_id)
    return batch


def steady(module: nn.Module) -> None:
    """Let the module's heads compute at least `STEADY_ROWS` rows, and return those that were asked for.

    Only products of single vectors are concerned, a row a text; those over all tokens are large enough.
    """
    for part in module.modules():
        if type(part) is nn.Linear:
            part.forward = types.MethodType(_steady_product, part)  # type: ignore[method-assign]


def _steady_product(linear: nn.Linear, rows: Tensor) -> Tensor:
    missing = STEADY_ROWS - len(rows) if rows.dim() == 2 else 0
    if missing <= 0:
        return nn.Linear.forward(linear, rows)
    return nn.Linear.forward(linear, nn.functional.pad(rows, (0, 0, 0, missing)))[: len(rows)]


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in one thread, so that answers depend neither on batches nor on the machine's cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
