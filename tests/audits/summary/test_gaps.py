"""Gaps between groups under noise: by hand, against scipy's bootstrap, and on groups that are alike."""

import numpy as np
import pytest
from scipy import stats

from audits import statistics
from audits.figures import figures
from audits.policy import decide
from audits.rows import CLEAN
from audits.rules import Policy
from audits.statistics import Estimate
from audits.summary import summarise
from tests.audits.doubles import plan
from tests.audits.test_summary import audit, row

SIZE = 120
TOPIC = np.where(np.arange(SIZE) % 3 == 0, "news", "film")
SEEDS = (7, 8)


def answers(seed, *, news=0.35, film=0.1):
    """Right or not: unchanged (120), and under two severities with two seeds each (120, 4)."""
    rng = np.random.default_rng(seed)
    clean = rng.random(SIZE) < 0.9
    lost = np.where(TOPIC == "news", news, film)[:, None]
    return clean, clean[:, None] & (rng.random((SIZE, 4)) >= lost)


def summary(clean, noisy, tests="casing@1,casing@3", groups=None, towns=0, **changes):
    says = {True: "positive", False: "negative"}
    rows = [row(place, CLEAN, says=says[bool(flag)]) for place, flag in enumerate(clean)]
    rows += [
        row(place, "casing", severity, says=says[bool(noisy[place, 2 * late + turn])], seed=seed)
        for place in range(SIZE)
        for late, severity in enumerate((1, 3))
        for turn, seed in enumerate(SEEDS)
    ]
    rows += [
        row(place, "gender", group_before=group, group_after="other")
        for place, group in enumerate(groups or [])
    ]
    metadata = {f"id{place}": {"topic": str(TOPIC[place]), "id": str(place)} for place in range(SIZE)}
    if towns:  # one large town and many small ones
        for place in range(SIZE):
            metadata[f"id{place}"]["town"] = f"town{max(0, place - SIZE + towns)}"
    tests += ",gender" if groups else ""
    return summarise(audit(plan=plan(tests=tests, seeds=2, **changes)), rows, metadata=metadata)


def test_the_change_is_the_others_drop_minus_the_groups():
    clean, noisy = answers(1)
    (gap,) = summary(clean, noisy).gaps  # of two topics one is told, and as many ids as examples are none
    news = TOPIC == "news"
    assert (gap.noise, gap.written) == ("casing", "topic=film")
    assert (gap.members, gap.others) == (80, 40)
    drops = [(clean[side, None] * 1.0 - noisy[side]).mean() for side in (~news, news)]
    assert (gap.group_drop.value, gap.others_drop.value) == pytest.approx(drops)
    assert gap.clean.value == pytest.approx(clean[~news].mean() - clean[news].mean())
    assert gap.noisy.value == pytest.approx(noisy[~news].mean() - noisy[news].mean())
    assert gap.change.value == pytest.approx(gap.noisy.value - gap.clean.value)
    assert gap.group_drop.count == 80 * 4 and gap.changes and gap.widens


def test_its_interval_is_that_of_a_bootstrap_of_both_groups():
    clean, noisy = answers(2)
    (gap,) = summary(clean, noisy).gaps
    lost = clean - noisy.mean(axis=1)
    drawn = stats.bootstrap(
        (lost[TOPIC == "news"], lost[TOPIC == "film"]),
        lambda news, film, axis: news.mean(axis=axis) - film.mean(axis=axis),
        n_resamples=10_000, method="percentile", rng=3,
    ).confidence_interval  # fmt: skip
    width = drawn.high - drawn.low
    assert (gap.change.low, gap.change.high) == pytest.approx(drawn, abs=0.08 * width)


def test_it_covers_the_true_change():
    covered = 0
    for seed in range(100):
        clean, noisy = answers(seed, news=0.3, film=0.15)
        drops = []
        for side in (TOPIC == "news", TOPIC == "film"):
            before, names = np.repeat(clean[side], 4), np.repeat(np.flatnonzero(side), 4).tolist()
            drops.append(statistics.drop(before, noisy[side].ravel(), clusters=names))
        found = statistics.unpaired(*drops)
        covered += found.low <= 0.9 * 0.15 <= found.high
    assert 0.89 <= covered / 100 <= 0.99


