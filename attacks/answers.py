"""Asking the models: rounded answers, one batch for many questions, and one bad text kept apart."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacks.cache import Cache
from models.classifier import Classifier, ModelError, between_batches

#: A cancel should be noticed within about this many seconds. A model that asks between its batches
#: (`models.classifier.between_batches`) may be sent many texts at once; for others a call must be so short.
_SECONDS_A_CALL = 0.3
_SMALLEST_CALL, _LARGEST_CALL = 16, 8192
_DECIMALS = 9

#: What an oracle says to a text (a row of numbers), or the exception that the text raises.
Answer = NDArray[Any] | Exception


class Cancelled(Exception):
    """The caller asked to stop. What had finished by then has been handed to `on_outcome`."""


def rounded(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows rounded to nine decimals that still sum to 1; the largest entry takes up the difference.

    In one thread on a processor equal inputs have equal answers whatever shares their batch
    (`models.batching`), and audits compute like that. Searches choose between candidates whose scores
    differ by as little as 1e-8, so coarser rounding would choose for them. On a graphics card, in
    several threads, or behind a network the sixth digit may move from batch to batch.
    """
    rows: NDArray[np.float64] = np.asarray(probabilities, dtype=np.float64).round(_DECIMALS)
    largest = rows.argmax(axis=1)
    position = np.arange(len(rows))
    rows[position, largest] = 0.0
    rows[position, largest] = np.round(1.0 - rows.sum(axis=1), _DECIMALS)
    return rows


class Oracle(ABC):
    """A model asked about any number of texts at once, which answers each by itself.

    Every distinct text is sent once, and not at all where the cache has its answer. Before each call and
    each batch `cancelled` is asked, and Cancelled raised if it says so; calls to a model that knows no
    batches grow or shrink to about a third of a second. Where a call fails, its texts are asked again in
    halves, so that only the texts which fail on their own do.
    """

    def __init__(self, cancelled: Callable[[], bool] | None = None, cache: Cache | None = None) -> None:
        self._cancelled = cancelled or (lambda: False)
        self._cache = Cache(0) if cache is None else cache
        self._size = 2 * _SMALLEST_CALL
        self._heard = 0

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """A hash of everything that decides the answers."""

    @abstractmethod
    def answers(self, texts: list[str]) -> NDArray[Any]:
        """One row a text, in the texts' order."""

    def __call__(self, texts: Sequence[str]) -> dict[str, Answer]:
        """For every text its row, or the exception that it raises."""
        answered: dict[str, Answer] = {}
        unknown: list[str] = []
        for text in dict.fromkeys(texts):
            known = self._cache.get(self.fingerprint, text)
            if known is None:
                unknown.append(text)
            else:
                answered[text] = known
        unknown.sort(key=len)
        start = 0
        while start < len(unknown):
            some = unknown[start : start + self._size]
            began, self._heard = time.monotonic(), 0
            with between_batches(self._next_batch):
                answered.update(self._ask(some))
            self._pace(len(some), time.monotonic() - began)
            start += len(some)
        return answered

    def _check(self) -> None:
        if self._cancelled():
            raise Cancelled

    def _next_batch(self) -> None:
        self._heard += 1
        self._check()

    def _ask(self, texts: list[str]) -> dict[str, Answer]:
        self._check()
        try:
            rows = self.answers(texts)
        except Cancelled:
            raise
        except Exception as problem:
            if len(texts) == 1:
                return {texts[0]: problem}
            middle = len(texts) // 2
            return self._ask(texts[:middle]) | self._ask(texts[middle:])
        found: dict[str, Answer] = {}
        for text, row in zip(texts, rows, strict=True):
            if np.isfinite(row).all():
                self._cache.put(self.fingerprint, text, row)
                found[text] = row
            else:
                found[text] = ModelError("The model's answer to this text is not a number.")
        return found

    def _pace(self, asked: int, seconds: float) -> None:
        if self._heard:
            self._size = _LARGEST_CALL
        elif seconds > _SECONDS_A_CALL:
            self._size = max(_SMALLEST_CALL, self._size // 2)
        elif asked == self._size and seconds < _SECONDS_A_CALL / 3:
            self._size = min(_LARGEST_CALL, self._size * 2)


class Answers(Oracle):
    """A classifier's probabilities, rounded."""

    def __init__(
        self,
        classifier: Classifier,
        cancelled: Callable[[], bool] | None = None,
        cache: Cache | None = None,
    ) -> None:
        super().__init__(cancelled, cache)
        self._classifier = classifier

    @property
    def fingerprint(self) -> str:
        """The classifier's."""
        return self._classifier.fingerprint

    def answers(self, texts: list[str]) -> NDArray[np.float64]:
        """Rounded rows of probabilities."""
        return rounded(self._classifier.probabilities(texts))


class Vectors(Oracle):
    """The sentence encoder's vectors of unit length. It is loaded when it is asked for the first time."""

    def __init__(
        self, device: str, cancelled: Callable[[], bool] | None = None, cache: Cache | None = None
    ) -> None:
        super().__init__(cancelled, cache)
        self._device = device

    @property
    def fingerprint(self) -> str:
        """The encoder's."""
        from models.encoder import load_encoder

        return load_encoder(self._device).fingerprint

    def answers(self, texts: list[str]) -> NDArray[np.float32]:
        """Rows of `models.encoder.SentenceEncoder.vectors`."""
        from models.encoder import load_encoder

        return load_encoder(self._device).vectors(texts)


class Oracles:
    """What the searches of one run may ask, with one cache for all of it."""

    def __init__(
        self,
        classifier: Classifier,
        cancelled: Callable[[], bool] | None = None,
        cache: Cache | None = None,
    ) -> None:
        self.cancelled = cancelled or (lambda: False)
        cache = Cache() if cache is None else cache
        self.answers = Answers(classifier, self.cancelled, cache)
        self.vectors = Vectors(str(getattr(classifier, "device", "cpu")), self.cancelled, cache)

    def check(self) -> None:
        """Raises Cancelled if the caller wants to stop."""
        if self.cancelled():
            raise Cancelled
