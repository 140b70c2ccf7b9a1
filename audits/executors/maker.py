"""What a worker on a cluster does: it holds one model and makes rows. It knows no store and no Ray."""

import platform
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from audits import costs
from audits.costs import Cost
from audits.plan import Plan
from audits.provenance import environment
from audits.rows import Row
from audits.store import Store
from audits.tables import Audit
from audits.work import Chunk, Work
from corpora.examples import Example
from models.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Described:
    """A worker's model as the audit's record needs it: what stands in for it where it is not loaded.

    `environment` are the versions and the hardware of the worker, `host` the name of its machine.
    """

    name: str
    fingerprint: str
    labels: tuple[str, ...]
    environment: Mapping[str, str]
    host: str

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """No answer: the model is elsewhere."""
        raise NotImplementedError("this model is held by a worker")


class Maker:
    """One copy of the model, on one device, and the chunks that it is asked for, one at a time."""

    def __init__(self, plan: Plan, load: Callable[[Plan], Classifier]) -> None:
        """Nothing is loaded before `open`, whose errors can be told."""
        self._plan, self._load = plan, load

    def open(self) -> Described:
        """Loads the model and says what it is. Raises ModelError."""
        # Ray hands each worker its own card, which the worker sees as the first.
        on_card = self._plan.device.startswith("cuda:")
        plan = self._plan.model_copy(update={"device": "cuda"}) if on_card else self._plan
        self._classifier = self._load(plan)
        return Described(
            getattr(self._classifier, "name", plan.model),
            self._classifier.fingerprint,
            tuple(self._classifier.labels),
            environment(self._classifier),
            platform.node(),
        )

    def begin(self, sent: tuple[Audit, Sequence[Example]]) -> None:
        """Takes the audit and its sample."""
        audit, examples = sent
        rows = _Rows()
        self._rows = rows
        self._work = Work(
            cast(Store, rows), audit, "", self._classifier, examples, lambda: False, lambda: None
        )

    def cost(self) -> Cost | None:
        """What the model costs here, on the audit's own texts."""
        from models.batching import one_thread

        with one_thread():
            return costs.measure(self._classifier, [one.text for one in self._work.examples], lambda: False)

    def make(self, chunk: Chunk) -> Iterator[list[Row]]:
        """Makes one chunk (of `Work.missing`) and yields its rows as they are made.

        What goes wrong is raised after the rows before it.
        """
        from models.batching import one_thread

        def make() -> None:
            problem = None
            try:
                with one_thread():
                    self._work.make(chunk)
            except Exception as error:
                problem = error
            self._rows.made.put(problem)

        threading.Thread(target=make, daemon=True).start()
        while isinstance(rows := self._rows.made.get(), list):
            yield rows
        if rows is not None:
            raise rows


class _Rows:
    """Stands where `Work` sees its store: rows are kept until they are sent."""

    def __init__(self) -> None:
        #: Rows, and after a chunk's last ones None or what went wrong.
        self.made: queue.SimpleQueue[list[Row] | Exception | None] = queue.SimpleQueue()

    def add(self, _audit_id: str, rows: Sequence[Row]) -> None:
        """Takes rows to send."""
        if rows:
            self.made.put(list(rows))
