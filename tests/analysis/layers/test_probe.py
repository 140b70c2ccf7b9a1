"""Probes: what scikit-learn gives, what is planted, and what must not be taken for knowledge."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analysis.embeddings import EmbeddingError
from analysis.layers.probe import FEWEST_OF_A_VALUE, probe, usable

TEXTS = [f"text {number}" for number in range(200)]
VALUES = ["yes" if number % 2 else "no" for number in range(200)]


def planted(layer):
    """Three layers of noise, of which one holds the value in a direction."""
    vectors = np.random.default_rng(0).normal(size=(3, 200, 12))
    vectors[layer, :, 4] += [3 if value == "yes" else -3 for value in VALUES]
    return vectors


@pytest.mark.parametrize("layer", [0, 2])
def test_the_layer_that_knows_is_found_and_the_control_is_not_fooled(layer):
    said = []
    found = probe(planted(layer), TEXTS, VALUES, on_progress=lambda *counts: said.append(counts))
    rates = found.right.mean(axis=1)
    assert rates[layer] > 0.97
    assert np.delete(rates, layer).max() < 0.65
    assert found.control.mean(axis=1).max() < 0.65
    assert found.commonest == 0.5
    assert said[-1] == (30, 30)


def test_the_answers_are_scikit_learns():
    vectors = planted(1)
    found = probe(vectors, TEXTS, VALUES, seed=3)
    targets = np.array([found.values.index(value) for value in VALUES])
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=200))
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=3)
    expected = cross_val_predict(model, vectors[2], targets, groups=np.arange(200), cv=folds) == targets
    assert np.array_equal(found.right[2], expected)


def test_a_text_learnt_by_heart_is_not_asked_for():
    """Ten copies of each text with one value: folds that split them would make any probe all-knowing."""
    random = np.random.default_rng(0)
    vectors = np.repeat(random.normal(size=(1, 40, 60)), 10, axis=1)
    texts = [text for text in TEXTS[:40] for _ in range(10)]
    values = [value for value in random.permutation(["a", "b"] * 20) for _ in range(10)]
    found = probe(vectors, texts, values)
    assert found.right.mean() < 0.7
    assert found.control.mean() < 0.7


def test_rare_and_empty_values_are_left_out_and_too_few_or_many_said():
    rare = ["rare", "", *VALUES[2:]]
    assert set(usable(TEXTS, rare)) == {"yes", "no"}
    assert probe(planted(0), TEXTS, rare).rows.tolist() == list(range(2, 200))
    assert usable(TEXTS, ["same"] * 200) == ()
    assert usable(["same text"] * 200, VALUES) == ()
    assert usable(TEXTS, ["a"] * (FEWEST_OF_A_VALUE - 1) + ["b"] * (201 - FEWEST_OF_A_VALUE)) == ()
    with pytest.raises(EmbeddingError, match="2 to 50 values"):
        probe(planted(0), TEXTS, TEXTS)
