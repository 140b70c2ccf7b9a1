"""Rates: the share of rows of which something is true."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from audits.statistics.estimates import CONFIDENCE, Estimate


def accuracy(correct: ArrayLike) -> Estimate:
    """The share of true values, with Wilson's score interval; serves for any rate, not only accuracy.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    right = flags(correct)
    count, hits = len(right), int(right.sum())
    if not count:
        return Estimate(math.nan, 0.0, 1.0, 0)
    interval = stats.binomtest(hits, count).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(hits / count, float(interval.low), float(interval.high), count)


def flags(values: ArrayLike) -> NDArray[np.bool_]:
    """The values as true or false, one a row. Raises ValueError for another shape."""
    flags = np.asarray(values, dtype=bool)
    if flags.ndim != 1:
        raise ValueError(f"expected one value a row, not an array of shape {flags.shape}")
    return flags
