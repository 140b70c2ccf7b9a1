"""One slow computation in a thread of its own: started, watched, given up."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cancelled(Exception):
    """Raised inside of a computation that was cancelled, at its next report of progress."""


class Job(Generic[T]):
    """A computation that runs at once; anyone may look at it at any time.

    `done` and `total` count its work as far as it has said. When `finished`, one of `result`, `problem`
    and `cancelled` is set.
    """

    def __init__(self, work: Callable[[Callable[[int, int], None]], T]):
        """`work` gets the function to report (done, total) to, and returns the result."""
        self.done, self.total = 0, 0
        self.result: T | None = None
        self.problem: Exception | None = None
        self._work: Callable[[Callable[[int, int], None]], T] | None = work
        self._asked_to_stop = threading.Event()
        self._finished = threading.Event()
        self._started = time.monotonic()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def finished(self) -> bool:
        """Whether it has come to an end, whichever."""
        return self._finished.is_set()

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop before it had a result."""
        return self._asked_to_stop.is_set() and self.result is None

    @property
    def seconds(self) -> float:
        """How long ago it began."""
        return time.monotonic() - self._started

    def cancel(self) -> None:
        """Stop at the next report of progress."""
        self._asked_to_stop.set()

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; whether it has finished."""
        return self._finished.wait(seconds)

    def _run(self) -> None:
        assert self._work is not None
        try:
            self.result = self._work(self._report)
        except Cancelled:
            pass
        except Exception as problem:  # kept for whoever watches: a thread has nobody to raise it to
            self.problem = problem
        finally:
            self._work = None  # it may hold a model, and the job is kept for its result
            self._finished.set()

    def _report(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self._asked_to_stop.is_set():
            raise Cancelled
