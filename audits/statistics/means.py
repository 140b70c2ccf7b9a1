"""Means of differences."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from audits.statistics import estimates
from audits.statistics.drops import few_moved
from audits.statistics.estimates import CONFIDENCE, ENOUGH_DIFFERENT, ENOUGH_FOR_NORMAL, Estimate
from audits.statistics.resampling import Clusters, accelerated, by_cluster


def mean(values: ArrayLike, clusters: Clusters = None, seed: int = 0) -> Estimate:
    """The mean of differences between -1 and 1, such as those of a probability, with its interval.

    `clusters` are as for `drop`, and so is the interval: BCa over source examples. With fewer than
    `ENOUGH_DIFFERENT` of them, or more than `ENOUGH_FOR_NORMAL`, it is Student's t interval of the ratio
    sum / rows over source examples (linearised; Cochran 1977, Sampling Techniques, section 6.3): a bootstrap
    of a handful is too narrow, one of thousands says the same. One source example alone says nothing.
    Where fewer than `ENOUGH_DIFFERENT` source examples have a difference, and others none at all, it is
    Tango's score interval, as if each of those few differed by 1: no other mean varies more.

    Raises ValueError for arrays of different lengths.
    """
    differences = np.asarray(values, dtype=float)
    if not len(differences):
        return Estimate(math.nan, -1.0, 1.0, 0)
    sums, sizes = by_cluster(differences, clusters)
    value, examples = float(sums.sum() / sizes.sum()), len(sums)
    moved = int(np.count_nonzero(sums))
    if moved < min(ENOUGH_DIFFERENT, examples) and examples > 1:
        low, high = few_moved(value, moved, examples)
    elif ENOUGH_DIFFERENT <= examples <= ENOUGH_FOR_NORMAL and np.ptp(sums / sizes):
        drawn = np.random.default_rng(seed).integers(examples, size=(estimates.RESAMPLES, examples))
        resampled = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        without_one = (sums.sum() - sums) / (sizes.sum() - sizes)
        low, high = accelerated(resampled, value, without_one, np.ones_like(sizes))
    elif examples > 1:
        apart = (sums - value * sizes) / sizes.mean()
        error = math.sqrt((apart**2).sum() / (examples * (examples - 1)))
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, examples - 1)) * error
        low, high = max(-1.0, value - reach), min(1.0, value + reach)
    else:
        low, high = -1.0, 1.0
    return Estimate(value, float(low), float(high), len(differences))
