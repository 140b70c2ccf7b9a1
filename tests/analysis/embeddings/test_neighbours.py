"""Nearest neighbours, what a picture keeps of them, and their votes: against brute force and scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from analysis.embeddings import label_votes, nearest, neighbourhood, neighbours_kept
from analysis.embeddings.neighbours import all_alike, mean_of_others, neighbourhood_size, neighbours_mean
from analysis.embeddings.neighbours import around as around_point


def around(vectors):
    """The neighbourhoods of vectors that have some."""
    near = neighbourhood(vectors)
    assert near is not None
    return near


def cloud(rows, dimensions=12, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)


def brute_force_neighbours(vectors, count):
    distances = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return distances.argsort(1, kind="stable")[:, :count]


def test_nearest_is_brute_force():
    vectors = cloud(60)
    assert np.array_equal(nearest(vectors, 15), brute_force_neighbours(vectors.astype(float), 15))


def test_nearest_tells_how_far_it_is_and_twins_do_not_crowd_a_row_out():
    vectors = np.repeat(cloud(150), 20, axis=0)
    told = []
    found = nearest(vectors, 5, lambda done, total: told.append((done, total)))
    assert told == [(2048, 3000), (3000, 3000)]
    assert (found != np.arange(3000)[:, None]).all()
    assert (found // 20 == np.arange(3000)[:, None] // 20).all()
    assert all(len(set(row)) == 5 for row in found.tolist())


def test_on_a_plane_a_tree_finds_the_same():
    points = cloud(60, 2).astype(float)
    assert np.array_equal(nearest(points, 7), brute_force_neighbours(points, 7))


def test_neighbours_kept_is_brute_force():
    vectors, points = cloud(60), cloud(60, 2, seed=1).astype(float)
    before, after = brute_force_neighbours(vectors.astype(float), 15), brute_force_neighbours(points, 15)
    shares = [len(set(old) & set(new)) / 15 for old, new in zip(before, after, strict=True)]
    assert neighbours_kept(around(vectors), points) == pytest.approx(np.mean(shares))


@pytest.mark.parametrize(("rows", "expected"), [(1, 0), (2, 0), (3, 1), (16, 7), (31, 15), (1000, 15)])
def test_neighbourhoods_never_hold_more_than_half_of_the_others(rows, expected):
    assert neighbourhood_size(rows) == expected


def test_label_votes_are_leave_one_out_knn():
    # Two labels and 15 votes: no ties, so scikit-learn's classifier is an exact reference.
    vectors = np.concatenate([cloud(40), cloud(40, seed=1) + 0.8])
    targets = np.repeat([0, 1], 40)
    reference = cross_val_predict(KNeighborsClassifier(15), vectors, targets, cv=LeaveOneOut())
    assert 0.6 < (reference == targets).mean() < 1
    votes = label_votes(around(vectors), targets)
    assert np.array_equal(votes, reference)


def test_tied_votes_go_to_the_nearest():
    line = np.array([[0.0], [1.0], [2.1], [3.3], [9.0]])
    # Of five rows each asks two: the middle one hears label 1 from the left and label 2 from the right.
    votes = label_votes(around(line), [2, 1, 0, 2, 1])
    assert votes[2] == 1


@settings(deadline=None, max_examples=30)
@given(st.integers(3, 25), st.integers(2, 5), st.integers(0, 1000))
def test_votes_are_one_of_the_most_frequent_labels_nearby(rows, kinds, seed):
    rng = np.random.default_rng(seed)
    vectors, targets = rng.normal(size=(rows, 4)), rng.integers(0, kinds, rows)
    votes = label_votes(around(vectors), targets)
    for row, near in enumerate(nearest(vectors, neighbourhood_size(rows))):
        counts = np.bincount(targets[near], minlength=kinds)
        assert counts[votes[row]] == counts.max()


def test_rounding_is_not_variance():
    base = cloud(1, 50)
    noise = np.float32(1e-7) * cloud(30, 50)
    assert all_alike(np.tile(base, (30, 1)) + noise)
    assert not all_alike(cloud(3))


def test_the_nearest_to_a_place_of_its_own():
    vectors = cloud(40, 6)
    for row in range(5):
        assert (
            around_point(vectors, vectors[row], 7, without=row).tolist() == nearest(vectors, 7)[row].tolist()
        )
        assert around_point(vectors, vectors[row], 7)[0] == row
    assert len(around_point(vectors, vectors[0], 99, without=0)) == 39


def test_the_mean_of_the_neighbours_is_scikit_learns_regression_without_the_row_itself():
    vectors, values = cloud(40), np.random.default_rng(5).normal(size=40)
    means, guess = neighbours_mean(around(vectors), values), mean_of_others(values)
    for model, own in ((KNeighborsRegressor(15, algorithm="brute"), means), (DummyRegressor(), guess)):
        assert own == pytest.approx(cross_val_predict(model, vectors, values, cv=LeaveOneOut()))
    assert mean_of_others([3.0]).tolist() == [0.0]
