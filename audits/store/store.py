"""What the store keeps: audits, their examples, rows and marks."""

import json
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from audits import tables
from audits.plan import Plan
from audits.rows import Row
from audits.store.database import StoreError
from audits.store.leases import Leases
from audits.tables import Audit, now, speakable, to_row
from audits.validity import VERDICTS, Mark, Place, Verdict
from corpora.examples import Example


class Store(Leases):
    """The audits in one SQLite file or PostgreSQL database, safe to use from many threads and processes."""

    # --- audits ---

    def create(self, plan: Plan) -> str:
        """Writes a waiting audit and returns its id."""
        values: dict[str, object] = {"plan": plan.model_dump_json(), "state": "waiting", "created": now()}
        with self._writing() as connection:
            values["heartbeat"] = self._clock(connection)
            while True:
                audit_id = speakable()
                if self._add_new(connection, tables.audits, [values | {"id": audit_id}]):
                    return audit_id

    def audits(self) -> list[Audit]:
        """Every audit, the newest first."""
        with self._reading() as connection:
            found = connection.execute(
                sa.select(tables.audits).order_by(tables.audits.c.created.desc(), tables.audits.c.id)
            ).mappings()
            return [self._as_it_is(connection, record) for record in found.all()]

    def audit(self, audit_id: str) -> Audit:
        """One audit by its id or the beginning of it. Raises StoreError where none or several match."""
        with self._reading() as connection:
            found = connection.execute(
                sa.select(tables.audits).where(tables.audits.c.id.startswith(audit_id, autoescape=True))
            ).mappings()
            records = {record["id"]: record for record in found} if audit_id else {}
            only = audit_id if audit_id in records else next(iter(records), "")
            if audit_id in records or len(records) == 1:
                return self._as_it_is(connection, records[only])
        if len(records) > 1:
            raise StoreError(
                f"'{audit_id}' is the beginning of several audits: {', '.join(sorted(records))}."
            )
        raise StoreError(f"There is no audit '{audit_id}'. `python -m audits list` shows them all.")

    def delete(self, audit_id: str) -> None:
        """Removes an audit that no worker is on, with all its rows."""
        with self._writing() as connection:
            if self._found(connection, audit_id, lock=True).state == "running":
                raise StoreError(f"Audit {audit_id} is running. Cancel it first.")
            connection.execute(tables.audits.delete().where(tables.audits.c.id == audit_id))

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
        """Fixes what the audit is about, once: names and fingerprints, labels, hardware, the sample.

        Of several workers that come with it, the first is heard.
        """
        with self._writing() as connection:
            record = self._locked(connection, audit_id)
            if record is None or record["model_fingerprint"]:
                return
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
                tables.examples.insert(),
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
                self._add_new(connection, tables.rows, values)

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
