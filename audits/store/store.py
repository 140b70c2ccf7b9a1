"""What the store keeps: audits, their examples, rows and marks."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from audits import tables
from audits.costs import Cost
from audits.plan import Plan
from audits.rows import Row
from audits.store.database import StoreError
from audits.store.leases import Leases
from audits.tables import Audit, now, speakable, to_row
from audits.validity import VERDICTS, Mark, Place, Verdict
from corpora.examples import Example

Marks = Mapping[Place, Mark]


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

    def audits(self, search: str = "", *, finished: bool = True) -> list[Audit]:
        """Every audit, the newest first; with words to `search` for, those that have all of them.

        A word is found in an audit's id, name, tags, model, data, tests and state. Without `finished` ones
        only those that are under way or can be resumed.
        """
        query = sa.select(tables.audits).order_by(tables.audits.c.created.desc(), tables.audits.c.id)
        if not finished:
            query = query.where(tables.audits.c.state != "finished")
        with self._reading() as connection:
            found = connection.execute(query).mappings()
            audits = [self._as_it_is(connection, record) for record in found.all()]
        words = search.casefold().split()
        return [audit for audit in audits if all(word in audit.searched for word in words)]

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

    def annotate(self, audit_id: str, *, name: str | None = None, tags: Iterable[str] | None = None) -> None:
        """Gives an audit a name or tags in the place of the ones it has; "" and () take them away.

        Raises StoreError for a name or a tag that is too long or no single line or word.
        """
        values: dict[str, str] = {}
        if name is not None:
            values["name"] = " ".join(name.split())
            if len(values["name"]) > tables.LONGEST_NAME:
                raise StoreError(f"A name has at most {tables.LONGEST_NAME} characters.")
        if tags is not None:
            chosen = sorted({tag.strip() for tag in tags} - {""})
            for tag in chosen:
                if len(tag) > tables.LONGEST_TAG or any(mark.isspace() or mark == "," for mark in tag):
                    raise StoreError(
                        f"A tag is one word of at most {tables.LONGEST_TAG} characters without commas, "
                        f"not '{tag[: tables.LONGEST_TAG]}'."
                    )
            values["tags"] = json.dumps(chosen)
        with self._writing() as connection:
            self._found(connection, audit_id, lock=True)
            if values:
                one = tables.audits.c.id == audit_id
                connection.execute(tables.audits.update().where(one).values(values))

    def restore(
        self, record: Mapping[str, Any], examples: Sequence[Example], rows: Sequence[Row], marks: Marks
    ) -> None:
        """Writes a whole audit as `audits.archive` read it: all of it, or nothing.

        `record` has the fields of the table of audits. Raises StoreError where its id is there already.
        """
        audit_id = record["id"]
        with self._writing() as connection:
            if not self._add_new(connection, tables.audits, [record]):
                raise StoreError(
                    f"Audit {audit_id} is here already. Delete it first to take it from the file."
                )
            if examples:
                connection.execute(tables.examples.insert(), _of_examples(audit_id, examples))
            if rows:
                connection.execute(tables.rows.insert(), _of_rows(audit_id, rows))
            if marks:
                connection.execute(tables.marks.insert(), _of_marks(audit_id, marks))

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
            connection.execute(tables.examples.insert(), _of_examples(audit_id, examples))

    def set_cost(self, audit_id: str, cost: Cost) -> None:
        """Writes down what the model cost."""
        with self._writing() as connection:
            one = tables.audits.c.id == audit_id
            connection.execute(tables.audits.update().where(one).values(cost=cost.model_dump_json()))

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
        values = _of_rows(audit_id, rows)
        if values:
            with self._writing() as connection:
                self._add_new(connection, tables.rows, values)

    def rows(self, audit_id: str) -> list[Row]:
        """The audit's rows: the tests in the plan's order, within a test the examples, then the seeds."""
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
            .order_by(tables.examples.c.position, tables.rows.c.seed)
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

    def present(self, audit_id: str, test: str, severity: int) -> set[tuple[int, str]]:
        """The rows that are there of one test: the seed and the example's id."""
        query = sa.select(tables.rows.c.seed, tables.rows.c.example).where(
            tables.rows.c.audit == audit_id, tables.rows.c.test == test, tables.rows.c.severity == severity
        )
        with self._reading() as connection:
            return {(seed, example) for seed, example in connection.execute(query)}

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
                made = {where: Mark(verdict, now(), note)}
                connection.execute(tables.marks.insert(), _of_marks(audit_id, made))

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


def _of_examples(audit_id: str, examples: Sequence[Example]) -> list[dict[str, Any]]:
    """Records of a sample, in its order."""
    return [
        {
            "audit": audit_id,
            "position": position,
            "example": example.id,
            "text": example.text,
            "label": example.label,
            "metadata": json.dumps(dict(example.metadata)),
        }
        for position, example in enumerate(examples)
    ]


def _of_rows(audit_id: str, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Records of rows; text and label stand with their example."""
    return [
        {name: getattr(row, name) for name in tables.ROW_FIELDS}
        | {"audit": audit_id, "probabilities": json.dumps(row.probabilities)}
        for row in rows
    ]


def _of_marks(audit_id: str, marks: Marks) -> list[dict[str, Any]]:
    """Records of people's verdicts."""
    return [
        dict(zip(("test", "severity", "seed", "example"), where, strict=True))
        | {"audit": audit_id, "verdict": mark.verdict, "at": mark.at, "note": mark.note}
        for where, mark in marks.items()
    ]
