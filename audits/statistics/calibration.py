"""Does a confidence of 80 % mean right in 80 of 100?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from audits.statistics.estimates import Estimate
from audits.statistics.rates import accuracy


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
