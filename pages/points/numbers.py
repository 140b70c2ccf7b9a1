"""What is told of each text where a model gives numbers: the value given, the model's, the neighbours'."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from corpora.examples import Corpus
from views import layers as sentences
from views.charts.projection import Amounts
from views.explanation import label
from views.numbers import between, grouped, percent, plain_number, rate

#: So many of the largest errors are one click away.
FURTHEST = 20


@dataclass(frozen=True)
class Numbers:
    """The numbers that a data set gives its texts, and a model's: `answers` is (texts, values).

    `value` is the number of the value, of those that the model gives, that is held against the data's; `name`
    is what the model calls it.
    """

    #: What points can be coloured by; and what no layer changes.
    COLOURS: ClassVar = ("value given", "model value", "error", "errors nearby")
    LASTING: ClassVar = ("value given", "model value", "error")

    corpus: Corpus
    answers: NDArray[np.float64]
    value: int
    name: str = "value"
    #: No number is right or wrong.
    wrong: ClassVar = None

    @cached_property
    def targets(self) -> NDArray[np.float64]:
        """Each text's own number."""
        return np.array([float(example.label) for example in self.corpus.examples])

    @property
    def predicted(self) -> NDArray[np.float64]:
        """The model's number for each text."""
        return self.answers[:, self.value]

    @property
    def alike(self) -> bool:
        """Whether all texts have the same number."""
        return not np.ptp(self.targets)

    @property
    def off(self) -> NDArray[np.float64]:
        """How far each answer is off, in the values' own unit."""
        return np.abs(self.predicted - self.targets)

    def vote(self, near: NDArray[np.integer] | None) -> NDArray[np.float64]:
        """The mean number of each text's neighbours (texts, neighbours); where it has none, of all others."""
        from analysis.embeddings.neighbours import mean_of_others, neighbours_mean

        return mean_of_others(self.targets) if near is None else neighbours_mean(near, self.targets)

    def colouring(self, colour: str, errors: NDArray[np.floating] | None) -> Amounts:
        """What the points' colours stand for; `errors` is how far the neighbours' answers are off."""
        if colour == "error":
            most = float(self.off.max(initial=0))
            difference = self.predicted - self.targets
            return Amounts(
                f"Error of {self.name} (model − given)", difference, -most, most, kind="difference"
            )
        if colour == "errors nearby":
            size, title = (self.off, "Size of error") if errors is None else (errors, "Size of errors nearby")
            return Amounts(title, size, 0.0, float(size.max(initial=0)), kind="number")
        # One scale for both, so that one picture can be read beside the other.
        both = np.concatenate([self.targets, self.predicted])
        ends = float(both.min()), float(both.max())
        if colour == "model value":
            return Amounts(f"Model’s {self.name}", self.predicted, *ends, kind="number")
        return Amounts("Value given", self.targets, *ends, kind="number")

    def headline(self, place: str, votes: NDArray[np.float64]) -> str:
        """How near the neighbours' mean comes to a text's own value, as HTML; `place` begins the sentence."""
        from analysis.embeddings.neighbours import mean_of_others
        from audits.statistics import average

        if self.alike:
            value = plain_number(float(self.targets[0]))
            return f"All texts are given <b>{value}</b>: there is nothing for neighbours to tell."
        guess = np.abs(mean_of_others(self.targets) - self.targets)
        near = np.abs(votes - self.targets)
        own, gain = average(near), average(guess - near, scale="plain")
        told = f"{between(own.value, own.low, own.high)}, n = {grouped(own.count)}"
        model = f"the model itself is off by {plain_number(float(self.off.mean()))}"
        mean = plain_number(float(guess.mean()))
        if gain.low <= 0:
            return (
                f"{place}, a text’s neighbours tell its value not measurably better than all texts do: their "
                f"mean is off by <b>{told}</b> on average, the mean of all by {mean}; {model}."
            )
        return (
            f"{place}, the mean value of a text’s neighbours is off by <b>{told}</b> on average, "
            f"the mean of all texts by {mean}; {model}."
        )

    def note(self, neighbours: int, width: int, votes: NDArray[np.float64]) -> str:
        """What the headline means."""
        from audits.statistics import variance_explained

        said = (
            f"Neighbours: a text’s {neighbours} nearest (in all {grouped(width)} dimensions, the text itself "
            "left out)."
        )
        if self.alike:
            return said
        share = variance_explained(self.targets, votes)
        return (
            f"{said} R² of their mean: {between(share.value, share.low, share.high)}; 1 would be all of the "
            "values’ variance, 0 is what the mean of all texts is worth."
        )

    def among(self, near: NDArray[np.integer]) -> str:
        """What the texts numbered `near` have in common, as HTML."""
        mean = float(self.targets[near].mean())
        return f"among texts of <b>{plain_number(mean)}</b> on average (its {len(near)} nearest)"

    def answer(self, answers: NDArray[np.floating]) -> str:
        """The model's answer (values,) to one more text, as HTML."""
        return f"gives <b>{plain_number(float(answers[self.value]))}</b>"

    @property
    def worth_reading(self) -> tuple[list[int], str]:
        """The rows that a reader wants first, and what they are."""
        rows = np.argsort(-self.off, kind="stable")[:FURTHEST]
        far = [int(row) for row in rows if self.off[row] > 0]
        return far, f"{len(far)} largest error{'s' * (len(far) > 1)}"

    #: How the numbers of `table` are written.
    formats: ClassVar = dict.fromkeys(("Given", "Model", "Error"), "%.4g")

    def table(self, rows: Sequence[int]) -> dict[str, list[object]]:
        """Columns about some rows, to read."""
        return {
            "Given": [float(self.targets[row]) for row in rows],
            "Model": [float(self.predicted[row]) for row in rows],
            "Error": [float(self.predicted[row] - self.targets[row]) for row in rows],
        }

    def record(
        self, row: int, votes: NDArray[np.float64] | None, errors: NDArray[np.floating] | None
    ) -> dict[str, object]:
        """One row for a file, with what its neighbours say where that is known."""
        return {
            "given": float(self.targets[row]),
            "model": float(self.predicted[row]),
            "error": float(self.predicted[row] - self.targets[row]),
            "neighbours_mean": None if votes is None else float(votes[row]),
            "errors_nearby": None if errors is None else float(errors[row]),
        }

    def gathered(self, votes: NDArray[np.float64]) -> str:
        """At which layer the neighbours know a text's value best; `votes` is (layers + 1, texts)."""
        from audits.statistics import variance_explained

        if self.alike:
            return self.headline("", self.targets)
        found = [variance_explained(self.targets, own) for own in votes]
        best = max(range(len(found)), key=lambda layer: found[layer].value)
        one = found[best]
        if one.low <= 0:
            return "At no layer do a text’s neighbours tell its value measurably better than all texts do."
        share = rate(one.value, one.low, one.high, one.count)
        return sentences.told_by_neighbours(best, share, percent(max(found[0].value, 0.0)))

    #: What `worth` is a share of.
    worth_name: ClassVar = "values told by the neighbours (R²)"

    def worth(self, votes: NDArray[np.float64]) -> float:
        """R² of the neighbours' mean; 0 where the mean of all would do better."""
        from audits.statistics import variance_explained

        return 0.0 if self.alike else max(variance_explained(self.targets, votes).value, 0.0)

    def worth_told(self, votes: NDArray[np.float64]) -> str:
        """The same in a few words."""
        return f"the neighbours’ mean explains {percent(self.worth(votes), 0)} of the values’ variance"


@dataclass(frozen=True)
class Shift:
    """A number of the model, so named, for each text before and after its change."""

    name: str
    before: NDArray[np.float64]
    after: NDArray[np.float64]

    @property
    def size(self) -> NDArray[np.float64]:
        """How far it moved, up being positive."""
        return self.after - self.before

    def told(self) -> str:
        """The sentence about all texts, from its verb on, as HTML."""
        from audits.statistics import average

        far, up = average(np.abs(self.size)), int((self.size > 0).sum())
        return (
            f"moves the model’s {label(self.name, 40)} by <b>{between(far.value, far.low, far.high)}, n = "
            f"{far.count}</b> on average: up in {up} texts, down in {int((self.size < 0).sum())}, at most by "
            f"{plain_number(float(np.abs(self.size).max()))}"
        )

    def amounts(self) -> Amounts:
        """How far each moved, to colour by."""
        most = float(np.abs(self.size).max())
        return Amounts(f"Change of {self.name}", self.size, -most, most, kind="difference")
