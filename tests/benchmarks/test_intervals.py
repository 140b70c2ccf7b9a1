"""A small version of the simulation: every interval covers, and one that does not is found out."""

from dataclasses import replace

import numpy as np
import pytest

from audits import statistics
from benchmarks import intervals

#: The shares of 300 samples that a true 95 % reaches in all but one of a thousand runs, and a little more.
USUAL = (0.90, 0.99)
#: Where a single interval costs milliseconds; the figure's own tests simulate it.
SLOW = ("drop, three seeds an example", "mean shift of a probability")
SCENARIOS = [one for one in intervals.scenarios() if one.figure not in SLOW and ", 1000" not in one.model]


def samples(scenario):
    return 80 if scenario.figure == "drop" else 300


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.figure}, {one.model}")
def test_the_interval_covers(scenario):
    found = intervals.coverage(scenario, samples(scenario), seed=11)
    least = 0.88 if samples(scenario) < 300 else USUAL[0]
    assert least <= found.covered
    # Few outcomes are possible where answers are nearly all right: such intervals cover more.
    discrete = scenario.figure == "drop" or "97%" in scenario.model or "99%" in scenario.model
    assert discrete or scenario.one_sided or found.covered <= USUAL[1]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (lambda rng: statistics.accuracy(np.repeat(rng.random(50) < 0.8, 4)), "rows taken as independent"),
        (lambda rng: narrowed(statistics.accuracy(rng.random(200) < 0.8)), "an interval at 85 %"),
        (lambda rng: statistics.accuracy(rng.random(200) < 0.86), "a figure that is off"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_interval_is_found_out(wrong, why):
    scenario = intervals.Scenario("rate", why, 0.8, wrong)
    assert intervals.coverage(scenario, 300, seed=11).covered < USUAL[0]


def narrowed(estimate):
    """The same interval at 85 %: three quarters as wide."""
    reach = 0.73 * (estimate.high - estimate.low) / 2
    return replace(estimate, low=estimate.value - reach, high=estimate.value + reach)


def test_both_sides_are_counted():
    rng_free = intervals.Scenario("x", "y", 0.5, lambda rng: statistics.Estimate(0.7, 0.6, 0.8, 10))
    found = intervals.coverage(rng_free, 20)
    assert (found.covered, found.above, found.below, found.error) == (0, 1, 0, 0)


def test_the_examples_that_power_names_decide(monkeypatch):
    monkeypatch.setattr(statistics.estimates, "RESAMPLES", 1000)
    monkeypatch.setattr(intervals, "_drop_of", intervals._drop_of.__wrapped__)
    for asked, count, share in intervals.decided(150):
        assert count > 0 and share >= 0.7, asked
