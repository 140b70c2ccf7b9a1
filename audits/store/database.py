"""The database under the store: how SQLite and PostgreSQL are opened, upgraded, and what they differ in."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from audits import tables
from models.home import home

SCHEMA_VERSION = 5

#: Seconds for which a reader or writer of SQLite waits while another process holds the file.
PATIENCE = 30.0

#: PostgreSQL has no number of a file's format: it stands in a table of its own.
_format = sa.Table("assay_format", sa.MetaData(), sa.Column("version", sa.Integer, nullable=False))
#: The advisory lock under which PostgreSQL's tables are made ("assay" as a number).
_MAKING = 0x6173736179

SECRET_FREE = "postgresql://user@host/database"  # noqa: S105 (an example of an address, without a password)


class StoreError(ValueError):
    """A store or an audit that cannot be used. The message says what is wrong and what to do."""


class Database:
    """A SQLite file or a PostgreSQL database with Assay's tables, safe for many threads and processes.

    `path` is the SQLite file, None for PostgreSQL; `url` opens the same database again.
    """

    def __init__(self, where: Path | str | None = None) -> None:
        """Opens `where`: a file's path or a database's URL; by default `$ASSAY_STORE`, else Assay's home.

        What is missing is created, and an older store is brought up to date. Raises StoreError where it
        cannot be opened or was written by a newer Assay.
        """
        address = _address(where or os.environ.get("ASSAY_STORE") or home() / "audits.db")
        self.url = address.render_as_string(hide_password=False)
        self.path = Path(address.database or "") if address.get_backend_name() == "sqlite" else None
        self._shown = str(self.path or address.render_as_string())
        self._engine = self._connected(address)
        with self._plainly():
            if self.path:
                self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._reading() as connection:
            version = self._version(connection)
        if version > SCHEMA_VERSION:
            raise StoreError(
                f"A newer Assay wrote {self._shown} (format {version}; this one reads {SCHEMA_VERSION}). "
                "Bring Assay up to date, or keep audits elsewhere: set ASSAY_HOME to another folder."
            )
        if version < SCHEMA_VERSION:
            self._upgrade()

    def _connected(self, address: sa.URL) -> sa.Engine:
        if self.path:
            return _sqlite(address)
        try:
            return sa.create_engine(address, pool_pre_ping=True)
        except ImportError:
            raise StoreError(
                "PostgreSQL needs the package psycopg: `pip install -r requirements-postgres.txt`."
            ) from None

    def _upgrade(self) -> None:
        """Makes what is missing, under a lock: two processes may open an old store at once."""
        with self._writing() as connection:
            if not self.path:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
            tables.schema.create_all(connection)
            tables.add_missing_columns(connection)
            if self.path:
                connection.execute(sa.text(f"PRAGMA user_version = {SCHEMA_VERSION}"))
            else:
                _format.create(connection, checkfirst=True)
                connection.execute(_format.delete())
                connection.execute(_format.insert().values(version=SCHEMA_VERSION))

    def _version(self, connection: sa.Connection) -> int:
        """The format of the tables that are there; 0 for none."""
        if self.path:
            return int(connection.execute(sa.text("PRAGMA user_version")).scalar_one())
        if not sa.inspect(connection).has_table(_format.name):
            return 0
        return int(connection.execute(sa.select(_format.c.version)).scalar_one())

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        """Turns the database's own errors into a message that says what to do."""
        try:
            yield
        except (sa.exc.DatabaseError, OSError) as problem:
            cause = " ".join(str(getattr(problem, "orig", None) or problem).split())
            raise StoreError(
                f"The audits in {self._shown} cannot be read or written: {cause}. "
                f"Rows saved so far are safe. {self._advice(cause)}, then resume."
            ) from problem
        except UnicodeEncodeError as problem:
            raise StoreError(
                f"A text cannot be stored, for it holds half a character: {problem}. Mend it in the data."
            ) from problem

    def _advice(self, cause: str) -> str:
        if not self.path:
            return f"Check that the server runs and that ASSAY_STORE names it ({SECRET_FREE})"
        if "locked" in cause:
            return "Another process holds the file: end it or wait for it"
        return "Check the disk's free space and the file's permissions"

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the database throughout."""
        engine = self._engine if self.path else self._engine.execution_options(isolation_level=_SNAPSHOT)
        with self._plainly(), engine.begin() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction that writes: all of it is kept, or nothing."""
        with self._plainly(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection

    def _add_new(
        self, connection: sa.Connection, table: sa.Table, values: Sequence[Mapping[str, Any]]
    ) -> int:
        """Inserts records but for those whose key is there; returns how many (of one) were new."""
        insert = sqlite.insert if self.path else postgresql.insert
        return connection.execute(insert(table).on_conflict_do_nothing(), values).rowcount

    def _clock(self, connection: sa.Connection) -> float:
        """Seconds since 1970 by the clock that all who use this database share."""
        if self.path:
            return time.time()
        return float(connection.execute(sa.text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())


_SNAPSHOT = "REPEATABLE READ"


def _address(where: Path | str) -> sa.URL:
    """A path or a URL as SQLAlchemy's own. Raises StoreError for what is neither."""
    if isinstance(where, Path) or "://" not in where:
        return sa.URL.create("sqlite", database=str(where))
    try:
        address = sa.make_url(where)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError(
            f"ASSAY_STORE cannot be read as an address. Give {SECRET_FREE} or a file's path."
        ) from None
    name = address.get_backend_name()
    if name in ("postgresql", "postgres"):
        return address.set(drivername="postgresql+psycopg")
    if name == "sqlite" and address.database:
        return address
    raise StoreError(f"Audits are kept in SQLite or PostgreSQL, not in {name}. Give a path or {SECRET_FREE}.")


def _sqlite(address: sa.URL) -> sa.Engine:
    """An engine for a SQLite file: readers never wait, and rows outlive a killed process."""
    engine = sa.create_engine(address, connect_args={"timeout": PATIENCE})

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
