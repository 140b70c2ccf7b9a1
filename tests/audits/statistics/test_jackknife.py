"""The jackknife's intervals where a closed form is known."""

import math

import numpy as np
import pytest
from scipy import stats

from audits.statistics import accuracy, average
from audits.statistics.jackknife import error_of


def test_the_error_of_a_mean_is_the_textbooks():
    values = np.random.default_rng(1).normal(size=40)
    columns = np.stack([values, np.ones(40)], axis=1)
    error, moved = error_of(columns.sum(axis=0) - columns, lambda sums: sums[:, 0] / sums[:, 1])
    assert error == pytest.approx(stats.sem(values))
    assert moved == 39


def test_a_plain_mean_has_students_interval():
    values = np.random.default_rng(2).normal(5, 2, size=30)
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    found = average(values, scale="plain")
    assert (found.value, found.low, found.high) == pytest.approx((values.mean(), *expected))


def test_a_positive_mean_is_never_below_zero():
    values = np.random.default_rng(3).lognormal(0, 2, size=12)
    found = average(values)
    assert 0 < found.low < found.value < found.high
    # The same standard error as Student's, a factor up and down in place of a sum.
    reach = stats.t.ppf(0.975, 11) * stats.sem(values) / values.mean()
    assert (found.low, found.high) == pytest.approx(
        (values.mean() * math.exp(-reach), values.mean() * math.exp(reach))
    )
    assert average([0.0] * 5).high == 0


def test_a_share_that_few_examples_make_has_wilsons_interval():
    shares = np.array([1.0] * 50 + [0.5] * 3)
    found = average(shares, scale="share")
    expected = accuracy(np.arange(53) < 53)
    assert found.value == pytest.approx(shares.mean())
    assert found.low < expected.low and found.high < 1


@pytest.mark.parametrize(("scale", "most"), [("plain", math.inf), ("positive", math.inf), ("share", 1.0)])
def test_one_example_says_nothing(scale, most):
    found = average([0.4, 0.6], ["a", "a"], scale)
    assert found.value == 0.5 and found.high == most
    assert average([], scale=scale).count == 0
