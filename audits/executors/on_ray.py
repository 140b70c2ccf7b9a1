"""Rows made by the workers of a Ray cluster.

The workers compute and nothing else: each holds one copy of the model on one device, gets the sample once and
sends rows back as they are made. This process alone reads the data and writes the store. So a SQLite file
serves any cluster, no address with a password leaves this machine, and what a worker has not sent when it is
killed is all that its death costs. Each chunk that a worker is on is leased in the store, as every other
worker's is: processes elsewhere may be on the same audit.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from attacks.engine import Cancelled
from audits.executors import ExecutorError
from audits.executors.maker import Described, Maker
from audits.plan import Plan
from audits.provenance import CODE, PACKAGES, RESOURCES
from audits.rows import Row
from audits.store import Store
from audits.tables import Audit
from audits.work import LOOK_AGAIN, Chunk, Work, prepare
from corpora.examples import Corpus
from models.classifier import Classifier, ModelError

#: Seconds in which at least one worker has to stand ready.
PATIENCE = 600.0

#: How often a chunk, or a start, may cost its worker's life before the run is given up.
DEATHS = 3

#: Seconds until a cluster's head that does not answer counts as gone.
ANSWERS_WITHIN = 10.0

#: What has to be alike on all workers, for a row hangs on it.
ALIKE = ("assay", "python", *PACKAGES, *RESOURCES, "dtype")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A Ray cluster and how many workers are wanted there. Without an address one is started, for the run.

    `address` is a running cluster's HOST:PORT as seen from one of its machines, or `auto`.
    """

    workers: int = 1
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """An audit whose rows a cluster makes: all but the cluster itself.

    `leases` begins with the one that this process has on the audit; others join it, one a busy worker.
    """

    audit_id: str
    store: Store
    leases: list[str]
    load_classifier: Callable[[Plan], Classifier]
    load_corpus: Callable[[Plan, Classifier], Corpus]
    stopping: Callable[[], bool]
    on_rows: Callable[[], object]


def run(asked: Run, cluster: Cluster) -> None:
    """Makes the rows that an audit lacks. Raises Cancelled soon after `stopping` says so; ExecutorError."""
    with connected(cluster) as ray:
        workers = _Workers(ray, asked, cluster)
        try:
            workers.run()
        finally:
            workers.dismiss()


@contextmanager
def connected(cluster: Cluster) -> Iterator[ModuleType]:
    """Ray's module, connected. A connection that is there already is used and kept. Raises ExecutorError."""
    if cluster.address and "://" in cluster.address:
        raise ExecutorError(
            f"address: {cluster.address} is for Ray's client. Run this on a machine of the cluster and "
            "give its HOST:PORT, such as 10.0.0.5:6379, or auto."
        )
    if cluster.address:
        _knock(cluster.address)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anyone outside
    try:
        with _our_sigterm():
            import ray
    except ImportError:
        raise ExecutorError(
            "Ray is not installed here. `pip install -r requirements-ray.txt` installs it, here and on every "
            "machine of the cluster; `--workers` without `--executor ray` needs nothing."
        ) from None
    if ray.is_initialized():
        yield ray
        return
    root = Path(__file__).parents[2]
    options: dict[str, Any]
    if cluster.address:
        # The same code everywhere, whatever lies on those machines.
        options = {
            "address": cluster.address,
            "runtime_env": {"py_modules": [str(root / name) for name in CODE]},
        }
    else:
        path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
        options = {
            "address": "local",
            "num_cpus": cluster.workers,
            "include_dashboard": False,
            "runtime_env": {"env_vars": {"PYTHONPATH": path}},
        }
    try:
        with _our_sigterm():
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except (ConnectionError, RuntimeError, ValueError, TimeoutError, ray.exceptions.RayError) as problem:
        where = f"The Ray cluster at {cluster.address}" if cluster.address else "Ray"
        cause = " ".join(str(problem).split())
        raise ExecutorError(
            f"{where} cannot be reached: {cause} `ray status` says whether it runs; its machines need the "
            f"Python and the Ray ({ray.__version__}) of this one. Where it asks for a token, set "
            "RAY_AUTH_MODE=token; `ray get-auth-token` shows this machine's."
        ) from None
    try:
        yield ray
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises ExecutorError where nobody answers: Ray itself would go on trying for a quarter of an hour."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        return  # `auto`, or what Ray has to say no to
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWERS_WITHIN).close()
    except (OSError, OverflowError) as problem:
        raise ExecutorError(
            f"Nobody answers at {address} ({problem}). `ray status` on a machine of the cluster says whether "
            "it runs and where; `--address auto` finds the one that this machine belongs to."
        ) from None


