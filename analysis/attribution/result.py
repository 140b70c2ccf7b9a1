"""What every attribution method returns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.attribution.task import Quantity, Scores, Task
from analysis.words import Word

#: The smallest difference between the ends that an error is measured against, in the quantity's unit.
#: Below it a relative error would demand digits that no reader can see.
SMALLEST_DIFFERENCE: dict[Quantity, float] = {
    "logit": 0.1,
    "difference": 0.1,
    "log-odds": 0.1,
    "probability": 0.01,
    "value": 0.01,
}


@dataclass(frozen=True)
class Attribution:
    """Scores of one text, as the method gives them: signed where it knows a sign, never normalised.

    `token_scores` has one number a token (0 for the tokenizer's own), `word_scores` one a word: the sum
    over its tokens. (A method that scores words gives each token an equal part of its word's.)
    A positive score speaks for `target` (over `contrast`, where `quantity` is "difference"); both are
    indices into the model's labels.

    `settings` are those that the method used. Where it promises completeness the scores add up to
    `ends[1] - ends[0]`, the quantity at the text less the quantity with no word read, but for `delta`
    (sum of the scores minus that difference); `relative_delta` is its size relative to the difference
    (to `SMALLEST_DIFFERENCE` where that is larger), and `converged` says whether that is within the
    tolerance. Without such a promise all three numbers are None.

    `fingerprint` is the model's. `truncated`: the text is longer than the model reads; its end has no
    scores.
    """

    text: str
    method: str
    settings: Mapping[str, str | int | float]
    tokens: tuple[str, ...]
    token_scores: NDArray[np.float64]
    words: tuple[Word, ...]
    word_scores: NDArray[np.float64]
    target: int
    contrast: int | None
    quantity: Quantity
    ends: tuple[float, float] | None
    delta: float | None
    relative_delta: float | None
    converged: bool
    truncated: bool
    fingerprint: str


def assembled(task: Task, method: str, uses: Sequence[str], scores: Scores) -> Attribution:
    """A method's scores with everything they were made from."""
    by_token = np.zeros(len(task.encoded))
    if scores.by_token is not None:
        by_token = np.where(task.encoded.special, 0.0, scores.by_token)
    if scores.by_word is not None:
        by_word = scores.by_word
        for word, score in zip(task.words, by_word, strict=True):
            by_token[list(word.tokens)] = score / len(word.tokens)
    else:
        by_word = np.array([by_token[list(word.tokens)].sum() for word in task.words])
    question = task.question
    delta = relative = None
    if scores.ends is not None:
        delta = float(by_word.sum() - (scores.ends[1] - scores.ends[0]))
        relative = relative_size(delta, scores.ends, question.quantity)
    used = {name: value for name in uses if (value := getattr(task.settings, name)) is not None}
    return Attribution(
        text=task.text,
        method=method,
        settings={**used, **dict(scores.used)},
        tokens=tuple(task.encoded.tokens),
        token_scores=by_token,
        words=task.words,
        word_scores=by_word,
        target=question.target,
        contrast=question.contrast,
        quantity=question.quantity,
        ends=scores.ends,
        delta=delta,
        relative_delta=relative,
        converged=relative is None or relative <= task.settings.tolerance,
        truncated=task.encoded.truncated,
        fingerprint=task.classifier.fingerprint,
    )


def relative_size(delta: float, ends: tuple[float, float], quantity: Quantity) -> float:
    """How large an error of the sum is beside the difference that it should be."""
    return abs(delta) / max(abs(ends[1] - ends[0]), SMALLEST_DIFFERENCE[quantity])


def record(attribution: Attribution, labels: Sequence[str]) -> dict[str, object]:
    """Everything about an attribution as plain values for JSON, the labels by name."""
    contrast, ends = attribution.contrast, attribution.ends
    return {
        "text": attribution.text,
        "method": attribution.method,
        "settings": dict(attribution.settings),
        "quantity": attribution.quantity,
        "target": labels[attribution.target],
        "contrast": None if contrast is None else labels[contrast],
        "value_at_baseline": None if ends is None else ends[0],
        "value_at_text": None if ends is None else ends[1],
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
