"""Leases: which worker is on which chunk of an audit, and who is still alive.

A worker writes a sign of life twice a second. On its own machine it is judged by the machine's uptime, which
no change of the clock touches and which stands still while a laptop is closed; from elsewhere by the clock
of the database.
"""

import os
import secrets
import socket
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from audits import tables
from audits.store.database import Database, StoreError
from audits.tables import Audit, State, now, to_audit

#: A worker that has given no sign of life for so many seconds is taken for dead.
STALE_AFTER = 30.0

#: How a chunk stands for a worker that asks for it: its own now, complete, or with another worker.
Taken = Literal["mine", "done", "held"]


class Leases(Database):
    """Who works on what. One worker begins an audit, others may join, each takes chunk by chunk."""

    def claim(self, audit_id: str) -> str:
        """Takes a waiting audit for this process and returns the lease, the worker's name in the store.

        Raises StoreError where it is not waiting: another worker has it, or it has ended.
        """
        with self._writing() as connection:
            audits = tables.audits
            taken = connection.execute(
                audits.update()
                .where(audits.c.id == audit_id, audits.c.state == "waiting")
                .values(state="running")
            )
            if taken.rowcount == 1:
                return self._enter(connection, audit_id)
            audit = self._found(connection, audit_id)
        raise StoreError(_why_not(audit))

    def join(self, audit_id: str) -> str:
        """Joins the workers of a running audit and returns this one's lease.

        Raises StoreError where nobody is on the audit (any more).
        """
        with self._writing() as connection:
            audit = self._found(connection, audit_id, lock=True)
            if audit.state == "running":
                return self._enter(connection, audit_id)
        raise StoreError(_why_not(audit))

    def beat(self, audit_id: str, *leases: str) -> bool:
        """A worker's sign of life. False when a lease is gone: the audit ended or was taken over."""
        mine = sa.and_(tables.workers.c.audit == audit_id, tables.workers.c.lease.in_(leases))
        with self._writing() as connection:
            signs = self._signs(connection)
            beaten = connection.execute(tables.workers.update().where(mine).values(signs))
            return beaten.rowcount == len(leases)

    def take(
        self, audit_id: str, lease: str, chunk: tuple[str, int, int, int], examples: Sequence[str]
    ) -> Taken:
        """Asks for a chunk: a test, a severity, a seed, and a place that no other chunk of the test has.

        `examples` are the ids of its examples.

        What a worker held before is free again, and so is all that dead workers held. A worker counts as dead
        by comparison with this one's own sign of life: a database that was locked silences all alike.
        """
        test, severity, seed, first = chunk
        workers, rows = tables.workers, tables.rows
        with self._writing() as connection:
            self._locked(connection, audit_id)
            present = sa.select(sa.func.count(rows.c.example.distinct())).where(
                rows.c.audit == audit_id,
                rows.c.test == test,
                rows.c.severity == severity,
                rows.c.seed == seed,
                rows.c.example.in_(examples),
            )
            if connection.execute(present).scalar_one() == len(examples):
                return "done"
            records = self._workers(connection, audit_id)
            mine = next((each for each in records if each["lease"] == lease), None)
            if mine is None:
                return "held"  # this worker was taken for dead itself, and hears of it at its next beat
            dead = [each["lease"] for each in records if not _alive(each, mine["heartbeat"], mine["uptime"])]
            connection.execute(workers.delete().where(workers.c.audit == audit_id, workers.c.lease.in_(dead)))
            for each in records:
                place = (each["test"], each["severity"], each["first"])
                if place == (test, severity, first) and each["lease"] not in (lease, *dead):
                    return "held"
            connection.execute(
                workers.update()
                .where(workers.c.audit == audit_id, workers.c.lease == lease)
                .values(test=test, severity=severity, first=first)
            )
        return "mine"

    def release(self, audit_id: str, lease: str, state: State, error: str | None = None) -> None:
        """Ends a worker's part in an audit.

        Finished or failed, the audit has ended for all of its workers; one that was interrupted leaves it to
        the others, and the last to leave says that it was. A worker that has lost its lease says nothing.
        """
        workers = tables.workers
        mine = sa.and_(workers.c.audit == audit_id, workers.c.lease == lease)
        with self._writing() as connection:
            self._locked(connection, audit_id)
            if connection.execute(workers.delete().where(mine)).rowcount != 1:
                return
            if state not in ("finished", "failed") and self._living(connection, audit_id):
                return
            self._end(connection, audit_id, state, error=error)

    def reopen(self, audit_id: str) -> None:
        """Lets an unfinished audit wait for a worker again. Raises StoreError where it is not unfinished."""
        with self._writing() as connection:
            audit = self._found(connection, audit_id, lock=True)
            if audit.unfinished:
                self._end(connection, audit_id, "waiting", heartbeat=self._clock(connection))
        if not audit.unfinished:
            raise StoreError(_why_not(audit))

    def cancel(self, audit_id: str, state: Literal["cancelled", "paused"] = "cancelled") -> None:
        """Takes the audit away from its workers, who notice at their next sign of life and stop.

        What they save until then is right all the same. `paused` says that it is to go on some time. Raises
        StoreError for an audit that has ended.
        """
        with self._writing() as connection:
            audit = self._found(connection, audit_id, lock=True)
            stoppable = ("running", "waiting", "interrupted", "paused")[: 4 if state == "cancelled" else 2]
            if audit.state in stoppable:
                self._end(connection, audit_id, state)
                return
        what = "cancel" if state == "cancelled" else "pause"
        raise StoreError(f"Audit {audit_id} is {audit.state} already: there is nothing to {what}.")

    def _enter(self, connection: sa.Connection, audit_id: str) -> str:
        """Writes this process down as a worker."""
        lease = secrets.token_hex(8)
        signs = self._signs(connection)
        connection.execute(
            tables.workers.insert().values(
                audit=audit_id,
                lease=lease,
                began=signs["heartbeat"],
                machine=_machine(),
                host=socket.gethostname(),
                pid=os.getpid(),
                **signs,
            )
        )
        return lease

    def _end(self, connection: sa.Connection, audit_id: str, state: State, **more: Any) -> None:
        """Writes an audit's state and takes it from all workers."""
        connection.execute(tables.workers.delete().where(tables.workers.c.audit == audit_id))
        connection.execute(
            tables.audits.update()
            .where(tables.audits.c.id == audit_id)
            .values(
                {"state": state, "error": None, "finished": now() if state == "finished" else None} | more
            )
        )

    def _locked(self, connection: sa.Connection, audit_id: str) -> Any:
        """The audit's record, held by this transaction alone; None where there is none."""
        one = sa.select(tables.audits).where(tables.audits.c.id == audit_id).with_for_update(key_share=True)
        return connection.execute(one).mappings().one_or_none()

    def _found(self, connection: sa.Connection, audit_id: str, *, lock: bool = False) -> Audit:
        """One audit by its full id, to be changed where `lock` says so."""
        one = sa.select(tables.audits).where(tables.audits.c.id == audit_id)
        record = (
            connection.execute(one.with_for_update(key_share=True) if lock else one).mappings().one_or_none()
        )
        if record is None:
            raise StoreError(f"There is no audit '{audit_id}'. `python -m audits list` shows them all.")
        return self._as_it_is(connection, record)

    def _as_it_is(self, connection: sa.Connection, record: Any) -> Audit:
        """A record as an audit, in the state that is true now: not as a dead worker left it."""
        state: State = record["state"]
        pids: list[int] = []
        if state == "running":
            pids = self._living(connection, record["id"])
            state = "running" if pids else "interrupted"
        elif state == "waiting":
            waited = abs(self._clock(connection) - (record["heartbeat"] or 0.0))
            state = "waiting" if waited <= STALE_AFTER else "interrupted"
        return to_audit(record, state, pids)

    def _living(self, connection: sa.Connection, audit_id: str) -> list[int]:
        """The processes that are on an audit now, the first that came at the head."""
        signs = self._signs(connection)
        records = self._workers(connection, audit_id)
        return [each["pid"] for each in records if _alive(each, signs["heartbeat"], signs["uptime"])]

    def _workers(self, connection: sa.Connection, audit_id: str) -> Sequence[Mapping[str, Any]]:
        mine = tables.workers.c.audit == audit_id
        query = sa.select(tables.workers).where(mine).order_by(tables.workers.c.began, tables.workers.c.lease)
        return connection.execute(query).mappings().all()  # type: ignore[return-value]

    def _signs(self, connection: sa.Connection) -> dict[str, float]:
        return {"heartbeat": self._clock(connection), "uptime": _uptime()}