@contextmanager
def _our_sigterm() -> Iterator[None]:
    """Keeps what this process does on SIGTERM: Ray would put an exit in its place."""
    ours = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, ours)


class _Workers:
    """The workers of one run, the chunks that they are on, and those still to be made.

    A lease belongs to a chunk and not to a worker: where a worker dies, the next free one takes over both.
    """

    def __init__(self, ray: ModuleType, asked: Run, cluster: Cluster) -> None:
        self._ray, self._asked, self._cluster = ray, asked, cluster
        self._audit: Audit = asked.store.audit(asked.audit_id)
        self._deaths: Counter[object] = Counter()
        #: What is under way: references to answers, each with its worker.
        self._opening: dict[Any, Any] = {}
        self._measuring: dict[Any, Any] = {}
        self._making: dict[Any, tuple[Any, Work, Chunk]] = {}
        self._idle: list[Any] = []
        self._first: Described | None = None
        self._work: Work | None = None
        self._sent: Any = None
        self._free = list(asked.leases)
        self._again: list[tuple[Work, Chunk]] = []

    def run(self) -> None:
        """Starts the workers and keeps them busy until no row is missing."""
        for _ in range(self._cluster.workers):
            self._start()
        began = time.monotonic()
        while self._work is None:
            if time.monotonic() - began > PATIENCE:
                raise ExecutorError(
                    f"No worker was ready within {PATIENCE:.0f} seconds: each asks for {self._needs()}. "
                    "`ray status` says what the cluster has."
                )
            self._listen()
        missing = deque(self._work.missing())
        while missing or self._making or self._again:
            missing.extend(self._hand_out(missing))
            self._listen()
            if not (missing or self._making or self._again):
                missing.extend(self._work.missing())  # those that a process elsewhere was on, and left

    def dismiss(self) -> None:
        """Ends the workers, whatever they are on."""
        making = [worker for worker, _, _ in self._making.values()]
        for worker in (*self._idle, *self._opening.values(), *self._measuring.values(), *making):
            self._ray.kill(worker)

    def _start(self) -> None:
        """Starts one worker; it is heard of when its model is loaded, or it has failed to."""
        actor = self._ray.remote(Maker).options(**self._options())
        worker = actor.remote(self._audit.plan, self._asked.load_classifier)
        self._opening[worker.open.remote()] = worker

    def _options(self) -> dict[str, Any]:
        """What a worker takes up: a card where the plan may use one and the cluster has any."""
        return {"num_cpus": 1, "num_gpus": int(self._on_cards())}

    def _on_cards(self) -> bool:
        device = self._audit.plan.device
        return device.startswith("cuda") or (
            device == "auto" and self._ray.cluster_resources().get("GPU", 0) >= 1
        )

    def _needs(self) -> str:
        return "one processor core and one graphics card" if self._on_cards() else "one processor core"

    def _listen(self) -> None:
        """Waits a moment for any worker, and takes what has come. Raises Cancelled."""
        if self._asked.stopping():
            raise Cancelled
        expected = [*self._opening, *self._measuring, *self._making]
        if not expected:  # what is missing is with workers elsewhere
            time.sleep(LOOK_AGAIN)
            return
        ready, _ = self._ray.wait(expected, num_returns=len(expected), timeout=0)
        if not ready:
            ready, _ = self._ray.wait(expected, timeout=LOOK_AGAIN)
        rows: list[Row] = []
        try:
            for reference in ready:
                if reference in self._opening:
                    self._opened(reference)
                elif reference in self._measuring:
                    self._measured(reference)
                else:
                    rows += self._made(reference)
        finally:
            if rows:  # of all workers at once: a transaction costs more than a row
                self._asked.store.add(self._asked.audit_id, rows)
                self._asked.on_rows()

    def _opened(self, reference: Any) -> None:
        """A worker has loaded its model: it is checked, and gets the sample."""
        worker = self._opening.pop(reference)
        try:
            model: Described = self._ray.get(reference)
        except self._ray.exceptions.RayActorError as death:
            self._died("start", death, "while they loaded the model")
            return
        except self._ray.exceptions.RayTaskError as failed:
            raise self._unloaded(failed.cause) from None
        if self._first is None:
            self._first = model
            self._prepare(model)
        self._check(model, self._first)
        worker.begin.remote(self._sent)
        if self._audit.cost is None and model is self._first:
            self._measuring[worker.cost.remote()] = worker
        else:
            self._idle.append(worker)

    def _measured(self, reference: Any) -> None:
        """The first worker knows what its model costs."""
        worker = self._measuring.pop(reference)
        try:
            cost = self._ray.get(reference)
        except self._ray.exceptions.RayActorError as death:
            self._died("start", death, "while they loaded the model")
            return
        except self._ray.exceptions.RayTaskError as failed:
            raise failed.cause from None
        if cost:
            self._asked.store.set_cost(self._asked.audit_id, cost)
        self._idle.append(worker)

    def _prepare(self, model: Described) -> None:
        """Draws the sample, or reads it back, and sends it to the cluster, once for all workers."""
        asked = self._asked
        examples = prepare(asked.store, asked.audit_id, model, asked.load_corpus)
        self._audit = asked.store.audit(asked.audit_id)
        self._sent = self._ray.put((self._audit, examples))
        self._work = Work(asked.store, self._audit, "", model, examples, asked.stopping, asked.on_rows)

    def _check(self, model: Described, first: Described) -> None:
        """All workers have to answer alike. Raises ModelError and ExecutorError."""
        if model.fingerprint != first.fingerprint:
            raise ModelError(
                f"{self._audit.plan.model} is not the same model everywhere: its weights or tokenizer on "
                f"{model.host} differ from those on {first.host}. Bring all machines to one copy."
            )
        for name in ALIKE:
            here, there = first.environment.get(name), model.environment.get(name)
            if here != there:
                raise ExecutorError(
                    f"The cluster's machines differ: {name} is {here or 'missing'} on {first.host} and "
                    f"{there or 'missing'} on {model.host}. Rows would hang on who made them: mend that."
                )

    def _unloaded(self, cause: Exception) -> Exception:
        if self._cluster.address and isinstance(cause, ValueError):
            return ExecutorError(
                f"A worker of the cluster says: {cause} (A folder has to be at one path on all machines.)"
            )
        return cause

    def _hand_out(self, missing: deque[Chunk]) -> list[Chunk]:
        """Gives every idle worker a chunk, as far as there are any; returns those that are held elsewhere."""
        held: list[Chunk] = []
        assert self._work is not None
        while self._idle and (self._again or missing):
            if self._again:
                self._send(*self._again.pop())
                continue
            chunk = missing.popleft()
            work = replace(self._work, lease=self._lease())
            taken = work.take(chunk)
            if taken == "mine":
                self._send(work, chunk)
            else:
                self._free.append(work.lease)
                if taken == "held":
                    held.append(chunk)
        return held

    def _lease(self) -> str:
        """A lease that is on no chunk: one that was here before, or one more."""
        if not self._free:
            self._asked.leases.append(self._asked.store.join(self._asked.audit_id))
            return self._asked.leases[-1]
        return self._free.pop()

    def _send(self, work: Work, chunk: Chunk) -> None:
        worker = self._idle.pop()
        self._making[worker.make.remote(chunk)] = (worker, work, chunk)

    def _made(self, stream: Any) -> list[Row]:
        """Rows have come, or a chunk is complete, or its worker has died."""
        worker, work, chunk = self._making[stream]
        try:
            return self._ray.get(next(stream))
        except StopIteration:
            del self._making[stream]
            self._idle.append(worker)
            self._free.append(work.lease)
        except self._ray.exceptions.RayActorError as death:
            del self._making[stream]
            self._again.append((work, chunk))
            self._died(chunk, death, f"under {chunk.column.written}, over the same texts")
        except self._ray.exceptions.RayTaskError as failed:
            raise failed.cause from None
        return []

    def _died(self, over: object, death: Exception, where: str) -> None:
        """Another worker in a dead one's place, unless they keep dying. Raises ExecutorError."""
        self._deaths[over] += 1
        if self._deaths[over] == DEATHS:
            last = " ".join(str(death).split())
            raise ExecutorError(
                f"{DEATHS} workers died {where}; the machine's memory may be too small. The rows made so far "
                f"are kept. The last one: {last}"
            )
        self._start()
