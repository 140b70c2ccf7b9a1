"""Expected calibration error by hand and at its edges."""

import numpy as np
import pytest

from audits.statistics import accuracy, calibration_error, expected_calibration_error


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
    from scipy import stats

    from audits.statistics.calibration import _folded

    mean, spread = _folded(np.array([1.5]), np.array([0.5]))
    expected = stats.foldnorm(3, scale=0.5)
    assert (mean, spread) == pytest.approx((expected.mean(), expected.std()))
    assert _folded(np.array([2.0, 3.0]), np.zeros(2)) == (5.0, 0.0)
