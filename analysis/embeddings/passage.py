"""The same texts at every layer in turn: pictures that lie alike, and what each of them is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.embeddings.neighbours import neighbourhood, neighbours_kept
from analysis.embeddings.projection import aligned, project


@dataclass(frozen=True)
class Passage:
    """PCA of some texts at each layer, 0 being the embeddings.

    `points` is float64 (layers + 1, texts, 2), every layer turned to lie like the next (`aligned`). Of each
    layer: `variance`, the share that its plane shows; `kept`, the mean share of a text's nearest neighbours
    that are still its nearest there; `votes`, (layers + 1, texts), what a text's neighbours, in all
    dimensions, say of it. Where all texts are the same the first two are 0.
    """

    points: NDArray[np.float64]
    variance: tuple[float, ...]
    kept: tuple[float, ...]
    votes: NDArray[Any]


def through_layers(
    vectors: NDArray[np.floating],
    vote: Callable[[NDArray[np.integer] | None], NDArray[Any]],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Passage:
    """The passage of texts whose `vectors` are (layers + 1, texts, width).

    `vote` makes of each text's neighbours, (texts, neighbours), what they say of it, such as a label or a
    number; it is given None where all texts are the same, so that nobody has any. `on_progress` receives the
    number of layers done and the total. Raises EmbeddingError as `project` does.
    """
    flat, variance, kept, votes = [], [], [], []
    for place, layer in enumerate(vectors):
        shown = project(layer, "pca", seed=seed)
        near = neighbourhood(layer)
        flat.append(shown.points)
        variance.append(sum(shown.explained_variance or (0.0,)))
        kept.append(0.0 if near is None else neighbours_kept(near, shown.points))
        votes.append(vote(near))
        if on_progress is not None:
            on_progress(place + 1, len(vectors))
    return Passage(np.stack(aligned(flat)), tuple(variance), tuple(kept), np.stack(votes))
