"""Does a confidence of 80 % mean right in 80 of 100?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from audits.statistics.drops import where_few_turned
from audits.statistics.estimates import Estimate, Z
from audits.statistics.jackknife import error_of
from audits.statistics.rates import accuracy, unseen
from audits.statistics.resampling import Clusters, by_cluster
from audits.statistics.scores import probabilities_of


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


def expected_calibration_error(probabilities: ArrayLike, targets: ArrayLike, bins: int = 10) -> Calibration:
    """How far confidence is from accuracy, on average over rows.

    `probabilities` is (rows, labels), `targets` the index of the right label of each row. Confidence is
    the largest probability; `bins` of equal width, each without its lower and with its upper edge.
    Guo et al. (2017), "On calibration of modern neural networks", ICML. Not a number without rows.
    """
    confidence, correct = _confident(*probabilities_of(probabilities, targets))
    if not len(correct):
        return Calibration(math.nan, ())
    index = _bin(confidence, bins)
    rows = tuple(
        CalibrationBin(float(confidence[inside].mean()), accuracy(correct[inside]), int(inside.sum()))
        for inside in (index == number for number in range(bins))
        if inside.any()
    )
    gaps = sum(row.count * abs(row.accuracy.value - row.confidence) for row in rows)
    return Calibration(gaps / len(correct), rows)


def calibration_error(
    probabilities: ArrayLike,
    targets: ArrayLike,
    clusters: Clusters = None,
    bins: int = 10,
) -> Estimate:
    """The expected calibration error with an interval for the true one, in the same bins.

    A sum of absolute gaps is never 0, however well calibrated the model: the figure is too large, by more
    the smaller the sample. Each bin's gap is taken as normal, so its absolute value is folded normal
    (Leone, Nelson and Nottingham 1961, Technometrics 3), which says by how much, and how far it varies;
    the lower end is lowered by that bias, twice, for it is itself seen through the noise. Where a
    calibrated model would give such a figure in more than 2.5 % of samples (Bröcker and Smith 2007,
    "Increasing the reliability of reliability diagrams"), the lower end is 0. Above there is room for errors
    that nobody saw (`rates.unseen`), each of which widens its bin's gap by one row. `clusters` are as for
    `drop`.
    """
    confidence, correct = _confident(*probabilities_of(probabilities, targets))
    if not len(correct):
        return Estimate(math.nan, 0.0, 1.0, 0)
    spread_out = np.zeros((len(correct), 2 * bins))
    place = np.arange(len(correct)), _bin(confidence, bins)
    spread_out[:, :bins] = gaps_by_bin(probabilities, targets, bins)
    # What the gap of a calibrated row would vary by; rows of one example, at the worst, vary as one.
    spread_out[place[0], place[1] + bins] = np.sqrt(confidence * (1 - confidence))
    sums = by_cluster(spread_out, clusters)[0]
    gaps = sums[:, :bins].sum(axis=0)
    variances = (sums[:, :bins] ** 2).sum(axis=0) - gaps**2 / len(sums)
    rows = len(correct)
    value = float(np.abs(gaps).sum()) / rows
    mean, spread = _folded(np.abs(gaps), np.sqrt(np.maximum(variances, 0.0)))
    bias = mean / rows - value
    calibrated_mean, calibrated_spread = _folded(np.zeros(bins), np.sqrt((sums[:, bins:] ** 2).sum(axis=0)))
    usual = (calibrated_mean + Z * calibrated_spread) / rows
    low = 0.0 if value <= usual else max(0.0, value - 2 * bias - Z * spread / rows)
    high = max(value + Z * spread / rows, value + unseen(~correct, clusters))
    return Estimate(value, low, min(1.0, high), rows)


def gaps_by_bin(probabilities: ArrayLike, targets: ArrayLike, bins: int = 10) -> NDArray[np.float64]:
    """Each row's rightness (0 or 1) minus its confidence, in the column of its bin; 0 in the others.

    The sum of the columns' absolute sums, divided by the rows, is the expected calibration error.
    """
    confidence, correct = _confident(*probabilities_of(probabilities, targets))
    columns = np.zeros((len(correct), bins))
    columns[np.arange(len(correct)), _bin(confidence, bins)] = correct - confidence
    return columns


def calibration_difference(
    first: ArrayLike,
    second: ArrayLike,
    targets: ArrayLike,
    clusters: Clusters = None,
    bins: int = 10,
) -> Estimate:
    """The second's expected calibration error minus the first's, on the same rows, with its interval.

    `first` and `second` are probabilities (rows, labels). Both errors are too large (`calibration_error`),
    by more the better calibrated the model, so their difference is too small or too large as well: a
    bootstrap of it covers five truths in six. The interval is the jackknife's of the difference of the
    errors without their biases, stretched to hold the plain difference, and with room for answers that turn
    too seldom to be seen (`drops.where_few_turned`). Where both answer nearly alike it covers more than it
    says. `clusters` are as for `drop`. Raises ValueError for arrays that do not fit.
    """
    gaps = [gaps_by_bin(scores, targets, bins) for scores in (first, second)]
    rows = len(gaps[0])
    if not rows:
        return Estimate(math.nan, -1.0, 1.0, 0)
    plain = [float(np.abs(one.sum(axis=0)).sum()) / rows for one in gaps]
    sizes = by_cluster(np.ones((rows, 1)), clusters)[0]
    # Of each source example: its gaps, their squares, which say how far a bin's sum varies, its rows, itself.
    columns = [
        np.concatenate([sums, sums**2, sizes, np.ones_like(sizes)], axis=1)
        for sums in (by_cluster(one, clusters)[0] for one in gaps)
    ]
    width, both = columns[0].shape[1], np.concatenate(columns, axis=1)

    def apart(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        return _unbiased(sums[:, width:]) - _unbiased(sums[:, :width])

    value, total = plain[1] - plain[0], both.sum(axis=0)
    if len(both) < 2:
        return Estimate(value, -1.0, 1.0, rows)
    middle, reach = float(apart(total[None])[0]), Z * error_of(total - both, apart)[0]
    low, high = min(value, middle - reach), max(value, middle + reach)
    found = Estimate(value, max(-1.0, low), min(1.0, high), rows)
    return where_few_turned(found, first, second, clusters)


def _unbiased(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each of n calibration errors less its bias: the folded normal's, at gaps as far as beyond noise.

    `sums` (n, 2 bins + 2) are of the gaps, of their squares by source example, rows, and source examples.
    """
    bins = sums.shape[1] // 2 - 1
    gaps, squares, rows, examples = np.split(sums, [bins, 2 * bins, 2 * bins + 1], axis=1)
    variances = np.maximum(squares - gaps**2 / np.maximum(examples, 1), 0.0)
    true = np.sqrt(np.maximum(gaps**2 - variances, 0.0))
    bias = _folded_means(true, np.sqrt(variances)) - true
    found: NDArray[np.float64] = (np.abs(gaps) - bias).sum(axis=1) / np.maximum(rows[:, 0], 1)
    return found


def _folded(means: NDArray[np.float64], spreads: NDArray[np.float64]) -> tuple[float, float]:
    """Mean and standard deviation of a sum of absolute values of independent normal numbers."""
    folded = _folded_means(means, spreads)
    variances = np.maximum(means**2 + spreads**2 - folded**2, 0.0)
    return float(folded.sum()), math.sqrt(float(variances.sum()))


def _folded_means(means: NDArray[np.float64], spreads: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of the absolute value of each of some normal numbers, whose own means are not below 0."""
    some = spreads > 0
    ratio = np.divide(means, spreads, out=np.zeros_like(means), where=some)
    return np.where(
        some,
        spreads * math.sqrt(2 / math.pi) * np.exp(-(ratio**2) / 2) + means * (1 - 2 * stats.norm.cdf(-ratio)),
        means,
    )


def _confident(
    scores: NDArray[np.float64], right: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Each row's largest probability, and whether it stands at the right label."""
    if not len(right):
        return np.zeros(0), np.zeros(0, dtype=bool)
    return scores.max(axis=1), scores.argmax(axis=1) == right


def _bin(confidence: NDArray[np.float64], bins: int) -> NDArray[np.intp]:
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence, side="left")
