"""What an attribution is asked, and how: the same for every method."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.paths import AttributionError, Baseline
from analysis.removal import Removal
from analysis.words import Word
from models.transformer import EncodedText, TransformerClassifier

Quantity = Literal["logit", "difference", "probability", "log-odds", "value"]
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)

Precision = Literal["full", "bfloat16"]

#: Most integration steps, unless told otherwise.
MAX_STEPS = 324


@dataclass(frozen=True)
class Question:
    """The one number of the model's answer that is explained.

    `target` and `contrast` are indices into the labels; `contrast` is None unless `quantity` is
    "difference". Log-odds are those of the target against all other labels together, in nats; where each
    label holds or does not by itself (`apart`), against its not holding, which is its logit. A regression
    has nothing but "value".
    """

    target: int
    contrast: int | None
    quantity: Quantity
    apart: bool = False

    def of(self, logits: Tensor) -> Tensor:
        """Logits (points, labels) as one number a point, with its gradient."""
        own = logits[:, self.target]
        if self.contrast is not None:
            return own - logits[:, self.contrast]
        if self.quantity == "probability":
            return own.sigmoid() if self.apart else logits.softmax(-1)[:, self.target]
        if self.quantity == "log-odds" and not self.apart:
            others = [index for index in range(logits.shape[1]) if index != self.target]
            return own - logits[:, others].logsumexp(-1)
        return own

    def values(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same of logits as numbers: (points, labels) gives (points,)."""
        found: NDArray[np.float64] = self.of(torch.from_numpy(np.ascontiguousarray(logits))).numpy()
        return found


@dataclass(frozen=True)
class Settings:
    """How a method works; each one uses what concerns it (`Method.uses`) and leaves the rest.

    `baseline`: what stands in place of every word where a path begins. `tolerance` and `max_steps`: see
    integrated gradients. `samples`: noisy copies, points or inputs drawn (None: as many as the method
    usually takes). `seed`: of everything drawn. `removal`: how words are taken away (None: masked where
    the model has a mask token, else deleted). `precision`: what integrated gradients compute their slopes in;
    the ends of the path are always computed as the model is.
    """

    baseline: Baseline = "pad"
    tolerance: float = 0.02
    max_steps: int = MAX_STEPS
    samples: int | None = None
    seed: int = 0
    removal: Removal | None = None
    precision: Precision = "full"


@dataclass(frozen=True)
class Task:
    """One text to be explained; `logits` (labels,) are the model's answer to it.

    `report` is called with the work done and planned; what it raises stops the work.
    """

    classifier: TransformerClassifier
    text: str
    encoded: EncodedText
    words: tuple[Word, ...]
    logits: NDArray[np.float64]
    question: Question
    settings: Settings
    report: Callable[[int, int], None]


@dataclass(frozen=True)
class Scores:
    """What a method found: numbers by token (those of the tokenizer's own tokens are not used) or by word.

    `ends` is the quantity with no word read and at the text, where the scores promise to add up to the
    difference. `used` names further settings that the method chose itself.
    """

    by_token: NDArray[np.float64] | None = None
    by_word: NDArray[np.float64] | None = None
    ends: tuple[float, float] | None = None
    used: tuple[tuple[str, str | int | float], ...] = ()


def check_question(
    classifier: TransformerClassifier, target: int | None, contrast: int | None, quantity: Quantity
) -> None:
    """Raises AttributionError for what cannot be asked of this model, whatever it answers."""
    labels = classifier.labels
    if quantity not in QUANTITIES:
        raise AttributionError(f"There is no quantity {quantity!r}. Choose one of: {', '.join(QUANTITIES)}.")
    for index in (target, contrast):
        if index is not None and not 0 <= index < len(labels):
            raise AttributionError(f"There is no label number {index}; the model has {', '.join(labels)}.")
    if quantity == "value" and classifier.answering != "number":
        raise AttributionError(f"{classifier.name} gives labels and no value. Choose another quantity.")
    excludes = quantity == "difference" and classifier.answering != "number"
    if excludes and target is not None and contrast == target:
        raise AttributionError(f"{labels[target]!r} cannot be contrasted with itself. Choose another label.")


def question(
    classifier: TransformerClassifier,
    logits: NDArray[np.float64],
    target: int | None,
    contrast: int | None,
    quantity: Quantity,
) -> Question:
    """The question in full: the predicted label where no target is named, its runner-up as contrast.

    Labels that do not exclude one another are explained each alone unless a contrast is named, and numbers
    always. What `check_question` refuses is not asked here.
    """
    labels, answering = classifier.labels, classifier.answering
    if target is None:
        allowed = [i for i in range(len(labels)) if i != contrast or len(labels) == 1]
        target = max(allowed, key=lambda i: logits[i])
    if answering == "number":
        return Question(target, None, "value")
    if answering == "several" and contrast is None:
        return Question(target, None, "logit" if quantity == "difference" else quantity, apart=True)
    if quantity != "difference":
        return Question(target, None, quantity, apart=answering == "several")
    if contrast is None:
        contrast = max((i for i in range(len(labels)) if i != target), key=lambda i: logits[i])
    return Question(target, contrast, "difference")
