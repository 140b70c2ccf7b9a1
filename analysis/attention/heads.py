"""What each head looks at, in figures and in one word."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import Attention

#: From this share of a head's weight on, the head is said to look there.
DOMINANT_SHARE = 0.4
#: From this share of the largest possible entropy on, a head is said to look everywhere alike.
DIFFUSE_SPREAD = 0.85

Pattern = Literal["special", "previous", "next", "same", "everywhere", "mixed"]


@dataclass(frozen=True)
class HeadProfiles:
    """What each head looks at: arrays of shape (layers, heads), averaged over the ordinary tokens' rows.

    `spread` is the entropy as a share of the largest possible one (0 one token, 1 all alike);
    `special`, `previous`, `next` and `same` are shares of the weight given to special tokens, to the
    neighbours and to the token itself; `distance` is the mean distance looked, in tokens.
    """

    spread: NDArray[np.float64]
    special: NDArray[np.float64]
    previous: NDArray[np.float64]
    next: NDArray[np.float64]
    same: NDArray[np.float64]
    distance: NDArray[np.float64]

    def pattern(self, layer: int, head: int) -> tuple[Pattern, float]:
        """The pattern that describes a head best (layer and head from 0), and its share or spread."""
        shares: dict[Pattern, float] = {
            "special": float(self.special[layer, head]),
            "previous": float(self.previous[layer, head]),
            "next": float(self.next[layer, head]),
            "same": float(self.same[layer, head]),
        }
        name = max(shares, key=lambda key: shares[key])
        if shares[name] >= DOMINANT_SHARE:
            return name, shares[name]
        spread = float(self.spread[layer, head])
        return ("everywhere" if spread >= DIFFUSE_SPREAD else "mixed"), spread

    def clearest(self) -> tuple[int, int]:
        """The (layer, head), from 0, that looks most sharply at ordinary tokens: a good one to begin with."""
        sharpness = (1 - self.special) * (1 - self.spread)
        layer, head = np.unravel_index(int(sharpness.argmax()), sharpness.shape)
        return int(layer), int(head)


def profiles(attention: Attention) -> HeadProfiles:
    """Short descriptions of every head; cheap even for 512 tokens."""
    count = len(attention.tokens)
    special = np.array(attention.special, dtype=bool)
    own = np.flatnonzero(~special) if not special.all() else np.arange(count)
    # Where a decoder looks at the encoder, its place i holds the encoder's token i - 1.
    shift = int(attention.part == "cross" and own[0] + 1 < count)
    own = own[own + shift < count]
    rows = own + shift
    shape = attention.weights.shape[:2]
    found = {name: np.zeros(shape) for name in HeadProfiles.__dataclass_fields__}
    gap = np.abs(np.subtract.outer(own, np.arange(count))).astype(np.float32)
    before, after = own > 0, own < count - 1
    for layer, head in np.ndindex(shape):
        matrix = attention.head(layer, head)
        seen = matrix[rows]
        logs = np.log(np.where(seen > 0, seen, 1.0))
        found["spread"][layer, head] = -(seen * logs).sum(axis=-1).mean() / np.log(max(count, 2))
        found["special"][layer, head] = seen[:, special].sum(axis=-1).mean()
        found["previous"][layer, head] = matrix[rows[before], own[before] - 1].sum() / len(rows)
        found["next"][layer, head] = matrix[rows[after], own[after] + 1].sum() / len(rows)
        found["same"][layer, head] = matrix[rows, own].mean()
        found["distance"][layer, head] = (seen * gap).sum(axis=-1).mean()
    return HeadProfiles(**found)


def strongest_pair(attention: Attention, layer: int, head: int) -> tuple[int, int, float]:
    """(from, to, weight) of the largest weight between two different ordinary tokens; layer, head from 0.

    Falls back to any pair where the text has fewer than two ordinary tokens.
    """
    matrix = attention.head(layer, head).copy()
    special = np.array(attention.special, dtype=bool)
    if (~special).sum() > 1:
        cross = attention.part == "cross"
        matrix[np.append(True, special[:-1]) if cross else special, :] = -1
        matrix[:, special] = -1
        np.fill_diagonal(matrix[1:] if cross else matrix, -1)
    source, target = np.unravel_index(int(matrix.argmax()), matrix.shape)
    return int(source), int(target), float(attention.weights[layer, head, source, target])
