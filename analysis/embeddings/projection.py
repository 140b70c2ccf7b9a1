"""Many dimensions on a plane or in space, and one layer's picture turned to lie like the next one's.

PCA, UMAP and t-SNE serve. PaCMAP does not: it kept fewer neighbours than UMAP wherever the two were measured
(0.16 against 0.23 of 10,000 texts), and would bring faiss along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.hidden import EmbeddingError
from analysis.embeddings.neighbours import all_alike

Method = Literal["pca", "umap", "tsne"]
METHODS: tuple[Method, ...] = get_args(Method)
FEWEST = 5
"""Below this many rows UMAP and t-SNE have no neighbourhoods to preserve."""
TSNE_ITERATIONS = 1000


Dimensions = Literal[2, 3]


@dataclass(frozen=True)
class Projection:
    """Points on a plane or in space.

    `points` is float64 (rows, 2 or 3). `explained_variance` holds the axes' shares of the total variance
    (PCA only; None where there is no variance).
    """

    points: NDArray[np.float64]
    method: Method
    explained_variance: tuple[float, ...] | None


def project(
    vectors: NDArray[np.floating],
    method: Method = "pca",
    dimensions: Dimensions = 2,
    *,
    seed: int = 0,
    verbose: bool = False,
) -> Projection:
    """Flatten (rows, many) to (rows, dimensions); the same input and seed give the same picture.

    - `pca`: the directions of greatest variance, each turned so that its largest loading is
      positive; where there is none, zeros.
    - `umap`: McInnes, Healy & Melville 2018, 15 neighbours, minimum distance 0.1.
    - `tsne`: van der Maaten & Hinton 2008 (Barnes-Hut), perplexity 30 or a third of the rows.

    `verbose` lets UMAP and t-SNE print their progress on standard output.

    Raises:
        EmbeddingError: no such method, values that are not finite, or, for UMAP and t-SNE, fewer than
            five rows or rows that are all the same.
    """
    if method not in METHODS:
        raise EmbeddingError(f"There is no projection {method!r}: choose one of {', '.join(METHODS)}.")
    if not np.isfinite(vectors).all():
        raise EmbeddingError(
            "Some vectors are infinite or undefined. Choose another layer, or load the model as float32."
        )
    alike = all_alike(vectors)
    if method == "pca":
        if alike:
            return Projection(np.zeros((len(vectors), dimensions)), method, None)
        return Projection(*_pca(vectors, dimensions, seed))
    if len(vectors) < FEWEST:
        raise EmbeddingError(
            f"UMAP and t-SNE need at least {FEWEST} texts, and there are {len(vectors)}. Use PCA."
        )
    if alike:
        raise EmbeddingError(
            "All vectors are the same, so there is nothing to spread out. Choose another layer."
        )
    make = _umap if method == "umap" else _tsne
    return Projection(make(np.asarray(vectors, np.float32), dimensions, seed, verbose), method, None)


def aligned(pictures: Sequence[NDArray[np.floating]]) -> list[NDArray[np.float64]]:
    """Pictures of the same rows, (rows, dimensions) each, turned and scaled to lie like the last one.

    Each is moved to its centre, brought to one size (the mean square of its coordinates is 1), and then,
    from the last to the first, turned or mirrored onto the one after it: orthogonal Procrustes analysis
    (Schönemann 1966). Distances within a picture keep their proportions.
    """
    from scipy.linalg import orthogonal_procrustes

    turned: list[NDArray[np.float64]] = []
    for picture in reversed(pictures):
        centred = np.asarray(picture, np.float64) - np.mean(picture, axis=0)
        size = np.sqrt(np.mean(centred**2))
        own = centred / size if size > 0 else centred
        if turned:
            own = own @ orthogonal_procrustes(own, turned[-1])[0]
        turned.append(own)
    return turned[::-1]


def _pca(
    vectors: NDArray[np.floating], dimensions: int, seed: int
) -> tuple[NDArray[np.float64], Method, tuple[float, ...]]:
    from sklearn.decomposition import PCA

    count = min(dimensions, *vectors.shape)
    fitted = PCA(count, random_state=seed).fit(np.asarray(vectors, np.float64))
    largest = np.abs(fitted.components_).argmax(1)
    signs = np.sign(fitted.components_[np.arange(count), largest])
    points = np.zeros((len(vectors), dimensions))
    points[:, :count] = fitted.transform(vectors) * signs
    shares = (*map(float, fitted.explained_variance_ratio_), *[0.0] * (dimensions - count))
    return points, "pca", shares


def _umap(vectors: NDArray[np.float32], dimensions: int, seed: int, verbose: bool) -> NDArray[np.float64]:
    from umap import UMAP

    # A seed forces one thread; saying so ourselves spares the library's warning.
    model = UMAP(
        n_components=dimensions,
        n_neighbors=min(15, len(vectors) - 1),
        random_state=seed,
        n_jobs=1,
        verbose=verbose,
    )
    return np.asarray(model.fit_transform(vectors), np.float64)


def _tsne(vectors: NDArray[np.float32], dimensions: int, seed: int, verbose: bool) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE

    model = TSNE(
        n_components=dimensions,
        perplexity=min(30.0, (len(vectors) - 1) / 3),
        max_iter=TSNE_ITERATIONS,
        random_state=seed,
        verbose=2 if verbose else 0,
    )
    return np.asarray(model.fit_transform(vectors), np.float64)
