"""Stand-ins for a model and its data: quick, deterministic, and easy to work out by hand."""

import contextlib
import hashlib
import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.context import ForkProcess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audits.plan import Plan, make
from audits.rows import Row
from audits.run import run as run_audit
from audits.store import Store
from corpora.examples import Corpus, Example, example_ids

LABELS = ("negative", "positive")
GOOD = ("good", "great", "fine", "lovely")


class KeywordClassifier:
    """Says positive where a good word stands in the text, as it is written in lower case."""

    labels = LABELS
    fingerprint = hashlib.sha256(b"keywords").hexdigest()
    name = "keywords"

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.asked = 0

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """0.9 for the label that the words speak for; `pause` seconds a text."""
        self.asked += len(texts)
        time.sleep(self.pause * len(texts))
        positive = np.array([0.9 if any(word in text.split() for word in GOOD) else 0.2 for text in texts])
        return np.stack([1 - positive, positive], axis=1)


def corpus(count: int = 40) -> Corpus:
    """Sentences of two labels; every tenth label is wrong on purpose."""
    texts, labels = [], []
    for index in range(count):
        positive = index % 2 == 0
        word = GOOD[index // 2 % len(GOOD)] if positive else "dreadful"
        texts.append(f"the number {index} film was {word} from start to end")
        labels.append(LABELS[positive if index % 10 else not positive])
    examples = tuple(map(Example, example_ids(texts), texts, labels))
    return Corpus("films", "double:films", examples, LABELS)


def plan(**changes: object) -> Plan:
    """A small plan: one noise at two severities, drawn once."""
    fields: dict[str, object] = {
        "model": "double:keywords",
        "data": "double:films",
        "tests": "keyboard-typos@1,keyboard-typos@3",
        "seed": 7,
        "seeds": 1,
    }
    return make(**(fields | changes))


def work(audit_id: str, path: Path | str, pause: float = 0.0, count: int = 40, *, join: bool = False) -> None:
    """Runs an audit of the doubles in this process."""
    run_audit(
        audit_id,
        Store(path),
        load_classifier=lambda _: KeywordClassifier(pause),
        load_corpus=lambda *_: corpus(count),
        join=join,
    )


def worker(
    audit_id: str,
    path: Path | str,
    pause: float = 0.0,
    count: int = 40,
    *,
    join: bool = False,
    first: Callable[[], object] = lambda: None,
) -> ForkProcess:
    """The same in a process of its own, for tests that kill it; `first` is called there before all else."""

    def run() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        first()
        with contextlib.suppress(ValueError):  # kept on the audit
            work(audit_id, path, pause, count, join=join)

    process = multiprocessing.get_context("fork").Process(target=run)  # nothing has to be imported anew
    process.start()
    return process


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Waits for what another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def rows_of(store: Store, audit_id: str) -> list[Row]:
    """An audit's rows without the time they took."""
    return [replace(row, seconds=0.0) for row in store.rows(audit_id)]
