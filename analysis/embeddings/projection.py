"""Many dimensions on a plane, with the share of neighbourhoods that survived the flattening."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.hidden import EmbeddingError
from analysis.embeddings.neighbours import all_alike, neighbourhood_size, neighbours_kept

Method = Literal["pca", "umap", "tsne"]
METHODS: tuple[Method, ...] = get_args(Method)
FEWEST = 5
"""Below this many rows UMAP and t-SNE have no neighbourhoods to preserve."""
TSNE_ITERATIONS = 1000


@dataclass(frozen=True)
class Projection:
    """Points on a plane.

    `points` is float64 (rows, 2). `explained_variance` holds the two axes' shares of the total variance
    (PCA only; None where there is no variance). `neighbours_kept` is the mean share of each row's
    `neighbours` nearest rows that are still its nearest on the plane (None below three rows).
    """

    points: NDArray[np.float64]
    method: Method
    explained_variance: tuple[float, float] | None
    neighbours_kept: float | None
    neighbours: int


def project(
    vectors: NDArray[np.floating], method: Method = "pca", *, seed: int = 0, verbose: bool = False
) -> Projection:
    """Flatten (rows, dimensions) to (rows, 2); the same input and seed give the same picture.

    - `pca`: the two directions of greatest variance, each turned so that its largest loading is
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
    wide = np.asarray(vectors, np.float64)
    if not np.isfinite(wide).all():
        raise EmbeddingError(
            "Some vectors are infinite or undefined. Choose another layer, or load the model as float32."
        )
    alike = all_alike(wide)
    explained = None
    if method == "pca":
        points, explained = (np.zeros((len(vectors), 2)), None) if alike else _pca(wide, seed)
    elif len(vectors) < FEWEST:
        raise EmbeddingError(
            f"UMAP and t-SNE need at least {FEWEST} texts, and there are {len(vectors)}. Use PCA."
        )
    elif alike:
        raise EmbeddingError(
            "All vectors are the same, so there is nothing to spread out. Choose another layer."
        )
    else:
        points = _umap(wide, seed, verbose) if method == "umap" else _tsne(wide, seed, verbose)
    return Projection(
        points, method, explained, neighbours_kept(wide, points), neighbourhood_size(len(vectors))
    )


def _pca(vectors: NDArray[np.float64], seed: int) -> tuple[NDArray[np.float64], tuple[float, float]]:
    from sklearn.decomposition import PCA

    count = min(2, *vectors.shape)
    fitted = PCA(count, random_state=seed).fit(vectors)
    largest = np.abs(fitted.components_).argmax(1)
    signs = np.sign(fitted.components_[np.arange(count), largest])
    points = np.zeros((len(vectors), 2))
    points[:, :count] = fitted.transform(vectors) * signs
    shares = [*map(float, fitted.explained_variance_ratio_), 0.0]
    return points, (shares[0], shares[1])


def _umap(vectors: NDArray[np.float64], seed: int, verbose: bool) -> NDArray[np.float64]:
    from umap import UMAP

    # A seed forces one thread; saying so ourselves spares the library's warning.
    model = UMAP(n_neighbors=min(15, len(vectors) - 1), random_state=seed, n_jobs=1, verbose=verbose)
    return np.asarray(model.fit_transform(vectors.astype(np.float32)), np.float64)


def _tsne(vectors: NDArray[np.float64], seed: int, verbose: bool) -> NDArray[np.float64]:
    from sklearn.manifold import TSNE

    model = TSNE(
        perplexity=min(30.0, (len(vectors) - 1) / 3),
        max_iter=TSNE_ITERATIONS,
        random_state=seed,
        verbose=2 if verbose else 0,
    )
    return np.asarray(model.fit_transform(vectors.astype(np.float32)), np.float64)
