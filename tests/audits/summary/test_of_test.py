"""The figures of one test, on rows made by hand and against the libraries."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from statsmodels.stats.multitest import multipletests

from audits import statistics
from audits.rows import CLEAN
from audits.summary import summarise
from tests.audits.doubles import plan
from tests.audits.test_summary import audit, row, verdicts

SEEDS = (3, 5, 8)


def seeded(lost, seed=0):
    """Rows of 60 examples, all right before; under each of three seeds some of the fragile ones are lost."""
    rng = np.random.default_rng(seed)
    fragile = rng.random(60) < 0.5
    rows = verdicts(CLEAN, 0, np.ones(60, dtype=bool))
    for one in SEEDS:
        right = ~(fragile & (rng.random(60) < lost))
        rows += [replace(made, seed=one, key=f"{made.key}-{one}") for made in verdicts("casing", 1, right)]
    return rows


def only(rows, **changes):
    (test,) = summarise(audit(**changes), rows).tests
    return test


def test_both_directions_have_their_own_denominators():
    before = np.array([True] * 40 + [False] * 10)
    after = np.array([False] * 8 + [True] * 32 + [True] * 3 + [False] * 7)
    test = only([*verdicts(CLEAN, 0, before), *verdicts("casing", 1, after)])
    assert (test.lost, test.gained) == (8, 3)
    assert test.lost_rate == statistics.accuracy(np.arange(40) < 8)
    assert test.gained_rate == statistics.accuracy(np.arange(10) < 3)
    assert test.drop and test.drop.value == pytest.approx((8 - 3) / 50)


def test_the_drop_on_changed_texts_leaves_the_others_out():
    before, after = np.ones(50, dtype=bool), np.arange(50) >= 6
    rows = verdicts("casing", 1, after)
    rows = [replace(made, perturbed=made.text) if place >= 20 else made for place, made in enumerate(rows)]
    test = only([*verdicts(CLEAN, 0, before), *rows])
    assert test.drop and (test.drop.value, test.drop.count) == (0.12, 50)
    assert test.drop_if_changed == statistics.drop(before[:20], after[:20])
    unchanged = only([*verdicts(CLEAN, 0, before), *[replace(made, perturbed=made.text) for made in rows]])
    assert unchanged.drop_if_changed is None


def test_scores_are_sklearns():
    rng = np.random.default_rng(2)
    truth, said = rng.integers(0, 2, 80), rng.integers(0, 2, 80)
    names = ("negative", "positive")
    rows = [
        row(place, test, severity, label=names[true], says=names[answer])
        for test, severity in ((CLEAN, 0), ("casing", 1))
        for place, (true, answer) in enumerate(zip(truth, said, strict=True))
    ]
    summary = summarise(audit(), rows)
    scores = summary.clean_quality
    assert scores and summary.tests[0].quality == scores
    assert scores.macro_f1.value == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    assert scores.recalls["positive"].value == pytest.approx(metrics.recall_score(truth, said))
    assert scores.weakest == min(scores.recalls.items(), key=lambda pair: pair[1].value)
    sure = np.where(said == 1, 0.8, 0.2)
    assert scores.brier.value == pytest.approx(metrics.brier_score_loss(truth, sure))
    assert scores.log_loss.value == pytest.approx(metrics.log_loss(truth, sure))
    assert scores.calibration_error.value == pytest.approx(abs((truth == said).mean() - 0.8))


def test_seeds_of_an_example_count_as_one_source():
    rows = seeded(0.3)
    test = only(rows)
    assert (test.paired, test.examples, test.rows) == (180, 60, 180)
    once = only([made for made in rows if made.test == CLEAN or made.seed == 3])
    assert test.drop and once.drop and test.accuracy and once.seeds is None
    right = np.array([made.predicted == 1 for made in rows if made.test != CLEAN])
    names = [made.example for made in rows if made.test != CLEAN]
    assert test.accuracy.low == pytest.approx(statistics.accuracy(right, names).low)
    assert test.accuracy.low < statistics.accuracy(right).low  # as independent rows would have it
    assert test.p_value == pytest.approx(statistics.mcnemar(np.ones(180), right, names))


def test_the_seeds_spread_stands_beside_the_drop():
    found = only(seeded(0.3)).seeds
    assert found is not None and found.examples == 60
    right = np.array([made.predicted == 1 for made in seeded(0.3) if made.test != CLEAN]).reshape(3, 60)
    assert sorted(found.by_seed) == pytest.approx(sorted(1 - right.mean(axis=1)))
    assert found.noise == pytest.approx(np.sqrt(right.var(axis=0, ddof=1).mean() / 60))


def test_a_drop_over_seeds_is_that_of_the_examples_means():
    rows = seeded(0.3)
    test = only(rows)
    right = np.array([made.predicted == 1 for made in rows if made.test != CLEAN]).reshape(3, 60)
    means = 1 - right.mean(axis=0)
    drawn = stats.bootstrap((means,), np.mean, n_resamples=20_000, rng=1, method="BCa").confidence_interval
    assert test.drop and test.drop.value == pytest.approx(means.mean())
    assert (test.drop.low, test.drop.high) == pytest.approx(drawn, abs=0.006)
    assert test.counted == "60\u00a0×\u00a03"


def test_a_summary_tells_the_draws_from_the_sample():
    made = audit(plan=plan(tests="casing@1", seeds=3))
    summary = summarise(made, seeded(0.3))
    spread = summary.tests[0].seeds
    assert summary.expected == summary.rows == 240 and spread
    assert f"drawn 3 times, with the seeds from {made.plan.seed} on" in summary.redrawn
    assert f"±{100 * spread.noise:.1f} points at most" in summary.redrawn
    assert f"other examples move it by ±{100 * spread.sampling:.1f}." in summary.redrawn
    assert (
        summarise(made, [made for made in seeded(0.3) if made.test == CLEAN or made.seed == 3]).redrawn == ""
    )


def test_bold_stars_and_headline_go_by_the_same_rule():
    """A drop whose own interval lies above 0 is no finding among tests that make chance likely."""
    before = np.ones(200, dtype=bool)
    names = [f"casing@{level}" for level in range(1, 6)] + [
        f"keyboard-typos@{level}" for level in range(1, 6)
    ]
    rows = verdicts(CLEAN, 0, before)
    for name in names:
        test, _, severity = name.partition("@")
        rows += verdicts(test, int(severity), np.arange(200) >= (7 if name == "casing@5" else 0))
    summary = summarise(audit(plan=plan().model_copy(update={"tests": tuple(names)})), rows)
    worst = summary.by_harm[0]
    assert worst.drop and worst.drop.low > 0 and worst.p_value and worst.p_value < 0.05
    assert worst.p_adjusted and worst.p_adjusted > 0.05 and not worst.is_lost
    assert "No test lowers the accuracy by more than chance" in " ".join(summary.headline)
    values = [test.p_value for test in summary.tests]
    assert [test.q_value for test in summary.tests] == pytest.approx(
        list(multipletests(values, method="fdr_bh")[1])
    )


def test_what_an_attack_did_and_spent():
    rows = [row(place, CLEAN, says="positive" if place < 8 else "negative") for place in range(10)]
    rows += [
        row(
            place,
            "deepwordbug",
            status="succeeded" if place < 5 else "failed" if place < 8 else "skipped",
            says="negative" if place < 5 or place >= 8 else "positive",
            queries=10 * place,
            words_edited=0.1 * (place + 1),
            similarity=None if place == 0 else 0.9 - 0.1 * place,
        )
        for place in range(10)
    ]
    test = only(rows)
    assert test.success and test.success.count == 8
    interval = stats.binomtest(5, 10).proportion_ci(method="wilson")
    assert test.success_of_all and test.success_of_all.value == 0.5
    assert (test.success_of_all.low, test.success_of_all.high) == pytest.approx(tuple(interval))
    effort = test.effort
    assert effort and effort.words and effort.similarity and effort.queries
    assert effort.words == statistics.average([0.1, 0.2, 0.30000000000000004, 0.4, 0.5])
    assert (effort.similarity.value, effort.similarity.count) == (pytest.approx(0.65), 4)
    assert effort.queries.value == pytest.approx(np.mean(range(0, 80, 10)))
    nothing = only([row(0, CLEAN), row(0, "deepwordbug", status="failed")]).effort
    assert nothing and nothing.words is None and nothing.similarity is None
