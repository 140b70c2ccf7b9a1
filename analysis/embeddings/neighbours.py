"""Who lies next to whom: nearest neighbours, what a projection keeps of them, and what their labels say."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 15
"""How many nearest neighbours every figure here looks at, where there are enough points."""


def nearest(vectors: NDArray[np.floating], count: int = NEIGHBOURS) -> NDArray[np.intp]:
    """The `count` nearest other rows of each row by Euclidean distance, nearest first.

    Returns:
        (rows, count) row numbers; fewer columns where there are not that many other rows.
    """
    from sklearn.neighbors import NearestNeighbors

    count = min(count, len(vectors) - 1)
    if count < 1:
        return np.zeros((len(vectors), 0), np.intp)
    return (
        NearestNeighbors(n_neighbors=count, algorithm="brute").fit(vectors).kneighbors(return_distance=False)
    )


def neighbourhood_size(rows: int) -> int:
    """How many neighbours to compare among so many rows: 15, and never more than half of the others.

    With as many neighbours as there are other rows, every projection would keep all of them.
    """
    return min(NEIGHBOURS, (rows - 1) // 2)


def neighbours_kept(vectors: NDArray[np.floating], points: NDArray[np.floating]) -> float | None:
    """The mean share of a row's nearest neighbours in `vectors` that are also its nearest in `points`.

    Looks at `neighbourhood_size` neighbours. None where there are fewer than three rows, or where all
    rows are the same, so that no neighbour is nearer than another.
    """
    count = neighbourhood_size(len(vectors))
    if count < 1 or all_alike(vectors):
        return None
    before, after = nearest(vectors, count), nearest(points, count)
    kept = [len(np.intersect1d(old, new)) for old, new in zip(before, after, strict=True)]
    return float(np.mean(kept) / count)


def label_votes(
    vectors: NDArray[np.floating], targets: Sequence[int] | NDArray[np.integer]
) -> NDArray[np.intp] | None:
    """The label that most of each row's nearest neighbours carry, the row itself left out.

    Looks at `neighbourhood_size` neighbours. A tie goes to the label, among the tied ones, of the
    nearest neighbour. None where there are fewer than three rows, or where all rows are the same.
    """
    if len(vectors) < 3 or all_alike(vectors):
        return None
    labels = np.asarray(targets)[nearest(vectors, neighbourhood_size(len(vectors)))]  # (rows, neighbours)
    rows, neighbours = labels.shape
    counts = np.zeros((rows, int(np.max(targets)) + 1))
    # A later neighbour is worth a hair less, so that of two labels with equal votes the one met first wins.
    hair = 1 / (4 * neighbours)
    for place in range(neighbours):
        counts[np.arange(rows), labels[:, place]] += 1 + hair * 2.0 ** -(place + 1)
    return counts.argmax(1)


def all_alike(vectors: NDArray[np.floating]) -> bool:
    """Whether the rows differ by no more than rounding does."""
    wide = np.asarray(vectors, np.float64)
    spread = np.abs(wide - wide.mean(0)).max(initial=0)
    return bool(spread <= 1e-5 * max(np.abs(wide).max(initial=0), np.finfo(np.float32).tiny))
