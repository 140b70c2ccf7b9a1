"""Pickles that hold nothing but plain values.

A pickle can name any function to be called when it is read. This reader knows none but the containers
below, so that a doctored file fails instead of running.
"""

import io
import pickle
from collections import defaultdict
from typing import Any

_KNOWN = {
    (module, kind.__name__): kind
    for module in ("builtins", "__builtin__")
    for kind in (set, dict, list, tuple)
} | {("collections", "defaultdict"): defaultdict}


class _Plain(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _KNOWN:
            return _KNOWN[module, name]
        raise pickle.UnpicklingError(f"{module}.{name} has no place in plain data.")


def load_plain(data: bytes) -> Any:
    """The value in a pickle. Raises pickle.UnpicklingError where it is more than plain data."""
    return _Plain(io.BytesIO(data), encoding="utf-8").load()
