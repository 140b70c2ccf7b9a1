"""What an audit could see, against simulations and the variances themselves."""

import numpy as np
import pytest

from audits import statistics
from audits.rows import CLEAN
from audits.statistics import Estimate
from audits.summary import summarise
from audits.summary.reach import detectable, independent, needed
from tests.audits.doubles import plan
from tests.audits.summary.test_of_test import only, seeded
from tests.audits.test_summary import audit, verdicts


def test_a_drop_of_that_size_is_seen_in_four_audits_of_five():
    rng = np.random.default_rng(3)
    gained = 0.03
    truth = detectable(150, gained, None)
    assert truth
    seen = 0
    for _ in range(300):
        away, back, _ = rng.multinomial(150, [truth + gained, gained, 1 - truth - 2 * gained])
        before = np.arange(150) >= back
        after = np.arange(150) < 150 - away
        seen += statistics.drop(before, after).low > 0
    assert seen / 300 == pytest.approx(0.8, abs=0.07)


def test_draws_count_for_as_many_examples_as_their_variance_says():
    """By hand: 60 examples, of which the fragile ones are lost or not anew with each of three seeds."""
    found = only(seeded(0.3))
    lost = 1.0 - np.array([row.predicted == 1 for row in seeded(0.3) if row.test != CLEAN]).reshape(3, 60)
    within = lost.var(axis=0, ddof=1).mean()
    between = lost.mean(axis=0).var(ddof=1)
    once = between - within / 3 + within
    assert found.seeds
    assert independent(60, found.seeds) == pytest.approx(60 * once / between)
    assert 60 <= independent(60, found.seeds) <= 180
    assert found.detectable == statistics.detectable_drop(int(60 * once / between), 0.0)


def test_draws_that_all_agree_add_nothing():
    agree = statistics.seed_spread(
        np.tile([1.0, 0.0, 0.0], 3), np.repeat([1, 2, 3], 3).tolist(), [0, 1, 2] * 3
    )
    assert independent(3, agree) == pytest.approx(3) and independent(7, None) == 7


def test_what_is_not_settled_says_how_many_examples_would_settle_it():
    before = np.ones(100, dtype=bool)
    small, large = np.arange(100) >= 2, np.arange(100) >= 20
    rows = [*verdicts(CLEAN, 0, before), *verdicts("casing", 1, small), *verdicts("casing", 3, large)]
    summary = summarise(audit(plan=plan(tests="casing@1,casing@3")), rows)
    first, second = summary.tests
    assert first.needed == max(101, statistics.examples_for_drop(0.02, 0.0, 0.0) or 0)
    assert second.needed is None and summary.undecided == [first]
    assert "points would be seen in four audits of five" in summary.reach
    assert needed(Estimate(0.0, -0.1, 0.1, 100), 0, 0, 100, None) is None  # nothing flips: no number would do


def test_nothing_to_see_says_nothing():
    assert summarise(audit(), verdicts(CLEAN, 0, np.ones(20, dtype=bool))).reach == ""
