"""The attributions of a data set's texts, each of the answer that the model gives.

Of a model whose labels hold each by itself one label is asked about, as a question of its own: the answer is
that it holds, or that it does not, whose score is the same with the other sign. A number has two sides as
well: what raises it speaks for a higher value, what lowers it for a lower one.
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
    """Examples and the attribution of the model's answer to each.

    `labels` are what words speak for: the model's labels, or no and yes, or a lower and a higher value;
    scores of a number are for the higher one, always. `values` (texts,) are the numbers that the model gives,
    in their own unit; None where it gives labels. `left_out` examples have no attribution: their text holds
    no word, or stood there before.
    """

    labels: tuple[str, ...]
    examples: tuple[Example, ...]
    attributions: tuple[Attribution, ...]
    left_out: int
    values: NDArray[np.float64] | None = None

    @cached_property
    def errors(self) -> NDArray[np.float64]:
        """By how much each value lies above the given one, (texts,); empty where the model gives labels."""
        if self.values is None:
            return np.empty(0)
        return self.values - np.array([float(example.label) for example in self.examples])

    @cached_property
    def typical_error(self) -> float:
        """The median of how far the values are off, in their unit; 0 where the model gives labels."""
        return float(np.median(np.abs(self.errors))) if self.errors.size else 0.0

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Which examples get their own label, or a value that is off by the typical error at most."""
        if self.values is not None:
            return np.abs(self.errors) <= self.typical_error
        pairs = zip(self.examples, self.attributions, strict=True)
        return np.array([self.labels[found.target] == example.label for example, found in pairs], dtype=bool)

    @cached_property
    def answered(self) -> Mapping[str, NDArray[np.bool_]]:
        """Which texts are answered "right" and "wrong"; wrong values are too "high" or "low" as well."""
        kinds = {"right": self.right, "wrong": ~self.right}
        if self.values is not None:
            kinds |= {"high": ~self.right & (self.errors > 0), "low": ~self.right & (self.errors < 0)}
        return kinds

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
        """One row a word of each text, everything as plain values; `part` is 2 in the second text of a pair.

        `label` and `answer` are what was given and what the model gives, by name or as numbers; a positive
        score is for what `speaks_for` names.
        """
        for index, (example, found) in enumerate(zip(self.examples, self.attributions, strict=True)):
            number = None if self.values is None else float(self.values[index])
            for position, (word, score) in enumerate(zip(found.words, found.word_scores, strict=True)):
                yield {
                    "id": example.id,
                    "label": example.label if number is None else float(example.label),
                    "answer": self.labels[found.target] if number is None else number,
                    "speaks_for": self.labels[found.target],
                    "rather_than": None if found.contrast is None else self.labels[found.contrast],
                    "right": bool(self.right[index]),
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
    then labelled by whether it holds (`corpora.labels.align`). Of a model that gives several numbers it is
    one of these, and the examples are labelled by it, as it is written. `on_progress` is told (texts
    explained, texts); what it raises stops the work.

    Raises:
        AttributionError: no text holds a word, the method does not work for the model, or the model does not
            know the label or value.
        ModelError: a text that does not fit the memory.
    """
    target, is_number = _label(classifier, about), classifier.answering == "number"
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
    values: dict[int, float] = {}
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
            own = classifier.logits(texts)[:, target].tolist()
            values.update(zip(portion, own, strict=True))
            explained = [
                _as_answer(one, is_number or logit > 0) for one, logit in zip(explained, own, strict=True)
            ]
        found.update(zip(portion, explained, strict=True))
    return Gathered(
        labels=_sides(classifier, target),
        examples=tuple(distinct[index] for index in sorted(found)),
        attributions=tuple(found[index] for index in sorted(found)),
        left_out=len(examples) - len(found),
        values=np.array([values[index] for index in sorted(found)]) if is_number else None,
    )


def _label(classifier: TransformerClassifier, about: str | None) -> int | None:
    """The place of the label or value that is asked about; None where the model chooses a label."""
    if about is None and classifier.answering == "choice":
        return None
    if about is None and classifier.answering == "number" and len(classifier.labels) == 1:
        return 0
    if about is None or classifier.answering == "choice" or about not in classifier.labels:
        asked = "which label holds" if about is None else f"whether {about!r} holds, beside other labels"
        if classifier.answering == "number":
            asked = "one number alone" if about is None else f"how large {about!r} is"
        raise AttributionError(f"{classifier.name} is not made to say {asked}. {_instead(classifier)}")
    return classifier.labels.index(about)


def _sides(classifier: TransformerClassifier, target: int | None) -> tuple[str, ...]:
    """What words speak for: a label each, or against and for the one that is asked about."""
    if target is None:
        return classifier.labels
    name = classifier.labels[target]
    if classifier.answering == "number":
        return f"a lower {name}", f"a higher {name}"
    return negated(name), name


def _instead(classifier: TransformerClassifier) -> str:
    if classifier.answering == "several":
        return f"Name one of its labels behind it, such as {classifier.reference}#{classifier.labels[0]}."
    if classifier.answering == "number":
        return f"Ask about one of its values: {', '.join(classifier.labels)}."
    return "Choose a model that is."


def _as_answer(found: Attribution, holds: bool) -> Attribution:
    """An attribution of a label's logit as one of the answer yes (1) over no (0), or of no over yes.

    That a label does not hold has the logit 0, so the difference is the label's own logit, or its negative.
    One of a value, to which yes means a higher one, stays one of a value.
    """
    sign = 1.0 if holds else -1.0
    return replace(
        found,
        target=int(holds),
        contrast=int(not holds),
        quantity="value" if found.quantity == "value" else "difference",
        token_scores=sign * found.token_scores,
        word_scores=sign * found.word_scores,
        ends=found.ends and (sign * found.ends[0], sign * found.ends[1]),
        delta=None if found.delta is None else sign * found.delta,
    )
