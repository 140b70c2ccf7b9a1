"""What the classification head would say after each layer, and how far each layer moves each token."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.one_label import as_choice

if TYPE_CHECKING:
    from analysis.layers.stack import Stack


@dataclass(frozen=True)
class Lens:
    """The answer on its way: the logit lens (Nostalgebraist 2020) with the classification head.

    `logits` is float64 (layers + 1, labels): row 0 is what the head says to the embeddings, row i to the
    state after layer i, the last row the model's own answer.
    """

    logits: NDArray[np.float64]

    @property
    def layers(self) -> int:
        """How many layers."""
        return len(self.logits) - 1

    @property
    def answers(self) -> NDArray[np.intp]:
        """The most likely label after each layer, (layers + 1,)."""
        return self.logits.argmax(axis=1)

    @property
    def settled(self) -> int:
        """The first layer after which the final answer stays, by at least half its final lead in logits.

        0 is before the first layer. To have been the likelier one by a hair, as some label always is, does
        not count.
        """
        others = self.logits.copy()
        others[:, self.answers[-1]] = -np.inf
        lead = self.logits[:, self.answers[-1]] - others.max(axis=1)
        return _first_of_the_tail(lead >= lead[-1] / 2)

    def of(self, label: int, *, from_start: bool = False) -> "Lens":
        """One label's column as a question where each holds or does not: 0 for no, its logit for yes.

        `from_start` asks it of a number that the layers bring from one value to another: it counts from the
        first row, so that half the final lead is half the way.
        """
        return Lens(as_choice(self.logits - self.logits[0] if from_start else self.logits, label))


def read_layers(stack: "Stack") -> Lens:
    """The head applied to the state before the first layer and after each."""
    import torch

    with torch.no_grad():
        logits = torch.cat([stack.read(stack.rows(state)[None]) for state in stack.states])
    return Lens(logits.double().cpu().numpy())


def drift(stack: "Stack") -> NDArray[np.float64]:
    """How far each layer turns each position's state: 1 minus the cosine to the one before.

    (layers, positions), from 0 (the same direction) to 2 (the opposite one).
    """
    states = [stack.rows(state) for state in stack.states]
    return np.stack([distance(old, new) for old, new in pairwise(states)])


def distance(one: object, other: object) -> NDArray[np.float64]:
    """1 minus the cosine of the rows of two tensors (rows, width): (rows,)."""
    import torch

    assert isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor)
    cosines = torch.nn.functional.cosine_similarity(one.double(), other.double(), dim=-1)
    return (1 - cosines.clamp(-1, 1)).cpu().numpy()


def turn(before: Lens, after: Lens) -> int | None:
    """The first layer after which two texts' answers differ and stay apart; None where they end alike.

    Of one model, so that both lenses have as many layers.
    """
    apart = before.answers != after.answers
    return _first_of_the_tail(apart) if apart[-1] else None


def _first_of_the_tail(holds: Sequence[bool] | NDArray[np.bool_]) -> int:
    """Where the run of true values that ends the sequence begins."""
    broken = np.flatnonzero(~np.asarray(holds))
    return int(broken[-1]) + 1 if len(broken) else 0
