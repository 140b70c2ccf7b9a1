"""The attributions of a data set's texts, each of the answer that the model gives.

Of a model whose labels hold each by itself one label is asked about, as a question of its own: the answer is
that it holds, or that it does not, whose score is the same with the other sign.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analysis.asking import Report
from analysis.attribution import Attribution, AttributionError, Settings, attribute_many
from analysis.words import words_of
from corpora.examples import PAIR_MARK, Example
from corpora.labels import negated
from models.transformer import TransformerClassifier

#: Texts explained together: enough to fill batches of one length, few enough to tell progress by.
_PORTION = 64


@dataclass(frozen=True)
class Gathered:
    """Examples and the attribution of the model's answer to each; `labels` are the model's, or yes and no.

    `left_out` examples have no attribution: their text holds no word, or stood there before.
    """

    labels: tuple[str, ...]
    examples: tuple[Example, ...]
    attributions: tuple[Attribution, ...]
    left_out: int

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which examples the model answers with their own label."""
        pairs = zip(self.examples, self.attributions, strict=True)
        return np.array([self.labels[found.target] == example.label for example, found in pairs], dtype=bool)

    def toward(self, label: int) -> NDArray[np.float64]:
        """For each text what turns its scores into scores for a label: 1, -1, or 0 where it is not weighed.

        Scores tell why the answer rather than the runner-up; with two labels that weighs both everywhere.
        """
        signs = [
            1.0 if found.target == label else -1.0 if found.contrast == label else 0.0
            for found in self.attributions
        ]
        return np.array(signs)

    def records(self) -> Iterator[Mapping[str, str | int | float | bool | None]]:
        """One row a word of each text, everything as plain values; labels by name, `part` 2 in the second
        text of a pair."""
        for example, found, right in zip(self.examples, self.attributions, self.right, strict=True):
            for position, (word, score) in enumerate(zip(found.words, found.word_scores, strict=True)):
                yield {
                    "id": example.id,
                    "label": example.label,
                    "answer": self.labels[found.target],
                    "rather_than": None if found.contrast is None else self.labels[found.contrast],
                    "right": bool(right),
                    "position": position,
                    "part": 1 + (PAIR_MARK in example.text[: word.start]),
                    "word": word.text,
                    "start": word.start,
                    "end": word.end,
                    "score": float(score),
                    "converged": found.converged,
                    "method": found.method,
                    "model_fingerprint": found.fingerprint,
                }


def gather(
    classifier: TransformerClassifier,
    examples: Sequence[Example],
    method: str = "integrated-gradients",
    *,
    about: str | None = None,
    settings: Settings | None = None,
    on_progress: Report | None = None,
) -> Gathered:
    """Explain the model's answer to every text, equal texts once; long texts come first.

    `about` is the label that is asked about, of a model whose labels hold each by itself; the examples are
    then labelled by whether it holds (`corpora.labels.align`). `on_progress` is told (texts explained,
    texts); what it raises stops the work.

    Raises:
        AttributionError: no text holds a word, the method does not work for the model, or the model does not
            know the label.
        ModelError: a text that does not fit the memory.
    """
    target = _label(classifier, about)
    first: dict[str, Example] = {}
    for example in examples:
        first.setdefault(example.text, example)
    distinct = list(first.values())
    encoded = classifier.encode([example.text for example in distinct])
    lengths = {
        index: len(one)
        for index, (one, example) in enumerate(zip(encoded, distinct, strict=True))
        if words_of(one, example.text)
    }
    if not lengths:
        raise AttributionError("There is nothing to explain: no text of the data holds a word.")
    order = sorted(lengths, key=lambda index: (-lengths[index], index))
    found: dict[int, Attribution] = {}
    told = 0
    for start in range(0, len(order), _PORTION):
        portion = order[start : start + _PORTION]

        def report(done: int, planned: int, before: int = start, here: int = len(portion)) -> None:
            nonlocal told  # more steps are planned on the way: what was told stays told
            told = max(told, before + here * done // max(planned, 1))
            if on_progress:
                on_progress(told, len(order))

        texts = [distinct[index].text for index in portion]
        explained = attribute_many(
            classifier, texts, method, target=target, settings=settings, on_progress=report
        )
        if target is not None:
            holds = classifier.logits(texts)[:, target] > 0
            explained = [_as_answer(one, bool(yes)) for one, yes in zip(explained, holds, strict=True)]
        found.update(zip(portion, explained, strict=True))
    return Gathered(
        labels=classifier.labels if about is None else (negated(about), about),
        examples=tuple(distinct[index] for index in sorted(found)),
        attributions=tuple(found[index] for index in sorted(found)),
        left_out=len(examples) - len(found),
    )


def _label(classifier: TransformerClassifier, about: str | None) -> int | None:
    """The number of the label that is asked about; None where the model chooses one."""
    if about is None and classifier.answering == "choice":
        return None
    if about is None or classifier.answering != "several" or about not in classifier.labels:
        asked = "which label holds" if about is None else f"whether {about!r} holds, beside other labels"
        raise AttributionError(f"{classifier.name} is not made to say {asked}. {_instead(classifier)}")
    return classifier.labels.index(about)


def _instead(classifier: TransformerClassifier) -> str:
    if classifier.answering == "several":
        return f"Name one of its labels behind it, such as {classifier.reference}#{classifier.labels[0]}."
    return "Choose a model that is."


def _as_answer(found: Attribution, holds: bool) -> Attribution:
    """An attribution of a label's logit as one of the answer yes (1) over no (0), or of no over yes.

    That a label does not hold has the logit 0, so the difference is the label's own logit, or its negative.
    """
    sign = 1.0 if holds else -1.0
    return replace(
        found,
        target=int(holds),
        contrast=int(not holds),
        quantity="difference",
        token_scores=sign * found.token_scores,
        word_scores=sign * found.word_scores,
        ends=found.ends and (sign * found.ends[0], sign * found.ends[1]),
        delta=None if found.delta is None else sign * found.delta,
    )
