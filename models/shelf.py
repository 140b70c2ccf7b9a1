"""Loaded classifiers, kept in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING

from models import loading

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

SHELF_BYTES = 4 * 2**30


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
