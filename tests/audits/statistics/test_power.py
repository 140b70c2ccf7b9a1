"""Sample sizes against statsmodels, by counting every outcome, and by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from audits.statistics import (
    Estimate,
    accuracy,
    detectable_drop,
    drop,
    estimates,
    examples_for,
    examples_for_drop,
    examples_for_rate,
)


def chance_to_clear(rate, limit, count):
    """Not simulated: the probability of every number of hits whose interval clears the limit."""
    intervals = [accuracy(np.arange(count) < hits) for hits in range(count + 1)]
    clear = [one.low > limit if rate > limit else one.high < limit for one in intervals]
    return stats.binom.pmf(np.arange(count + 1), count, rate)[clear].sum()


@pytest.mark.parametrize(("rate", "limit"), [(0.9, 0.8), (0.7, 0.8), (1.0, 0.9), (0.0, 0.2), (0.05, 0.15)])
def test_a_rate_clears_its_limit_after_so_many_examples_and_no_fewer(rate, limit):
    count = examples_for_rate(rate, limit)
    assert count is not None
    for more in (0, 1, 2, 7, 40):
        assert chance_to_clear(rate, limit, count + more) >= 0.8 - 1e-9
    assert chance_to_clear(rate, limit, count - 1) < 0.8


@pytest.mark.parametrize(("rate", "limit"), [(0.85, 0.8), (0.92, 0.9), (0.301, 0.3)])
def test_a_rate_against_statsmodels(rate, limit):
    from statsmodels.stats.power import normal_sample_size_one_tail

    expected = normal_sample_size_one_tail(
        rate - limit, 0.8, 0.025, math.sqrt(limit * (1 - limit)), math.sqrt(rate * (1 - rate))
    )
    assert examples_for_rate(rate, limit) == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize(
    ("lost", "gained", "limit"), [(0.1, 0.04, 0.0), (0.1, 0.04, 0.1), (0.02, 0.02, -0.02)]
)
def test_a_drop_against_statsmodels(lost, gained, limit):
    """With the variance at the limit where it is the larger; Connor's at a limit of 0 is lost + gained."""
    from statsmodels.stats.power import normal_sample_size_one_tail

    truth = math.sqrt(lost + gained - (lost - gained) ** 2)
    found = examples_for_drop(lost, gained, limit)
    at_least = normal_sample_size_one_tail(lost - gained - limit, 0.8, 0.025, truth, truth)
    assert found and found >= math.floor(at_least)
    if limit == 0:
        expected = normal_sample_size_one_tail(lost - gained, 0.8, 0.025, math.sqrt(lost + gained), truth)
        assert found == math.ceil(expected)


@pytest.mark.parametrize(
    ("lost", "gained", "limit", "most"),
    [(0.08, 0.02, 0.0, 0.85), (0.06, 0.02, 0.1, 0.85), (0.002, 0.0, 0.03, 0.97)],
)
def test_a_drop_clears_its_limit_after_so_many_examples(monkeypatch, lost, gained, limit, most):
    """With few flips the power jumps: of so few pairs none may flip (71 %), of one more, one may (95 %)."""
    monkeypatch.setattr(estimates, "RESAMPLES", 2000)
    count = examples_for_drop(lost, gained, limit)
    assert count is not None
    draws = np.random.default_rng(3).multinomial(count, [lost, gained, 1 - lost - gained], size=1000)
    known = {}
    cleared = 0
    for first, second, kept in draws:
        if (first, second) not in known:
            known[first, second] = drop(
                [True] * first + [False] * second + [True] * kept,
                [False] * first + [True] * second + [True] * kept,
            )
        one = known[first, second]
        cleared += one.low > limit if lost - gained > limit else one.high < limit
    assert 0.77 <= cleared / 1000 <= most


def test_no_flip_seen_needs_what_the_score_interval_needs():
    """0 ± z² / (n + z²) lies below 1 % from n = z² 99 on."""
    z2 = stats.norm.ppf(0.975) ** 2
    count = examples_for_drop(0, 0, 0.01) or 0
    assert count == math.ceil(z2 * 99)
    assert drop([True] * (count + 1), [True] * (count + 1)).high < 0.01
    assert drop([True] * (count - 1), [True] * (count - 1)).high > 0.01


@pytest.mark.parametrize("gained", [0.0, 0.02, 0.1])
def test_what_can_be_detected_takes_the_examples_there_are(gained):
    found = detectable_drop(400, gained)
    assert found is not None
    assert examples_for_drop(found + gained, gained, 0.0) == pytest.approx(400, abs=1)
    assert (detectable_drop(1600, gained) or 1) < found
    assert detectable_drop(2, gained) is None


def test_any_figure_by_the_width_it_has():
    """An accuracy asked for both ways: the general answer is near the one for rates."""
    seen = accuracy(np.arange(400) < 340)
    assert examples_for(seen, 0.82) == pytest.approx(examples_for_rate(0.85, 0.82), rel=0.1)
    assert examples_for(Estimate(0.5, 0.4, 0.6, 100), 0.45) == math.ceil(
        100 * ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * 0.1 / stats.norm.ppf(0.975) / 0.05) ** 2
    )


def test_more_confidence_power_and_nearness_take_more():
    usual = examples_for_rate(0.9, 0.85) or 0
    assert (examples_for_rate(0.9, 0.85, confidence=0.99) or 0) > usual
    assert (examples_for_rate(0.9, 0.85, power=0.95) or 0) > usual
    assert (examples_for_rate(0.9, 0.88) or 0) > usual > 0


def test_no_number_clears_the_limit_that_is_the_truth():
    assert examples_for_rate(0.8, 0.8) is None
    assert examples_for_drop(0.1, 0.05, 0.1 - 0.05) is None
    assert examples_for(Estimate(0.8, 0.7, 0.9, 10), 0.8) is None
    assert examples_for(Estimate(math.nan, 0, 1, 0), 0.8) is None


@pytest.mark.parametrize(
    "ask", [lambda: examples_for_rate(1.2, 0.5), lambda: examples_for_rate(0.5, 0.4, 95)]
)
def test_what_is_no_share_is_refused(ask):
    with pytest.raises(ValueError, match=r"expected|between 0 and 1"):
        ask()
    with pytest.raises(ValueError, match="expected"):
        examples_for_drop(0.8, 0.4, 0.1)
    with pytest.raises(ValueError, match="expected"):
        detectable_drop(-1)
