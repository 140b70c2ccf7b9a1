"""The interval of a mean of differences against scipy."""

import math

import numpy as np
import pytest
from scipy import stats

from audits.statistics import ENOUGH_DIFFERENT, ENOUGH_FOR_NORMAL, drop, mean


@pytest.mark.parametrize("count", [ENOUGH_DIFFERENT, 60, ENOUGH_FOR_NORMAL])
def test_against_scipy_bootstrap(count):
    values = np.random.default_rng(count).beta(2, 5, count) - 0.2
    expected = stats.bootstrap((values,), np.mean, n_resamples=20_000, rng=7).confidence_interval
    found = mean(values, seed=3)
    assert found.value == pytest.approx(values.mean())
    width = expected.high - expected.low
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.04 * width)


@pytest.mark.parametrize("count", [2, ENOUGH_DIFFERENT - 1, ENOUGH_FOR_NORMAL + 1])
def test_few_and_many_against_students_interval(count):
    values = np.random.default_rng(count).normal(0.05, 0.1, count)
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    found = mean(values)
    assert (found.low, found.high) == pytest.approx((max(-1, expected.low), min(1, expected.high)))


@pytest.mark.parametrize("count", [5, 40, 400])
def test_copies_of_an_example_are_no_evidence(count):
    values = np.random.default_rng(count).normal(0.05, 0.1, count)
    alone = mean(values)
    copied = mean(np.repeat(values, 3), clusters=np.repeat(np.arange(count), 3).tolist())
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high))
    assert copied.count == 3 * count


def test_nothing_and_one_say_nothing():
    empty = mean([])
    assert math.isnan(empty.value) and (empty.low, empty.high, empty.count) == (-1.0, 1.0, 0)
    one = mean([0.2, 0.4], clusters=["a", "a"])
    assert (one.low, one.high) == (-1.0, 1.0) and one.value == pytest.approx(0.3)


def test_equal_differences_have_no_spread():
    same = mean([0.125] * 50)
    assert (same.value, same.low, same.high) == (0.125, 0.125, 0.125)


@pytest.mark.parametrize(("up", "down"), [(0, 0), (1, 0), (6, 3)])
def test_few_that_differ_are_no_certainty(up, down):
    """The interval of a drop, whose differences are whole, is the widest that such a mean can have."""
    values = np.repeat([1.0, -1.0, 0.0], [up, down, 200 - up - down])
    known = drop(values > 0, values < 0)
    whole, halved = mean(values), mean(values / 2)
    assert (whole.value, whole.low, whole.high) == pytest.approx((known.value, known.low, known.high))
    assert halved.low < halved.value < halved.high
    assert halved.high - halved.low > (whole.high - whole.low) / 2


@pytest.mark.parametrize("count", [5, ENOUGH_DIFFERENT - 1, ENOUGH_DIFFERENT])
def test_a_few_examples_of_which_none_differs_prove_little(count):
    """Nothing seen in n examples leaves room for what n others would show; as with drops."""
    none, known = mean(np.zeros(count)), drop(np.ones(count), np.ones(count))
    assert (none.low, none.high) == pytest.approx((known.low, known.high))
    one = mean([0.01] + [0.0] * (count - 1))
    assert one.low < none.high / 2 and one.high > none.high / 2


def test_one_example_of_many_rows_lies_in_its_interval():
    found = mean([1.0] * 100 + [0.0] * 20, clusters=["many"] * 100 + list(range(20)))
    assert found.low < found.value < found.high


def test_clusters_must_pair():
    with pytest.raises(ValueError, match="1 clusters for 2 rows"):
        mean([0.1, 0.2], clusters=["a"])
