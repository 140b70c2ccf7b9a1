"""Leaving words out: by ids, and no more of them than it takes."""

import numpy as np
import pytest
import torch

from analysis.attribution import Settings, attribute
from analysis.faithfulness import measure, ranked
from analysis.occlusion import leave_out, strongest_left_out
from tests.analysis import tiny

TEXT = "A dull film, but unforgettable!"


def test_words_left_out_are_ids_left_out():
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, settings=Settings(max_steps=16))
    words = found.words
    omissions = leave_out(classifier, TEXT, [[words[1]], [words[5], words[0]], []], "delete")
    encoded = classifier.encode([TEXT])[0]
    for omission in omissions:
        gone = {token for word in omission.words for token in word.tokens}
        ids = [token for index, token in enumerate(encoded.ids) if index not in gone]
        logits = classifier.module(torch.tensor([ids])).logits[0]
        np.testing.assert_allclose(omission.probabilities, logits.softmax(-1).numpy(), atol=1e-5)
    np.testing.assert_allclose(omissions[2].probabilities, classifier.probabilities([TEXT])[0], atol=1e-5)


@pytest.mark.parametrize("family", ["bert", "gpt2", "roberta"])
def test_the_fewest_words_that_change_the_answer(family):
    classifier = tiny.classifier(family)
    predicted = int(classifier.probabilities([TEXT])[0].argmax())
    found = attribute(classifier, TEXT)
    omission = strongest_left_out(classifier, found, predicted=predicted, most=5)
    assert omission is not None
    order = sorted(range(len(found.words)), key=lambda index: -found.word_scores[index])
    assert omission.words == tuple(found.words[index] for index in order[: len(omission.words)])
    fewer = [omission.words[:count] for count in range(1, len(omission.words))]
    assert all(int(o.probabilities.argmax()) == predicted for o in leave_out(classifier, TEXT, fewer))
    if len(omission.words) < 5:
        assert int(omission.probabilities.argmax()) != predicted


def test_seen_from_the_other_label_the_same_words_carry_the_prediction():
    classifier = tiny.classifier("bert", labels=2)
    predicted = int(classifier.probabilities([TEXT])[0].argmax())
    for_it = attribute(classifier, TEXT, target=predicted)
    against = attribute(classifier, TEXT, target=1 - predicted)
    one = strongest_left_out(classifier, for_it, predicted=predicted)
    other = strongest_left_out(classifier, against, predicted=predicted)
    assert one is not None
    assert other is not None
    assert one.words == other.words


def test_a_lone_word_is_never_left_out():
    classifier = tiny.classifier("gpt2")
    found = attribute(classifier, "dull", settings=Settings(max_steps=16))
    assert len(found.words) == 1
    assert strongest_left_out(classifier, found, predicted=found.target) is None


@pytest.mark.parametrize("removal", [None, "mask", "delete"])
def test_the_same_words_have_the_same_effect_as_in_the_evidence(removal):
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, "gradient-input")
    evidence = measure(classifier, found, removal=removal, draws=1)
    first = [found.words[index] for index in ranked(found)[: evidence.marked]]
    (omission,) = leave_out(classifier, TEXT, [first], removal)
    after = evidence.removed[evidence.counts.index(evidence.marked)]
    assert omission.probabilities[found.target] == pytest.approx(after, abs=1e-6)
