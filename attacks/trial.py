"""One text under one test in the background: its search so far, and its result."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attacks import engine
from attacks.limits import Limits
from attacks.outcome import Outcome
from attacks.running import Running
from attacks.trace import Step

if TYPE_CHECKING:
    from analysis.attribution import Attribution
    from models.transformer import TransformerClassifier


@dataclass(frozen=True, slots=True)
class Setting:
    """Everything that decides a trial's result. `model` is the classifier's fingerprint."""

    model: str
    text: str
    target: int
    test: str
    severity: int | None
    seed: int
    limits: Limits


@dataclass(eq=False)
class Trial(Running):
    """An attempt on one text.

    `trace` holds the steps so far of a search, under way or ended; `outcome` is there when it has finished.
    Where the text was changed, the attributions of both texts follow: `explanation`, or the problem met.
    """

    setting: Setting
    trace: tuple[Step, ...] = ()
    outcome: Outcome | None = None
    explanation: "tuple[Attribution, Attribution] | Exception | None" = None

    def work(self, classifier: "TransformerClassifier") -> None:
        """Makes the attempt."""
        self.outcome = self._attempt(classifier)

    def _run(self, classifier: "TransformerClassifier") -> None:
        super()._run(classifier)
        if self.outcome is None or self.outcome.perturbed == self.outcome.text:
            return
        try:
            self.explanation = explain(classifier, self.outcome)
        except Exception as problem:
            self.explanation = problem

    def _attempt(self, classifier: "TransformerClassifier") -> Outcome:
        wanted = self.setting
        return engine.run(
            wanted.test,
            wanted.severity,
            classifier,
            [wanted.text],
            [wanted.target],
            seed=wanted.seed,
            limits=wanted.limits,
            on_step=self._watch,
            cancelled=self._cancel.is_set,
        )[0]

    def _watch(self, index: int, steps: tuple[Step, ...]) -> None:
        self.trace = steps


def explain(classifier: "TransformerClassifier", outcome: Outcome) -> "tuple[Attribution, Attribution]":
    """Integrated gradients of the text before and after, for one question, so that they compare.

    The question is why the model gives its first answer rather than its last (or, where the answer
    stayed, than the runner-up). Raises what `attribute` raises.
    """
    from analysis.attribution import attribute

    before, after = np.array(outcome.probabilities_before), np.array(outcome.probabilities_after)
    target, contrast = int(before.argmax()), int(after.argmax())
    if contrast == target:
        contrast = int(before.argsort()[-2])
    first, second = (
        attribute(classifier, text, target=target, contrast=contrast)
        for text in (outcome.text, outcome.perturbed)
    )
    return first, second
