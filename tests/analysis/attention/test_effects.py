"""What heads do for an answer, against answers computed one by one."""

import numpy as np
import pytest

from analysis.attention import HeadEffects, effects, scaled, without_each
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


@pytest.mark.parametrize("label", [0, 1, 2])
def test_one_of_several_labels_is_an_answer_of_two(label):
    classifier = tiny.classifier("bert", problem="multi_label_classification")
    found = effects(classifier, TEXT, label=label)
    name = classifier.labels[label]
    assert found.labels == (f"not {name}", name)
    chance = classifier.probabilities([TEXT])[0, label]
    assert found.target == int(chance > 0.5)
    without = without_each(classifier, TEXT)[..., label]
    own = 1 / (1 + np.exp(-without))
    np.testing.assert_allclose(found.left, own if chance > 0.5 else 1 - own, atol=1e-6)
    np.testing.assert_array_equal(found.turned, (own > 0.5) != (chance > 0.5))
    fall = classifier.logits([TEXT])[0, label] - without
    np.testing.assert_allclose(found.fall, fall if chance > 0.5 else -fall, atol=1e-5)
    # The gradient of the answer's own logit, against a small scaling of every head.
    assert found.estimate is not None
    step = 1e-2
    change = step * np.eye(8).reshape(8, 2, 4)
    up, down = (scaled(classifier, TEXT, 1 + sign * change)[:, label] for sign in (1, -1))
    slopes = (up - down) / (2 * step)
    np.testing.assert_allclose(found.estimate.ravel(), slopes * (1 if chance > 0.5 else -1), atol=1e-3)


@pytest.mark.parametrize(("labels", "value"), [(1, None), (3, 2)])
def test_a_number_falls_by_what_a_head_raises_it(labels, value):
    classifier = tiny.classifier("bert", labels=labels, problem="regression")
    found, place = effects(classifier, TEXT, label=value), value or 0
    without = without_each(classifier, TEXT)[..., place]
    np.testing.assert_allclose(found.left, without, atol=1e-6)
    np.testing.assert_allclose(found.fall, classifier.logits([TEXT])[0, place] - without, atol=1e-5)
    assert (found.target, found.contrast) == (place, None) and not found.turned.any()
    step = 1e-2
    change = step * np.eye(8).reshape(8, 2, 4)
    up, down = (scaled(classifier, TEXT, 1 + sign * change)[:, place] for sign in (1, -1))
    assert found.estimate is not None
    np.testing.assert_allclose(found.estimate.ravel(), (up - down) / (2 * step), atol=1e-3)


def test_the_likeliest_of_several_is_asked_about():
    several = tiny.classifier("bert", problem="multi_label_classification")
    likeliest = several.labels[int(several.logits([TEXT])[0].argmax())]
    assert effects(several, TEXT).labels[1] == likeliest


def planted(without, estimate):
    return HeadEffects(0, 1, np.array([1.0, 0.0]), np.array(without), np.array(estimate), None, ("a", "b"))


def test_confidence_turn_and_agreement_by_hand():
    found = planted([[[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]], [[-3.0, 0.5, 9.0]])
    np.testing.assert_allclose(found.fall, [[-1.0, 1.0, 2.0]])
    np.testing.assert_allclose(found.left[0, 1], 0.5)
    np.testing.assert_allclose(found.left[0, 2], 1 / (1 + np.e))
    assert found.turned.tolist() == [[False, False, True]]
    assert found.ranked == [(0, 2), (0, 1), (0, 0)]
    assert found.agreement == pytest.approx(1)
    assert planted([[[2.0, 0.0], [0.0, 0.0], [0.0, 1.0]]], [[3.0, 2.0, 1.0]]).agreement == pytest.approx(-1)
    assert planted([[[2.0, 0.0]] * 3], [[3.0, 2.0, 1.0]]).agreement is None  # no ranks among equals
