"""A text without some of its words, as token ids, and the model's answers to many such texts at once.

Cutting words out of the text and encoding it again would change the ids of their neighbours in a
quarter of the cases and more, and answer another question.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.asking import Asking, Report, alone
from analysis.paths import AttributionError
from analysis.words import Word
from models.transformer import EncodedText, TransformerClassifier

Removal = Literal["mask", "delete"]


def removals(classifier: TransformerClassifier) -> tuple[Removal, ...]:
    """The ways to take a word away that this model has, the usual one first.

    Masking keeps every other token at its position; deleting leaves no trace of the word.
    """
    return ("delete",) if classifier.tokenizer.mask_token_id is None else ("mask", "delete")


def usual(classifier: TransformerClassifier, removal: Removal | None) -> Removal:
    """The way asked for, or the model's usual one. Raises AttributionError for a mask that is not there."""
    if removal is not None and removal not in removals(classifier):
        raise AttributionError(f"{classifier.name} has no MASK token to put in place of words. Delete them.")
    return removal or removals(classifier)[0]


def without(
    classifier: TransformerClassifier, encoded: EncodedText, gone: set[int], removal: Removal
) -> EncodedText:
    """A text without the tokens at these positions."""
    if removal == "mask":
        mask = classifier.tokenizer.mask_token_id
        return replace(encoded, ids=tuple(mask if i in gone else id_ for i, id_ in enumerate(encoded.ids)))
    kept = [index for index in range(len(encoded)) if index not in gone]
    if not kept:  # no model answers an empty sequence
        return classifier.encode([""])[0]
    return replace(
        encoded,
        ids=tuple(encoded.ids[index] for index in kept),
        type_ids=tuple(encoded.type_ids[index] for index in kept),
        tokens=tuple(encoded.tokens[index] for index in kept),
        offsets=tuple(encoded.offsets[index] for index in kept),
        special=tuple(encoded.special[index] for index in kept),
    )


@dataclass(frozen=True)
class Answers:
    """Asks for the model's logits (labels,) to each of these inputs, all of them different."""

    classifier: TransformerClassifier
    inputs: Sequence[EncodedText]

    @property
    def work(self) -> int:
        """The number of inputs."""
        return len(self.inputs)

    @classmethod
    def answered(
        cls, requests: Sequence["Answers"], report: Callable[[int], None]
    ) -> list[list[NDArray[np.float64]]]:
        """Inputs of one length share batches, whichever text they were made of."""

        def read(batch: dict[str, Tensor]) -> list[NDArray[np.float64]]:
            with torch.inference_mode():
                rows = list(requests[0].classifier.module(**batch).logits.double().cpu().numpy())
            report(len(rows))
            return rows

        # Texts without most of their words are soon the same.
        distinct = {(item.ids, item.type_ids): item for one in requests for item in one.inputs}
        found = requests[0].classifier.run(list(distinct.values()), read, exact=True)
        by_ids = dict(zip(distinct, found, strict=True))
        report(sum(one.work for one in requests) - len(distinct))
        return [[by_ids[item.ids, item.type_ids] for item in one.inputs] for one in requests]


def asked(
    classifier: TransformerClassifier,
    encoded: EncodedText,
    words: Sequence[Word],
    present: NDArray[np.bool_],
    removal: Removal,
) -> Asking[NDArray[np.float64]]:
    """The model's logits (inputs, labels) when only some words are there; equal inputs are asked once.

    `present` (inputs, words) says which.
    """
    rows, places = np.unique(present.astype(bool), axis=0, return_inverse=True)
    inputs = [
        without(
            classifier,
            encoded,
            {token for word, there in zip(words, row, strict=True) if not there for token in word.tokens},
            removal,
        )
        for row in rows
    ]
    distinct = {item.ids: item for item in inputs}
    found = yield Answers(classifier, list(distinct.values()))
    by_ids = dict(zip(distinct, found, strict=True))
    return np.array([by_ids[inputs[place].ids] for place in places.ravel()])


def answers(
    classifier: TransformerClassifier,
    encoded: EncodedText,
    words: Sequence[Word],
    present: NDArray[np.bool_],
    removal: Removal,
    *,
    report: Report | None = None,
) -> NDArray[np.float64]:
    """What `asked` asks, of one text. `report` is called with the inputs answered and their number."""
    return alone(asked(classifier, encoded, words, present, removal), report)
