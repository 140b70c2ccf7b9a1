"""The one protocol for a model that answers."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
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


def among(classifier: Classifier) -> tuple[str, ...]:
    """All labels of the model of which this is one (`models.one_label`); empty for a whole model."""
    found: tuple[str, ...] = getattr(classifier, "among", ())
    return found


_between: ContextVar[Callable[[], None]] = ContextVar("between", default=lambda: None)


@contextmanager
def between_batches(call: Callable[[], None]) -> Iterator[None]:
    """Have `call` called before every batch that a model runs in here; what it raises ends the work.

    Local models do that (`models.batching`). Another classifier may, by calling `next_batch`.
    """
    token = _between.set(call)
    try:
        yield
    finally:
        _between.reset(token)


def next_batch() -> None:
    """What a model calls before a batch."""
    _between.get()()
