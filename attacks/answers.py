"""Asking the model: rounded answers, one batch for many questions, and one bad text kept apart."""

import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier, ModelError

#: A call should come back within about this many seconds, so that a cancel is noticed in time.
_SECONDS_A_CALL = 0.3
_SMALLEST_CALL, _LARGEST_CALL = 16, 1024

#: A row of probabilities, or the exception that its text raises.
Answer = NDArray[np.float64] | Exception


class Cancelled(Exception):
    """The caller asked to stop. What had finished by then has been handed to `on_outcome`."""


def rounded(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rows rounded to seven decimals that still sum to 1; the largest entry takes up the difference.

    In one thread on a processor equal inputs have equal answers whatever shares their batch
    (`models.batching`), and audits compute like that. On a graphics card, in several threads, or behind a
    network the sixth digit may move from batch to batch; rounding takes away the noise below 1e-7 only.
    """
    rows: NDArray[np.float64] = np.asarray(probabilities, dtype=np.float64).round(7)
    largest = rows.argmax(axis=1)
    position = np.arange(len(rows))
    rows[position, largest] = 0.0
    rows[position, largest] = np.round(1.0 - rows.sum(axis=1), 7)
    return rows


class Answers:
    """A classifier asked about any number of texts at once.

    Every distinct text is sent once, in calls that grow or shrink to about a third of a second;
    before each call `cancelled` is asked, and Cancelled raised if it says so. Where a call fails,
    its texts are asked again in halves, so that only the texts which fail on their own do.
    """

    def __init__(self, classifier: Classifier, cancelled: Callable[[], bool] | None = None) -> None:
        self._classifier = classifier
        self._cancelled = cancelled or (lambda: False)
        self._size = 2 * _SMALLEST_CALL

    def __call__(self, texts: Sequence[str]) -> dict[str, Answer]:
        """For every text its row of probabilities, or the exception that it raises."""
        distinct = sorted(dict.fromkeys(texts), key=len)
        answered: dict[str, Answer] = {}
        start = 0
        while start < len(distinct):
            some = distinct[start : start + self._size]
            began = time.monotonic()
            answered.update(self._ask(some))
            self._pace(len(some), time.monotonic() - began)
            start += len(some)
        return answered

    def check(self) -> None:
        """Raises Cancelled if the caller wants to stop."""
        if self._cancelled():
            raise Cancelled

    def _ask(self, texts: list[str]) -> dict[str, Answer]:
        self.check()
        try:
            rows = rounded(self._classifier.probabilities(texts))
        except Exception as problem:
            if len(texts) == 1:
                return {texts[0]: problem}
            middle = len(texts) // 2
            return self._ask(texts[:middle]) | self._ask(texts[middle:])
        return {
            text: row
            if np.isfinite(row).all()
            else ModelError("The model's answer to this text is not a number.")
            for text, row in zip(texts, rows, strict=True)
        }

    def _pace(self, asked: int, seconds: float) -> None:
        if seconds > _SECONDS_A_CALL:
            self._size = max(_SMALLEST_CALL, self._size // 2)
        elif asked == self._size and seconds < _SECONDS_A_CALL / 3:
            self._size = min(_LARGEST_CALL, self._size * 2)