def _uptime() -> float:
    """Seconds that this machine has been awake: the same for all its processes, whatever the clock says."""
    return time.monotonic()


@cache
def _machine() -> str:
    """This machine since it was last started."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    return boot.read_text().strip() if boot.exists() else socket.gethostname()


def _alive(worker: Mapping[str, Any], clock: float, uptime: float) -> bool:
    """Whether a worker has given a sign of life lately, by the clock or, on this machine, by its uptime.

    Signs from the future count as old ones: a clock was put back, or a machine started anew.
    """
    if worker["machine"] != _machine():
        return abs(clock - worker["heartbeat"]) <= STALE_AFTER
    same_processes = worker["host"] == socket.gethostname()  # not so in a container beside this one
    return abs(uptime - worker["uptime"]) <= STALE_AFTER and not (same_processes and _ended(worker["pid"]))


def _ended(pid: int) -> bool:
    """Whether no process of this number runs here (one that ended unnoticed does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def _why_not(audit: Audit) -> str:
    """Why no worker can take an audit, and what to do instead."""
    if audit.state == "running":
        return f"Audit {audit.id} is already running, in process {audit.pid}."
    if audit.state == "finished":
        return f"Audit {audit.id} is finished: `python -m audits report {audit.id}` shows it."
    if audit.state == "waiting":
        return f"Audit {audit.id} is about to start already."
    return f"Audit {audit.id} is {audit.state}: `python -m audits resume {audit.id}` takes it up again."
