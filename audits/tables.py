"""The store's tables, how SQLite is opened, and how its records become audits and rows."""

import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from audits.plan import Plan
from audits.rows import Row

#: A worker that has given no sign of life for so many seconds is taken for dead.
STALE_AFTER = 30.0

State = Literal["waiting", "running", "interrupted", "cancelled", "failed", "finished"]

schema = sa.MetaData()
audits = sa.Table(
    "audits",
    schema,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("plan", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("created", sa.Text, nullable=False),
    sa.Column("finished", sa.Text),
    sa.Column("model_name", sa.Text),
    sa.Column("model_fingerprint", sa.Text),
    sa.Column("corpus_name", sa.Text),
    sa.Column("corpus_fingerprint", sa.Text),
    sa.Column("labels", sa.Text),
    sa.Column("environment", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("lease", sa.Text),
    sa.Column("host", sa.Text),
    sa.Column("pid", sa.Integer),
    sa.Column("heartbeat", sa.Float),
)
examples = sa.Table(
    "examples",
    schema,
    sa.Column("audit", sa.ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("example", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("metadata", sa.Text, nullable=False),
    sa.UniqueConstraint("audit", "example"),
)
rows = sa.Table(
    "rows",
    schema,
    sa.Column("audit", sa.ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("test", sa.Text, primary_key=True),
    sa.Column("severity", sa.Integer, primary_key=True),
    sa.Column("seed", sa.Integer, primary_key=True),
    sa.Column("example", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("perturbed", sa.Text, nullable=False),
    sa.Column("probabilities", sa.Text, nullable=False),
    sa.Column("queries", sa.Integer, nullable=False),
    sa.Column("characters_edited", sa.Float, nullable=False),
    sa.Column("words_edited", sa.Float, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("applicable", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("group_before", sa.Text, nullable=False, server_default=""),
    sa.Column("group_after", sa.Text, nullable=False, server_default=""),
    sa.Column("stopped", sa.Text, nullable=False, server_default=""),
    sa.Column("similarity", sa.Float),
    sa.Column("fluency", sa.Float),
)

_WHERE = ("audit", "test", "severity", "seed", "example")
marks = sa.Table(
    "marks",
    schema,
    sa.Column("audit", sa.Text, primary_key=True),
    sa.Column("test", sa.Text, primary_key=True),
    sa.Column("severity", sa.Integer, primary_key=True),
    sa.Column("seed", sa.Integer, primary_key=True),
    sa.Column("example", sa.Text, primary_key=True),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(_WHERE, [f"rows.{name}" for name in _WHERE], ondelete="CASCADE"),
)

#: The columns of `rows` that are a row's own fields, as they are called there.
ROW_FIELDS = tuple(column.name for column in rows.columns if column.name != "audit")


@dataclass(frozen=True, slots=True)
class Audit:
    """A plan and how far it has come. What a worker finds out (labels, hashes) is empty before it began.

    `state` is what is true now: an audit whose worker died is "interrupted". `created` and `finished` are
    ISO times in UTC; `environment` names versions and hardware.
    """

    id: str
    plan: Plan
    state: State
    created: str
    finished: str | None
    model_name: str
    model_fingerprint: str
    corpus_name: str
    corpus_fingerprint: str
    labels: tuple[str, ...]
    environment: Mapping[str, str]
    error: str | None
    pid: int | None

    @property
    def unfinished(self) -> bool:
        """Whether `resume` would have something to do."""
        return self.state in ("interrupted", "cancelled", "failed")


def connect(path: Path) -> sa.Engine:
    """An engine for the SQLite file at `path`: readers never wait, and rows outlive a killed process."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver's guesses
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes the lock at its start: what it reads cannot change before it writes.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def true_state(record: Any) -> State:
    """The state as it is, not as a dead worker left it."""
    silent = clock() - (record["heartbeat"] or 0.0) > STALE_AFTER
    if record["state"] == "waiting" and silent:
        return "interrupted"
    if record["state"] == "running":
        here = record["host"] == socket.gethostname()
        if silent or (here and not _alive(record["pid"])):
            return "interrupted"
    state: State = record["state"]
    return state


def _alive(pid: int) -> bool:
    """Whether a process of this number runs on this machine (one that ended unnoticed does not)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def to_audit(record: Any) -> Audit:
    """One record of `audits`, with its state as it is now."""
    plan = Plan.model_validate_json(record["plan"])
    return Audit(
        id=record["id"],
        plan=plan,
        state=true_state(record),
        created=record["created"],
        finished=record["finished"],
        model_name=record["model_name"] or plan.model,
        model_fingerprint=record["model_fingerprint"] or "",
        corpus_name=record["corpus_name"] or plan.data,
        corpus_fingerprint=record["corpus_fingerprint"] or "",
        labels=tuple(json.loads(record["labels"] or "[]")),
        environment=json.loads(record["environment"] or "{}"),
        error=record["error"],
        pid=record["pid"],
    )


def to_row(record: Any) -> Row:
    """One record of `rows`, joined with its example's text and label."""
    values = {name: record[name] for name in (*ROW_FIELDS, "text", "label")}
    return Row(**values | {"probabilities": tuple(json.loads(record["probabilities"]))})


def add_missing_columns(connection: sa.Connection) -> None:
    """Brings tables that an older Assay made up to this schema; rows keep all that they had."""
    inspector = sa.inspect(connection)
    for table in schema.sorted_tables:
        present = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in present:
                definition = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")


def speakable() -> str:
    """A random id that can be said aloud: two five-letter words, such as `lusab-babad` (32 bits)."""
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    number = secrets.randbits(32)
    letters = []
    for place in range(10):
        alphabet, bits = (vowels, 2) if place % 5 in (1, 3) else (consonants, 4)
        letters.append(alphabet[number & (len(alphabet) - 1)])
        number >>= bits
    return f"{''.join(letters[:5])}-{''.join(letters[5:])}"


def clock() -> float:
    """Seconds since 1970: heartbeats are compared between processes."""
    return datetime.now(UTC).timestamp()


def now() -> str:
    """The time as text, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
