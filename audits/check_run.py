"""A suite of checks in the background: started, watched, cancelled, and its report kept."""

import threading
import time
from dataclasses import dataclass, field

from attacks.answers import Cancelled
from attacks.templates import Suite
from audits import checks
from models.classifier import Classifier


@dataclass(eq=False)
class CheckRun:
    """A suite's way through a model, in a thread of its own.

    `done` of `total` texts are answered (`total` is 0 until they are known). One of `report`, `problem` and
    `stopped` is set at the end, just before `finished`.
    """

    suite: Suite
    model: str
    seed: int
    most: int
    done: int = 0
    total: int = 0
    report: checks.CheckReport | None = None
    problem: Exception | None = None
    stopped: bool = False
    finished: threading.Event = field(default_factory=threading.Event)
    _begun: float = field(default_factory=time.monotonic)
    _cancel: threading.Event = field(default_factory=threading.Event)

    def start(self, classifier: Classifier) -> "CheckRun":
        """Begins, and returns itself."""
        threading.Thread(target=self._run, args=(classifier,), daemon=True).start()
        return self

    def cancel(self) -> None:
        """Stops it at its next question to the model."""
        self._cancel.set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop."""
        return self._cancel.is_set()

    @property
    def seconds_left(self) -> float | None:
        """How long it may still take at the pace so far; None before the first answers."""
        if not self.done:
            return None
        return (time.monotonic() - self._begun) / self.done * (self.total - self.done)

    def _run(self, classifier: Classifier) -> None:
        try:
            self.report = checks.run(
                self.suite,
                classifier,
                model=self.model,
                seed=self.seed,
                most=self.most,
                on_progress=self._count,
                cancelled=self._cancel.is_set,
            )
        except Cancelled:
            self.stopped = True
        except Exception as problem:  # kept for whoever watches: a thread has nobody to raise it to
            self.problem = problem
        self.finished.set()

    def _count(self, done: int, total: int) -> None:
        self.done, self.total = done, total
