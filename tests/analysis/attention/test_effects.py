"""What heads do for an answer, against answers computed one by one."""

import numpy as np
import pytest

from analysis.attention import HeadEffects, effects, scaled
from tests.analysis import tiny

TEXT = "It was never dull."


def test_every_head_is_removed_alone_and_its_fall_is_of_the_lead():
    classifier = tiny.classifier("bert")
    found = effects(classifier, TEXT)
    logits = classifier.logits([TEXT])[0]
    assert (found.target, found.contrast) == tuple(np.argsort(-logits)[:2])
    scales = np.ones((1, 2, 4))
    scales[0, 1, 2] = 0
    without = scaled(classifier, TEXT, scales)[0]
    np.testing.assert_allclose(found.without[1, 2], without, atol=1e-5)
    lead = logits[found.target] - logits[found.contrast]
    left = without[found.target] - without[found.contrast]
    assert found.fall[1, 2] == pytest.approx(lead - left, abs=1e-5)
    assert found.fall[found.ranked[0]] == found.fall.max()
    assert found.fall[found.ranked[-1]] == found.fall.min()
    assert found.estimate is not None


def planted(without, estimate):
    return HeadEffects(0, 1, np.array([1.0, 0.0]), np.array(without), np.array(estimate), None)


def test_confidence_turn_and_agreement_by_hand():
    found = planted([[[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]], [[-3.0, 0.5, 9.0]])
    np.testing.assert_allclose(found.fall, [[-1.0, 1.0, 2.0]])
    np.testing.assert_allclose(found.confidence[0, 1], 0.5)
    np.testing.assert_allclose(found.confidence[0, 2], 1 / (1 + np.e))
    assert found.turned.tolist() == [[False, False, True]]
    assert found.ranked == [(0, 2), (0, 1), (0, 0)]
    assert found.agreement == pytest.approx(1)
    assert planted([[[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]], [[3.0, 2.0, 1.0]]).agreement == pytest.approx(-1)
    assert planted([[[2.0, 0.0]] * 3], [[3.0, 2.0, 1.0]]).agreement is None  # no ranks among equals
