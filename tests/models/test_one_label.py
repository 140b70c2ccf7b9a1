"""One label of several as a model of its own: the sigmoid is a softmax of two."""

import numpy as np
import pytest
from torch import nn

from models.classifier import ModelError
from models.one_label import as_choice, one_label
from models.twin import twin
from tests.analysis import tiny

TEXTS = ["the film was not very dull", "a rather long text about nothing in particular, but good", "x"]
PADDED = [family for family in tiny.FAMILIES if family != "gpt2-without-pad"]


def several(family="bert"):
    return tiny.classifier(family, problem="multi_label_classification")


@pytest.mark.parametrize("family", PADDED)
def test_the_softmax_is_the_sigmoid(family):
    whole = several(family)
    alone = one_label(whole, "middle")
    assert (alone.labels, alone.answering) == (("not middle", "middle"), "choice")
    logits = whole.logits(TEXTS)
    np.testing.assert_allclose(alone.logits(TEXTS), as_choice(logits, 1), atol=1e-5)
    expected = 1 / (1 + np.exp(-logits[:, 1]))
    chances = alone.probabilities(TEXTS)
    np.testing.assert_allclose(chances, np.stack([1 - expected, expected], axis=1), atol=1e-6)
    np.testing.assert_allclose(alone.eager().probabilities(TEXTS), chances, atol=1e-5)
    assert alone.eager().among == alone.among == whole.labels


def test_the_whole_model_stays_and_its_weights_are_shared():
    whole = several()
    before = whole.logits(TEXTS)
    alone = one_label(whole, "low")
    assert np.array_equal(whole.logits(TEXTS), before)
    assert whole.labels == ("low", "middle", "high")
    embeddings = [model.module.get_input_embeddings().weight for model in (whole, alone)]
    assert embeddings[0] is embeddings[1]


def test_fingerprints_differ_from_label_to_label():
    whole = several()
    prints = [one_label(whole, label).fingerprint for label in whole.labels]
    assert len({*prints, whole.fingerprint, tiny.classifier("bert", labels=2).fingerprint}) == 5
    assert one_label(whole, "low").fingerprint == prints[0]


class Doubled(nn.Module):
    """A model that does something to its logits after its last layer."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.config = inner.config

    def forward(self, **inputs):
        found = self.inner(**inputs)
        found.logits = 2 * found.logits + 1
        return found

    def get_input_embeddings(self):
        return self.inner.get_input_embeddings()


def test_a_head_that_goes_on_after_its_last_layer_is_refused():
    whole = several()
    odd = type(whole)(Doubled(twin(whole.module)), whole.tokenizer, reference="odd", weights="odd")
    with pytest.raises(
        ModelError, match=r"odd \(Doubled\) does not end in a linear layer with a row for each"
    ):
        one_label(odd, "low")
