"""Loaded classifiers, kept in memory."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from models import loading
from models.references import split

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

SHELF_BYTES = 4 * 2**30


class _Held(NamedTuple):
    """A classifier, and the one whose weights it shares."""

    classifier: "TransformerClassifier"
    shares: "TransformerClassifier | None" = None


class ModelShelf:
    """Loaded classifiers, least recently used first to go; safe to use from many threads.

    A classifier is found again by reference, device, dtype and the state of its files, so that a
    folder whose weights changed is loaded anew. The one asked for last always stays, whatever its
    size. A load that fails leaves the shelf as it was. One label of a model that is here shares its weights.
    """

    def __init__(
        self,
        max_bytes: int = SHELF_BYTES,
        load: "Callable[..., TransformerClassifier]" = loading.load,
    ):
        self._max_bytes = max_bytes
        self._load = load
        self._held: OrderedDict[tuple[str, ...], _Held] = OrderedDict()
        self._lock = threading.Lock()
        self._loading = threading.Lock()

    def get(self, reference: str, device: str = "auto", dtype: str = "auto") -> "TransformerClassifier":
        """The classifier, loaded now if it is not here. Raises what `models.loading.load` raises."""
        key = (reference, device, dtype, loading.stamp(reference))
        with self._lock:
            if found := self._find(key):
                return found
        with self._loading:
            of, label = split(reference)
            with self._lock:
                if found := self._find(key):
                    return found
                whole = None if label is None else self._find((of, *key[1:]))
            if whole is None or label is None or whole.quantised:
                made = _Held(self._load(reference, device=device, dtype=dtype))
            else:
                from models.one_label import one_label

                made = _Held(one_label(whole, label), whole)
            with self._lock:
                for old in [held for held in self._held if held[:3] == key[:3]]:
                    del self._held[old]
                self._held[key] = made
                while len(self._held) > 1 and self.memory_bytes > self._max_bytes:
                    self._held.popitem(last=False)
            return made.classifier

    def _find(self, key: tuple[str, ...]) -> "TransformerClassifier | None":
        if key not in self._held:
            return None
        self._held.move_to_end(key)
        return self._held[key].classifier

    @property
    def memory_bytes(self) -> int:
        """Bytes of all weights on the shelf, those that are shared counted once."""
        held = list(self._held.values())
        here = {id(each.classifier) for each in held}
        return sum(each.classifier.memory_bytes for each in held if id(each.shares) not in here)
