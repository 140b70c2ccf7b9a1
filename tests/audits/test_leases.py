"""Who works on what: leases, chunks, signs of life."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from audits import tables
from audits.store import Store, StoreError, leases
from tests.audits.doubles import corpus, plan
from tests.audits.test_store import described, row

CHUNK = ("keyboard-typos", 1, 7, 0)
IDS = [example.id for example in corpus(4).examples]


def change(store, **values):
    """Writes into all workers' records."""
    with sa.create_engine(store.url).begin() as connection:
        connection.execute(tables.workers.update().values(values))


def test_only_one_worker_gets_the_lease(store):
    audit_id = store.create(plan())

    def claim(_):
        try:
            return Store(store.url).claim(audit_id)
        except StoreError:
            return None

    with ThreadPoolExecutor(8) as pool:
        leases = list(pool.map(claim, range(8)))
    assert sum(lease is not None for lease in leases) == 1
    with pytest.raises(StoreError, match="already running, in process"):
        store.claim(audit_id)
    with pytest.raises(StoreError, match="already running"):
        store.reopen(audit_id)


def test_a_lease_that_was_taken_over_is_lost(store, monkeypatch):
    audit_id = store.create(plan())
    first = store.claim(audit_id)
    assert store.beat(audit_id, first)
    monkeypatch.setattr(leases, "STALE_AFTER", -1.0)  # as if the worker had been silent for long
    assert store.audit(audit_id).state == "interrupted"
    store.reopen(audit_id)
    second = store.claim(audit_id)
    monkeypatch.undo()
    assert not store.beat(audit_id, first)
    store.release(audit_id, first, "finished")
    assert store.audit(audit_id).state == "running"
    store.release(audit_id, second, "finished")
    assert store.audit(audit_id).state == "finished"


def test_a_dead_process_is_noticed(store, monkeypatch):
    audit_id = store.create(plan())
    store.claim(audit_id)
    assert store.audit(audit_id).state == "running"
    monkeypatch.setattr(leases, "_ended", lambda pid: True)
    assert store.audit(audit_id).state == "interrupted"


def test_cancel(store):
    waiting = store.create(plan())
    store.cancel(waiting)
    assert store.audit(waiting).state == "cancelled"
    with pytest.raises(StoreError, match="resume"):
        store.claim(waiting)
    with pytest.raises(StoreError, match="cancelled already"):
        store.cancel(waiting)
    store.reopen(waiting)
    lease = store.claim(waiting)
    assert store.beat(waiting, lease)
    store.cancel(waiting)
    assert not store.beat(waiting, lease)
    store.release(waiting, lease, "finished")
    assert store.audit(waiting).state == "cancelled"


def test_a_chunk_is_one_workers_at_a_time(store):
    audit_id = described(store)
    with pytest.raises(StoreError, match="about to start"):
        store.join(audit_id)
    first = store.claim(audit_id)
    second = store.join(audit_id)
    assert store.audit(audit_id).workers == 2
    assert store.take(audit_id, first, CHUNK, IDS) == "mine"
    assert store.take(audit_id, first, CHUNK, IDS) == "mine"
    assert store.take(audit_id, second, CHUNK, IDS) == "held"
    assert store.take(audit_id, second, ("keyboard-typos", 3, 7, 0), IDS) == "mine"
    store.add(audit_id, [row(example) for example in corpus(4).examples])
    assert store.take(audit_id, second, CHUNK, IDS) == "done"
    assert store.take(audit_id, first, ("keyboard-typos", 3, 7, 0), IDS) == "held"
    store.release(audit_id, second, "interrupted")
    assert store.audit(audit_id).state == "running"  # the first is on it still
    assert store.take(audit_id, first, ("keyboard-typos", 3, 7, 0), IDS) == "mine"
    store.release(audit_id, first, "interrupted")
    assert store.audit(audit_id).state == "interrupted"


