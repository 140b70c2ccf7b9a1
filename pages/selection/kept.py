"""What the server keeps for all visitors, a bounded number of each kind."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock


class Kept:
    """The last few results by key, for all visitors; the oldest goes first."""

    def __init__(self, most: int):
        self._most = most
        self._items: OrderedDict[Hashable, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> object | None:
        """What is kept under the key, or None."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
            return self._items.get(key)

    def put(self, key: Hashable, value: object) -> None:
        """Keep a value; the one unused for longest makes room."""
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self._most:
                self._items.popitem(last=False)
