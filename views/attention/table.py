"""One matrix of weights as rows for a table."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray


def rows(
    weights: NDArray[np.floating],
    tokens: Sequence[str],
    positions: Sequence[int] | None = None,
    readers: Sequence[str] | None = None,
) -> Iterator[dict[str, object]]:
    """One row for each token that looks, one column for each that is looked at, named "7 never".

    `positions` number the tokens (from 0) where some were left out; `readers` look where they are others.
    """
    numbers = range(len(tokens)) if positions is None else positions
    names = [f"{number + 1} {token}" for number, token in zip(numbers, tokens, strict=True)]
    if readers is None or list(readers) == list(tokens):
        own = names
    else:
        own = [f"{number} {token}" for number, token in enumerate(readers, 1)]
    for name, row in zip(own, weights.astype(np.float64).round(6).tolist(), strict=True):
        yield {"from": name, **dict(zip(names, row, strict=True))}
