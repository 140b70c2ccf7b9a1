"""Expected calibration error by hand and at its edges."""

import numpy as np
import pytest
from scipy import stats

from audits.statistics import (
    accuracy,
    brier_difference,
    calibration_difference,
    calibration_error,
    drop,
    estimates,
    expected_calibration_error,
)


def test_calibration_by_hand():
    confidence = [0.95, 0.95, 0.95, 0.95, 0.65, 0.65, 0.70, 0.55]
    correct = [1, 1, 1, 0, 1, 0, 0, 1]
    probabilities = np.array([[c, 1 - c] for c in confidence])
    targets = [0 if right else 1 for right in correct]
    result = expected_calibration_error(probabilities, targets)
    # (0.5, 0.6]: one row, |1 - 0.55|; (0.6, 0.7]: three, |1/3 - 2/3|; (0.9, 1]: four, |3/4 - 0.95|.
    assert result.ece == pytest.approx((0.45 + 3 * (1 / 3) + 4 * 0.2) / 8)
    assert [row.count for row in result.bins] == [1, 3, 4]
    assert [row.confidence for row in result.bins] == pytest.approx([0.55, 2 / 3, 0.95])
    assert result.bins[2].accuracy == accuracy([True, True, True, False])


def test_calibration_at_the_edges():
    sure = expected_calibration_error([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    assert sure.ece == 0
    assert [row.count for row in sure.bins] == [2]
    even = expected_calibration_error(np.full((4, 4), 0.25), [0, 1, 2, 3], bins=4)
    assert even.ece == 0
    with pytest.raises(ValueError, match="do not fit"):
        expected_calibration_error([[0.5, 0.5]], [0, 1])


def test_nothing_to_estimate_from():
    assert expected_calibration_error(np.zeros((0, 2)), []).bins == ()


def drawn(count, slope, seed):
    """Confidences from one half to 1; answers are right with a chance `slope` times as far above one half."""
    rng = np.random.default_rng(seed)
    confidence = 0.5 + 0.5 * rng.beta(3, 0.8, size=count)
    right = rng.random(count) < 0.5 + slope * (confidence - 0.5)
    return np.stack([confidence, 1 - confidence], axis=1), np.where(right, 0, 1)


def test_the_error_is_the_one_of_the_bins():
    scores, truth = drawn(200, 0.7, 1)
    found = calibration_error(scores, truth)
    assert found.value == pytest.approx(expected_calibration_error(scores, truth).ece)
    assert found.count == 200
    copied = calibration_error(np.tile(scores, (3, 1)), np.tile(truth, 3), list(range(200)) * 3)
    assert (copied.low, copied.high) == pytest.approx((found.low, found.high), rel=0.02)


@pytest.mark.parametrize(("slope", "truth"), [(1.0, 0.0), (0.6, 0.4 * (0.5 * 3 / 3.8))])
@pytest.mark.parametrize("count", [100, 1000])
def test_coverage_of_the_calibration_error(slope, truth, count):
    """The plain bootstrap covers the error of a calibrated model never: the figure itself is too large."""
    found = [calibration_error(*drawn(count, slope, seed)) for seed in range(400)]
    covered = np.mean([one.low <= truth <= one.high for one in found])
    assert 0.93 <= covered <= 0.985
    if slope == 1.0:
        assert min(one.value for one in found) > 0
    else:
        assert min(one.low for one in found) > 0 or count == 100


def test_the_folded_normal_against_scipy():
    from audits.statistics.calibration import _folded

    mean, spread = _folded(np.array([1.5]), np.array([0.5]))
    expected = stats.foldnorm(3, scale=0.5)
    assert (mean, spread) == pytest.approx((expected.mean(), expected.std()))
    assert _folded(np.array([2.0, 3.0]), np.zeros(2)) == (5.0, 0.0)


def test_the_difference_of_two_plainly_overconfident_models_is_students():
    """Far from calibrated no gap turns its sign, and the errors are means of confidence minus rightness."""
    rng = np.random.default_rng(8)
    surely = np.where(rng.random(400) < 0.5, 0.95, 0.85)
    right = rng.random((2, 400)) < np.array([[0.6], [0.5]])
    scores = [np.where(one, [surely, 1 - surely], [1 - surely, surely]).T for one in right]
    truth = np.zeros(400, dtype=int)
    found = calibration_difference(scores[0], scores[1], truth)
    errors = [expected_calibration_error(one, truth).ece for one in scores]
    assert found.value == pytest.approx(errors[1] - errors[0])
    theirs = stats.ttest_rel(surely - right[1], surely - right[0]).confidence_interval()
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=3e-4)
    names = np.repeat(np.arange(400), 3).tolist()
    tripled = calibration_difference(
        np.repeat(scores[0], 3, axis=0), np.repeat(scores[1], 3, axis=0), np.zeros(1200, dtype=int), names
    )
    assert (tripled.low, tripled.high) == pytest.approx((found.low, found.high))


def test_the_difference_from_a_calibrated_model_is_covered():
    """The calibrated model's own error is all bias, so a plain difference lies well below the truth."""
    truth, covered, plain = 0.1 * (0.5 * 3 / 3.8), [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        confidence, luck = 0.5 + 0.5 * rng.beta(3, 0.8, size=300), rng.random(300)
        both = [luck < 0.5 + slope * (confidence - 0.5) for slope in (1.0, 0.9)]
        scores = [np.where(one, [confidence, 1 - confidence], [1 - confidence, confidence]).T for one in both]
        found = calibration_difference(scores[0], scores[1], np.zeros(300, dtype=int))
        covered.append(found.low <= truth <= found.high)
        plain.append(found.value)
    assert np.mean(plain) < 0.8 * truth
    assert np.mean(covered) > 0.88


def test_the_difference_of_nothing_and_of_one():
    nothing = calibration_difference(np.zeros((0, 2)), np.zeros((0, 2)), [])
    assert np.isnan(nothing.value) and (nothing.low, nothing.high) == (-1, 1)
    one = calibration_difference([[0.9, 0.1]], [[0.8, 0.2]], [0])
    assert one.value == pytest.approx(0.1) and (one.low, one.high) == (-1, 1)


def test_a_difference_that_few_examples_make_is_no_certainty(monkeypatch):
    """A copy that fails on 2 of 100 texts, and is a little surer or less sure everywhere.

    Samples of 60 mostly show one failure or none, whatever else they show, which proves nothing.
    """
    monkeypatch.setattr(estimates, "RESAMPLES", 300)
    missed = {"calibration error": 0, "Brier": 0}
    for seed in range(100):
        rng = np.random.default_rng(seed)
        right = rng.random(60) < 0.9
        sure, near = np.full(60, 0.95), rng.normal(0.95, 0.001, 60)
        models = ((right, sure), (right & (rng.random(60) >= 0.02), near))
        old, new = (np.where(one, [known, 1 - known], [1 - known, known]).T for one, known in models)
        truth = np.zeros(60, dtype=int)
        # 90 % of the failures turn a right answer; each costs 1 of calibration, and 0.95² - 0.05² of Brier.
        missed["calibration error"] += calibration_difference(old, new, truth).high < 0.018
        missed["Brier"] += brier_difference(old, new, truth).high < 0.018 * 0.9
    assert max(missed.values()) <= 5, missed
    same = calibration_difference([[0.9, 0.1]] * 100, [[0.9, 0.1]] * 100, [0] * 100)
    known = drop(np.ones(100), np.ones(100))
    assert (same.value, same.low, same.high) == pytest.approx((0.0, known.low, known.high))
