"""Scores of a classifier against scikit-learn, their intervals against scipy's bootstrap."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn import metrics
from sklearn.metrics import r2_score

from audits.statistics import (
    accuracy,
    brier,
    brier_difference,
    calibration_error,
    confusion,
    log_loss,
    macro_f1,
    recalls,
    variance_explained,
)

answers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50)


def drawn(count, labels, seed):
    """Truths, probabilities and answers of a fair model."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(labels, size=count, p=np.arange(1, labels + 1) / np.arange(1, labels + 1).sum())
    scores = rng.dirichlet(np.ones(labels), size=count) + 1.2 * np.eye(labels)[truth] * rng.random((count, 1))
    scores /= scores.sum(axis=1, keepdims=True)
    return truth, scores, scores.argmax(axis=1)


@settings(max_examples=50)
@given(answers)
def test_macro_f1_against_sklearn(pairs):
    true, said = zip(*pairs, strict=True)
    found = macro_f1(true, said, 4)
    assert found.value == pytest.approx(metrics.f1_score(true, said, average="macro", zero_division=0))
    assert 0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1
    assert found.count == len(pairs)


@settings(max_examples=30)
@given(answers)
def test_recall_against_sklearn(pairs):
    true, said = zip(*pairs, strict=True)
    expected = metrics.recall_score(true, said, labels=range(4), average=None, zero_division=0)
    for label, (one, value) in enumerate(zip(recalls(true, said, 4), expected, strict=True)):
        assert one.count == true.count(label)
        assert one.value == pytest.approx(value) if one.count else math.isnan(one.value)
        assert one == accuracy([s == t for t, s in pairs if t == label]) or not one.count


@pytest.mark.parametrize("labels", [2, 5])
def test_brier_and_log_loss_against_sklearn(labels):
    truth, scores, _ = drawn(300, labels, 1)
    right = scores[:, 1] if labels == 2 else scores
    expected = metrics.brier_score_loss(truth, right, labels=range(labels), scale_by_half=True)
    assert brier(scores, truth).value == pytest.approx(expected)
    assert log_loss(scores, truth).value == pytest.approx(metrics.log_loss(truth, scores))


def test_a_wrong_answer_that_was_sure_costs_much_and_not_everything():
    found = log_loss([[1.0, 0.0], [0.5, 0.5]], [1, 0])
    assert found.value == pytest.approx(metrics.log_loss([1, 0], [[1.0, 0.0], [0.5, 0.5]]))
    assert math.isfinite(found.high)


def bootstrap(statistic, count):
    """The interval that scipy's BCa gives to a figure of resampled rows."""
    found = stats.bootstrap(
        (np.arange(count),), statistic, vectorized=False, n_resamples=1500, method="BCa", rng=3
    )
    return found.confidence_interval


@pytest.mark.parametrize("labels", [2, 5])
def test_intervals_of_scores_against_scipy_bootstrap(labels):
    truth, scores, said = drawn(300, labels, 2)
    for found, statistic in (
        (
            macro_f1(truth, said, labels),
            lambda rows: 2 * np.mean(hits(truth[rows], said[rows], labels)),
        ),
        (
            brier(scores, truth),
            lambda rows: ((scores - np.eye(labels)[truth])[rows] ** 2).sum() / 600,
        ),
        (log_loss(scores, truth), lambda rows: -np.log(scores[np.arange(300), truth])[rows].mean()),
    ):
        low, high = bootstrap(statistic, 300)
        assert (found.low, found.high) == pytest.approx((low, high), abs=0.12 * (high - low))


def hits(truth, said, labels):
    """Each label's half F1: hits over truths and answers together."""
    counts = confusion(truth, said, labels)
    return np.diag(counts) / (counts.sum(axis=0) + counts.sum(axis=1))


def test_copies_of_an_example_are_no_evidence():
    truth, scores, said = drawn(120, 3, 4)
    thrice = np.repeat(np.arange(120), 3)
    for one, copied in (
        (macro_f1(truth, said, 3), macro_f1(truth[thrice], said[thrice], 3, thrice.tolist())),
        (brier(scores, truth), brier(scores[thrice], truth[thrice], thrice.tolist())),
        (log_loss(scores, truth), log_loss(scores[thrice], truth[thrice], thrice.tolist())),
        *zip(recalls(truth, said, 3), recalls(truth[thrice], said[thrice], 3, thrice.tolist()), strict=True),
    ):
        assert copied.count == 3 * one.count
        assert (copied.low, copied.high) == pytest.approx((one.low, one.high), rel=0.02)


@pytest.mark.parametrize("wrong", [0, 1, 4, 5])
def test_few_errors_are_not_certainty(wrong):
    """With none, no label's interval can be narrower than Wilson's for all rows right."""
    truth = np.arange(100) % 2
    said = np.where(np.arange(100) < wrong, 1 - truth, truth)
    found = macro_f1(truth, said, 2)
    right = accuracy(truth == said)
    assert found.low < right.low + 0.02 and found.high > found.value - 1e-12
    assert found.high - found.low > 0.8 * (right.high - right.low)


