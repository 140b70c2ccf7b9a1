"""What the Embeddings page draws from: texts, their vectors at one layer, and what follows from them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from corpora.examples import Corpus
from pages import jobs, selection
from pages.points.vectors import POOLINGS
from pages.selection.loaded import rows_by_id
from views.charts.projection import Amounts, Categories
from views.numbers import grouped

if TYPE_CHECKING:
    from analysis.embeddings import Dimensions, Pooled, Pooling, Projection
    from models.transformer import TransformerClassifier

SEED = 0
MOST_POINTS = 50_000
MOST_BYTES = 600_000_000
"""For one data set's vectors at every layer: beyond this one pooling is kept, then fewer texts are drawn."""
FEWEST_POINTS = 100
COLOURS = ("label", "prediction", "correctness", "confidence", "errors nearby")
COLUMN = "data: "
"""Stands before a metadata column's name among the colours, so that a column may be called `label`."""

KEPT_VECTORS = selection.Kept(2)
"""The vectors read last, for all visitors."""
_FOUND = selection.Kept(40)


@dataclass(frozen=True)
class Scene:
    """The texts on show with everything known about them at one layer under one pooling.

    `vectors` is (texts, width), `probabilities` (texts, labels). `key` names all that decides them. Where
    `word` is given a vector is that of this word in the text, not of the text as a whole.
    """

    corpus: Corpus
    labels: tuple[str, ...]
    layer: int
    pooling: "Pooling"
    key: tuple[Hashable, ...]
    vectors: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    word: str = ""

    @cached_property
    def targets(self) -> NDArray[np.intp]:
        """Each text's own label, as a number."""
        return np.asarray(self.corpus.targets, np.intp)

    @cached_property
    def predicted(self) -> NDArray[np.intp]:
        """Each text's most probable label."""
        return self.probabilities.argmax(1)

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which texts the model answers wrongly."""
        return self.predicted != self.targets

    @property
    def rows_by_id(self) -> Mapping[str, int]:
        """Each text's number by its example's id."""
        return rows_by_id(self.corpus)

    def pca(self, dimensions: "Dimensions") -> "Projection":
        """The texts on a plane or in space by PCA."""
        from analysis.embeddings import Projection, project

        key = ("pca", dimensions, *self.key)
        found = _FOUND.get(key)
        if not isinstance(found, Projection):
            found = project(self.vectors, "pca", dimensions, seed=SEED)
            _FOUND.put(key, found)
        return found

    @property
    def read_as(self) -> str:
        """What of a text makes its vector, in a few words."""
        return f"the word “{selection.plain(self.word, 40)}”" if self.word else POOLINGS[self.pooling].lower()

    @property
    def place(self) -> str:
        """Where in the model this is, for a sentence."""
        return "before the first layer" if self.layer == 0 else f"at layer {self.layer}"


def bounded(model: "TransformerClassifier", corpus: Corpus) -> Corpus:
    """The texts to draw: all of them, or a sample where vectors and picture would grow too large."""
    from corpora.sampling import sample

    most = max(FEWEST_POINTS, min(MOST_POINTS, MOST_BYTES // _bytes_a_text(model)))
    if len(corpus) <= most:
        return corpus
    st.caption(
        f"{grouped(most)} of {grouped(len(corpus))} texts are drawn, each label in its share: more would not "
        "fit the memory set aside for all layers. “Examples at most” in the sidebar sets how many are used."
    )
    return sample(corpus, most, SEED)


def make(model: "TransformerClassifier", corpus: Corpus, layer: int, pooling: "Pooling") -> Scene | None:
    """The scene; only the first visit to a model and data set has to wait, all layers come at once.

    None while the texts are read. Call it in a run begun with `jobs.begin_run`.
    """
    found = pooled(model, corpus, pooling)
    if found is None:
        return None
    return Scene(
        corpus=corpus,
        labels=model.labels,
        layer=layer,
        pooling=pooling,
        key=(model.fingerprint, str(model.device), corpus.fingerprint, layer, pooling),
        vectors=found.vectors[pooling][layer],
        probabilities=found.probabilities,
    )


def pooled(model: "TransformerClassifier", corpus: Corpus, pooling: "Pooling") -> "Pooled | None":
    """All layers under a pooling, and under the others too where they fit the memory; kept.

    None while the texts are read in the background; then progress and the way out stand here.
    """
    from analysis.embeddings import POOLINGS, pool_layers

    all_fit = len(POOLINGS) * len(corpus) * _bytes_a_text(model) <= MOST_BYTES
    poolings = POOLINGS if all_fit else (pooling,)
    key = (model.fingerprint, str(model.device), corpus.fingerprint, poolings)
    reading = jobs.job_of(
        key,
        lambda report: pool_layers(model, corpus.texts, poolings=poolings, on_progress=report),
        among=KEPT_VECTORS,
    )
    return jobs.outcome(reading, "Reading the texts", key="read")


def _bytes_a_text(model: "TransformerClassifier") -> int:
    """One pooling at every layer, four bytes a number."""
    return 4 * (model.layers + 1) * model.hidden_size


def colouring(scene: Scene, colour: str, errors: NDArray[np.floating] | None = None) -> Categories | Amounts:
    """What the points' colours stand for; `errors` is the share of wrong answers among each one's neighbours.

    While that share is not known yet, the wrong answers themselves stand in for it.
    """
    if colour == "confidence":
        return Amounts("Confidence", scene.probabilities.max(1), low=1 / len(scene.labels))
    if colour == "errors nearby" and errors is not None:
        return Amounts("Errors nearby", errors, high=max(float(errors.max(initial=0)), 0.01))
    if colour in ("correctness", "errors nearby"):
        answers = np.where(scene.wrong, "wrong", "right")
        return Categories("Answer", answers.tolist(), order=("right",), failures=("wrong",))
    if colour == "prediction":
        return Categories("Prediction", [scene.labels[index] for index in scene.predicted], scene.labels)
    if colour == "label":
        return Categories("Label", [example.label for example in scene.corpus.examples], scene.labels)
    column = colour.removeprefix(COLUMN)
    return Categories(column, [example.metadata.get(column, "") for example in scene.corpus.examples])


def records(
    scene: Scene,
    shown: "Projection",
    votes: NDArray[np.integer] | None = None,
    errors: NDArray[np.floating] | None = None,
) -> list[Mapping[str, object]]:
    """Every point with its row, for a file; `votes` and `errors` are what its neighbours say, where known."""
    listed: list[Mapping[str, object]] = []
    for row, example in enumerate(scene.corpus.examples):
        own: dict[str, object] = {
            "id": example.id,
            **{axis: float(at) for axis, at in zip("xyz", shown.points[row], strict=False)},
            "text": example.text,
            "label": example.label,
            "prediction": scene.labels[scene.predicted[row]],
            "confidence": float(scene.probabilities[row].max()),
            "neighbours_label": None if votes is None else scene.labels[votes[row]],
            "errors_nearby": None if errors is None else float(errors[row]),
        }
        metadata = {
            f"{COLUMN}{name}" if name in own else name: value for name, value in example.metadata.items()
        }
        listed.append(own | metadata)
    return listed
