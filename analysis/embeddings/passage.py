"""The same texts at every layer in turn: pictures that lie alike, and what each of them is worth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.neighbours import label_votes, neighbourhood, neighbours_kept
from analysis.embeddings.projection import aligned, project


@dataclass(frozen=True)
class Passage:
    """PCA of some texts at each layer, 0 being the embeddings.

    `points` is float64 (layers + 1, texts, 2), every layer turned to lie like the next (`aligned`). Of each
    layer: `variance`, the share that its plane shows; `kept`, the mean share of a text's nearest neighbours
    that are still its nearest there; `own`, bool (layers + 1, texts), whether most of a text's neighbours, in
    all dimensions, carry its label. Where all texts are the same these are 0, 0 and False.
    """

    points: NDArray[np.float64]
    variance: tuple[float, ...]
    kept: tuple[float, ...]
    own: NDArray[np.bool_]


def through_layers(
    vectors: NDArray[np.floating],
    targets: Sequence[int],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Passage:
    """The passage of texts whose `vectors` are (layers + 1, texts, width), and whose labels are `targets`.

    `on_progress` receives the number of layers done and the total. Raises EmbeddingError as `project` does.
    """
    flat, variance, kept, own = [], [], [], []
    for place, layer in enumerate(vectors):
        shown = project(layer, "pca", seed=seed)
        near = neighbourhood(layer)
        flat.append(shown.points)
        variance.append(sum(shown.explained_variance or (0.0,)))
        kept.append(0.0 if near is None else neighbours_kept(near, shown.points))
        alike = np.zeros(len(layer), np.bool_)
        own.append(alike if near is None else label_votes(near, targets) == np.asarray(targets))
        if on_progress is not None:
            on_progress(place + 1, len(vectors))
    return Passage(np.stack(aligned(flat)), tuple(variance), tuple(kept), np.stack(own))
