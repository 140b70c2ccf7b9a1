"""Differences of figures of samples that share nothing, such as two groups of examples."""

import math

from scipy import stats

from audits.statistics.estimates import Estimate


def unpaired(now: Estimate, before: Estimate) -> Estimate:
    """The difference of two figures of samples that share nothing, its interval from both intervals.

    Zou and Donner (2008), "Construction of confidence limits about effect measures", Statistics in Medicine
    27; for rates that is Newcombe's interval (1998, same place, 17).
    """
    value = now.value - before.value
    if not math.isfinite(value):
        return Estimate(math.nan, -math.inf, math.inf, 0)
    down = math.hypot(now.value - now.low, before.high - before.value)
    up = math.hypot(now.high - now.value, before.value - before.low)
    return Estimate(value, value - down, value + up, min(now.count, before.count))


def chance_of_none(estimate: Estimate) -> float:
    """The two-sided p value that a difference is none, read off the interval's end that faces 0.

    Exact where that end lies on 0, and elsewhere as if the figure were normal. 1 where nothing is known.
    """
    reach = estimate.value - estimate.low if estimate.value > 0 else estimate.high - estimate.value
    if not math.isfinite(estimate.value) or not math.isfinite(reach) or estimate.value == 0:
        return 1.0
    z = float(stats.norm.ppf((1 + estimate.confidence) / 2))
    return float(2 * stats.norm.sf(abs(estimate.value) / reach * z)) if reach > 0 else 0.0
