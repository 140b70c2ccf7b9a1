"""The one protocol for a model that answers."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class ModelError(ValueError):
    """A model that cannot be used. The message says what is wrong, where, and what to do."""


class Classifier(Protocol):
    """Anything that turns texts into a probability per label.

    Attacks, noise and audits need nothing more: a local Transformer, a quantised copy, an HTTP
    endpoint and a test double all satisfy it.
    """

    @property
    def labels(self) -> tuple[str, ...]:
        """Label names, in the order of the columns of `probabilities`."""

    @property
    def fingerprint(self) -> str:
        """A hash of everything that decides the answers (weights, tokenizer, settings); never a name."""

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """One row a text, one column a label; rows sum to 1. Order is the caller's."""
