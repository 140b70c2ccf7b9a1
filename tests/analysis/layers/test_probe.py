"""Probes: what scikit-learn gives, what is planted, and what must not be taken for knowledge."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from analysis.embeddings import EmbeddingError
from analysis.layers.probe import FEWEST_OF_A_VALUE, probe, probe_number, usable

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


NUMBERS = np.random.default_rng(7).normal(5, 2, size=200)


def test_a_number_is_read_off_as_scikit_learns_ridge_regression_does():
    vectors = planted(1)
    vectors[1, :, 3] += 2 * NUMBERS
    said = []
    found = probe_number(vectors, TEXTS, NUMBERS, seed=3, on_progress=lambda *counts: said.append(counts))
    folds = GroupKFold(5, shuffle=True, random_state=3)
    for layer in (1, 2):
        for goal, foretold in ((NUMBERS, found.foretold), (found.shuffled, found.control)):
            model = make_pipeline(StandardScaler(), Ridge(100.0))
            expected = cross_val_predict(model, vectors[layer], goal, groups=np.arange(200), cv=folds)
            assert foretold[layer] == pytest.approx(expected)
    known = [r2_score(NUMBERS, one) for one in found.foretold]
    assert known[1] > 0.7
    assert max(known[0], known[2]) < 0.05
    assert max(r2_score(found.shuffled, one) for one in found.control) < 0.05
    assert sorted(found.shuffled) == sorted(NUMBERS)
    assert said[-1] == (15, 15)


def test_a_number_learnt_by_heart_is_not_asked_for_and_too_few_texts_are_said():
    vectors = np.repeat(np.random.default_rng(0).normal(size=(1, 40, 60)), 5, axis=1)
    texts = [text for text in TEXTS[:40] for _ in range(5)]
    found = probe_number(vectors, texts, np.repeat(NUMBERS[:40], 5))
    assert r2_score(found.values, found.foretold[0]) < 0.1
    assert all(len(set(found.shuffled[start : start + 5])) == 1 for start in range(0, 200, 5))
    with pytest.raises(EmbeddingError, match="at least 10 different texts"):
        probe_number(vectors[:, :45], texts[:45], NUMBERS[:45])
