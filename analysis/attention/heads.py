"""What each head looks at, in figures and in one word."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

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
