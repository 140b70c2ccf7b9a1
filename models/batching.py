"""The one place that batches."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import torch
from torch import Tensor

from models.classifier import ModelError
from models.encoding import EncodedText

T = TypeVar("T")

CPU_TOKENS = 1024
"""A processor is busy at about a thousand tokens a batch; more only costs memory."""


def run_in_batches(
    lengths: Sequence[int],
    run: Callable[[list[int]], Sequence[T]],
    *,
    token_budget: int = CPU_TOKENS,
) -> list[T]:
    """Run items of similar length together and return the answers in the caller's order.

    Args:
        lengths: the number of tokens of each item.
        run: gets the indices of one batch and returns one answer each. Whether gradients are wanted
            is its own choice.
        token_budget: the most tokens a batch may have, padding included; one item always goes.

    When memory runs out the batch is halved and the budget stays at what did fit.

    Raises:
        ModelError: a single item does not fit the memory.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    answers: list[T | None] = [None] * len(lengths)
    start = 0
    while start < len(order):
        longest = max(1, lengths[order[start]])
        chosen = order[start : start + max(1, token_budget // longest)]
        try:
            found = run(chosen)
        except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
            if not _is_out_of_memory(error):
                raise
            if len(chosen) == 1:
                raise ModelError(
                    f"A text of {longest} tokens does not fit the memory that is left. "
                    "Shorten it, free memory, or choose another device or a smaller dtype."
                ) from error
            token_budget = longest * (len(chosen) // 2)
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


def pad(tokenizer: Any, encoded: Sequence[EncodedText], device: torch.device | str) -> dict[str, Tensor]:
    """The texts as one batch on the device: what the model takes as keywords.

    Padded on the tokenizer's side; `models.loading` found the one that leaves this model's answers alone.
    """
    width = max(len(item) for item in encoded)
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
