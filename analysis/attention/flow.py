"""Attention followed through all layers, to where the classification head reads."""

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import Attention


def rollout(attention: Attention) -> NDArray[np.float64]:
    """Attention followed through all layers: (tokens, tokens), row i says what reached position i.

    Heads are averaged, half of each layer is the residual connection, and the layers are multiplied
    (Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers"). Rows sum to 1.
    """
    count = len(attention.tokens)
    flow = np.eye(count)
    for layer in attention.weights:
        mixed = 0.5 * layer.mean(axis=0, dtype=np.float64) + 0.5 * np.eye(count)
        flow = (mixed / mixed.sum(axis=-1, keepdims=True)) @ flow
    return flow


def rollout_to_answer(attention: Attention) -> NDArray[np.float64]:
    """The share of each token in what the classifier reads, by rollout: (tokens,), summing to 1.

    The row of the pooled position, or the mean of all rows where the classifier reads them all.
    """
    flow = rollout(attention)
    return flow.mean(axis=0) if attention.pooled is None else flow[attention.pooled]
