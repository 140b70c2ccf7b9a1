"""The figures an audit rests on: rates and drops with intervals, paired tests, calibration.

Pure functions of arrays. Every interval is two-sided at 95 %. Where there is nothing to estimate from,
the value is not a number and the interval is everything that is possible.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, stats

CONFIDENCE = 0.95
#: Bootstrap resamples. The ends of an interval then move by about 1 % of its width from seed to seed.
RESAMPLES = 10_000
#: With fewer source examples that differ from the rest, the bootstrap gives way to the score interval.
ENOUGH_DIFFERENT = 10
#: With more source examples than this, a mean is normal enough to need no bootstrap.
ENOUGH_FOR_NORMAL = 300

_Number = TypeVar("_Number", np.int64, np.float64)
_Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, the interval that covers its true value with `confidence`, and the rows behind it.

    Rates and drops are shares: 0.82, not 82.
    """

    value: float
    low: float
    high: float
    count: int
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The rows whose confidence falls into one bin: its mean, how often they are right, how many."""

    confidence: float
    accuracy: Estimate
    count: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """Expected calibration error (0 is perfect) and the bins that are not empty, by confidence."""

    ece: float
    bins: tuple[CalibrationBin, ...]


def accuracy(correct: ArrayLike) -> Estimate:
    """The share of true values, with Wilson's score interval; serves for any rate, not only accuracy.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.
    """
    flags = _flags(correct)
    count, hits = len(flags), int(flags.sum())
    if not count:
        return Estimate(math.nan, 0.0, 1.0, 0)
    interval = stats.binomtest(hits, count).proportion_ci(CONFIDENCE, method="wilson")
    return Estimate(hits / count, float(interval.low), float(interval.high), count)


def drop(
    clean: ArrayLike, under_test: ArrayLike, clusters: Sequence[Hashable] | None = None, seed: int = 0
) -> Estimate:
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
    sums, sizes = _by_cluster(difference, clusters)
    # Examples with the same sum and size are interchangeable, so they are counted by kind.
    kinds, repeats = np.unique(np.stack([sums, sizes]), axis=1, return_counts=True)
    _, outcomes = np.unique(sums / sizes, return_counts=True)
    if len(sums) - outcomes.max() < ENOUGH_DIFFERENT:
        scale = len(sums) / count
        low, high = _score_interval((difference > 0).sum() * scale, (difference < 0).sum() * scale, len(sums))
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
    drawn = np.random.default_rng(seed).multinomial(examples, repeats / examples, size=RESAMPLES)
    value = (repeats @ sums) / (repeats @ sizes)
    without_one = (repeats @ sums - sums) / (repeats @ sizes - sizes)
    return _accelerated((drawn @ sums) / (drawn @ sizes), value, without_one, repeats)


def _accelerated(
    resampled: NDArray[np.float64],
    value: float,
    without_one: NDArray[np.float64],
    repeats: NDArray[np.int64],
) -> tuple[float, float]:
    """The BCa interval from the resampled values and those without one example (`repeats` of each kind)."""
    below = (resampled < value).mean() + (resampled == value).mean() / 2
    bias = stats.norm.ppf(np.clip(below, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    spread = (repeats @ without_one) / repeats.sum() - without_one
    acceleration = (repeats @ spread**3) / (6 * (repeats @ spread**2) ** 1.5)
    shifted = bias + np.array([-_Z, _Z])
    low, high = np.quantile(resampled, stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))
    return low, high


def mean(values: ArrayLike, clusters: Sequence[Hashable] | None = None, seed: int = 0) -> Estimate:
    """The mean of differences between -1 and 1, such as those of a probability, with its interval.

    `clusters` are as for `drop`, and so is the interval: BCa over source examples. With fewer than
    `ENOUGH_DIFFERENT` of them, or more than `ENOUGH_FOR_NORMAL`, it is Student's t interval of the ratio
    sum / rows over source examples (linearised; Cochran 1977, Sampling Techniques, section 6.3): a bootstrap
    of a handful is too narrow, one of thousands says the same. One source example alone says nothing.

    Raises ValueError for arrays of different lengths.
    """
    differences = np.asarray(values, dtype=float)
    if not len(differences):
        return Estimate(math.nan, -1.0, 1.0, 0)
    sums, sizes = _by_cluster(differences, clusters)
    value, examples = float(sums.sum() / sizes.sum()), len(sums)
    if ENOUGH_DIFFERENT <= examples <= ENOUGH_FOR_NORMAL and np.ptp(sums / sizes):
        drawn = np.random.default_rng(seed).integers(examples, size=(RESAMPLES, examples))
        resampled = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
        without_one = (sums.sum() - sums) / (sizes.sum() - sizes)
        low, high = _accelerated(resampled, value, without_one, np.ones_like(sizes))
    elif examples > 1:
        apart = (sums - value * sizes) / sizes.mean()
        error = math.sqrt((apart**2).sum() / (examples * (examples - 1)))
        reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, examples - 1)) * error
        low, high = max(-1.0, value - reach), min(1.0, value + reach)
    else:
        low, high = -1.0, 1.0
    return Estimate(value, float(low), float(high), len(differences))


def _by_cluster(
    difference: NDArray[_Number], clusters: Sequence[Hashable] | None
) -> tuple[NDArray[_Number], NDArray[np.int64]]:
    """Each source example's sum of differences and number of rows."""
    if clusters is None:
        return difference, np.ones(len(difference), dtype=np.int64)
    if len(clusters) != len(difference):
        raise ValueError(f"{len(clusters)} clusters for {len(difference)} rows")
    positions: dict[Hashable, int] = {}
    index = [positions.setdefault(cluster, len(positions)) for cluster in clusters]
    sums = np.zeros(len(positions), dtype=difference.dtype)
    np.add.at(sums, index, difference)
    return sums, np.bincount(index)


