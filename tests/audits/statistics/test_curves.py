"""The area under a curve of severities against scikit-learn, its interval against scipy's bootstrap."""

import math

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import auc

from audits.statistics import accuracy, robustness


def drawn(count, seed=0):
    """Answers and edited shares of a noise that breaks more the more it edits."""
    rng = np.random.default_rng(seed)
    threshold = rng.exponential(0.3, size=(count, 1))
    edited = np.array([0, 0.02, 0.05, 0.1, 0.2]) * rng.uniform(0.7, 1.3, size=(count, 1))
    return (rng.random((count, 1)) < 0.92) & (edited < threshold), edited


def test_against_sklearn():
    right, edited = drawn(200)
    places = edited.mean(axis=0)
    found = robustness(right, edited)
    assert found.value == pytest.approx(auc(places, right.mean(axis=0)) / places[-1])
    order = [0, 3, 1, 4, 2]
    assert robustness(right[:, order], edited[:, order]).value == pytest.approx(found.value)


def test_against_scipy_bootstrap():
    right, edited = drawn(250, seed=2)

    def area(rows):
        places = edited[rows].mean(axis=0)
        return auc(places, right[rows].mean(axis=0)) / places[-1]

    low, high = stats.bootstrap(
        (np.arange(250),), area, vectorized=False, n_resamples=1500, rng=1
    ).confidence_interval
    found = robustness(right, edited)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_a_curve_that_never_falls_is_the_clean_accuracy():
    right, edited = drawn(100)
    flat = np.repeat(right[:, :1], 5, axis=1)
    found, clean = robustness(flat, edited), accuracy(right[:, 0])
    assert found.value == pytest.approx(clean.value)
    assert (found.low, found.high) == pytest.approx((clean.low, clean.high), abs=0.02)


def test_never_wrong_is_not_certainty():
    _, edited = drawn(100)
    found = robustness(np.ones((100, 5)), edited)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx(accuracy([True] * 100).low)


def test_where_nothing_was_edited_the_points_are_averaged():
    assert robustness([[1, 0], [1, 1]], np.zeros((2, 2))).value == 0.75


def test_nothing_to_estimate_from():
    found = robustness(np.zeros((0, 3)), np.zeros((0, 3)))
    assert math.isnan(found.value) and (found.low, found.high) == (0, 1)
    with pytest.raises(ValueError, match="do not fit"):
        robustness([[1, 0]], [[0.1]])
