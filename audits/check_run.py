"""A suite of checks in the background: its progress, and its report."""

import time
from dataclasses import dataclass, field

from attacks.running import Running
from attacks.templates import Suite
from audits import checks
from models.classifier import Classifier


@dataclass(eq=False)
class CheckRun(Running):
    """A suite's way through a model.

    `done` of `total` texts are answered (`total` is 0 until they are known); `report` is there at the end.
    """

    suite: Suite
    model: str
    seed: int
    most: int
    done: int = 0
    total: int = 0
    report: checks.CheckReport | None = None
    _begun: float = field(default_factory=time.monotonic)

    @property
    def seconds_left(self) -> float | None:
        """How long it may still take at the pace so far; None before the first answers."""
        if not self.done:
            return None
        return (time.monotonic() - self._begun) / self.done * (self.total - self.done)

    def work(self, classifier: Classifier) -> None:
        """Asks the model about every text of the suite."""
        self.report = checks.run(
            self.suite,
            classifier,
            model=self.model,
            seed=self.seed,
            most=self.most,
            on_progress=self._count,
            cancelled=self._cancel.is_set,
        )

    def _count(self, done: int, total: int) -> None:
        self.done, self.total = done, total
