"""What is kept in memory: loaded classifiers, and answers already given."""

import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models import loading
from models.classifier import Classifier

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

SHELF_BYTES = 4 * 2**30
ANSWER_BYTES = 64 * 2**20
_OVERHEAD = 200
"""Bytes that an entry of the answers takes beside its text and its row, about."""


class ModelShelf:
    """Loaded classifiers, least recently used first to go; safe to use from many threads.

    A classifier is found again by reference, device, dtype and the state of its files, so that a
    folder whose weights changed is loaded anew. The one asked for last always stays, whatever its
    size. A load that fails leaves the shelf as it was.
    """

    def __init__(
        self,
        max_bytes: int = SHELF_BYTES,
        load: "Callable[..., TransformerClassifier]" = loading.load,
    ):
        self._max_bytes = max_bytes
        self._load = load
        self._held: OrderedDict[tuple[str, ...], TransformerClassifier] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def get(self, reference: str, device: str = "auto", dtype: str = "auto") -> "TransformerClassifier":
        """The classifier, loaded now if it is not here. Raises what `models.loading.load` raises."""
        key = (reference, device, dtype, loading.stamp(reference))
        with self._lock:
            if found := self._find(key):
                return found
        with self._loading:
            with self._lock:
                if found := self._find(key):
                    return found
            loaded = self._load(reference, device=device, dtype=dtype)
            with self._lock:
                for old in [held for held in self._held if held[:3] == key[:3]]:
                    del self._held[old]
                self._held[key] = loaded
                while len(self._held) > 1 and self.memory_bytes > self._max_bytes:
                    self._held.popitem(last=False)
            return loaded

    def _find(self, key: tuple[str, ...]) -> "TransformerClassifier | None":
        if key in self._held:
            self._held.move_to_end(key)
        return self._held.get(key)

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights on the shelf."""
        return sum(classifier.memory_bytes for classifier in list(self._held.values()))


class CachedClassifier:
    """A classifier that remembers its answers, within a bounded memory; safe for many threads.

    Answers are keyed by fingerprint and text, so several classifiers can share one memory, and a
    text gets the very same floats each time, whatever its neighbours. The oldest used go first.
    """

    def __init__(self, classifier: Classifier, max_bytes: int = ANSWER_BYTES):
        self.classifier = classifier
        self._max_bytes = max_bytes
        self._bytes = 0
        self._answers: OrderedDict[tuple[str, str], NDArray[np.float64]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def labels(self) -> tuple[str, ...]:
        """The wrapped classifier's labels."""
        return self.classifier.labels

    @property
    def fingerprint(self) -> str:
        """The wrapped classifier's fingerprint."""
        return self.classifier.fingerprint

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """As the wrapped classifier's, asking it only for texts that are not remembered."""
        fingerprint = self.fingerprint
        known: dict[str, NDArray[np.float64]] = {}
        with self._lock:
            for text in dict.fromkeys(texts):
                if (fingerprint, text) in self._answers:
                    self._answers.move_to_end((fingerprint, text))
                    known[text] = self._answers[fingerprint, text]
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            known.update(zip(missing, self.classifier.probabilities(missing), strict=True))
            with self._lock:
                for text in missing:
                    self._remember((fingerprint, text), known[text])
        return np.array([known[text] for text in texts]).reshape(len(texts), len(self.labels))

    def _remember(self, key: tuple[str, str], row: NDArray[np.float64]) -> None:
        if key in self._answers:
            return
        self._answers[key] = row.copy()
        self._bytes += _size(key[1], row)
        while self._bytes > self._max_bytes:
            (_, text), old = self._answers.popitem(last=False)
            self._bytes -= _size(text, old)


def _size(text: str, row: NDArray[np.float64]) -> int:
    return sys.getsizeof(text) + row.nbytes + _OVERHEAD
