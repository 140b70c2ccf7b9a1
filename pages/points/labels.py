"""What is told of each text where a model chooses labels: its own, the answer, and who lies beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from corpora.examples import Corpus
from views import layers as sentences
from views.charts.projection import Amounts, Categories
from views.explanation import label
from views.numbers import grouped, percent, rate


@dataclass(frozen=True)
class Labels:
    """The labels of a data set's texts and a model's answers to them; `probabilities` is (texts, labels)."""

    #: What points can be coloured by; and what no layer changes, as categories.
    COLOURS: ClassVar = ("label", "prediction", "correctness", "confidence", "errors nearby")
    LASTING: ClassVar = ("label", "prediction", "correctness")

    corpus: Corpus
    labels: tuple[str, ...]
    probabilities: NDArray[np.float64]

    @cached_property
    def targets(self) -> NDArray[np.intp]:
        """Each text's own label, as a number."""
        return np.asarray(self.corpus.targets, np.intp)

    @cached_property
    def predicted(self) -> NDArray[np.intp]:
        """Each text's most probable label."""
        return self.probabilities.argmax(1)

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which texts the model answers wrongly."""
        return self.predicted != self.targets

    @property
    def off(self) -> NDArray[np.bool_]:
        """How far each answer is off: wrong or not."""
        return self.wrong

    def vote(self, near: NDArray[np.integer] | None) -> NDArray[np.intp]:
        """The label that most of each text's neighbours (texts, neighbours) carry; -1 where it has none."""
        from analysis.embeddings import label_votes

        if near is None:
            return np.full(len(self.targets), -1, np.intp)
        return label_votes(near, self.targets)

    def colouring(self, colour: str, errors: NDArray[np.floating] | None) -> Categories | Amounts:
        """What the points' colours stand for; `errors` is the share of wrong answers among the neighbours."""
        if colour == "confidence":
            return Amounts("Confidence", self.probabilities.max(1), low=1 / len(self.labels))
        if colour == "errors nearby" and errors is not None:
            return Amounts("Errors nearby", errors, high=max(float(errors.max(initial=0)), 0.01))
        if colour in ("correctness", "errors nearby"):
            answers = np.where(self.wrong, "wrong", "right")
            return Categories("Answer", answers.tolist(), order=("right",), failures=("wrong",))
        if colour == "prediction":
            return Categories("Prediction", [self.labels[index] for index in self.predicted], self.labels)
        return Categories("Label", [example.label for example in self.corpus.examples], self.labels)

    def headline(self, place: str, votes: NDArray[np.intp]) -> str:
        """How many texts lie among their own kind, as HTML; `place` begins the sentence."""
        from audits.statistics import accuracy

        own = accuracy(votes == self.targets)
        share = rate(own.value, own.low, own.high, own.count)
        sentence = f"{place}, <b>{share}</b> of the texts lie among texts of their own label"
        wrong = int(self.wrong.sum())
        if wrong:
            astray = int((self.wrong & (votes != self.targets)).sum())
            answers, do = "answer" if wrong == 1 else "answers", "does" if astray == 1 else "do"
            sentence += (
                f"; of the model’s {grouped(wrong)} wrong {answers}, <b>{grouped(astray)}</b> {do} not"
            )
        return f"{sentence}."

    def note(self, neighbours: int, width: int, votes: NDArray[np.intp]) -> str:
        """What the headline means."""
        commonest = float(np.bincount(self.targets).max() / len(self.targets))
        return (
            f"Among: most of a text’s {neighbours} nearest neighbours carry its label "
            f"(in all {grouped(width)} dimensions, the text itself left out). "
            f"Always guessing the commonest label would be right for {percent(commonest)}."
        )

    def among(self, near: NDArray[np.integer]) -> str:
        """What the texts numbered `near` have in common, as HTML."""
        votes = np.bincount(self.targets[near], minlength=len(self.labels))
        most = label(self.labels[int(votes.argmax())], 40)
        return f"among <b>{most}</b> ({votes.max()} of its {len(near)} nearest)"

    def answer(self, probabilities: NDArray[np.floating]) -> str:
        """The model's answer (labels,) to one more text, as HTML."""
        return f"answers <b>{label(self.labels[int(probabilities.argmax())], 40)}</b>"

    @property
    def worth_reading(self) -> tuple[list[int], str]:
        """The rows that a reader wants first, and what they are."""
        rows = np.flatnonzero(self.wrong).tolist()
        return rows, f"{grouped(len(rows))} wrong answer{'s' * (len(rows) > 1)}"

    #: How the numbers of `table` are written.
    formats: ClassVar = {"Confidence": "%.1f %%"}

    def table(self, rows: Sequence[int]) -> dict[str, list[object]]:
        """Columns about some rows, to read; the confidence in percent."""
        return {
            "Label": [self.corpus.examples[row].label for row in rows],
            "Prediction": [self.labels[self.predicted[row]] for row in rows],
            "Confidence": [100 * float(self.probabilities[row].max()) for row in rows],
        }

    def record(
        self, row: int, votes: NDArray[np.intp] | None, errors: NDArray[np.floating] | None
    ) -> dict[str, object]:
        """One row for a file, with what its neighbours say where that is known."""
        return {
            "label": self.corpus.examples[row].label,
            "prediction": self.labels[self.predicted[row]],
            "confidence": float(self.probabilities[row].max()),
            "neighbours_label": None if votes is None else self.labels[votes[row]],
            "errors_nearby": None if errors is None else float(errors[row]),
        }

    def gathered(self, votes: NDArray[np.intp]) -> str:
        """At which layer texts lie most among their own label; `votes` is (layers + 1, texts)."""
        from audits.statistics import accuracy

        shares = [accuracy(own == self.targets) for own in votes]
        best = max(range(len(shares)), key=lambda layer: shares[layer].value)
        most = shares[best]
        among = rate(most.value, most.low, most.high, most.count)
        return sentences.gathered(best, among, percent(shares[0].value))

    #: What `worth` is a share of.
    worth_name: ClassVar = "texts among their own label"

    def worth(self, votes: NDArray[np.intp]) -> float:
        """The share of the texts that lie among their own label."""
        return float((votes == self.targets).mean())

    def worth_told(self, votes: NDArray[np.intp]) -> str:
        """The same in a few words."""
        return f"{percent(self.worth(votes), 0)} of the texts lie among their own label"
