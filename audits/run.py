"""Running an audit: here, or in a process of its own that outlives the one that asked for it."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attacks.engine import Cancelled
from audits import costs
from audits.nearest import meant
from audits.plan import Plan, PlanError
from audits.progress import Progress, by_test, seconds_left
from audits.slices import named
from audits.store import Store, StoreError
from audits.tables import Audit, State
from audits.work import Work, prepare
from corpora.examples import Corpus
from models.classifier import Classifier, among
from models.home import home

if TYPE_CHECKING:
    from audits.executors.on_ray import Cluster

#: Seconds between two signs of life of a worker; a cancel is seen within this time.
HEARTBEAT = 0.5

#: Seconds that the workers beside this one have to leave before they are killed.
GRACE = 10.0

LoadClassifier = Callable[[Plan], Classifier]
LoadCorpus = Callable[[Plan, Classifier], Corpus]


def run(
    audit_id: str,
    store: Store | None = None,
    *,
    load_classifier: LoadClassifier | None = None,
    load_corpus: LoadCorpus | None = None,
    tell: Callable[[], object] = lambda: None,
    stop: threading.Event | None = None,
    workers: int = 1,
    join: bool = False,
    cluster: "Cluster | None" = None,
) -> Audit:
    """Makes the rows that a waiting audit lacks, in this process, and returns the audit as it ended.

    `workers` above 1 starts so many processes less one beside this one; the rows are the same. `join` makes
    this process one more worker of an audit that runs already: what stops it does not stop the others.
    `cluster` has the workers of a Ray cluster make the rows; this process loads no model then.
    `tell` is called whenever rows were saved. Setting `stop` ends the run within about a second and leaves it
    interrupted. The loaders stand in for the plan's own model and data. Whatever goes wrong is kept on the
    audit before it is raised again; a single row's error is kept on the row alone. Raises StoreError where
    another worker has the audit.
    """
    from models.batching import one_thread

    store = store or Store()
    load_classifier, load_corpus = load_classifier or _load_classifier, load_corpus or _load_corpus
    leases = [store.join(audit_id) if join else store.claim(audit_id)]
    with _Pulse(store, audit_id, leases, stop or threading.Event()) as pulse:
        state: State = "interrupted" if join else "failed"
        error = None
        stopping = pulse.stop.is_set
        try:
            if cluster:
                from audits.executors import on_ray

                asked = on_ray.Run(audit_id, store, leases, load_classifier, load_corpus, stopping, tell)
                on_ray.run(asked, cluster)
            else:
                classifier = load_classifier(store.audit(audit_id).plan)
                examples = prepare(store, audit_id, classifier, load_corpus)
                with one_thread():
                    # Before other processes share the machine.
                    if not join and store.audit(audit_id).cost is None:
                        cost = costs.measure(classifier, [one.text for one in examples], stopping)
                        if cost:
                            store.set_cost(audit_id, cost)
                with one_thread(), _beside(audit_id, store, workers - 1):
                    Work(store, store.audit(audit_id), leases[0], classifier, examples, stopping, tell).run()
            state = "finished"
        except Cancelled:
            state = "interrupted"  # or cancelled, and then the lease is gone and this is not written
        except KeyboardInterrupt:
            state = "interrupted"
            raise
        except ValueError as problem:
            error = str(problem)
            raise
        except Exception as problem:
            error = f"{type(problem).__name__}: {problem}"
            raise
        finally:
            for lease in reversed(leases):
                store.release(audit_id, lease, state, error)
    return store.audit(audit_id)


def start(plan: Plan, store: Store | None = None, workers: int = 1) -> str:
    """Begins an audit in processes of its own and returns its id at once."""
    store = store or Store()
    audit_id = store.create(plan)
    _spawn(audit_id, store, f"--workers={workers}")
    return audit_id


def resume(audit_id: str, store: Store | None = None, workers: int = 1) -> str:
    """Takes up an unfinished audit in processes of its own; returns its full id."""
    store = store or Store()
    audit_id = store.audit(audit_id).id
    store.reopen(audit_id)
    _spawn(audit_id, store, f"--workers={workers}")
    return audit_id


def cancel(audit_id: str, store: Store | None = None) -> str:
    """Stops an audit within about a second, keeping its rows; returns its full id."""
    store = store or Store()
    audit_id = store.audit(audit_id).id
    store.cancel(audit_id)
    return audit_id


def pause(audit_id: str, store: Store | None = None) -> str:
    """Stops an audit that is to go on some time; returns its full id."""
    store = store or Store()
    audit_id = store.audit(audit_id).id
    store.cancel(audit_id, "paused")
    return audit_id


def progress(audit_id: str, store: Store | None = None) -> Progress:
    """How far an audit has come, whoever runs it."""
    store = store or Store()
    audit = store.audit(audit_id)
    size = store.size(audit.id)
    tests = by_test(audit.plan, size, store.done(audit.id))
    return Progress(
        state=audit.state,
        error=audit.error,
        done=sum(test.done for test in tests),
        total=sum(test.total for test in tests) or None,
        seconds_left=seconds_left(tests, audit.workers) if size else None,
        tests=tests,
        workers=audit.workers,
    )


def log_file(audit_id: str) -> Path:
    """Where a worker process writes what it has to say."""
    return home() / "logs" / f"{audit_id}.log"


def _spawn(audit_id: str, store: Store, option: str) -> "subprocess.Popen[bytes]":
    """Starts `python -m audits work ID` in a session of its own: it outlives browser, app and terminal."""
    root = Path(__file__).parent.parent
    log = log_file(audit_id)
    log.parent.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "audits", "work", audit_id, option],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, "ASSAY_HOME": str(home()), "ASSAY_STORE": store.url, "PYTHONPATH": path},
        )
    # Somebody has to wait for it, or a worker that died would still look alive to its parent.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


@contextmanager
def _beside(audit_id: str, store: Store, count: int) -> Iterator[None]:
    """So many more workers in processes of their own; they end with this one's part, if not before.

    Where this process is killed they go on without it.
    """
    others = [_spawn(audit_id, store, "--join") for _ in range(count)]
    try:
        yield
    finally:
        for process in others:
            process.terminate()
        for process in others:
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()


class _Pulse:
    """A thread that keeps the leases alive and sets `stop` when the audit was cancelled or taken away."""

    def __init__(self, store: Store, audit_id: str, leases: list[str], stop: threading.Event) -> None:
        self.stop = stop
        self._store, self._audit_id, self._leases = store, audit_id, leases
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "_Pulse":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._over.wait(HEARTBEAT):
            try:
                mine = self._store.beat(self._audit_id, *self._leases)
            except StoreError:
                continue  # a full disk shows when rows are written, and missing beats by themselves
            if not mine:
                self.stop.set()


def _load_classifier(plan: Plan) -> Classifier:
    from models import loading

    return loading.load(plan.model, device=plan.device, dtype=plan.dtype)


def _load_corpus(plan: Plan, classifier: Classifier) -> Corpus:
    from corpora import labels, sampling

    aligned = labels.load_for(
        classifier.labels,
        plan.data,
        text_column=plan.text_column,
        label_column=plan.label_column,
        label_map=plan.label_map,
        among=among(classifier),
    )
    if aligned.pairs:
        raise PlanError(f"data: {plan.data} holds pairs of texts; noises and attacks change single ones.")
    columns = dict.fromkeys(name for example in aligned.examples for name in example.metadata)
    known = (*named.OWN, *columns)
    for written in plan.asked_slices:
        by = named.read(written).by
        if by not in known:
            raise PlanError(f"slices: the data has no column {by!r:.80}. {meant(by, known)}")
    sampled = sampling.sample(aligned, plan.examples, plan.seed, plan.stratify)
    if not len(sampled):
        raise PlanError(f"data: {plan.data} holds no example to audit.")
    return sampled
