"""Many searches at once, each as if it were alone.

A search proposes texts, asks a model, decides, proposes again: one after the other they leave the
model idle or fed with crumbs. Here every search is a greenlet. One that asks, be it the classifier or
the sentence encoder, is parked until all the others have asked too; then one call to each of the two
answers them all.

TextAttack and SciPy draw from the process's global random states (Python's, NumPy's, Torch's). Each
search therefore gets states of its own, put in place while it runs and taken out when it parks. What
a search finds does not depend on its neighbours, and the process's own states stay as they were.
"""

import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from greenlet import greenlet
from numpy.typing import NDArray

from attacks.answers import Answer, Oracle, Oracles
from attacks.outcome import Outcome
from attacks.search import Search

#: Only one search in the process may hold the global random states at a time, whatever its thread.
_states_lock = threading.Lock()


@dataclass(slots=True)
class RandomStates:
    """One value for each of the three global random states."""

    python: Any
    numpy: Any
    torch: Any

    @classmethod
    def seeded(cls, seed: int) -> "RandomStates":
        """The states as `textattack.shared.utils.set_seed(seed)` leaves them."""
        import torch

        return cls(
            random.Random(seed).getstate(),
            np.random.RandomState(seed).get_state(),
            torch.Generator().manual_seed(seed).get_state(),
        )

    @classmethod
    def current(cls) -> "RandomStates":
        """The process's states now."""
        import torch

        return cls(random.getstate(), np.random.get_state(), torch.get_rng_state())

    def put_in_place(self) -> None:
        """Makes these the process's states."""
        import torch

        random.setstate(self.python)
        np.random.set_state(self.numpy)
        torch.set_rng_state(self.torch)


@dataclass(frozen=True, slots=True)
class _Question:
    """Texts that a parked search wants to be answered, and by whom."""

    oracle: Oracle
    texts: Sequence[str]


class _Running:
    """A search in its greenlet: runs until it asks or ends."""

    def __init__(self, search: Search, seed: int) -> None:
        self.search = search
        self.question: _Question
        self.outcome: Outcome | None = None
        self._states = RandomStates.seeded(seed)
        self._greenlet = greenlet(lambda: search(self._ask))
        self._hub = greenlet.getcurrent()

    def _ask(self, oracle: Oracle, texts: Sequence[str]) -> list[NDArray[Any]]:
        """Called by the search, inside its greenlet: parks it until the texts are answered."""
        rows = []
        answered: dict[str, Answer] = self._hub.switch(_Question(oracle, texts))
        for text in texts:
            row = answered[text]
            if isinstance(row, Exception):
                raise row
            rows.append(row)
        return rows

    def proceed(self, answered: dict[str, Answer] | None = None) -> None:
        """Lets the search run on, with the answers it waited for, to its next question or its end."""
        with _states_lock:
            outside = RandomStates.current()
            self._states.put_in_place()
            try:
                told = self._greenlet.switch() if answered is None else self._greenlet.switch(answered)
            finally:
                self._states = RandomStates.current()
                outside.put_in_place()
        if self._greenlet.dead:
            self.outcome = told
        else:
            self.question = told

    def stop(self) -> None:
        """Ends the search where it stands, so that what it holds is freed."""
        if not self._greenlet.dead:
            self._greenlet.throw()


def run(
    searches: Iterable[Search],
    oracles: Oracles,
    *,
    seed: int,
    concurrency: int,
    on_step: Callable[[int, Search], None],
) -> Iterator[tuple[int, Outcome]]:
    """Runs the searches, up to `concurrency` side by side; yields each outcome as it comes.

    A search is taken from `searches` when its turn comes, and let go when it has ended.
    `on_step(index, search)` is called whenever one has worked with the answers it got. Raises
    Cancelled where `oracles` say so, before every question and every stretch of a search.
    """
    waiting: dict[int, _Running] = {}
    upcoming = iter(enumerate(searches))
    try:
        while True:
            while len(waiting) < concurrency and (following := next(upcoming, None)):
                index, search = following
                waiting[index] = _Running(search, seed)
                oracles.check()
                waiting[index].proceed()
            if not waiting:
                return
            answered = _answered(running.question for running in waiting.values())
            for index, running in list(waiting.items()):
                oracles.check()
                running.proceed(answered[running.question.oracle])
                on_step(index, running.search)
                if running.outcome is not None:
                    del waiting[index]
                    yield index, running.outcome
    finally:
        for running in waiting.values():
            running.stop()


def _answered(questions: Iterable[_Question]) -> dict[Oracle, dict[str, Answer]]:
    """Every oracle's answers to all that it is asked, in one go each."""
    asked: dict[Oracle, list[str]] = {}
    for question in questions:
        asked.setdefault(question.oracle, []).extend(question.texts)
    return {oracle: oracle(texts) for oracle, texts in asked.items()}
