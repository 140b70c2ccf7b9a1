"""Runs that are disturbed, each compared row for row with one that was not."""

import os
import signal
import sqlite3
import threading
from itertools import count

import pytest
import sqlalchemy as sa

from audits import run
from audits.store import Store, StoreError, database, leases
from tests.audits import doubles
from tests.audits.doubles import KeywordClassifier, corpus, rows_of, wait_until, work, worker

SIZE = 70  # three chunks a test and seed


def plan():
    """Three times as many rows as examples, of two seeds."""
    return doubles.plan(tests="keyboard-typos@3", seeds=2)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The rows of a run that nothing disturbs."""
    store = Store(tmp_path_factory.mktemp("undisturbed") / "audits.db")
    audit_id = store.create(plan())
    work(audit_id, store.url, count=SIZE)
    return rows_of(store, audit_id)


def resumed(store, audit_id):
    store.reopen(audit_id)
    work(audit_id, store.url, count=SIZE)
    assert store.audit(audit_id).state == "finished"
    return rows_of(store, audit_id)


@pytest.mark.parametrize("deadly", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_run_resumes_to_the_very_same_rows(store, undisturbed, deadly):
    audit_id = store.create(plan())
    process = worker(audit_id, store.url, 0.005, SIZE)
    wait_until(lambda: len(store.rows(audit_id)) > SIZE)
    os.kill(process.pid or 0, deadly)
    process.join()
    made = len(store.rows(audit_id))
    assert SIZE < made < 3 * SIZE
    assert store.audit(audit_id).state == "interrupted"
    with pytest.raises(StoreError, match="resume"):
        work(audit_id, store.url)
    assert resumed(store, audit_id) == undisturbed
    with pytest.raises(StoreError, match="finished"):
        store.reopen(audit_id)


def test_kill_9_before_any_word_to_the_database_and_before_any_commit(tmp_path, undisturbed):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())

    def dies_at(moment):
        def listen():
            events = count()

            def one(*_):
                if next(events) == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

            sa.event.listen(sa.Engine, "before_cursor_execute", one)
            sa.event.listen(sa.Engine, "commit", one)

        return listen

    deaths = 0
    for moment in count(2, 5):
        process = worker(audit_id, store.url, count=SIZE, first=dies_at(moment))
        process.join()
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        deaths += 1
        if store.audit(audit_id).state != "waiting":
            store.reopen(audit_id)
    assert deaths >= 8
    assert store.audit(audit_id).state == "finished"
    assert rows_of(store, audit_id) == undisturbed


def test_a_full_disk_ends_the_run_and_costs_no_row(tmp_path, undisturbed):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())

    with sqlite3.connect(tmp_path / "audits.db") as plainly:
        room = plainly.execute("PRAGMA page_count").fetchone()[0] + 15

    def full(connection, _):
        connection.execute(f"PRAGMA max_page_count = {room}")

    sa.event.listen(sa.Engine, "connect", full)
    try:
        with pytest.raises(StoreError, match=r"disk is full.*free space.*resume"):
            work(audit_id, store.url, count=SIZE)
    finally:
        sa.event.remove(sa.Engine, "connect", full)
    assert 0 < len(store.rows(audit_id)) < 3 * SIZE
    audit = Store(store.url).audit(audit_id)
    assert audit.state == "failed" and "disk is full" in (audit.error or "")
    assert resumed(Store(store.url), audit_id) == undisturbed


@pytest.mark.parametrize("patience", [0.1, 30.0])
def test_a_database_that_another_process_holds(tmp_path, undisturbed, monkeypatch, patience):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    monkeypatch.setattr(database, "PATIENCE", patience)
    process = worker(audit_id, store.url, 0.003, SIZE)
    wait_until(lambda: store.rows(audit_id))
    other = sqlite3.connect(tmp_path / "audits.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    process.join(1.0)
    assert (process.exitcode is None) == (patience > 1)
    other.execute("ROLLBACK")
    other.close()
    process.join(30)
    if patience > 1:  # it has waited
        assert store.audit(audit_id).state == "finished"
        assert rows_of(store, audit_id) == undisturbed
    else:
        assert store.audit(audit_id).state == "interrupted"
        assert resumed(store, audit_id) == undisturbed


def test_a_server_that_hangs_up_is_called_again(database, undisturbed):
    store = Store(database)
    audit_id = store.create(plan())
    calls = count()

    def hang_up():
        if next(calls) == 2:
            with sa.create_engine(database).connect() as connection:
                others = "pid <> pg_backend_pid() AND usename = current_user"
                connection.execute(
                    sa.text(f"SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE {others}")
                )

    try:
        run.run(
            audit_id,
            store,
            load_classifier=lambda _: KeywordClassifier(),
            load_corpus=lambda *_: corpus(SIZE),
            tell=hang_up,
        )
    except StoreError as problem:  # it was in the middle of a sentence
        assert "Check that the server runs" in str(problem)
        assert resumed(store, audit_id) == undisturbed
    assert next(calls) > 2
    assert rows_of(store, audit_id) == undisturbed


def test_two_workers_make_the_rows_of_one_and_the_second_outlives_the_first(store, undisturbed, monkeypatch):
    audit_id = store.create(plan())
    first = worker(audit_id, store.url, 0.01, SIZE)
    wait_until(lambda: store.audit(audit_id).workers == 1)
    second = worker(audit_id, store.url, 0.002, SIZE, join=True)
    wait_until(lambda: store.audit(audit_id).workers == 2 and store.rows(audit_id))
    os.kill(first.pid or 0, signal.SIGKILL)  # in the middle of a chunk: it takes a third of a second
    first.join()
    second.join(60)
    assert second.exitcode == 0
    assert store.audit(audit_id).state == "finished"
    assert rows_of(store, audit_id) == undisturbed


def test_a_worker_that_was_stopped_wakes_up_to_find_its_work_done(tmp_path, undisturbed, monkeypatch):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    monkeypatch.setattr(leases, "STALE_AFTER", 1.5)

    def stops():
        """In the middle of its second chunk, where it holds no lock: a whole machine falls asleep at once."""
        answer = KeywordClassifier.probabilities

        def sleepy(self, texts):
            if store.rows(audit_id):
                KeywordClassifier.probabilities = answer  # type: ignore[method-assign]
                os.kill(os.getpid(), signal.SIGSTOP)
            return answer(self, texts)

        KeywordClassifier.probabilities = sleepy  # type: ignore[method-assign]

    first = worker(audit_id, store.url, count=SIZE, first=stops)
    try:
        assert os.WIFSTOPPED(os.waitpid(first.pid or 0, os.WUNTRACED)[1])
        second = worker(audit_id, store.url, count=SIZE, join=True)
        second.join(60)
        assert store.audit(audit_id).state == "finished"
        os.kill(first.pid or 0, signal.SIGCONT)
        first.join(60)
        assert first.exitcode == 0
    finally:
        first.kill()
    assert store.audit(audit_id).state == "finished"
    assert rows_of(store, audit_id) == undisturbed


def test_the_workers_beside_this_one_are_started_and_sent_away(tmp_path, undisturbed, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    store = Store()
    audit_id = store.create(plan())
    beside = []

    def spawn(audit, own, option):
        assert option == "--join"

        class Process:
            def __init__(self):
                self.process = worker(audit, own.url, 0.001, SIZE, join=True)
                self.terminate, self.kill = self.process.terminate, self.process.kill

            def wait(self, seconds):
                self.process.join(seconds)

        beside.append(Process())
        return beside[-1]

    monkeypatch.setattr(run, "_spawn", spawn)
    seen = []
    run.run(
        audit_id,
        store,
        load_classifier=lambda _: KeywordClassifier(0.004),
        load_corpus=lambda *_: corpus(SIZE),
        tell=lambda: seen.append(run.progress(audit_id, store).workers),
        workers=3,
    )
    assert len(beside) == 2 and max(seen) == 3
    assert not any(each.process.is_alive() for each in beside)
    assert store.audit(audit_id).state == "finished"
    assert rows_of(store, audit_id) == undisturbed


def test_a_joined_worker_that_breaks_leaves_the_run_to_the_others(tmp_path, undisturbed):
    store = Store(tmp_path / "audits.db")
    audit_id = store.create(plan())
    thread = threading.Thread(target=work, args=(audit_id, store.url, 0.003, SIZE))
    thread.start()
    wait_until(lambda: store.rows(audit_id))

    def load(_):
        raise MemoryError("no room for a second model")

    with pytest.raises(MemoryError):
        run.run(audit_id, store, load_classifier=load, join=True)
    assert store.audit(audit_id).state == "running"
    thread.join(60)
    assert store.audit(audit_id).state == "finished"
    assert rows_of(store, audit_id) == undisturbed
