"""Attention followed through all layers, to where the classification head reads."""

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import Attention
from models.classifier import ModelError

#: The longest text, in tokens, whose flow is computed.
MOST_FLOWING = 64
#: Flows are counted in whole parts of a weight of 1.
_PARTS = 10**6


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
    for number, layer in enumerate(attention.weights):
        mixed = 0.5 * layer.mean(axis=0, dtype=np.float64) + 0.5 * np.eye(count)
        below, above = number * count, (number + 1) * count
        capacities[below:above, above : above + count] = np.round(_PARTS * mixed.T)
    read = range(count) if attention.pooled is None else [attention.pooled]
    capacities[[layers * count + place for place in read], sink] = _PARTS
    pipes = csr_array(capacities)
    found = np.array([maximum_flow(pipes, token, sink).flow_value for token in range(count)], np.float64)
    return found / found.sum()
