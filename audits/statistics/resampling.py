"""Whole source examples drawn again: the bootstrap that the intervals of drops and means share."""

from collections.abc import Hashable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from audits.statistics.estimates import Z

Number = TypeVar("Number", np.int64, np.float64)
#: Each row's source example, where rows are not one of each.
Clusters = Sequence[Hashable] | None


def by_cluster(difference: NDArray[Number], clusters: Clusters) -> tuple[NDArray[Number], NDArray[np.int64]]:
    """Each source example's sums, of one column or of several, and its number of rows.

    `clusters` names each row's source example; None for one row an example. Raises ValueError.
    """
    if clusters is None:
        return difference, np.ones(len(difference), dtype=np.int64)
    if len(clusters) != len(difference):
        raise ValueError(f"{len(clusters)} clusters for {len(difference)} rows")
    positions: dict[Hashable, int] = {}
    index = [positions.setdefault(cluster, len(positions)) for cluster in clusters]
    sums = np.zeros((len(positions), *difference.shape[1:]), dtype=difference.dtype)
    np.add.at(sums, index, difference)
    return sums, np.bincount(index)


def accelerated(
    resampled: NDArray[np.float64],
    value: float,
    without_one: NDArray[np.float64],
    repeats: NDArray[np.int64],
) -> tuple[float, float]:
    """The BCa interval from the resampled values and those without one example (`repeats` of each kind)."""
    below = (resampled < value).mean() + (resampled == value).mean() / 2
    least = 1 / len(resampled)
    bias = stats.norm.ppf(np.clip(below, least, 1 - least))
    spread = (repeats @ without_one) / repeats.sum() - without_one
    acceleration = (repeats @ spread**3) / (6 * (repeats @ spread**2) ** 1.5)
    shifted = bias + np.array([-Z, Z])
    low, high = np.quantile(resampled, stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))
    return low, high
