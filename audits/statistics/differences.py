"""The difference of one smooth figure between two sets of answers to the same rows."""

import math
from collections.abc import Callable, Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audits.statistics import estimates
from audits.statistics.drops import score_interval
from audits.statistics.estimates import ENOUGH_DIFFERENT, ENOUGH_FOR_NORMAL, Estimate
from audits.statistics.resampling import accelerated, by_cluster

#: Resamples where hardly two examples are alike: the ends then move by some 2 % of the interval's width.
FEWER_RESAMPLES = 2_000


def difference(
    first: ArrayLike,
    second: ArrayLike,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    clusters: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    weight: float = 1.0,
) -> Estimate:
    """The second's figure minus the first's, on the same rows, with its paired interval.

    `first` and `second` are columns (rows, m); `statistic` takes sums of them (n, m) and returns a figure
    for each of n, as for `jackknife.estimate`. `clusters` are as for `drop`, and so is the interval: both
    answers of whole source examples are drawn again together, BCa. Where fewer than `ENOUGH_DIFFERENT`
    source examples move the difference a bootstrap is too narrow; Tango's score interval takes its place,
    as if each of them moved the figure by one of so many examples, times `weight`.

    Raises ValueError for arrays of different lengths.
    """
    before, after = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if len(before) != len(after):
        raise ValueError(f"{len(before)} rows of the first do not pair with {len(after)} of the second")
    rows, width = len(before), before.shape[-1]
    if not rows:
        return Estimate(math.nan, -1.0, 1.0, 0)
    sums = by_cluster(np.concatenate([before, after], axis=1), clusters)[0]

    def apart(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        return statistic(drawn[:, width:]) - statistic(drawn[:, :width])

    # Examples with the same sums are interchangeable, so they are counted by kind.
    kinds, repeats = np.unique(sums, axis=0, return_counts=True)
    total, examples = repeats @ kinds, len(sums)
    value = float(apart(total[None])[0])
    if not math.isfinite(value):
        return Estimate(math.nan, -1.0, 1.0, rows)
    differing = (kinds[:, :width] != kinds[:, width:]).any(axis=1)
    moved = int(repeats[differing].sum())
    without_one = apart(total - kinds)
    if moved < ENOUGH_DIFFERENT or not np.ptp(without_one):
        net = value / weight * examples
        up, down = max(0.0, (moved + net) / 2), max(0.0, (moved - net) / 2)
        low, high = score_interval(up, down, examples)
        return Estimate(value, max(-1.0, weight * low), min(1.0, weight * high), rows)
    resamples = estimates.RESAMPLES if len(kinds) <= ENOUGH_FOR_NORMAL else FEWER_RESAMPLES
    drawn = np.random.default_rng(seed).multinomial(examples, repeats / examples, size=resamples)
    resampled = apart(drawn @ kinds)
    # A resample without a single row that the figure speaks of says nothing.
    resampled = resampled[np.isfinite(resampled)]
    low, high = accelerated(resampled, value, without_one, repeats)
    return Estimate(value, float(low), float(high), rows)
