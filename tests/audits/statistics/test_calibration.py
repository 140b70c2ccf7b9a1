"""Expected calibration error by hand and at its edges."""

import numpy as np
import pytest

from audits.statistics import accuracy, expected_calibration_error


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
