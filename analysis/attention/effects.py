"""What each head does for one answer: removed one at a time, and estimated from one gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from analysis.attention.ablation import without_each
from analysis.attention.gradients import importance
from analysis.attention.weights import Part
from models.classifier import ModelError
from models.one_label import as_choice, one_label

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier


@dataclass(frozen=True)
class HeadEffects:
    """How the answer to one text hangs on each head.

    `labels` are the model's; where each holds or does not by itself, that one of them does not, and that it
    does. `target` and `contrast` are the predicted label and its runner-up (indices), or a value and None.
    `whole` are the logits or values (labels,), `without` those with one head removed, (layers, heads,
    labels). `estimate` (layers, heads) is the gradient's first-order guess at `fall`, and `relevance` what
    spoke for the answer by Chefer's rule; None where the attention weights have no gradient.
    """

    target: int
    contrast: int | None
    whole: NDArray[np.float64]
    without: NDArray[np.float64]
    estimate: NDArray[np.float64] | None
    relevance: NDArray[np.float64] | None
    labels: tuple[str, ...]

    @cached_property
    def fall(self) -> NDArray[np.float64]:
        """How far the target's lead over the contrast falls without each head, in logits: (layers, heads).

        Of a value, how far it falls itself.
        """
        own = self.whole[self.target] - self.without[..., self.target]
        if self.contrast is None:
            return own
        return own - (self.whole[self.contrast] - self.without[..., self.contrast])

    def answer(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """What logits or values (…, labels) make of the target: its probability, or the value; (…,)."""
        own: NDArray[np.float64] = (logits if self.contrast is None else softmax(logits))[..., self.target]
        return own

    @cached_property
    def left(self) -> NDArray[np.float64]:
        """The target's probability without each head, or the value: (layers, heads)."""
        return self.answer(self.without)

    @cached_property
    def turned(self) -> NDArray[np.bool_]:
        """Whether the answer is another label without the head: (layers, heads)."""
        return (self.without.argmax(axis=-1) != self.target) & (self.contrast is not None)

    @cached_property
    def ranked(self) -> list[tuple[int, int]]:
        """All (layer, head), from 0, from the one whose removal takes most to the one that gives most."""
        order = np.argsort(-self.fall, axis=None, kind="stable")
        return [(int(i), int(j)) for i, j in zip(*np.unravel_index(order, self.fall.shape), strict=True)]

    @cached_property
    def agreement(self) -> float | None:
        """The rank correlation (Spearman) of estimate and removal; None where there is no such thing."""
        from scipy.stats import spearmanr

        if self.estimate is None or self.fall.size < 3 or not np.ptp(self.fall) or not np.ptp(self.estimate):
            return None
        return float(spearmanr(self.estimate.ravel(), self.fall.ravel()).statistic)


def effects(
    classifier: TransformerClassifier,
    text: str,
    part: Part | None = None,
    label: int | None = None,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> HeadEffects:
    """Every head's effect on the model's answer to a text: one short run a head, in batches.

    Where each label holds or does not by itself, the answer is whether `label` does (default: the likeliest);
    of a model that gives numbers it is the value of that index (default: the first). Raises ModelError for a
    family whose heads cannot be reached.
    """
    whole = classifier.logits([text])[0]
    if classifier.answering == "several":
        asked = int(whole.argmax()) if label is None else label
        classifier = one_label(classifier, classifier.labels[asked])
        whole = as_choice(whole, asked)
    labels = classifier.labels
    without = without_each(classifier, text, part, on_progress=on_progress)
    target, contrast = label or 0, None
    if classifier.answering != "number":
        target, contrast = (int(place) for place in np.argsort(-whole, kind="stable")[:2])
    try:
        weighed = importance(classifier, text, target, contrast, part)
    except ModelError:
        return HeadEffects(target, contrast, whole, without, None, None, labels)
    return HeadEffects(target, contrast, whole, without, weighed.effect, weighed.relevance, labels)


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
