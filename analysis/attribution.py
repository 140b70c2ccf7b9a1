"""How much each word of a text carries of the model's answer: integrated gradients.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", ICML 2017.

What is explained is a logit or a difference of two logits, never a probability: a probability is flat
where the model is sure and steep between, and its integral needs many times the steps.

The integral is a midpoint sum. Midpoints nest under tripling (those of 16 steps are every third of
48), so the steps rise 16, 48, 144, 432 until the scores add up to what they should, and every gradient
computed on the way is used again. captum's `IntegratedGradients` gives the same sums, and the tests
hold this file to them; it cannot continue from gradients that it already has, which is why the sum
is formed here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from analysis.paths import BASELINES, AttributionError, Baseline, baseline_title, path_to, why_not
from analysis.words import Word, words_of
from models.transformer import TransformerClassifier

__all__ = [
    "BASELINES",
    "FIRST_STEPS",
    "MAX_STEPS",
    "Attribution",
    "AttributionError",
    "Baseline",
    "Quantity",
    "baseline_title",
    "integrated_gradients",
    "record",
    "why_not",
]

Quantity = Literal["logit", "difference"]

FIRST_STEPS = 16
MAX_STEPS = 432

#: The smallest difference between the ends, in logits, that an error is measured against. Below it a
#: relative error would demand digits that no reader can see.
SMALLEST_DIFFERENCE = 0.1


@dataclass(frozen=True)
class Attribution:
    """Scores of one text, in logits, and how far to trust them.

    `token_scores` has one number a token (0 for the tokenizer's own), `word_scores` one a word: the sum
    over its tokens. Both add up to `ends[1] - ends[0]`, the quantity at the text less the quantity at
    the baseline, but for `delta` (sum of the scores minus that difference). `relative_delta` is its size
    relative to the difference (to `SMALLEST_DIFFERENCE` where that is larger).

    A positive score speaks for `target` (over `contrast`, where `quantity` is "difference"); both are
    indices into the model's labels. `fingerprint` is the model's. `truncated`: the text
    is longer than the model reads; its end has no scores.
    """

    text: str
    tokens: tuple[str, ...]
    token_scores: NDArray[np.float64]
    words: tuple[Word, ...]
    word_scores: NDArray[np.float64]
    target: int
    contrast: int | None
    quantity: Quantity
    baseline: Baseline
    steps: int
    ends: tuple[float, float]
    delta: float
    relative_delta: float
    converged: bool
    truncated: bool
    fingerprint: str


def integrated_gradients(
    classifier: TransformerClassifier,
    text: str,
    *,
    target: int | None = None,
    contrast: int | None = None,
    quantity: Quantity = "difference",
    baseline: Baseline = "pad",
    tolerance: float = 0.02,
    max_steps: int = MAX_STEPS,
    on_progress: Callable[[int, int], None] | None = None,
) -> Attribution:
    """Integrated gradients of a text's word embeddings, one score a token and a word.

    `target` is the label explained (default: the predicted one). `quantity` "difference" explains why
    the target rather than `contrast` (default: the most likely other label); "logit" explains the
    target's logit alone. `baseline` says what stands in place of every word where the path begins.
    Steps are raised up to `max_steps` until |delta| is at most `tolerance` of the difference between
    the path's ends. `on_progress` is called with the gradients computed and those planned so far;
    what it raises stops the work.

    Raises `AttributionError` for an empty text, a label that is not there, a baseline that makes no
    sense for the model, or a family that cannot be explained this way.
    """
    encoded = classifier.encode([text])[0]
    words = words_of(encoded, text)
    if not words:
        raise AttributionError("There is nothing to explain: the text holds no word. Type at least one.")
    if max_steps < 2 or not tolerance > 0:
        raise AttributionError("Integrated gradients need at least 2 steps and a tolerance above 0.")
    path = path_to(classifier, encoded, baseline)
    first, last = path.logits([0.0])[0], path.logits([1.0])[0]
    target, contrast = _question(classifier.labels, last, target, contrast, quantity)

    def asked(logits: Tensor) -> Tensor:
        return logits[:, target] if contrast is None else logits[:, target] - logits[:, contrast]

    def value(logits: NDArray[np.float64]) -> float:
        return float(logits[target] - (0.0 if contrast is None else logits[contrast]))

    ends = value(first), value(last)
    difference = ends[1] - ends[0]
    total = np.zeros(len(encoded.ids))
    done = 0
    for steps, alphas in nested_midpoints(max_steps):
        for alpha_batch in _portions(alphas, len(encoded)):
            total += path.derivatives(alpha_batch, asked).sum(axis=0)
            done += len(alpha_batch)
            if on_progress:
                on_progress(done, steps)
        token_scores = total / steps
        delta = float(token_scores.sum() - difference)
        relative_delta = abs(delta) / max(abs(difference), SMALLEST_DIFFERENCE)
        if relative_delta <= tolerance:
            break
    return Attribution(
        text=text,
        tokens=tuple(encoded.tokens),
        token_scores=token_scores,
        words=words,
        word_scores=np.array([token_scores[list(word.tokens)].sum() for word in words]),
        target=target,
        contrast=contrast,
        quantity="logit" if contrast is None else "difference",
        baseline=baseline,
        steps=steps,
        ends=ends,
        delta=delta,
        relative_delta=relative_delta,
        converged=relative_delta <= tolerance,
        truncated=encoded.truncated,
        fingerprint=classifier.fingerprint,
    )


def nested_midpoints(max_steps: int) -> Iterator[tuple[int, list[float]]]:
    """Rising numbers of steps, each with the midpoints that the ones before did not have.

    The midpoints of n equal steps are (k + 1/2) / n. Those of 3 n steps with k = 1, 4, 7, ... are the same
    points, so each stage adds only two thirds of its own. With fewer than 48 allowed there is one stage.
    """
    steps = FIRST_STEPS if max_steps >= 3 * FIRST_STEPS else max_steps
    yield steps, [(k + 0.5) / steps for k in range(steps)]
    while steps * 3 <= max_steps:
        steps *= 3
        yield steps, [(k + 0.5) / steps for k in range(steps) if k % 3 != 1]


def _portions(alphas: list[float], tokens: int) -> Iterator[list[float]]:
    """Parts small enough to report progress and to be stopped between: about 1,000 tokens each."""
    size = max(2, min(FIRST_STEPS, 1024 // tokens))
    for start in range(0, len(alphas), size):
        yield alphas[start : start + size]


def _question(
    labels: tuple[str, ...],
    logits: NDArray[np.float64],
    target: int | None,
    contrast: int | None,
    quantity: Quantity,
) -> tuple[int, int | None]:
    """The label explained and the one it is held against (None: its logit alone)."""
    for index in (target, contrast):
        if index is not None and not 0 <= index < len(labels):
            raise AttributionError(f"There is no label number {index}; the model has {', '.join(labels)}.")
    if target is None:
        allowed = [i for i in range(len(labels)) if i != contrast or len(labels) == 1]
        target = max(allowed, key=lambda i: logits[i])
    if quantity == "logit" or len(labels) == 1:
        return target, None
    if contrast is None:
        contrast = max((i for i in range(len(labels)) if i != target), key=lambda i: logits[i])
    if contrast == target:
        raise AttributionError(f"{labels[target]!r} cannot be contrasted with itself. Choose another label.")
    return target, contrast


def record(attribution: Attribution, labels: Sequence[str]) -> dict[str, object]:
    """Everything about an attribution as plain values for JSON, the labels by name."""
    contrast = attribution.contrast
    return {
        "text": attribution.text,
        "method": "integrated gradients of the word embeddings, midpoint sum",
        "quantity": attribution.quantity,
        "target": labels[attribution.target],
        "contrast": None if contrast is None else labels[contrast],
        "baseline": attribution.baseline,
        "steps": attribution.steps,
        "value_at_baseline": attribution.ends[0],
        "value_at_text": attribution.ends[1],
        "delta": attribution.delta,
        "relative_delta": attribution.relative_delta,
        "converged": attribution.converged,
        "truncated": attribution.truncated,
        "model_fingerprint": attribution.fingerprint,
        "words": [
            {"word": word.text, "start": word.start, "end": word.end, "score": float(score)}
            for word, score in zip(attribution.words, attribution.word_scores, strict=True)
        ],
        "tokens": [
            {"token": token, "score": float(score)}
            for token, score in zip(attribution.tokens, attribution.token_scores, strict=True)
        ],
    }