@pytest.mark.parametrize("seed", range(8))
def test_the_chance_of_no_change_is_about_welchs(seed):
    clean, noisy = answers(seed, news=0.2, film=0.2)
    lost = clean - noisy.mean(axis=1)
    welch = stats.ttest_ind(lost[TOPIC == "news"], lost[TOPIC == "film"], equal_var=False).pvalue
    (gap,) = summary(clean, noisy).gaps  # one gap: Holm corrects nothing
    assert gap.p_adjusted == pytest.approx(welch, abs=0.06)
    assert gap.changes == (gap.p_adjusted < 0.05)


def test_a_counterfactual_tells_whom_texts_are_about():
    clean, noisy = answers(4)
    about = ["female" if topic == "news" else "male" for topic in TOPIC]
    about[:6] = ["female + male"] * 3 + [""] * 3
    made = summary(clean, noisy, groups=about, slices=["label"])
    (gap,) = made.gaps  # the plan names no column
    assert (gap.written, gap.members, gap.others) == ("gender=female", 38, 76)
    assert "gender=female" in made.unequal and "points" in made.unequal


def test_a_rule_can_limit_it():
    made = summary(*answers(1))
    (gap,) = made.gaps
    assert figures(made)["gap_change casing topic=film"] == gap.change
    # Of two groups one is told; a rule on all must see the other, which is worse off for the first's gain.
    news = figures(made)["gap_change casing topic=news"]
    assert (news.value, news.low, news.high) == (-gap.change.value, -gap.change.high, -gap.change.low)
    least = plan(tests="casing@1", policy=[{"figure": "gap_change casing *", "at_least": -0.02}]).policy
    assert gap.change.low > 0 and decide(Policy(least), made).kind == "fail"
    asked = plan(tests="casing@1", policy=[{"figure": "gap_change casing *", "at_most": 0.02}]).policy
    assert decide(Policy(asked), made).kind == "fail"


def test_small_groups_and_no_groups_say_nothing():
    clean, noisy = answers(1)
    assert summary(clean, noisy, groups=["rare"] * 5 + ["usual"] * 115, slices=["label"]).gaps == ()
    assert summary(clean, noisy, slices=["label"]).unequal == ""
    alike = summary(clean, np.repeat(clean[:, None], 4, axis=1))
    assert "none changes under noise beyond chance" in alike.unequal


def test_the_chance_of_no_difference_fits_its_interval():
    assert statistics.chance_of_none(Estimate(0.2, 0.0, 0.4, 50)) == pytest.approx(0.05)
    assert statistics.chance_of_none(Estimate(-0.2, -0.5, 0.0, 50)) == pytest.approx(0.05)
    assert statistics.chance_of_none(Estimate(0.0, -0.1, 0.1, 50)) == 1.0
    assert statistics.chance_of_none(Estimate(float("nan"), -1, 1, 0)) == 1.0


def test_columns_of_too_many_groups_are_told_of():
    clean, noisy = answers(1)
    few = summary(clean, noisy, towns=5)
    assert few.ungrouped == () and "Not looked at" not in few.unequal
    many = summary(clean, noisy, towns=20)
    assert many.ungrouped == ("town",) and len(many.gaps) == 1  # ids name no groups, so nobody misses them
    assert many.unequal.startswith(summary(clean, noisy).unequal)
    assert "Not looked at" in many.unequal and ": town. " in many.unequal
    asked = summary(clean, noisy, towns=20, slices=["town"])
    assert asked.ungrouped == ("town",) and asked.gaps == () and asked.unequal.startswith("Not looked at")
    assert summary(clean, noisy, towns=20, slices=["topic"]).ungrouped == ()
