"""The store's tables, and how its records become audits and rows."""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from audits import costs
from audits.costs import Cost
from audits.plan import Plan
from audits.rows import Row

State = Literal["waiting", "running", "interrupted", "paused", "cancelled", "failed", "finished"]

#: The most characters of what users call their audits.
LONGEST_NAME, LONGEST_TAG = 100, 30

#: PostgreSQL's texts cannot hold this character; it is written as an escape there.
_NUL, _ESCAPE = "\x00", "\x1a"


class Words(sa.TypeDecorator[str]):
    """Text of any characters. What a stranger wrote is read back as it was, from either database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """What is sent to the database."""
        if value is None or dialect.name == "sqlite":
            return value
        return value.replace(_ESCAPE, _ESCAPE * 2).replace(_NUL, f"{_ESCAPE}0")

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> str | None:
        """What was sent to the database."""
        if value is None or dialect.name == "sqlite" or _ESCAPE not in value:
            return value
        return re.sub(f"{_ESCAPE}(.)", lambda found: _NUL if found[1] == "0" else _ESCAPE, value)


schema = sa.MetaData()
audits = sa.Table(
    "audits",
    schema,
    sa.Column("id", Words, primary_key=True),
    sa.Column("plan", Words, nullable=False),
    sa.Column("state", Words, nullable=False),
    sa.Column("created", Words, nullable=False),
    sa.Column("finished", Words),
    sa.Column("model_name", Words),
    sa.Column("model_fingerprint", Words),
    sa.Column("corpus_name", Words),
    sa.Column("corpus_fingerprint", Words),
    sa.Column("labels", Words),
    sa.Column("environment", Words),
    sa.Column("error", Words),
    sa.Column("heartbeat", sa.Float),  # since when it waits for its first worker
    sa.Column("name", Words, nullable=False, server_default=""),
    sa.Column("tags", Words, nullable=False, server_default="[]"),
    sa.Column("cost", Words),
)
#: Who is on an audit now, and on which of its chunks: one worker a chunk, and no two on the same.
workers = sa.Table(
    "workers",
    schema,
    sa.Column("audit", sa.ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("lease", Words, primary_key=True),
    sa.Column("began", sa.Float, nullable=False),
    sa.Column("machine", Words, nullable=False),
    sa.Column("host", Words, nullable=False),
    sa.Column("pid", sa.Integer, nullable=False),
    sa.Column("heartbeat", sa.Float, nullable=False),
    sa.Column("uptime", sa.Float, nullable=False),
    sa.Column("test", Words),
    sa.Column("severity", sa.Integer),
    sa.Column("first", sa.Integer),
    sa.UniqueConstraint("audit", "test", "severity", "first"),
)
examples = sa.Table(
    "examples",
    schema,
    sa.Column("audit", sa.ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("example", Words, nullable=False),
    sa.Column("text", Words, nullable=False),
    sa.Column("label", Words, nullable=False),
    sa.Column("metadata", Words, nullable=False),
    sa.UniqueConstraint("audit", "example"),
)
rows = sa.Table(
    "rows",
    schema,
    sa.Column("audit", sa.ForeignKey("audits.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("test", Words, primary_key=True),
    sa.Column("severity", sa.Integer, primary_key=True),
    sa.Column("seed", sa.Integer, primary_key=True),
    sa.Column("example", Words, primary_key=True),
    sa.Column("key", Words, nullable=False),
    sa.Column("status", Words, nullable=False),
    sa.Column("perturbed", Words, nullable=False),
    sa.Column("probabilities", Words, nullable=False),
    sa.Column("queries", sa.Integer, nullable=False),
    sa.Column("characters_edited", sa.Float, nullable=False),
    sa.Column("words_edited", sa.Float, nullable=False),
    sa.Column("error", Words),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("applicable", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("group_before", Words, nullable=False, server_default=""),
    sa.Column("group_after", Words, nullable=False, server_default=""),
    sa.Column("stopped", Words, nullable=False, server_default=""),
    sa.Column("similarity", sa.Float),
    sa.Column("fluency", sa.Float),
)

_WHERE = ("audit", "test", "severity", "seed", "example")
marks = sa.Table(
    "marks",
    schema,
    sa.Column("audit", Words, primary_key=True),
    sa.Column("test", Words, primary_key=True),
    sa.Column("severity", sa.Integer, primary_key=True),
    sa.Column("seed", sa.Integer, primary_key=True),
    sa.Column("example", Words, primary_key=True),
    sa.Column("verdict", Words, nullable=False),
    sa.Column("at", Words, nullable=False),
    sa.Column("note", Words, nullable=False),
    sa.ForeignKeyConstraint(_WHERE, [f"rows.{name}" for name in _WHERE], ondelete="CASCADE"),
)

#: The columns of `rows` that are a row's own fields, as they are called there.
ROW_FIELDS = tuple(column.name for column in rows.columns if column.name != "audit")


@dataclass(frozen=True, slots=True)
class Audit:
    """A plan and how far it has come. What a worker finds out (labels, hashes) is empty before it began.

    `state` is what is true now: an audit whose worker died is "interrupted". `created` and `finished` are
    ISO times in UTC; `environment` names versions and hardware. `workers` counts the processes that are on
    it now, `pid` is the first of them. `cost` is what the model cost where the run
    began. `name` and `tags` are the user's own and may change at any time.
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
    pid: int | None = None
    workers: int = 0
    name: str = ""
    tags: tuple[str, ...] = ()
    cost: Cost | None = None

    @property
    def searched(self) -> str:
        """Where a search looks for its words."""
        known = (
            self.id,
            self.name,
            *self.tags,
            self.plan.model,
            self.plan.data,
            *self.plan.tests,
            self.state,
        )
        return " ".join((*known, self.model_name, self.corpus_name)).casefold()

    @property
    def unfinished(self) -> bool:
        """Whether `resume` would have something to do."""
        return self.state in ("interrupted", "paused", "cancelled", "failed")


def to_audit(record: Any, state: State, pids: Sequence[int] = ()) -> Audit:
    """One record of `audits`, with its state as it is now and the processes that are on it."""
    plan = Plan.model_validate_json(record["plan"])
    return Audit(
        id=record["id"],
        plan=plan,
        state=state,
        created=record["created"],
        finished=record["finished"],
        model_name=record["model_name"] or plan.model,
        model_fingerprint=record["model_fingerprint"] or "",
        corpus_name=record["corpus_name"] or plan.data,
        corpus_fingerprint=record["corpus_fingerprint"] or "",
        labels=tuple(json.loads(record["labels"] or "[]")),
        environment=json.loads(record["environment"] or "{}"),
        error=record["error"],
        pid=pids[0] if pids else None,
        workers=len(pids),
        name=record["name"],
        tags=tuple(json.loads(record["tags"])),
        cost=costs.kept(record["cost"]) if record["cost"] else None,
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


def now() -> str:
    """The time as text, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")
