"""Rates: the share of rows of which something is true."""

import math
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audits.statistics.estimates import ENOUGH_DIFFERENT, Estimate, Z
from audits.statistics.resampling import Clusters, by_cluster


def accuracy(correct: ArrayLike, clusters: Clusters = None) -> Estimate:
    """The share of true values, with Wilson's score interval; serves for any rate, not only accuracy.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    `clusters` names each row's source example: rows of one example are right and wrong together, so they
    count for fewer. How many follows from the variance between examples (Rao and Scott 1992, "A simple
    method for the analysis of clustered binary data", Biometrics 48; Wilson's interval on that number:
    Dean and Pagano 2015, Journal of Survey Statistics and Methodology 3). Raises ValueError where the
    clusters are not one a row.
    """
    right = flags(correct)
    count, hits = len(right), int(right.sum())
    if not count:
        return Estimate(math.nan, 0.0, 1.0, 0)
    low, high = wilson(hits / count, count if clusters is None else _effective(right, clusters))
    return Estimate(hits / count, low, high, count)


def wilson(rate: float, count: float) -> tuple[float, float]:
    """Wilson's interval for a rate seen in so many independent rows, which need not be a whole number."""
    middle = (rate + Z * Z / (2 * count)) / (1 + Z * Z / count)
    reach = Z / (1 + Z * Z / count) * math.sqrt(rate * (1 - rate) / count + (Z / (2 * count)) ** 2)
    return (0.0 if rate == 0 else max(0.0, middle - reach)), (1.0 if rate == 1 else min(1.0, middle + reach))


def _effective(right: NDArray[np.bool_], clusters: Sequence[Hashable]) -> float:
    """As how many independent rows these count: no fewer than there are examples, no more than rows."""
    sums, sizes = by_cluster(right.astype(np.int64), clusters)
    rows, examples = len(right), len(sums)
    rate = sums.sum() / rows
    if examples == rows:
        return rows
    apart = float(((sums - rate * sizes) ** 2).sum()) / rows**2
    if not 0 < rate < 1 or apart == 0:
        return examples
    return float(min(max(rate * (1 - rate) / apart, 1.0), rows))


def unseen(wrong: ArrayLike, clusters: Clusters = None) -> float:
    """By how much the share that is wrong may lie above the one that was seen; 0 where enough were.

    A sure model that errs seldom shows none of it in many samples, and a score of its probabilities is then
    all but the same on every row: nothing in their spread tells what one error would cost. Where fewer than
    `ENOUGH_DIFFERENT` source examples are wrong, the distance to the upper end of `accuracy`'s interval does.
    """
    found = accuracy(wrong, clusters)
    if not found.count:
        return 0.0
    examples = by_cluster(flags(wrong).astype(np.int64), clusters)[0]
    return found.high - found.value if np.count_nonzero(examples) < ENOUGH_DIFFERENT else 0.0


def flags(values: ArrayLike) -> NDArray[np.bool_]:
    """The values as true or false, one a row. Raises ValueError for another shape."""
    found = np.asarray(values, dtype=bool)
    if found.ndim != 1:
        raise ValueError(f"expected one value a row, not an array of shape {found.shape}")
    return found
