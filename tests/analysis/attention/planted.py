"""Attention made up on the spot."""

import numpy as np

from analysis.attention import Attention


def attention_of(weights, special=None, pooled=0):
    weights = np.asarray(weights, dtype=np.float32)
    count = weights.shape[-1]
    return Attention(
        tokens=tuple(f"t{i}" for i in range(count)),
        weights=weights,
        truncated=False,
        special=tuple(special or [False] * count),
        offsets=((0, 0),) * count,
        pooled=pooled,
    )


def random_attention(layers=4, heads=3, count=6, **settings):
    rng = np.random.default_rng(3)
    return attention_of(rng.dirichlet(np.ones(count), (layers, heads, count)), **settings)
