"""Something that asks a model in the background: started, watched, cancelled."""

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

from attacks.answers import Cancelled


@dataclass(eq=False)
class Running(ABC):
    """Work in a thread of its own; what it has found so far may be looked at, at any time.

    Where it ended early, `problem` or `stopped` is set, just before `finished`.
    """

    problem: Exception | None = field(default=None, init=False)
    stopped: bool = field(default=False, init=False)
    finished: threading.Event = field(default_factory=threading.Event, init=False)
    _cancel: threading.Event = field(default_factory=threading.Event, init=False)

    def start(self, classifier: Any) -> Self:
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

    @abstractmethod
    def work(self, classifier: Any) -> None:
        """What it does. Raises Cancelled soon after it was cancelled, and whatever stands in its way."""

    def _run(self, classifier: Any) -> None:
        try:
            self.work(classifier)
        except Cancelled:
            self.stopped = True
        except Exception as problem:  # kept for whoever watches: a thread has nobody to raise it to
            self.problem = problem
        self.finished.set()
