"""A small version of the simulation: every interval covers, and one that does not is found out."""

from dataclasses import replace

import numpy as np
import pytest

from audits import statistics
from benchmarks import intervals

#: The shares of 300 samples that a true 95 % reaches in all but one of a thousand runs, and a little more.
USUAL = (0.90, 0.99)
SCENARIOS = [one for one in intervals.scenarios() if not one.slow]


def is_drawn_again(scenario):
    """Whether its interval is a bootstrap's, which costs a millisecond and more."""
    return any(word in scenario.figure for word in ("drop", "difference", "gap"))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.figure}, {one.model}")
def test_the_interval_covers(scenario, monkeypatch):
    monkeypatch.setattr(statistics.estimates, "RESAMPLES", 500)
    count, (least, most) = (80, (0.87, 1.0)) if is_drawn_again(scenario) else (300, USUAL)
    found = intervals.coverage(scenario, count, seed=11)
    assert least <= found.covered <= (1.0 if scenario.one_sided else most)


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
    scenario = intervals.Scenario("rate", why, lambda rng: (0.8, wrong(rng)))
    assert intervals.coverage(scenario, 300, seed=11).covered < USUAL[0]


def narrowed(estimate):
    """The same interval at 85 %: three quarters as wide."""
    reach = 0.73 * (estimate.high - estimate.low) / 2
    return replace(estimate, low=estimate.value - reach, high=estimate.value + reach)


def test_both_sides_are_counted():
    rng_free = intervals.Scenario("x", "y", lambda rng: (0.5, statistics.Estimate(0.7, 0.6, 0.8, 10)))
    found = intervals.coverage(rng_free, 20)
    assert (found.covered, found.above, found.below, found.error, found.truth) == (0, 1, 0, 0, 0.5)


def test_what_counts_as_enough():
    usual = intervals.Scenario("x", "y", lambda rng: (0.5, statistics.Estimate(0.7, 0.6, 0.8, 10)))
    assert [usual.meets(share) for share in (0.92, 0.93, 0.97, 0.98)] == [False, True, True, False]
    assert replace(usual, one_sided=True).meets(0.99)


def test_the_examples_that_power_names_decide(monkeypatch):
    monkeypatch.setattr(statistics.estimates, "RESAMPLES", 1000)
    monkeypatch.setattr(intervals.alone, "drop_of", intervals.alone.drop_of.__wrapped__)
    for asked, count, share in intervals.decided(150):
        assert count > 0 and share >= 0.7, asked
