"""Drops: accuracy before a change minus accuracy after it, on the same rows."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

from audits.statistics import estimates
from audits.statistics.estimates import ENOUGH_DIFFERENT, Estimate, Z
from audits.statistics.rates import flags
from audits.statistics.resampling import Clusters, accelerated, by_cluster


def drop(clean: ArrayLike, under_test: ArrayLike, clusters: Clusters = None, seed: int = 0) -> Estimate:
    """Accuracy clean minus accuracy under the test, on the same rows (pairs), with its interval.

    `clusters` names each row's source example: rows of one example (its seeds, say) rise and fall
    together, so whole examples are resampled. Without it every row is its own example.

    The interval is the bias-corrected and accelerated bootstrap's (Efron 1987, "Better bootstrap
    confidence intervals", JASA 82; Field and Welsh 2007, JRSS B 69, for whole clusters). The plain
    percentile interval misses a large drop too often where few examples lose most of their rows: with 200
    examples of three rows, 5 % of the true drops lie above it in place of 2.5 %, against 3 % for BCa.

    A bootstrap can only repeat what it saw: with no or few rows that flip (or that do not), its
    interval is empty or far too narrow. Where fewer than `ENOUGH_DIFFERENT` source examples differ from
    the most common outcome, the score interval for paired proportions takes its place: Tango (1998),
    Statistics in Medicine 17, on as many pairs as there are source examples. With no flip at all in n
    pairs this gives 0 ± z² / (n + z²).

    Raises ValueError for arrays of different lengths.
    """
    difference = _paired(clean, under_test)
    count = len(difference)
    if not count:
        return Estimate(math.nan, -1.0, 1.0, 0)
    sums, sizes = by_cluster(difference, clusters)
    # Examples with the same sum and size are interchangeable, so they are counted by kind.
    kinds, repeats = np.unique(np.stack([sums, sizes]), axis=1, return_counts=True)
    _, outcomes = np.unique(sums / sizes, return_counts=True)
    if len(sums) - outcomes.max() < ENOUGH_DIFFERENT:
        scale = len(sums) / count
        low, high = score_interval((difference > 0).sum() * scale, (difference < 0).sum() * scale, len(sums))
    else:
        low, high = _bootstrap_interval(kinds, repeats, seed)
    return Estimate(float(sums.sum() / count), float(low), float(high), count)


def _bootstrap_interval(
    kinds: NDArray[np.int64], repeats: NDArray[np.int64], seed: int
) -> tuple[float, float]:
    """The BCa interval of a drop, from the kinds of example there are and how many of each.

    `kinds` is (2, k): an example's summed difference and its rows. Resampling examples is drawing how
    often each kind comes up, so a resample is one draw of k counts.
    """
    sums, sizes, examples = kinds[0], kinds[1], int(repeats.sum())
    drawn = np.random.default_rng(seed).multinomial(examples, repeats / examples, size=estimates.RESAMPLES)
    value = (repeats @ sums) / (repeats @ sizes)
    without_one = (repeats @ sums - sums) / (repeats @ sizes - sizes)
    return accelerated((drawn @ sums) / (drawn @ sizes), value, without_one, repeats)


def score_interval(lost: float, gained: float, pairs: int) -> tuple[float, float]:
    """Tango's score interval for (lost - gained) / pairs, between -1 and 1.

    The differences d that a score test would not reject: |lost - gained - pairs d| is at most z times
    its standard error under d, in which the share gained is its maximum-likelihood estimate given d.
    """

    estimate, edge = (lost - gained) / pairs, 1 - 1e-12

    def score(d: float) -> float:
        variance = float(variance_under(d, lost / pairs, gained / pairs)) / pairs
        return (estimate - d) / math.sqrt(max(variance, 1e-300))

    def end(side: float) -> float:
        """Where the score reaches z, between the estimate and the end of what is possible."""
        if side * estimate >= edge or abs(score(side * edge)) <= Z:
            return side
        return float(optimize.brentq(lambda d: score(d) + side * Z, estimate, side * edge, xtol=1e-12))

    return end(-1.0), end(1.0)


def few_moved(value: float, moved: int, examples: int, weight: float = 1.0) -> tuple[float, float]:
    """Tango's interval for a mean over `examples` of which only so many moved it, each by `weight` at most.

    A bootstrap can only repeat the few that it saw. Within -1 and 1.
    """
    net = value / weight * examples
    pairs = max(float(moved), abs(net))
    low, high = score_interval((pairs + net) / 2, (pairs - net) / 2, examples)
    return max(-1.0, weight * low), min(1.0, weight * high)


def where_few_turned(found: Estimate, first: ArrayLike, second: ArrayLike, clusters: Clusters) -> Estimate:
    """The difference of a score of probabilities, with room for answers that turn too seldom to be seen.

    `first` and `second` are probabilities (rows, labels); `clusters` are as for `drop`. An
    answer that turns moves a score by about one example's worth, and a sample in which none did knows
    nothing of that, however many probabilities have shifted by a little. So where fewer than
    `ENOUGH_DIFFERENT` source examples turned, each end lies at least as far out as Tango's interval for so
    many, either way alike, leaves open.
    """
    if not found.count:
        return found
    before, after = (np.argmax(scores, axis=1) for scores in (first, second))
    turned = by_cluster((before != after).astype(np.int64), clusters)[0]
    flipped, examples = int(np.count_nonzero(turned)), len(turned)
    if flipped >= ENOUGH_DIFFERENT:
        return found
    down, up = few_moved(0.0, flipped, examples)
    low, high = min(found.low, found.value + down), max(found.high, found.value + up)
    return replace(found, low=max(-1.0, low), high=min(1.0, high))


def variance_under(drop: float, lost: ArrayLike, gained: ArrayLike) -> NDArray[np.float64]:
    """The variance of one pair's change of rightness if the true drop were `drop`.

    `lost` and `gained` are the shares seen going from right to wrong and back; the share gained under
    `drop` is its maximum-likelihood estimate (Tango 1998).
    """
    away, back = np.asarray(lost, dtype=float), np.asarray(gained, dtype=float)
    b = (2 - away + back) * drop - away - back
    share_gained = (np.sqrt(np.maximum(b * b + 8 * back * drop * (1 - drop), 0.0)) - b) / 4
    return np.maximum(2 * share_gained + drop * (1 - drop), 0.0)


def mcnemar(clean: ArrayLike, under_test: ArrayLike, clusters: Clusters = None) -> float:
    """The exact two-sided p-value that a flip is as likely from right to wrong as the other way.

    McNemar (1947), Psychometrika 12, with the binomial distribution in place of the normal. 1 where
    nothing flipped. `clusters` are as for `drop`: then the sign of each source example's net flips is what
    chance decides (Fisher's randomisation test, every assignment counted), which for one row an example is
    the same test. Raises ValueError for arrays of different lengths.
    """
    flipped = by_cluster(_paired(clean, under_test), clusters)[0]
    net, observed = np.abs(flipped), abs(int(flipped.sum()))
    chances = np.ones(1)  # of each sum of signed flips, from the lowest in steps of one
    for size in np.unique(net[net > 0]):
        times = int((net == size).sum())
        signs = np.zeros(2 * size * times + 1)
        signs[:: 2 * size] = stats.binom.pmf(np.arange(times + 1), times, 0.5)
        chances = np.convolve(chances, signs)
    sums = np.arange(len(chances)) - len(chances) // 2
    return float(min(1.0, max(0.0, chances[np.abs(sums) >= observed].sum())))


def _paired(clean: ArrayLike, under_test: ArrayLike) -> NDArray[np.int64]:
    """Per row 1 for right to wrong, -1 for wrong to right, 0 for no change."""
    before, after = flags(clean), flags(under_test)
    if before.shape != after.shape:
        raise ValueError(f"{len(before)} rows clean do not pair with {len(after)} under the test")
    return before.astype(np.int64) - after.astype(np.int64)
