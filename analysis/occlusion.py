"""What the model would say without some of the words.

Words are left out as token ids. Cutting them out of the text and encoding it again would change the
ids of their neighbours in a quarter of the cases and more, and answer another question.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.attribution import Attribution
from analysis.words import Word
from models.transformer import EncodedText, TransformerClassifier


@dataclass(frozen=True)
class Omission:
    """Some words of a text, strongest first, and the model's probabilities (labels,) without them."""

    words: tuple[Word, ...]
    probabilities: NDArray[np.float64]


def leave_out(
    classifier: TransformerClassifier, text: str, groups: Sequence[Sequence[Word]]
) -> list[Omission]:
    """The model's answers when each group of words is left out by itself, the other tokens as they were."""
    whole = classifier.encode([text])[0]
    shortened = [_without(whole, {token for word in group for token in word.tokens}) for group in groups]

    def read(inputs: dict[str, Tensor]) -> list[NDArray[np.float64]]:
        with torch.inference_mode():
            return list(classifier.module(**inputs).logits.double().softmax(-1).cpu().numpy())

    rows = classifier.run(shortened, read)
    return [Omission(tuple(group), row) for group, row in zip(groups, rows, strict=True)]


def strongest_left_out(
    classifier: TransformerClassifier, attribution: Attribution, *, predicted: int, most: int = 4
) -> Omission | None:
    """Leave out the words that carry the prediction most, one more at a time, until the answer changes.

    Returns the fewest words, up to `most`, whose absence changes the predicted label; where none does,
    the `most` strongest. None where no word speaks for the prediction, where nothing else would be left,
    or where the attribution is about other labels. The words are ranked by the attribution; the answers
    are the model's own.
    """
    if predicted not in (attribution.target, attribution.contrast):
        return None
    towards = -1.0 if attribution.contrast == predicted else 1.0
    scores = towards * attribution.word_scores
    ranked = [index for index in np.argsort(-scores, kind="stable") if scores[index] > 0]
    ranked = ranked[: min(most, len(attribution.words) - 1)]
    if not ranked:
        return None
    groups = [[attribution.words[index] for index in ranked[: count + 1]] for count in range(len(ranked))]
    omissions = leave_out(classifier, attribution.text, groups)
    changed = (found for found in omissions if int(found.probabilities.argmax()) != predicted)
    return next(changed, omissions[-1])


def _without(encoded: EncodedText, gone: set[int]) -> EncodedText:
    kept = [index for index in range(len(encoded)) if index not in gone]
    return replace(
        encoded,
        ids=tuple(encoded.ids[index] for index in kept),
        type_ids=tuple(encoded.type_ids[index] for index in kept),
        tokens=tuple(encoded.tokens[index] for index in kept),
        offsets=tuple(encoded.offsets[index] for index in kept),
        special=tuple(encoded.special[index] for index in kept),
    )
