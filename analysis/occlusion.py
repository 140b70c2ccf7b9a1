"""What the model would say without some of the words.

Words are left out as token ids (`analysis.removal`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.attribution import METHODS, Attribution
from analysis.faithfulness import lowers
from analysis.removal import Removal, answers, usual
from analysis.words import Word
from models.transformer import TransformerClassifier


@dataclass(frozen=True)
class Omission:
    """Some words of a text, strongest first, and the model's answer (labels,) without them.

    (`TransformerClassifier.answers`: probabilities, or a regression's values.)
    """

    words: tuple[Word, ...]
    probabilities: NDArray[np.float64]


def leave_out(
    classifier: TransformerClassifier,
    text: str,
    groups: Sequence[Sequence[Word]],
    removal: Removal | None = None,
) -> list[Omission]:
    """The model's answers when each group of words is left out by itself, the other tokens as they were.

    `removal` is the model's usual one unless named, so that the same words have the same effect wherever
    their absence is told.
    """
    if not groups:
        return []
    words = sorted({word for group in groups for word in group}, key=lambda word: word.start)
    present = np.array([[word not in group for word in words] for group in groups], dtype=bool)
    logits = answers(classifier, classifier.encode([text])[0], words, present, usual(classifier, removal))
    rows = classifier.answers(logits)
    return [Omission(tuple(group), row) for group, row in zip(groups, rows, strict=True)]


def strongest_left_out(
    classifier: TransformerClassifier,
    attribution: Attribution,
    *,
    predicted: int,
    most: int = 4,
    removal: Removal | None = None,
) -> Omission | None:
    """Leave out the words that carry the prediction most, one more at a time, until the answer changes.

    Returns the fewest words, up to `most`, whose absence changes the predicted label; where none does,
    the `most` strongest. None where no word speaks for the prediction, where nothing else would be left,
    or where the attribution is about other labels. The words are ranked by the attribution; the answers
    are the model's own. A label that may hold beside others changes where it ceases to, or begins; a number
    never does, and what carries it are the words that push it where all of them do.
    """
    if predicted not in (attribution.target, attribution.contrast):
        return None
    towards = -1.0 if attribution.contrast == predicted else 1.0
    if classifier.answering == "number" and METHODS[attribution.method].signed:
        towards = -1.0 if lowers(classifier, attribution, removal) else 1.0
    scores = towards * attribution.word_scores
    ranked = [index for index in np.argsort(-scores, kind="stable") if scores[index] > 0]
    ranked = ranked[: min(most, len(attribution.words) - 1)]
    if not ranked:
        return None
    groups = [[attribution.words[index] for index in ranked[: count + 1]] for count in range(len(ranked))]
    omissions = leave_out(classifier, attribution.text, groups, removal)
    whole = classifier.answers(classifier.logits([attribution.text]))[0]

    def changes(answer: NDArray[np.float64]) -> bool:
        if classifier.answering == "choice":
            return int(answer.argmax()) != predicted
        return classifier.answering == "several" and bool(
            (answer > 0.5)[predicted] != (whole > 0.5)[predicted]
        )

    return next((found for found in omissions if changes(found.probabilities)), omissions[-1])
