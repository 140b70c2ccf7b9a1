"""Answers that were given before, kept as long as they fit."""

import hashlib
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

#: Bytes that a run's answers may take: some 40,000 sentence vectors, or 250,000 answers of a classifier.
LIMIT = 64 * 2**20

#: What an entry takes beside its numbers: key, array header, dictionary slot (measured, rounded up).
_OVERHEAD = 256


class Cache:
    """Rows of numbers by what they answer: the model's fingerprint and the text, never the model's name.

    Holds at most `limit` bytes; the row that was not wanted for longest goes first. A row that comes
    back is the one that went in, and must not be written to.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._rows: OrderedDict[bytes, NDArray] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def bytes(self) -> int:
        """What the rows take now."""
        return self._bytes

    def get(self, fingerprint: str, text: str) -> NDArray | None:
        """The row, or None."""
        key = _key(fingerprint, text)
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def put(self, fingerprint: str, text: str, row: NDArray) -> None:
        """Keeps a row, in the place of older ones where there is no room."""
        size = row.nbytes + _OVERHEAD
        if size > self._limit:
            return
        key = _key(fingerprint, text)
        if key in self._rows:
            return
        # A row of a batch would keep the whole batch in memory.
        self._rows[key] = np.array(row)
        self._bytes += size
        while self._bytes > self._limit:
            self._bytes -= self._rows.popitem(last=False)[1].nbytes + _OVERHEAD


def _key(fingerprint: str, text: str) -> bytes:
    name = fingerprint.encode()
    written = len(name).to_bytes(4, "big") + name + text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(written, digest_size=20).digest()
