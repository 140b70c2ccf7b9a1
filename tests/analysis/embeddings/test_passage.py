"""Pictures layer by layer: each is its own PCA, lies like the next, and says what it is worth."""

from functools import partial

import numpy as np
import pytest
from scipy.spatial import procrustes

from analysis.embeddings import label_votes, neighbourhood, project
from analysis.embeddings.passage import through_layers


def test_labels_that_part_layer_by_layer_are_seen_to():
    rng = np.random.default_rng(0)
    targets = np.repeat([0, 1], 40)
    noise = rng.normal(size=(80, 9))
    vectors = np.stack([noise + depth * 2.5 * np.outer(targets, np.ones(9)) for depth in range(3)])
    told = []
    found = through_layers(
        vectors, partial(label_votes, targets=targets), on_progress=lambda *at: told.append(at)
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.points.shape == (3, 80, 2)
    shares = (found.votes == targets).mean(axis=1)
    assert shares[0] < 0.7
    assert shares[2] == 1
    for layer, points in enumerate(found.points):
        # Turned, moved and scaled, and otherwise the PCA of the layer.
        assert procrustes(points, project(vectors[layer], "pca").points)[2] == pytest.approx(0, abs=1e-9)
        near = neighbourhood(vectors[layer])
        assert near is not None
        assert np.array_equal(found.votes[layer], label_votes(near, targets))
    moved = [np.abs(np.diff(found.points, axis=0)).mean(), np.abs(found.points[1] + found.points[2]).mean()]
    assert moved[0] < moved[1]  # nothing is mirrored on the way


def test_a_layer_where_all_are_alike_is_a_point_and_worth_nothing():
    vectors = np.stack([np.ones((20, 4)), np.random.default_rng(1).normal(size=(20, 4))])
    found = through_layers(vectors, lambda near: np.full(20, -1 if near is None else near.shape[1]))
    assert not found.points[0].any()
    assert (found.variance[0], found.kept[0], found.votes[:, 0].tolist()) == (0, 0, [-1, 9])
    assert found.variance[1] > 0
