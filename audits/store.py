"""The store: audits, their examples and their rows, in one SQLite file."""

import json
import os
import secrets
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from audits import tables
from audits.plan import Plan
from audits.rows import Row
from audits.tables import Audit, State, clock, connect, now, speakable, to_audit, to_row, true_state
from audits.validity import VERDICTS, Mark, Place, Verdict
from corpora.examples import Example
from models.home import home

SCHEMA_VERSION = 3


class StoreError(ValueError):
    """A store or an audit that cannot be used. The message says what is wrong and what to do."""


class Store:
    """The audits in one SQLite file, safe to use from several threads and processes at once."""

    def __init__(self, path: Path | None = None) -> None:
        """Opens `path` (by default `audits.db` in Assay's home), creating what is missing.

        Raises StoreError where the file cannot be opened or was written by a newer Assay.
        """
        self.path = path or home() / "audits.db"
        self._engine = connect(self.path)
        with self._plainly():
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._reading() as connection:
            version = connection.execute(sa.text("PRAGMA user_version")).scalar_one()
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"A newer Assay wrote {self.path} (format {version}; this one reads {SCHEMA_VERSION}). "
                "Bring Assay up to date, or set ASSAY_HOME to another folder."
            )
        if version < SCHEMA_VERSION:
            with self._writing() as connection:
                tables.schema.create_all(connection)
                tables.add_missing_columns(connection)
                connection.execute(sa.text(f"PRAGMA user_version = {SCHEMA_VERSION}"))

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turns the database's own errors into a message that says what to do."""
        try:
            yield
        except (sa.exc.DatabaseError, OSError) as problem:
            cause = getattr(problem, "orig", None) or problem
            raise StoreError(
                f"The audits in {self.path} cannot be read or written: {cause}. Rows saved so far are safe. "
                "Check the disk's free space and the file's permissions, then resume."
            ) from problem
        except UnicodeEncodeError as problem:
            raise StoreError(
                f"A text cannot be stored, for it holds half a character: {problem}. Mend it in the data."
            ) from problem

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._plainly(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with self._plainly(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    # --- audits ---

    def create(self, plan: Plan) -> str:
        """Writes a waiting audit and returns its id."""
        with self._writing() as connection:
            taken = set(connection.execute(sa.select(tables.audits.c.id)).scalars())
            audit_id = next(name for name in iter(speakable, None) if name not in taken)
            connection.execute(
                tables.audits.insert().values(
                    id=audit_id,
                    plan=plan.model_dump_json(),
                    state="waiting",
                    created=now(),
                    heartbeat=clock(),
                )
            )
        return audit_id

    def audits(self) -> list[Audit]:
        """Every audit, the newest first."""
        with self._reading() as connection:
            found = connection.execute(
                sa.select(tables.audits).order_by(tables.audits.c.created.desc())
            ).mappings()
            return [to_audit(record) for record in found]

    def audit(self, audit_id: str) -> Audit:
        """One audit by its id or the beginning of it. Raises StoreError where none or several match."""
        with self._reading() as connection:
            found = connection.execute(
                sa.select(tables.audits).where(tables.audits.c.id.startswith(audit_id, autoescape=True))
            ).mappings()
            records = {record["id"]: record for record in found} if audit_id else {}
        if audit_id in records:
            return to_audit(records[audit_id])
        if len(records) > 1:
            raise StoreError(
                f"'{audit_id}' is the beginning of several audits: {', '.join(sorted(records))}."
            )
        if not records:
            raise StoreError(f"There is no audit '{audit_id}'. `python -m audits list` shows them all.")
        return to_audit(records.popitem()[1])

    def delete(self, audit_id: str) -> None:
        """Removes an audit that no worker is on, with all its rows."""
        if self.audit(audit_id).state == "running":
            raise StoreError(f"Audit {audit_id} is running. Cancel it first.")
        with self._writing() as connection:
            connection.execute(tables.audits.delete().where(tables.audits.c.id == audit_id))

    # --- the lease: one worker an audit ---

    def claim(self, audit_id: str) -> str:
        """Takes a waiting audit for this process and returns the lease.

        Raises StoreError where it is not waiting: another worker has it, or it has ended.
        """
        lease = secrets.token_hex(8)
        with self._writing() as connection:
            taken = connection.execute(
                tables.audits.update()
                .where(tables.audits.c.id == audit_id, tables.audits.c.state == "waiting")
                .values(
                    state="running",
                    lease=lease,
                    host=socket.gethostname(),
                    pid=os.getpid(),
                    heartbeat=clock(),
                )
            )
        if taken.rowcount != 1:
            raise StoreError(_why_not(self.audit(audit_id)))
        return lease

    def beat(self, audit_id: str, lease: str) -> bool:
        """A worker's sign of life. False when the lease is gone: the audit was cancelled or taken over."""
        mine = sa.and_(tables.audits.c.id == audit_id, tables.audits.c.lease == lease)
        with self._writing() as connection:
            return (
                connection.execute(tables.audits.update().where(mine).values(heartbeat=clock())).rowcount == 1
            )

    def release(self, audit_id: str, lease: str, state: State, error: str | None = None) -> None:
        """Ends a worker's hold on an audit and says how it ended."""
        with self._writing() as connection:
            connection.execute(
                tables.audits.update()
                .where(tables.audits.c.id == audit_id, tables.audits.c.lease == lease)
                .values(
                    state=state,
                    error=error,
                    lease=None,
                    pid=None,
                    finished=now() if state == "finished" else None,
                )
            )

    def reopen(self, audit_id: str) -> None:
        """Lets an unfinished audit wait for a worker again. Raises StoreError where it is not unfinished."""
        with self._writing() as connection:
            one = tables.audits.c.id == audit_id
            record = connection.execute(sa.select(tables.audits).where(one)).mappings().one()
            audit = to_audit(record)
            if audit.unfinished:
                connection.execute(
                    tables.audits.update()
                    .where(one)
                    .values(state="waiting", lease=None, heartbeat=clock(), error=None)
                )
        if not audit.unfinished:
            raise StoreError(_why_not(audit))

    def cancel(self, audit_id: str) -> None:
        """Takes the audit away from its worker, which notices at its next sign of life and stops.

        What it saves until then is right all the same. Raises StoreError for an audit that has ended.
        """
        with self._writing() as connection:
            one = tables.audits.c.id == audit_id
            record = connection.execute(sa.select(tables.audits).where(one)).mappings().one()
            state = true_state(record)
            if state in ("running", "waiting", "interrupted"):
                connection.execute(
                    tables.audits.update().where(one).values(state="cancelled", lease=None, pid=None)
                )
        if state in ("finished", "cancelled", "failed"):
            raise StoreError(f"Audit {audit_id} is {state} already: there is nothing to cancel.")

    # --- what a worker finds out ---

    def describe(
        self,
        audit_id: str,
        *,
        model: tuple[str, str],
        corpus: tuple[str, str],
        labels: Sequence[str],
        environment: Mapping[str, str],
        examples: Sequence[Example],
    ) -> None:
        """Fixes what the audit is about, once: names and fingerprints, labels, hardware, the sample."""
        with self._writing() as connection:
            connection.execute(
                tables.audits.update()
                .where(tables.audits.c.id == audit_id)
                .values(
                    model_name=model[0],
                    model_fingerprint=model[1],
                    corpus_name=corpus[0],
                    corpus_fingerprint=corpus[1],
                    labels=json.dumps(list(labels)),
                    environment=json.dumps(dict(environment)),
                )
            )
            connection.execute(
                tables.examples.insert().prefix_with("OR IGNORE"),
                [
                    {
                        "audit": audit_id,
                        "position": position,
                        "example": example.id,
                        "text": example.text,
                        "label": example.label,
                        "metadata": json.dumps(dict(example.metadata)),
                    }
                    for position, example in enumerate(examples)
                ],
            )

    def examples(self, audit_id: str) -> list[Example]:
        """The audit's sample, in its order; empty before a worker has begun."""
        query = (
            sa.select(tables.examples)
            .where(tables.examples.c.audit == audit_id)
            .order_by(tables.examples.c.position)
        )
        with self._reading() as connection:
            return [
                Example(record["example"], record["text"], record["label"], json.loads(record["metadata"]))
                for record in connection.execute(query).mappings()
            ]

    def size(self, audit_id: str) -> int:
        """How many examples the audit's sample has; 0 before a worker has begun."""
        query = sa.select(sa.func.count()).where(tables.examples.c.audit == audit_id)
        with self._reading() as connection:
            return connection.execute(query).scalar_one()

    def add(self, audit_id: str, rows: Iterable[Row]) -> None:
        """Commits rows; those that are there already stay as they are."""
        values = [
            {name: getattr(row, name) for name in tables.ROW_FIELDS}
            | {"audit": audit_id, "probabilities": json.dumps(row.probabilities)}
            for row in rows
        ]
        if values:
            with self._writing() as connection:
                connection.execute(tables.rows.insert().prefix_with("OR IGNORE"), values)

    def rows(self, audit_id: str) -> list[Row]:
        """The audit's rows: the tests in the plan's order, within a test the examples in theirs."""
        order = {
            (column.name, column.severity): place
            for place, column in enumerate(self.audit(audit_id).plan.columns)
        }
        query = (
            sa.select(tables.rows, tables.examples.c.text, tables.examples.c.label)
            .join(
                tables.examples,
                sa.and_(
                    tables.examples.c.audit == tables.rows.c.audit,
                    tables.examples.c.example == tables.rows.c.example,
                ),
            )
            .where(tables.rows.c.audit == audit_id)
            .order_by(tables.examples.c.position)
        )
        with self._reading() as connection:
            found = [to_row(record) for record in connection.execute(query).mappings()]
        return sorted(found, key=lambda row: order.get((row.test, row.severity), len(order)))

    def done(self, audit_id: str) -> dict[tuple[str, int], tuple[int, float]]:
        """How many rows each (test, severity) has, and the seconds they took together."""
        query = (
            sa.select(
                tables.rows.c.test,
                tables.rows.c.severity,
                sa.func.count(),
                sa.func.sum(tables.rows.c.seconds),
            )
            .where(tables.rows.c.audit == audit_id)
            .group_by(tables.rows.c.test, tables.rows.c.severity)
        )
        with self._reading() as connection:
            return {
                (test, severity): (count, seconds)
                for test, severity, count, seconds in connection.execute(query)
            }

    def present(self, audit_id: str, test: str, severity: int) -> set[str]:
        """The ids of the examples that have their row under one test."""
        query = sa.select(tables.rows.c.example).where(
            tables.rows.c.audit == audit_id, tables.rows.c.test == test, tables.rows.c.severity == severity
        )
        with self._reading() as connection:
            return set(connection.execute(query).scalars())

    # --- marks: what people say of rows ---

    def mark(self, audit_id: str, where: Place, verdict: Verdict | None, note: str = "") -> None:
        """Writes down a person's verdict on one row, in the place of an earlier one; None takes it back.

        Raises StoreError where the audit has no such row.
        """
        test, severity, seed, example = where
        key = {"audit": audit_id, "test": test, "severity": severity, "seed": seed, "example": example}
        if verdict not in (None, *VERDICTS):
            raise StoreError(f"A verdict is one of {', '.join(VERDICTS)}; {verdict!r} was given.")
        with self._writing() as connection:
            at_row = sa.and_(*(tables.rows.c[name] == value for name, value in key.items()))
            if connection.execute(sa.select(tables.rows.c.key).where(at_row)).first() is None:
                raise StoreError(f"Audit {audit_id} has no row of example {example} under {test}.")
            at_mark = sa.and_(*(tables.marks.c[name] == value for name, value in key.items()))
            connection.execute(tables.marks.delete().where(at_mark))
            if verdict is not None:
                values = key | {"verdict": verdict, "at": now(), "note": note}
                connection.execute(tables.marks.insert().values(values))

    def marks(self, audit_id: str) -> dict[Place, Mark]:
        """The verdicts on an audit's rows, the earliest first."""
        mine = tables.marks.c.audit == audit_id
        query = sa.select(tables.marks).where(mine).order_by(tables.marks.c.at)
        with self._reading() as connection:
            return {
                (record["test"], record["severity"], record["seed"], record["example"]): Mark(
                    record["verdict"], record["at"], record["note"]
                )
                for record in connection.execute(query).mappings()
            }


def _why_not(audit: Audit) -> str:
    """Why no worker can take an audit, and what to do instead."""
    if audit.state == "running":
        return f"Audit {audit.id} is already running, in process {audit.pid}."
    if audit.state == "finished":
        return f"Audit {audit.id} is finished: `python -m audits report {audit.id}` shows it."
    if audit.state == "waiting":
        return f"Audit {audit.id} is about to start already."
    return f"Audit {audit.id} is {audit.state}: `python -m audits resume {audit.id}` takes it up again."
