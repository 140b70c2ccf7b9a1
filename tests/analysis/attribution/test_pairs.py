"""Pairs of texts: encoded as the tokenizer does it, explained by every method, both texts' words apart."""

import numpy as np
import pytest
import torch

from analysis.asking import alone
from analysis.attribution import METHODS, Settings, attribute
from analysis.faithfulness import measure
from analysis.paths import paths_to
from corpora.examples import PAIR_MARK
from tests.analysis import tiny

FIRST, SECOND = "A dull film.", "The film was dull, they say."
PAIR = FIRST + PAIR_MARK + SECOND


@pytest.mark.parametrize("family", ["bert", "roberta", "gpt2"])
def test_a_pair_is_read_as_the_tokenizer_reads_two_texts(family):
    classifier = tiny.classifier(family)
    (encoded,) = classifier.encode([PAIR])
    expected = classifier.tokenizer(FIRST, SECOND)
    assert list(encoded.ids) == expected["input_ids"]
    types = classifier.tokenizer(FIRST, SECOND, return_token_type_ids=True)["token_type_ids"]
    assert list(encoded.type_ids) == types
    for token, (start, end), special in zip(encoded.tokens, encoded.offsets, encoded.special, strict=True):
        assert special or PAIR[start:end].lower() == token.removeprefix("##")
    inputs = {name: torch.tensor([value]) for name, value in expected.items()}
    np.testing.assert_allclose(classifier.logits([PAIR])[0], classifier.module(**inputs).logits[0], atol=1e-4)


def test_one_text_stays_one():
    classifier = tiny.classifier("bert")
    one, pair, other = classifier.encode([FIRST, PAIR, SECOND])
    assert set(one.type_ids) == set(other.type_ids) == {0}
    assert set(pair.type_ids) == {0, 1}
    assert not one.truncated


@pytest.mark.parametrize("method", METHODS)
def test_every_method_explains_both_texts(method):
    found = attribute(tiny.classifier("bert"), PAIR, method, settings=Settings(samples=40, max_steps=48))
    words = [word.text for word in found.words]
    assert words == ["A", "dull", "film", ".", "The", "film", "was", "dull", ",", "they", "say", "."]
    assert [PAIR[word.start : word.end] for word in found.words] == words
    assert np.isfinite(found.word_scores).all()
    assert np.abs(found.word_scores[:4]).sum() > 0
    assert np.abs(found.word_scores[4:]).sum() > 0


def test_a_baseline_keeps_the_separators_and_the_types():
    classifier = tiny.classifier("bert")
    (encoded,) = classifier.encode([PAIR])
    (path,) = alone(paths_to(classifier, encoded, "pad", classifier.logits([PAIR])[0])).paths
    same = (path.start == path.end).all(-1).tolist()
    assert same == list(encoded.special)
    assert sum(same) == 3
    assert path.fixed["token_type_ids"][0].tolist() == list(encoded.type_ids)


def test_evidence_is_measured_on_pairs():
    classifier = tiny.classifier("bert")
    evidence = measure(classifier, attribute(classifier, PAIR, "occlusion"), draws=3)
    assert evidence.words == 12
    assert evidence.probability == pytest.approx(classifier.probabilities([PAIR])[0, evidence.target])
