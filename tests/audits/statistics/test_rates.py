"""Wilson's interval against a published value, statsmodels and every possible outcome."""

import math

import numpy as np
import pytest
from scipy import stats

from audits.statistics import accuracy
from audits.statistics.rates import wilson


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (10, 10), (1, 3), (412, 500), (95, 100)])
def test_wilson_against_statsmodels(hits, count):
    from statsmodels.stats.proportion import proportion_confint

    estimate = accuracy([True] * hits + [False] * (count - hits))
    assert (estimate.value, estimate.count, estimate.confidence) == (hits / count, count, 0.95)
    expected = proportion_confint(hits, count, alpha=0.05, method="wilson")
    assert (estimate.low, estimate.high) == pytest.approx(expected, abs=1e-12)


def test_wilson_published():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3: 81 of 263 and 15 of 148."""
    first = accuracy([True] * 81 + [False] * 182)
    assert (first.low, first.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    second = accuracy([True] * 15 + [False] * 133)
    assert (second.low, second.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)


@pytest.mark.parametrize("rate", [0.5, 0.6, 0.7, 0.8, 0.85, 0.88, 0.9, 0.92, 0.95, 0.97])
def test_coverage_of_accuracy(rate):
    """Not simulated: every outcome of 200 rows, weighted by its probability."""
    chances = stats.binom.pmf(np.arange(201), 200, rate)
    intervals = [accuracy(np.arange(200) < hits) for hits in range(201)]
    covered = [interval.low <= rate <= interval.high for interval in intervals]
    assert 0.93 <= chances[covered].sum() <= 0.97


def test_nothing_to_estimate_from():
    none = accuracy([])
    assert math.isnan(none.value)
    assert (none.low, none.high, none.count) == (0, 1, 0)


def test_copies_of_an_example_are_no_evidence():
    right = np.arange(60) < 48
    copied = accuracy(np.tile(right, 4), list(range(60)) * 4)
    once = accuracy(right)
    assert copied.count == 240
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high), rel=0.01)
    all_right = accuracy([True] * 40, list(range(10)) * 4)
    assert all_right.low == accuracy([True] * 10).low


def test_the_error_between_examples_is_that_of_a_clustered_regression():
    """statsmodels' regression on a constant, its errors clustered by example."""
    import statsmodels.api as sm

    rng = np.random.default_rng(6)
    clusters = np.repeat(np.arange(70), 3)
    right = rng.random(210) < (0.5 + 0.45 * (rng.random(70) < 0.7))[clusters]
    fitted = sm.OLS(right.astype(float), np.ones(210)).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    rate = right.mean()
    count = rate * (1 - rate) / fitted.bse[0] ** 2
    assert accuracy(right, clusters.tolist()).low == pytest.approx(wilson(rate, count)[0])
    assert 70 < count < 210
