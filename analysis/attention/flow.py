"""Attention followed through all layers, to where the classification head reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import Attention
from models.classifier import ModelError

if TYPE_CHECKING:
    from torch import Tensor

#: The longest text, in tokens, whose flow is computed.
MOST_FLOWING = 64
#: The longest text whose rollout is computed between all tokens: layers of 2,048 × 2,048 are multiplied.
MOST_ROLLED = 2048
#: Flows are counted in whole parts of a weight of 1.
_PARTS = 10**6


def rollout(
    attention: Attention, on_progress: Callable[[int, int], None] | None = None
) -> NDArray[np.float64]:
    """Attention followed through all layers: (tokens, tokens), row i says what reached position i.

    Heads are averaged, half of each layer is the residual connection, and the layers are multiplied
    (Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers"). Rows sum to 1. `on_progress`
    receives layers done and the total. Raises ModelError for a text of more than `MOST_ROLLED` tokens.
    """
    count = len(attention.tokens)
    if count > MOST_ROLLED:
        raise ModelError(
            f"Rollout between all tokens is computed for texts of up to {MOST_ROLLED:,} tokens; this one has "
            f"{count:,}."
        )
    flow = np.eye(count)
    for layer in range(attention.layers):
        mixed = 0.5 * averaged(attention, layer) + 0.5 * np.eye(count)
        flow = (mixed / mixed.sum(axis=-1, keepdims=True)) @ flow
        if on_progress is not None:
            on_progress(layer + 1, attention.layers)
    return flow


def rollout_to_answer(attention: Attention) -> NDArray[np.float64]:
    """The share of each token in what the classifier reads, by rollout: (tokens,), summing to 1.

    The row of the pooled position, or the mean of all rows where the classifier reads them all.
    """
    shares = read(attention)
    for layer in reversed(range(attention.layers)):
        blocks = attention.blocks(layer)
        shares = (shares + sum(passed(shares, start, block) for start, block in blocks)) / 2
    return shares / shares.sum()


def read(attention: Attention) -> NDArray[np.float64]:
    """How much of each position the classifier reads: (tokens,), summing to 1."""
    count = len(attention.tokens)
    return np.full(count, 1 / count) if attention.pooled is None else np.eye(count)[attention.pooled]


def passed(shares: NDArray[np.float64], start: int, block: Tensor) -> NDArray[np.float64]:
    """What positions with these shares take from each token, heads averaged: (tokens,).

    `block` (heads, rows, tokens) has the weights of the positions from `start` on; others take nothing.
    """
    import torch

    heads, rows, count = block.shape
    own = torch.as_tensor(shares[start : start + rows] / heads, dtype=block.dtype, device=block.device)
    found: NDArray[np.float64] = (own.repeat(heads) @ block.reshape(-1, count)).double().cpu().numpy()
    return found


def averaged(attention: Attention, layer: int) -> NDArray[np.float64]:
    """One layer's weights, heads averaged: (tokens, tokens)."""
    return np.concatenate([block.double().mean(dim=0).cpu().numpy() for _, block in attention.blocks(layer)])


def flow_to_answer(attention: Attention) -> NDArray[np.float64]:
    """The share of each token in what the classifier reads, by attention flow: (tokens,), summing to 1.

    Layers are seen as pipes as wide as the weights (heads averaged, half of each layer the residual
    connection), and a token's share is the most that can run from it alone to the position that the
    classifier reads, or to all of them where it reads them all (Abnar & Zuidema 2020). Raises ModelError for
    a text of more than `MOST_FLOWING` tokens: a maximum flow is computed for each.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    count, layers = len(attention.tokens), attention.layers
    if count > MOST_FLOWING:
        raise ModelError(
            f"Attention flow is computed for texts of up to {MOST_FLOWING} tokens; this one has {count}."
        )
    sink = (layers + 1) * count
    capacities = np.zeros((sink + 1, sink + 1), np.int32)
    for number in range(layers):
        mixed = 0.5 * averaged(attention, number) + 0.5 * np.eye(count)
        below, above = number * count, (number + 1) * count
        capacities[below:above, above : above + count] = np.round(_PARTS * mixed.T)
    read = range(count) if attention.pooled is None else [attention.pooled]
    capacities[[layers * count + place for place in read], sink] = _PARTS
    pipes = csr_array(capacities)
    found = np.array([maximum_flow(pipes, token, sink).flow_value for token in range(count)], np.float64)
    return found / found.sum()