def test_many_workers_share_the_chunks_without_a_quarrel(store):
    audit_id = described(store)
    store.claim(audit_id)
    taken, lock = [], threading.Lock()
    made = row(corpus(1).examples[0], test="casing")

    def work(_):
        own = Store(store.url)
        lease = own.join(audit_id)
        for first in range(12):
            if own.take(audit_id, lease, ("casing", 1, 7, first), [f"x{first}"]) == "mine":
                with lock:
                    taken.append(first)
                own.add(audit_id, [replace(made, example=f"x{first}")])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(taken) == sorted(set(taken)) == list(range(12))


@pytest.mark.parametrize(
    "death", [{"pid": 2**30}, {"uptime": -1e6}, {"machine": "elsewhere", "heartbeat": 0.0}]
)
def test_what_a_dead_worker_held_is_taken_over(store, death):
    audit_id = described(store)
    first = store.claim(audit_id)
    assert store.take(audit_id, first, CHUNK, IDS) == "mine"
    change(store, **death)
    assert store.audit(audit_id).state == "interrupted"
    with pytest.raises(StoreError, match="interrupted"):
        store.join(audit_id)
    store.reopen(audit_id)
    second = store.claim(audit_id)
    third = store.join(audit_id)
    assert store.take(audit_id, second, CHUNK, IDS) == "mine"
    with sa.create_engine(store.url).begin() as connection:
        connection.execute(tables.workers.update().where(tables.workers.c.lease == second).values(death))
    assert store.audit(audit_id).state == "running"
    assert store.take(audit_id, third, CHUNK, IDS) == "mine"
    assert not store.beat(audit_id, second)
    assert store.take(audit_id, second, CHUNK, IDS) == "held"  # until it hears that it lost its lease
    store.release(audit_id, second, "failed", "too late to say")
    assert store.audit(audit_id).state == "running"


@pytest.mark.parametrize("jump", [-1e6, 40.0, 1e6])
def test_a_clock_that_jumps_kills_no_worker_of_this_machine(tmp_path, monkeypatch, jump):
    store = Store(tmp_path / "audits.db")
    audit_id = described(store)
    first = store.claim(audit_id)
    second = store.join(audit_id)
    assert store.take(audit_id, first, CHUNK, IDS) == "mine"
    clock = time.time
    monkeypatch.setattr("audits.store.database.time.time", lambda: clock() + jump)  # the lid was closed
    assert store.audit(audit_id).workers == 2
    assert store.take(audit_id, second, CHUNK, IDS) == "held"
    assert store.beat(audit_id, first) and store.beat(audit_id, second)


def test_workers_that_were_silenced_alike_do_not_take_each_other_for_dead(store):
    audit_id = described(store)
    first = store.claim(audit_id)
    second = store.join(audit_id)
    assert store.take(audit_id, first, CHUNK, IDS) == "mine"
    change(store, heartbeat=5.0, uptime=time.monotonic() - 300)  # the database was locked for minutes
    assert store.take(audit_id, second, CHUNK, IDS) == "held"
    assert store.beat(audit_id, first) and store.beat(audit_id, second)


def test_pause_is_told_from_cancel(store):
    audit_id = store.create(plan())
    lease = store.claim(audit_id)
    store.cancel(audit_id, "paused")
    assert store.audit(audit_id).state == "paused" and store.audit(audit_id).unfinished
    assert not store.beat(audit_id, lease)
    with pytest.raises(StoreError, match="paused already: there is nothing to pause"):
        store.cancel(audit_id, "paused")
    store.cancel(audit_id)
    assert store.audit(audit_id).state == "cancelled"
    store.reopen(audit_id)
    store.release(audit_id, store.claim(audit_id), "failed", "odd")
    assert (store.audit(audit_id).state, store.audit(audit_id).error) == ("failed", "odd")
    with pytest.raises(StoreError, match="failed already"):
        store.cancel(audit_id)