def test_a_rare_label_does_not_break_the_interval():
    """Without its only row a label is gone, and the mean is over the others."""
    truth = np.array([0, 1] * 40 + [2])
    said = truth.copy()
    said[:8] = 1 - said[:8]
    found = macro_f1(truth, said, 4)
    assert found.value == pytest.approx(metrics.f1_score(truth, said, average="macro"))
    assert found.low < found.value < found.high


def test_differences_of_brier_scores_against_students_paired_interval():
    rng = np.random.default_rng(4)
    truth, sure, other = rng.integers(0, 2, 400), rng.beta(5, 2, 400), rng.beta(4, 2, 400)
    both = [np.where(truth == 1, [1 - one, one], [one, 1 - one]).T for one in (sure, other)]
    theirs = stats.ttest_rel((1 - other) ** 2, (1 - sure) ** 2)
    found = brier_difference(both[0], both[1], truth)
    assert found.value == pytest.approx(brier(both[1], truth).value - brier(both[0], truth).value)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval()))


def test_a_sure_model_without_an_error_may_err_all_the_same():
    """Nothing wrong in n leaves room for as large a share of errors as Wilson's interval says."""
    sure = np.linspace(0.96, 0.98, 60)
    scores, truth = np.stack([sure, 1 - sure], axis=1), np.zeros(60, dtype=int)
    share = accuracy(np.zeros(60)).high
    assert brier(scores, truth).high == pytest.approx(((1 - sure) ** 2).mean() + share)
    if_wrong = -np.log(1 - sure).mean()
    assert log_loss(scores, truth).high == pytest.approx(-np.log(sure).mean() + share * if_wrong)
    assert calibration_error(scores, truth).high == pytest.approx(0.03 + share)
    copied = brier(np.tile(scores, (3, 1)), np.tile(truth, 3), list(range(60)) * 3)
    assert copied.high == pytest.approx(brier(scores, truth).high)


@pytest.mark.parametrize("count", [24, 100])
def test_errors_that_are_seldom_seen_are_covered(count):
    """3 % are wrong, however sure: a jackknife alone lies wholly below the truth in half of 24s."""
    errors, missed = 0.03, {"brier": 0, "log_loss": 0}
    truth = errors * 0.97**2 + (1 - errors) * 0.03**2, -errors * np.log(0.03) - (1 - errors) * np.log(0.97)
    for seed in range(150):
        rng = np.random.default_rng(seed)
        sure = np.clip(rng.normal(0.97, 0.003, count), 0.9, 0.999)
        scores = np.where(rng.random(count) >= errors, [sure, 1 - sure], [1 - sure, sure]).T
        missed["brier"] += brier(scores, np.zeros(count, dtype=int)).high < truth[0]
        missed["log_loss"] += log_loss(scores, np.zeros(count, dtype=int)).high < truth[1]
    assert max(missed.values()) <= 7, missed


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        brier([[0.5, 0.5]], [0, 1])
    with pytest.raises(ValueError, match="do not fit"):
        log_loss([0.5], [0])
    with pytest.raises(ValueError, match="clusters"):
        macro_f1([0, 1], [0, 1], 2, ["a"])


def test_nothing_to_estimate_from():
    for found in (macro_f1([], [], 2), brier(np.zeros((0, 2)), []), recalls([], [], 2)[0]):
        assert math.isnan(found.value)
        assert (found.low, found.high, found.count) == (0, 1, 0)


@settings(deadline=None)
@given(answers)
def test_confusion_against_sklearn(pairs):
    true, said = zip(*pairs, strict=True)
    assert (confusion(true, said, 4) == metrics.confusion_matrix(true, said, labels=range(4))).all()


def test_confusion_refuses_what_is_no_label():
    assert confusion([], [], 2).tolist() == [[0, 0], [0, 0]]
    for true, said in (([0], [2]), ([0], [-1]), ([0, 1], [0])):
        with pytest.raises(ValueError, match=r"index|pair"):
            confusion(true, said, 2)


def test_variance_explained_is_scikit_learns_and_its_interval_the_jackknifes():
    rng = np.random.default_rng(3)
    values = rng.normal(1e6, 2, size=60)
    foretold = values + rng.normal(size=60)
    found = variance_explained(values, foretold)
    assert found.value == pytest.approx(r2_score(values, foretold))
    rest = [np.delete(np.arange(60), row) for row in range(60)]
    left = np.array([r2_score(values[rows], foretold[rows]) for rows in rest])
    reach = stats.t.ppf(0.975, 59) * np.sqrt(59 * np.var(left))
    assert (found.low, found.high) == pytest.approx((found.value - reach, found.value + reach))
    assert variance_explained(values, np.full(60, values.mean())).value == pytest.approx(0)
    assert math.isnan(variance_explained([2.0, 2.0], [1.0, 3.0]).value)
    assert math.isnan(variance_explained([], []).value)
