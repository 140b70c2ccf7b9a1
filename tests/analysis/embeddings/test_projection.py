"""Projections against closed forms, hand-made shapes, and too little to draw."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import procrustes

from analysis.embeddings import EmbeddingError, aligned, neighbourhood, neighbours_kept, project


def around(vectors):
    """The neighbourhoods of vectors that have some."""
    near = neighbourhood(vectors)
    assert near is not None
    return near


def cloud(rows, dimensions=12, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)


def test_a_faithful_picture_keeps_every_neighbour():
    plane = cloud(50, 2)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(20, 20)))[0][:2]
    vectors = plane @ rotation
    found = project(vectors, "pca")
    assert neighbours_kept(around(vectors), found.points) == 1
    assert found.explained_variance is not None
    assert sum(found.explained_variance) == pytest.approx(1)


def test_pca_is_the_eigendecomposition_with_fixed_signs():
    vectors = cloud(40).astype(float)
    centred = vectors - vectors.mean(0)
    values, axes = np.linalg.eigh(centred.T @ centred)
    values, axes = values[::-1], axes[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(0), [0, 1]])
    found = project(vectors, "pca")
    np.testing.assert_allclose(found.points, centred @ axes, atol=1e-9)
    np.testing.assert_allclose(np.array(found.explained_variance), values[:2] / values.sum())


def test_pca_does_not_flip_when_rows_change_places():
    vectors = cloud(40)
    order = np.random.default_rng(1).permutation(40)
    np.testing.assert_allclose(
        project(vectors[order], "pca").points, project(vectors, "pca").points[order], atol=1e-5
    )


@pytest.mark.parametrize("rows", [1, 2, 3, 16])
@pytest.mark.parametrize("alike", [False, True])
def test_few_or_identical_rows_are_drawn_without_a_warning(rows, alike):
    vectors = np.tile(cloud(1), (rows, 1)) if alike else cloud(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = project(vectors, "pca")
    assert found.points.shape == (rows, 2)
    assert np.isfinite(found.points).all()
    if alike or rows == 1:
        assert found.explained_variance is None
        assert neighbourhood(vectors) is None
        assert not found.points.any()
    else:
        assert found.explained_variance is not None
        assert (neighbourhood(vectors) is None) == (rows < 3)


def test_space_is_the_plane_and_one_direction_more():
    vectors = cloud(40).astype(float)
    flat, deep = project(vectors, "pca"), project(vectors, "pca", 3)
    assert deep.points.shape == (40, 3)
    np.testing.assert_allclose(deep.points[:, :2], flat.points, atol=1e-9)
    assert deep.explained_variance is not None
    assert deep.explained_variance[:2] == pytest.approx(flat.explained_variance)
    assert project(cloud(20), "tsne", 3).points.shape == (20, 3)


@settings(deadline=None, max_examples=25)
@given(
    st.floats(-3, 3),
    st.booleans(),
    st.floats(0.01, 100),
    st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
    st.integers(0, 99),
)
def test_a_turned_mirrored_moved_and_scaled_picture_lies_on_the_other_again(
    turn, mirrored, scale, move, seed
):
    last = cloud(30, 2, seed).astype(float)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    first = scale * (last * [-1 if mirrored else 1, 1]) @ rotation + move
    before, after = aligned([first, last])
    np.testing.assert_allclose(before, after, atol=1e-6)
    centred = last - last.mean(0)
    np.testing.assert_allclose(after, centred / np.sqrt((centred**2).mean()), atol=1e-9)


def test_aligning_is_scipys_procrustes_and_a_flat_picture_stays_flat():
    one, other = cloud(30, 2).astype(float), cloud(30, 2, seed=1).astype(float)
    expected = procrustes(other, one)[1]  # its pictures have a norm of 1 and are fitted in size too
    before = aligned([one, other])[0]
    np.testing.assert_allclose(
        before / np.linalg.norm(before), expected / np.linalg.norm(expected), atol=1e-9
    )
    assert not aligned([np.ones((5, 2)), other[:5]])[0].any()


def test_one_dimension_lies_on_a_line():
    found = project(cloud(10, 1), "pca")
    assert found.points[:, 1].tolist() == [0] * 10
    assert found.explained_variance == pytest.approx((1, 0))


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_slow_methods_refuse_what_has_no_neighbourhoods(method):
    with pytest.raises(EmbeddingError, match="at least 5 texts, and there are 4"):
        project(cloud(4), method)
    with pytest.raises(EmbeddingError, match="All vectors are the same"):
        project(np.ones((20, 3)), method)


def test_undefined_values_and_unknown_methods_are_named():
    vectors = cloud(10)
    vectors[3, 2] = np.nan
    with pytest.raises(EmbeddingError, match="infinite or undefined"):
        project(vectors, "pca")
    with pytest.raises(EmbeddingError, match="choose one of pca, umap, tsne"):
        project(cloud(10), "isomap")  # type: ignore[arg-type]


@pytest.mark.parametrize("rows", [5, 16, 60])
def test_tsne_is_repeatable_at_every_size(rows):
    vectors = cloud(rows)
    first, second = project(vectors, "tsne", seed=3), project(vectors, "tsne", seed=3)
    assert np.array_equal(first.points, second.points)
    assert np.isfinite(first.points).all()


def test_tsne_survives_repeated_points():
    vectors = np.concatenate([np.repeat(cloud(3), 8, axis=0), cloud(6, seed=5)])
    assert np.isfinite(project(vectors, "tsne").points).all()
