"""Projections against closed forms, hand-made shapes, and too little to draw."""

import warnings

import numpy as np
import pytest

from analysis.embeddings import EmbeddingError, label_votes, neighbours_kept, project


def cloud(rows, dimensions=12, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dimensions)).astype(np.float32)


def test_a_faithful_picture_keeps_every_neighbour():
    plane = cloud(50, 2)
    rotation = np.linalg.qr(np.random.default_rng(3).normal(size=(20, 20)))[0][:2]
    found = project(plane @ rotation, "pca")
    assert found.neighbours_kept == 1
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
        assert found.neighbours_kept is None
        assert not found.points.any()
        assert label_votes(vectors, [0] * rows) is None
    else:
        assert found.explained_variance is not None
        assert (found.neighbours_kept is None) == (rows < 3)


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
    assert first.neighbours_kept == neighbours_kept(vectors, first.points)


def test_tsne_survives_repeated_points():
    vectors = np.concatenate([np.repeat(cloud(3), 8, axis=0), cloud(6, seed=5)])
    assert np.isfinite(project(vectors, "tsne").points).all()
