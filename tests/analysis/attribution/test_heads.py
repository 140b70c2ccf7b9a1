"""Heads of other kinds: labels that hold each by itself, and numbers."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from analysis.attribution import METHODS, AttributionError, Quantity, Settings, attribute
from analysis.faithfulness import measure
from analysis.occlusion import strongest_left_out
from models.one_label import one_label
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXT = "It cost 3.5 million and it shows: beautiful, if you can stay awake."
QUICK = Settings(samples=40)


def several():
    return tiny.classifier("bert", problem="multi_label_classification")


def number():
    return tiny.classifier("bert", labels=1, problem="regression")


def test_the_configuration_says_which_kind_a_head_is():
    assert tiny.classifier("bert").answering == "choice"
    assert several().answering == "several"
    assert number().answering == tiny.classifier("bert", labels=1).answering == "number"
    assert number().labels == ("low",)  # a name of the configuration's own stays


def test_answers_are_sigmoids_or_the_values_themselves():
    logits = several().logits([TEXT])
    np.testing.assert_allclose(several().probabilities([TEXT]), 1 / (1 + np.exp(-logits)), rtol=1e-9)
    np.testing.assert_array_equal(number().probabilities([TEXT]), number().logits([TEXT]))
    assert tiny.classifier("bert").probabilities([TEXT]).sum() == pytest.approx(1)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("model", [several, number])
def test_every_method_explains_every_kind(model, method):
    classifier = model()
    found = attribute(classifier, TEXT, method, settings=QUICK)
    assert np.isfinite(found.word_scores).all()
    assert np.abs(found.word_scores).max() > 0
    assert found.quantity == ("value" if model is number else "logit")
    assert found.contrast is None
    if found.ends is not None:
        logit = classifier.logits([TEXT])[0, found.target]
        assert found.ends[1] == pytest.approx(logit, abs=1e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_label_as_a_model_of_its_own_has_the_same_reasons(method):
    """The difference to a logit that is 0 is the label's logit, by every method and of either probability."""
    whole, alone = several(), one_label(several(), "high")
    pairs: tuple[tuple[Quantity, Quantity], ...] = ("logit", "difference"), ("probability", "probability")
    for quantity, own in pairs:
        expected = attribute(whole, TEXT, method, target=2, quantity=quantity, settings=QUICK)
        found = attribute(alone, TEXT, method, target=1, quantity=own, settings=QUICK)
        np.testing.assert_allclose(found.word_scores, expected.word_scores, atol=1e-5)


def test_a_labels_probability_is_its_own_sigmoid_and_its_log_odds_its_logit():
    classifier = several()
    logits = classifier.logits([TEXT])[0]
    ends = {}
    for quantity in ("probability", "log-odds", "logit"):
        found = attribute(classifier, TEXT, "deeplift", target=1, quantity=quantity)
        assert found.ends is not None
        ends[quantity] = found.ends[1]
    assert ends["probability"] == pytest.approx(1 / (1 + np.exp(-logits[1])), abs=1e-4)
    assert ends["log-odds"] == ends["logit"] == pytest.approx(logits[1], abs=1e-3)
    both = attribute(classifier, TEXT, "deeplift", target=1, contrast=0)
    assert both.ends is not None
    assert both.ends[1] == pytest.approx(logits[1] - logits[0], abs=1e-3)


def test_a_choice_has_no_value():
    with pytest.raises(AttributionError, match="no value"):
        attribute(tiny.classifier("bert"), TEXT, quantity="value")
    assert attribute(number(), TEXT, "occlusion", quantity="probability").quantity == "value"


def test_evidence_of_labels_apart_is_measured_on_the_labels_own_probability():
    classifier = several()
    found = attribute(classifier, TEXT, "occlusion", target=2)
    evidence = measure(classifier, found, draws=4)
    assert evidence.probability == pytest.approx(classifier.probabilities([TEXT])[0, 2])
    assert evidence.infidelity is not None


def test_evidence_of_a_number_is_the_share_of_what_the_words_do_to_it():
    classifier = number()
    found = attribute(classifier, TEXT, "occlusion", settings=Settings(removal="delete"))
    evidence = measure(classifier, found, removal="delete", draws=4)
    assert evidence.probability == pytest.approx(1)
    whole = classifier.logits([TEXT])[0, 0]
    none = classifier.logits([""])[0, 0]
    assert whole < none  # so what carries it are the words that lower it
    alone = min(range(len(found.words)), key=lambda place: found.word_scores[place])
    one_less = whole - found.word_scores[alone]
    assert evidence.removed[0] == pytest.approx((one_less - none) / (whole - none), abs=1e-4)


def test_words_that_lower_a_number_carry_it():
    donor = number()
    table = torch.zeros(len(donor.tokenizer))
    for word, weight in (("dull", -3.0), ("film", 1.0)):
        table[donor.tokenizer.convert_tokens_to_ids(word)] = weight

    class Additive(torch.nn.Module):
        config = donor.module.config

        def __init__(self):
            super().__init__()
            self.one = torch.nn.Parameter(torch.zeros(1))

        def forward(self, input_ids, attention_mask=None, token_type_ids=None):
            return SimpleNamespace(logits=(table[input_ids] * attention_mask).sum(1, keepdim=True))

    classifier = TransformerClassifier(Additive(), donor.tokenizer, reference="additive", weights="additive")
    found = attribute(classifier, "a dull film", "occlusion")
    evidence = measure(classifier, found)  # -2 in all; without "dull" 1, which is half as far the other way
    assert evidence.removed[0] == pytest.approx(-0.5)
    assert evidence.taken == pytest.approx(1.5)
    omission = strongest_left_out(classifier, found, predicted=0)
    assert omission is not None
    assert [word.text for word in omission.words] == ["dull"]
    assert omission.probabilities == pytest.approx([1.0])


def test_the_strongest_words_are_left_out_until_the_label_ceases_to_hold():
    classifier = several()
    chances = classifier.probabilities([TEXT])[0]
    found = attribute(classifier, TEXT, "occlusion", target=int(chances.argmax()))
    omission = strongest_left_out(classifier, found, predicted=found.target)
    assert omission is not None
    less = omission.probabilities[found.target]
    assert less < chances[found.target]
    assert (less <= 0.5) or len(omission.words) == 4
    value = strongest_left_out(number(), attribute(number(), TEXT, "occlusion"), predicted=0)
    assert value is not None
    assert len(value.words) == 4
