"""One text under one test in the background: started, watched, cancelled, and its result kept."""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from attacks import engine
from attacks.limits import Limits
from attacks.outcome import Outcome
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


@dataclass(slots=True)
class Trial:
    """A trial that runs in a thread of its own.

    `trace` holds the steps so far of a search, under way or ended. One of `outcome`, `problem` and
    `stopped` is set at the end, just before `finished`. Where the text was changed, the attributions
    of both texts follow: `explanation`, or the problem met.
    """

    setting: Setting
    trace: tuple[Step, ...] = ()
    outcome: Outcome | None = None
    problem: Exception | None = None
    stopped: bool = False
    explanation: "tuple[Attribution, Attribution] | Exception | None" = None
    finished: threading.Event = field(default_factory=threading.Event)
    _cancel: threading.Event = field(default_factory=threading.Event)

    def start(self, classifier: "TransformerClassifier") -> "Trial":
        """Begins, and returns itself."""
        threading.Thread(target=self._run, args=(classifier,), daemon=True).start()
        return self

    def cancel(self) -> None:
        """Stops the trial before its next question or transformation."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._cancel.is_set()

    def _run(self, classifier: "TransformerClassifier") -> None:
        try:
            self.outcome = self._attempt(classifier)
        except engine.Cancelled:
            self.stopped = True
        except Exception as problem:  # kept for whoever watches: a thread has nobody to raise it to
            self.problem = problem
        self.finished.set()
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
