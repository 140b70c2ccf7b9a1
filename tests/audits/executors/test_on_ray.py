"""Runs on a Ray cluster of two workers, compared row for row with one process."""

import os
import signal
import socket
import sys
import threading

import pytest

from audits.executors import ExecutorError, on_ray
from audits.executors.on_ray import Cluster
from audits.run import run
from audits.store import Store
from tests.audits.doubles import KeywordClassifier, corpus, plan, rows_of, wait_until, work

SIZE = 70  # three chunks a test
#: Seconds in which workers start on a busy machine.
PATIENCE = 240.0


@pytest.fixture(scope="module")
def cluster():
    """One cluster for all tests here, for its start takes seconds."""
    pytest.importorskip("ray")
    asked = Cluster(workers=2)
    with on_ray.connected(asked):
        yield asked


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The rows of a single process."""
    store = Store(tmp_path_factory.mktemp("undisturbed") / "audits.db")
    audit_id = store.create(plan())
    work(audit_id, store.url, count=SIZE)
    return rows_of(store, audit_id)


def loader(folder, pause, together):
    """Loads the double in a worker, which notes its process in `folder`; the first waits for the others."""

    def load(_):
        (folder / str(os.getpid())).touch()
        wait_until(lambda: len(list(folder.iterdir())) >= together, PATIENCE)
        return KeywordClassifier(pause)

    return load


def on_cluster(store, audit_id, cluster, folder, pause, *, stop=None):
    return run(
        audit_id,
        store,
        load_classifier=loader(folder, pause, cluster.workers),
        load_corpus=lambda *_: corpus(SIZE),
        stop=stop,
        cluster=cluster,
    )


def test_a_worker_that_is_killed_costs_only_its_unfinished_rows(cluster, tmp_path, undisturbed):
    store, folder = Store(tmp_path / "audits.db"), tmp_path / "workers"
    folder.mkdir()
    audit_id = store.create(plan())
    rows = []

    def kill_one():
        wait_until(lambda: len(store.rows(audit_id)) > SIZE and store.audit(audit_id).workers == 2, PATIENCE)
        rows.extend(store.rows(audit_id))
        os.kill(int(next(folder.iterdir()).name), signal.SIGKILL)

    killer = threading.Thread(target=kill_one)
    killer.start()
    before = signal.getsignal(signal.SIGTERM)
    audit = on_cluster(store, audit_id, cluster, folder, 0.01)
    killer.join()
    assert audit.state == "finished" and not audit.workers
    assert rows_of(store, audit_id) == undisturbed
    assert SIZE < len(rows) < len(undisturbed)
    assert set(rows) <= set(store.rows(audit_id))  # with the seconds that they took: none is made anew
    assert os.getpid() not in {int(each.name) for each in folder.iterdir()}
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_run_that_is_told_to_stop_ends_before_its_workers_are_ready(cluster, tmp_path):
    store, stop = Store(tmp_path / "audits.db"), threading.Event()
    audit_id = store.create(plan())
    stop.set()
    assert on_cluster(store, audit_id, Cluster(1), tmp_path, 0, stop=stop).state == "interrupted"


def test_without_ray_the_error_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    with pytest.raises(ExecutorError, match=r"pip install -r requirements-ray\.txt"):
        on_cluster(store, audit_id, Cluster(2), tmp_path, 0)
    assert "requirements-ray" in (store.audit(audit_id).error or "")


def test_an_address_of_rays_client_is_refused():
    with pytest.raises(ExecutorError, match="HOST:PORT"), on_ray.connected(Cluster(2, "ray://head:10001")):
        pass


def test_a_cluster_that_does_not_answer_is_told_of_at_once():
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, but nobody listens
        address = f"127.0.0.1:{nobody.getsockname()[1]}"
        wanted = pytest.raises(ExecutorError, match=f"Nobody answers at {address}")
        with wanted, on_ray.connected(Cluster(2, address)):
            pass
