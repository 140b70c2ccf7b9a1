"""Moves across a line: what is planted, what scikit-learn says, and what cannot be drawn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from analysis.embeddings import EmbeddingError
from analysis.embeddings.moves import across, on_plane


@pytest.fixture
def planted():
    """Two answers, told apart by dimension 3 alone; every other moving text changes its side there."""
    random = np.random.default_rng(0)
    sides = np.arange(120) % 2 == 1
    vectors = random.normal(size=(120, 8))
    vectors[:, 3] = np.where(sides, 4, -4) + 0.3 * random.normal(size=120)
    after = vectors[80:].copy()
    after[::2, 3] *= -1
    return vectors[:80], sides[:80], vectors[80:], after, sides[80:]


def test_those_that_change_sides_are_found_and_no_others(planted):
    others, sides, before, after, answers = planted
    found = across(others, sides, before, after, answers)
    assert found.crossed is not None
    assert found.crossed.tolist() == [place % 2 == 0 for place in range(40)]
    assert found.fit == 1
    assert ((found.before[:, 0] > 0) == answers).all()


def test_the_first_axis_is_the_signed_distance_and_the_second_is_not_correlated_with_it(planted):
    others, sides, before, after, answers = planted
    found = across(others, sides, before, after, answers)
    scaler = StandardScaler().fit(others)
    line = LogisticRegression(C=0.1, max_iter=500).fit(scaler.transform(others), sides)
    length = np.linalg.norm(line.coef_)
    for points, vectors in ((found.before, before), (found.after, after)):
        expected = line.decision_function(scaler.transform(vectors)) / length
        assert points[:, 0] == pytest.approx(expected)
    mapped = across(others, sides, others, others, sides).before
    assert np.cov(mapped.T)[0][1] == pytest.approx(0, abs=1e-9)


def test_the_plane_of_pca_is_fixed_before_anything_moves(planted):
    others, _, before, after, _ = planted
    found = on_plane(others, before, after)
    fitted = PCA(2, random_state=0).fit(np.concatenate([others, before]))
    assert found.before == pytest.approx(fitted.transform(before))
    assert found.after == pytest.approx(fitted.transform(after))
    assert found.crossed is None


def test_one_sided_answers_and_broken_vectors_are_told(planted):
    others, sides, before, after, answers = planted
    with pytest.raises(EmbeddingError, match="at least 10 other texts of each"):
        across(others, np.zeros(80, bool), before, after, answers)
    with pytest.raises(EmbeddingError, match="infinite or undefined"):
        across(others, sides, before, after * np.nan, answers)
    with pytest.raises(EmbeddingError, match="the same vector"):
        across(np.zeros((80, 8)), sides, before, after, answers)
