"""What a first picture of all heads needs, in one pass over the weights."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.attention.flow import passed, read
from analysis.attention.heads import HeadProfiles
from analysis.attention.weights import Attention

#: Stands for a weight of 0 where its logarithm is taken.
_TINY = 1e-30


@dataclass(frozen=True)
class Glance:
    """All heads of one text in figures and small pictures.

    `strongest` is (layers, heads, 2), from and to, and `strength` (layers, heads), of each head's largest
    weight between two different ordinary tokens (any two where there are fewer than two of those). `small`
    is float32, (layers, heads, side, side): the largest weight of each block. `reached`, (tokens,), is the
    share of each token in what the classifier reads, by rollout (`analysis.attention.flow`).
    """

    profiles: HeadProfiles
    strongest: NDArray[np.int64]
    strength: NDArray[np.float32]
    small: NDArray[np.float32]
    reached: NDArray[np.float64]


def glance(
    attention: Attention, side: int = 1, on_progress: Callable[[int, int], None] | None = None
) -> Glance:
    """All figures of every head, a part of a layer's weights at a time.

    `on_progress` receives the number of layers done and the total, several times a layer, and may raise to
    stop.
    """
    layers, heads, count = attention.layers, attention.heads, len(attention.tokens)
    figures = {name: np.zeros((layers, heads)) for name in HeadProfiles.__dataclass_fields__}
    strongest = np.zeros((layers, heads, 2), np.int64)
    strength = np.full((layers, heads), -np.inf, np.float32)
    small = np.zeros((layers, heads, side, side), np.float32)
    cuts = (np.arange(side) * count) // side
    cells = np.searchsorted(cuts, np.arange(count), side="right") - 1
    looks = _Looks(attention)
    reached = read(attention)
    # From the last layer down, so that one row of the rollout follows without the others.
    for layer in reversed(range(layers)):
        taken = np.zeros(count)
        for start, block in attention.blocks(layer):
            if on_progress is not None:
                on_progress(layers - 1 - layer, layers)
            end = start + block.shape[1]
            taken += passed(reached, start, block)
            pooled = np.maximum.reduceat(block.cpu().numpy(), cuts, axis=2)
            for cell in np.unique(cells[start:end]):
                inside = pooled[:, cells[start:end] == cell].max(axis=1)
                small[layer, :, cell] = np.maximum(small[layer, :, cell], inside)
            for name, found in looks.figures(start, block).items():
                figures[name][layer] += found
            looks.largest(start, block, strongest[layer], strength[layer])
        reached = (reached + taken) / 2
    if on_progress is not None:
        on_progress(layers, layers)
    return Glance(HeadProfiles(**figures), strongest, strength, small, reached / (reached.sum() or 1))


class _Looks:
    """Which rows and columns the figures are about."""

    def __init__(self, attention: Attention):
        self._attention = attention
        self._count = count = len(attention.tokens)
        self._special = np.array(attention.special, dtype=bool)
        own = np.flatnonzero(~self._special) if not self._special.all() else np.arange(count)
        # Where a decoder looks at the encoder, its place i holds the encoder's token i - 1.
        self._shift = int(attention.part == "cross" and own[0] + 1 < count)
        self._own = own[own + self._shift < count]
        self._ordinary = int((~self._special).sum()) > 1

    def figures(self, start: int, block: Tensor) -> dict[str, NDArray[np.float64]]:
        """What a block of rows adds to each figure of the heads."""
        count, rows = self._count, self._own + self._shift
        here = (rows >= start) & (rows < start + block.shape[1])
        own, lines = self._own[here], rows[here] - start
        before, after = own > 0, own < count - 1
        counts = torch.zeros(block.shape[1])
        counts[lines] = 1
        # Other rows, of special tokens, add nothing; leaving them in spares a copy.
        gap = torch.zeros(block.shape[1:])
        gap[lines] = torch.from_numpy(np.abs(np.subtract.outer(own, np.arange(count))).astype(np.float32))
        counts, gap = counts.to(block.device), gap.to(block.device)
        special = torch.from_numpy(self._special.astype(np.float32)).to(block.device)
        entropy = -block.clamp_min(_TINY).log_().mul_(block).sum(dim=2)
        found = {
            "spread": entropy @ counts / np.log(max(count, 2)),
            "special": (block @ special) @ counts,
            "previous": block[:, lines[before], own[before] - 1].sum(dim=1),
            "next": block[:, lines[after], own[after] + 1].sum(dim=1),
            "same": block[:, lines, own].sum(dim=1),
            "distance": block.reshape(len(block), -1) @ gap.reshape(-1),
        }
        return {name: one.double().cpu().numpy() / len(rows) for name, one in found.items()}

    def largest(
        self, start: int, block: Tensor, strongest: NDArray[np.int64], strength: NDArray[np.float32]
    ) -> None:
        """Note the largest weights of a block, where they are larger; what is not asked about is wiped."""
        rows = np.arange(start, start + block.shape[1])
        if self._ordinary:
            cross = self._attention.part == "cross"
            wiped = np.append(True, self._special[:-1]) if cross else self._special
            block[:, torch.from_numpy(np.flatnonzero(wiped[rows]))] = -1
            block[:, :, torch.from_numpy(np.flatnonzero(self._special))] = -1
            same = rows[rows >= cross]
            block[:, same - start, same - cross] = -1
        values, columns = block.max(dim=2)
        best, lines = (one.cpu().numpy() for one in values.max(dim=1))
        better = best > strength
        strength[better] = best[better]
        strongest[better, 0] = start + lines[better]
        strongest[better, 1] = columns.cpu().numpy()[np.arange(len(lines)), lines][better]
