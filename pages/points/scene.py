"""What the Embeddings page draws from: texts, their vectors at one layer, and what follows from them."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from corpora.examples import Corpus
from pages import jobs, selection
from pages.points.labels import Labels
from pages.points.numbers import Numbers
from pages.points.vectors import COLUMN, POOLINGS
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

KEPT_VECTORS = selection.Kept(2)
"""The vectors read last, for all visitors."""
_FOUND = selection.Kept(40)


@dataclass(frozen=True)
class Scene:
    """The texts on show with everything known about them at one layer under one pooling.

    `vectors` is (texts, width), `probabilities` (texts, labels): the model's answers. Where these are
    numbers, `value` says which one is looked at. `key` names all that decides them. Where `word` is given a
    vector is that of this word in the text, not of the text as a whole.
    """

    corpus: Corpus
    labels: tuple[str, ...]
    layer: int
    pooling: "Pooling"
    key: tuple[Hashable, ...]
    vectors: NDArray[np.float32]
    probabilities: NDArray[np.float64]
    word: str = ""
    value: int | None = None

    @cached_property
    def told(self) -> Labels | Numbers:
        """What data and model say of each text."""
        if self.value is not None:
            return Numbers(self.corpus, self.probabilities, self.value, self.labels[self.value])
        return Labels(self.corpus, self.labels, self.probabilities)

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
        """What of a text makes its vector, and which of several numbers it is looked at for."""
        read = f"the word “{selection.plain(self.word, 40)}”" if self.word else POOLINGS[self.pooling].lower()
        if self.value is None or len(self.labels) == 1:
            return read
        return f"{read}, for {selection.plain(self.labels[self.value], 30)}"

    @property
    def place(self) -> str:
        """Where in the model this is, for a sentence."""
        return "before the first layer" if self.layer == 0 else f"at layer {self.layer}"


def told_by(model: "TransformerClassifier") -> type[Labels] | type[Numbers]:
    """What a model's points are told: labels or numbers."""
    return Numbers if model.answering == "number" else Labels


def bounded(model: "TransformerClassifier", corpus: Corpus) -> Corpus:
    """The texts to draw: all of them, or a sample where vectors and picture would grow too large."""
    from corpora.sampling import sample

    most = max(FEWEST_POINTS, min(MOST_POINTS, MOST_BYTES // _bytes_a_text(model)))
    if len(corpus) <= most:
        return corpus
    st.caption(
        f"{grouped(most)} of {grouped(len(corpus))} texts are drawn{in_shares(corpus)}: more would not "
        "fit the memory set aside for all layers. “Examples at most” in the sidebar sets how many are used."
    )
    return sample(corpus, most, SEED)


def in_shares(corpus: Corpus) -> str:
    """How a sample of it was drawn, to go on with a sentence."""
    return ", each label in its share" if corpus.labels else ""


def make(
    model: "TransformerClassifier", corpus: Corpus, layer: int, pooling: "Pooling", value: int | None = None
) -> Scene | None:
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
        key=(model.fingerprint, str(model.device), corpus.fingerprint, layer, pooling, value),
        vectors=found.vectors[pooling][layer],
        probabilities=found.probabilities,
        value=value,
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
    """What the points' colours stand for; `errors` is how far each one's neighbours are off, on average.

    While that is not known yet, how far the points themselves are off stands in for it.
    """
    if not colour.startswith(COLUMN):
        return scene.told.colouring(colour, errors)
    column = colour.removeprefix(COLUMN)
    return Categories(column, [example.metadata.get(column, "") for example in scene.corpus.examples])


def records(
    scene: Scene,
    shown: "Projection",
    votes: NDArray[Any] | None = None,
    errors: NDArray[np.floating] | None = None,
) -> list[Mapping[str, object]]:
    """Every point with its row, for a file; `votes` and `errors` are what its neighbours say, where known."""
    listed: list[Mapping[str, object]] = []
    for row, example in enumerate(scene.corpus.examples):
        own: dict[str, object] = {
            "id": example.id,
            **{axis: float(at) for axis, at in zip("xyz", shown.points[row], strict=False)},
            "text": example.text,
            **scene.told.record(row, votes, errors),
        }
        metadata = {
            f"{COLUMN}{name}" if name in own else name: value for name, value in example.metadata.items()
        }
        listed.append(own | metadata)
    return listed
