"""Who lies next to whom: nearest neighbours, what a projection keeps of them, and what their labels say."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 15
"""How many nearest neighbours every figure here looks at, where there are enough points."""


#: So many rows are looked at between two reports of progress.
_ROWS = 2048


def nearest(
    vectors: NDArray[np.floating],
    count: int = NEIGHBOURS,
    on_progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.int32]:
    """The `count` nearest other rows of each row by Euclidean distance, nearest first.

    `on_progress` receives the number of rows done and the total.

    Returns:
        (rows, count) row numbers; fewer columns where there are not that many other rows.
    """
    from sklearn.neighbors import NearestNeighbors

    total = len(vectors)
    count = min(count, total - 1)
    if count < 1:
        return np.zeros((total, 0), np.int32)
    # A tree helps on a plane or in space; in hundreds of dimensions all distances are the quicker way.
    algorithm = "kd_tree" if vectors.shape[1] <= 3 else "brute"
    model = NearestNeighbors(n_neighbors=count + 1, algorithm=algorithm).fit(vectors)
    found = np.empty((total, count), np.int32)
    for start in range(0, total, _ROWS):
        rows = np.arange(start, min(start + _ROWS, total))
        near = model.kneighbors(vectors[rows], return_distance=False)
        others = near != rows[:, None]
        # A row with more twins than neighbours may not be among its own nearest: one twin goes instead.
        others[others.all(1), -1] = False
        found[rows] = near[others].reshape(len(rows), count)
        if on_progress is not None:
            on_progress(len(rows) + start, total)
    return found


def around(
    vectors: NDArray[np.floating], point: NDArray[np.floating], count: int, *, without: int | None = None
) -> NDArray[np.intp]:
    """The numbers of the `count` rows nearest to a point (width,), nearest first; `without` is left out."""
    distances = np.square(vectors - point).sum(axis=1, dtype=np.float64)
    if without is not None:
        distances[without] = np.inf
    return np.argsort(distances, kind="stable")[: min(count, len(vectors) - (without is not None))]


def neighbourhood_size(rows: int) -> int:
    """How many neighbours to compare among so many rows: 15, and never more than half of the others.

    With as many neighbours as there are other rows, every projection would keep all of them.
    """
    return min(NEIGHBOURS, (rows - 1) // 2)


def neighbourhood(
    vectors: NDArray[np.floating], on_progress: Callable[[int, int], None] | None = None
) -> NDArray[np.int32] | None:
    """The `neighbourhood_size` nearest other rows of each row, nearest first: what the figures below take.

    None where there are fewer than three rows, or where all rows are the same, so that no neighbour is
    nearer than another.
    """
    count = neighbourhood_size(len(vectors))
    if count < 1 or all_alike(vectors):
        return None
    return nearest(vectors, count, on_progress)


def neighbours_kept(near: NDArray[np.integer], points: NDArray[np.floating]) -> float:
    """The mean share of a row's neighbours, (rows, neighbours), that are also its nearest among `points`."""
    after = nearest(points, near.shape[1])
    kept = sum(int((near[:, [place]] == after).sum()) for place in range(near.shape[1]))
    return kept / near.size


def label_votes(near: NDArray[np.integer], targets: Sequence[int] | NDArray[np.integer]) -> NDArray[np.intp]:
    """The label that most of each row's neighbours carry, the row itself left out.

    `near` is (rows, neighbours), nearest first. A tie goes to the label, among the tied ones, of the
    nearest neighbour.
    """
    labels = np.asarray(targets)[near]  # (rows, neighbours)
    rows, neighbours = labels.shape
    counts = np.zeros((rows, int(np.max(targets)) + 1))
    # A later neighbour is worth a hair less, so that of two labels with equal votes the one met first wins.
    hair = 1 / (4 * neighbours)
    for place in range(neighbours):
        counts[np.arange(rows), labels[:, place]] += 1 + hair * 2.0 ** -(place + 1)
    return counts.argmax(1)


def neighbours_mean(
    near: NDArray[np.integer], values: Sequence[float] | NDArray[np.floating]
) -> NDArray[np.float64]:
    """The mean number of each row's neighbours, (rows, neighbours), the row itself left out."""
    means: NDArray[np.float64] = np.asarray(values, np.float64)[near].mean(axis=1)
    return means


def mean_of_others(values: Sequence[float] | NDArray[np.floating]) -> NDArray[np.float64]:
    """The mean number of all rows but each: what a guess that reads nothing says."""
    own = np.asarray(values, np.float64)
    return (own.sum() - own) / max(len(own) - 1, 1)


def all_alike(vectors: NDArray[np.floating]) -> bool:
    """Whether the rows differ by no more than rounding does."""
    if not len(vectors):
        return True
    spread = (vectors.max(0).astype(np.float64) - vectors.min(0)).max(initial=0)
    largest = float(np.abs(vectors).max(initial=0))
    return bool(spread <= 1e-5 * max(largest, float(np.finfo(np.float32).tiny)))
