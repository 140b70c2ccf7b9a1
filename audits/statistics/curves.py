"""One number for a whole curve of severities: the area under accuracy over the share really edited."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audits.statistics.estimates import Estimate
from audits.statistics.jackknife import estimate
from audits.statistics.resampling import Clusters


def robustness(right: ArrayLike, edited: ArrayLike, clusters: Clusters = None) -> Estimate:
    """The mean accuracy over the edited shares from none to the most, with its interval.

    `right` and `edited` are (rows, points): whether each row's answer is right at each severity, the first
    being the unchanged text, and the share of it really edited there. The curve goes through the mean of
    each column; the area under it (trapezoids) divided by its width is the score: 1 where nothing is ever
    wrong, the clean accuracy where nothing is lost. Where nothing was edited it is the mean of the columns.
    The interval is the jackknife's over source examples, so it knows that both axes were measured.

    Raises ValueError for shapes that differ.
    """
    return estimate(robustness_columns(right, edited), mean_accuracy, clusters, "share")


def robustness_columns(right: ArrayLike, edited: ArrayLike) -> NDArray[np.float64]:
    """For each row its answers, then its edited shares, by the mean share edited, and a 1.

    `mean_accuracy` makes the score of their sums. Raises ValueError as `robustness` does.
    """
    answers, shares = np.asarray(right, dtype=float), np.asarray(edited, dtype=float)
    if answers.shape != shares.shape or answers.ndim != 2:
        raise ValueError(f"answers of shape {answers.shape} do not fit shares of shape {shares.shape}")
    points = answers.shape[1]
    order = np.argsort(shares.mean(axis=0), kind="stable") if len(shares) else np.arange(points)
    return np.concatenate([answers[:, order], shares[:, order], np.ones((len(answers), 1))], axis=1)


def mean_accuracy(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The area under each of n curves, divided by its width, from sums of `robustness_columns`."""
    means = sums[:, :-1] / sums[:, -1:]
    points = means.shape[1] // 2
    heights, places = means[:, :points], means[:, points:]
    width = places[:, -1] - places[:, 0]
    under = np.trapezoid(heights, places, axis=1)
    return np.where(width > 0, under / np.where(width > 0, width, 1), heights.mean(axis=1))