def _score_interval(lost: float, gained: float, pairs: int) -> tuple[float, float]:
    """Tango's score interval for (lost - gained) / pairs.

    The differences d that a score test would not reject: |lost - gained - pairs d| is at most z times
    its standard error under d, in which the share gained is its maximum-likelihood estimate given d.
    """

    def score(d: float) -> float:
        b = (2 * pairs - lost + gained) * d - lost - gained
        share_gained = (math.sqrt(max(b * b + 8 * pairs * gained * d * (1 - d), 0.0)) - b) / (4 * pairs)
        variance = pairs * (2 * share_gained + d * (1 - d))
        return (lost - gained - pairs * d) / math.sqrt(max(variance, 1e-300))

    estimate, edge = (lost - gained) / pairs, 1 - 1e-12

    def end(side: float) -> float:
        """Where the score reaches z, between the estimate and the end of what is possible."""
        if side * estimate >= edge or abs(score(side * edge)) <= _Z:
            return side
        return float(optimize.brentq(lambda d: score(d) + side * _Z, estimate, side * edge, xtol=1e-12))

    return end(-1.0), end(1.0)


def mcnemar(clean: ArrayLike, under_test: ArrayLike) -> float:
    """The exact two-sided p-value that a flip is as likely from right to wrong as the other way.

    McNemar (1947), Psychometrika 12, with the binomial distribution in place of the normal. 1 where
    nothing flipped. For rows that are independent: one row an example.
    """
    difference = _paired(clean, under_test)
    lost, gained = int((difference > 0).sum()), int((difference < 0).sum())
    return float(stats.binomtest(lost, lost + gained).pvalue) if lost + gained else 1.0


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being several, in the order given.

    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6. Rejecting those at or below 0.05 keeps the chance of any false rejection at 5 %.
    Raises ValueError for what is not between 0 and 1.
    """
    values = np.asarray(p_values, dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("a p-value is not between 0 and 1")
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return [float(value) for value in adjusted]


def expected_calibration_error(probabilities: ArrayLike, targets: ArrayLike, bins: int = 10) -> Calibration:
    """How far confidence is from accuracy, on average over rows.

    `probabilities` is (rows, labels), `targets` the index of the right label of each row. Confidence is
    the largest probability; `bins` of equal width, each without its lower and with its upper edge.
    Guo et al. (2017), "On calibration of modern neural networks", ICML. Not a number without rows.
    """
    scores = np.asarray(probabilities, dtype=float)
    right = np.asarray(targets)
    if scores.ndim != 2 or scores.shape[:1] != right.shape:
        raise ValueError(f"probabilities of shape {scores.shape} do not fit {right.shape} targets")
    if not len(right):
        return Calibration(math.nan, ())
    confidence, correct = scores.max(axis=1), scores.argmax(axis=1) == right
    index = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence, side="left")
    rows = tuple(
        CalibrationBin(float(confidence[inside].mean()), accuracy(correct[inside]), int(inside.sum()))
        for inside in (index == number for number in range(bins))
        if inside.any()
    )
    gaps = sum(row.count * abs(row.accuracy.value - row.confidence) for row in rows)
    return Calibration(gaps / len(right), rows)


def confusion(targets: ArrayLike, predicted: ArrayLike, k: int) -> NDArray[np.int64]:
    """Counts (k, k): a row for each true label, a column for each predicted one.

    Raises ValueError for arrays of different lengths and for indices that are not below `k`.
    """
    true, said = np.asarray(targets, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if true.shape != said.shape or true.ndim != 1:
        raise ValueError(f"{true.shape} targets do not pair with {said.shape} predictions")
    if len(true) and (min(true.min(), said.min()) < 0 or max(true.max(), said.max()) >= k):
        raise ValueError(f"a label's index is not between 0 and {k - 1}")
    return np.bincount(true * k + said, minlength=k * k).reshape(k, k).astype(np.int64)


def _flags(values: ArrayLike) -> NDArray[np.bool_]:
    flags = np.asarray(values, dtype=bool)
    if flags.ndim != 1:
        raise ValueError(f"expected one value a row, not an array of shape {flags.shape}")
    return flags


def _paired(clean: ArrayLike, under_test: ArrayLike) -> NDArray[np.int64]:
    """Per row 1 for right to wrong, -1 for wrong to right, 0 for no change."""
    before, after = _flags(clean), _flags(under_test)
    if before.shape != after.shape:
        raise ValueError(f"{len(before)} rows clean do not pair with {len(after)} under the test")
    return before.astype(np.int64) - after.astype(np.int64)
