"""One model on several data sets: what it loses away from the first, beside how far away that is.

The model reads every text once: its answers give the accuracy, the mean of its last layer's states the place
where it puts the text. A loss is unpaired, for no example stands in both sets; the distance is that of
`analysis.shift`. Neither explains the other: a model may stand firmly on foreign ground, and fall at home.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from analysis import shift
from analysis.shift import Shift
from audits import statistics
from audits.rows import source_of
from audits.statistics import Estimate
from audits.summary.wording import points
from corpora.examples import Corpus
from views.numbers import percent, rate

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

#: The version of what `as_json` writes.
FORMAT = 1
#: The examples of each set unless told otherwise, and the most: a distance compares all with all.
USUAL_EXAMPLES, MOST_EXAMPLES = 500, 2000
#: As how many texts a step of measuring a distance counts in the progress.
WEIGHT = 20
#: Below this a p value, corrected for the number of sets, is beyond chance.
ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Source:
    """A data set as a plan names it: a reference, its columns, and its labels as the model calls them."""

    data: str
    text_column: str | None = None
    label_column: str | None = None
    label_map: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnData:
    """The model on one data set.

    For all but the first: `lost`, the accuracy lost against the first (below 0 where it is better there), the
    distance from it, and that distance's p value, corrected for the number of sets.
    """

    data: str
    name: str
    fingerprint: str
    examples: int
    accuracy: Estimate
    lost: Estimate | None = None
    shift: Shift | None = None
    p: float | None = None

    @property
    def is_lost(self) -> bool:
        """Whether accuracy is lost beyond chance: the whole interval lies above zero."""
        return self.lost is not None and self.lost.low > 0

    @property
    def is_apart(self) -> bool:
        """Whether the texts lie elsewhere beyond chance."""
        return self.p is not None and self.p < ALPHA

    @property
    def lying(self) -> str:
        """Where the texts lie, in words: `elsewhere (told apart with AUC 0.93)`."""
        auc = f"AUC {self.shift.auc:.2f}" if self.shift else ""
        return f"elsewhere (told apart with {auc})" if self.is_apart else f"where those do ({auc})"


@dataclass(frozen=True, slots=True)
class Generalisation:
    """One model on several data sets, the first of which the others are compared with."""

    model: str
    model_fingerprint: str
    labels: tuple[str, ...]
    layer: int
    seed: int
    sets: tuple[OnData, ...]

    @property
    def headline(self) -> str:
        """What a reader must know, in one sentence about the set where most is lost."""
        first, *others = self.sets
        home = f"{percent(first.accuracy.value)} on {first.name}"
        worst = max(others, key=lambda found: _or_least(found.lost))
        if worst.is_lost and worst.lost is not None:
            return (
                f"On {worst.name} {self.model} is right in {percent(worst.accuracy.value)}, "
                f"{points(worst.lost)} less than the {home}; its texts lie {worst.lying}."
            )
        apart = " and ".join(found.name for found in others if found.is_apart)
        though = f", though the texts of {apart} lie elsewhere" if apart else ""
        return f"{self.model} loses nothing beyond chance against the {home}{though}."


def _or_least(lost: Estimate | None) -> float:
    """By what sets are ordered: the loss that is sure."""
    return -math.inf if lost is None or not math.isfinite(lost.low) else lost.low


def load(
    source: Source, classifier: "TransformerClassifier", examples: int | None = USUAL_EXAMPLES, seed: int = 0
) -> Corpus:
    """A data set under the model's labels, or a sample of it, each label in its share. Raises CorpusError."""
    from corpora import labels, sampling

    aligned = labels.load_for(
        classifier.labels,
        source.data,
        text_column=source.text_column,
        label_column=source.label_column,
        label_map=source.label_map,
        among=classifier.among,
    )
    return sampling.sample(aligned, min(examples or MOST_EXAMPLES, MOST_EXAMPLES), seed)


def measure(
    classifier: "TransformerClassifier",
    corpora: Sequence[Corpus],
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Generalisation:
    """The model on each of at least two data sets, whose labels are its own; the first is the reference.

    `on_progress` receives work done and its total. Raises ValueError for fewer sets, and ShiftError.
    """
    from analysis.embeddings import pool_layers

    if len(corpora) < 2:
        raise ValueError("There is nothing to compare: give a second data set.")
    sizes = [len(corpus) for corpus in corpora]
    before = [0, *accumulate(sizes)]
    total = before[-1] + WEIGHT * shift.STEPS * (len(corpora) - 1)
    layer, vectors, found = classifier.layers, [], []
    for corpus, begun in zip(corpora, before, strict=False):

        def count(done: int, _: int, begun: int = begun) -> None:
            on_progress(begun + done, total)

        pooled = pool_layers(classifier, corpus.texts, poolings=("mean",), layers=(layer,), on_progress=count)
        vectors.append(pooled.vectors["mean"][0])
        right = pooled.probabilities.argmax(axis=1) == corpus.targets
        source = [source_of(example.id) for example in corpus.examples]
        found.append(
            OnData(
                corpus.reference,
                corpus.name,
                corpus.fingerprint,
                len(corpus),
                statistics.accuracy(right, source),
            )
        )
    for place in range(1, len(corpora)):
        begun = before[-1] + WEIGHT * shift.STEPS * (place - 1)

        def step(done: int, _: int, begun: int = begun) -> None:
            on_progress(begun + WEIGHT * done, total)

        texts = (corpora[0].texts, corpora[place].texts)
        found[place] = replace(
            found[place],
            lost=statistics.unpaired(found[0].accuracy, found[place].accuracy),
            shift=shift.between(vectors[0], vectors[place], texts, seed=seed, on_progress=step),
        )
    corrected = statistics.holm([each.shift.p for each in found if each.shift])
    sets = [found[0], *(replace(each, p=p) for each, p in zip(found[1:], corrected, strict=True))]
    return Generalisation(
        classifier.name, classifier.fingerprint, tuple(classifier.labels), layer, seed, tuple(sets)
    )


def as_dict(found: Generalisation) -> dict[str, Any]:
    """All figures for a file, with the sentence at the top."""
    return {"format": FORMAT, "headline": found.headline, "pooling": "mean", **asdict(found)}


def told(found: OnData) -> str:
    """The accuracy with its interval and its denominator."""
    share = found.accuracy
    return rate(share.value, share.low, share.high, share.count)
