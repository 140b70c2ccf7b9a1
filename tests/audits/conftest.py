"""A PostgreSQL of the tests' own, where one is installed: made in a temporary folder, gone afterwards."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from audits.store import Store

#: What a server of a few tests can go without.
HASTY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off"


def programs() -> Path | None:
    """The folder of PostgreSQL's own programs, the newest where there are several."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).parent if found else debian[-1].parent if debian else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.URL]:
    """The address of a server that listens on a socket alone; it refuses to run as root."""
    folder = programs()
    if folder is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg")
    as_user = {}
    home = Path(tempfile.mkdtemp(prefix="assay-pg-"))
    if os.geteuid() == 0:
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            pytest.skip("PostgreSQL does not run as root, and there is no user postgres")
        as_user = {"user": "postgres"}
        shutil.chown(home, "postgres")

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=home, **as_user)  # type: ignore[call-overload]

    data = home / "data"
    run(folder / "initdb", "-D", data, "-U", "assay", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
    control = (folder / "pg_ctl", "-D", data, "-w", "-l", home / "log")
    run(*control, "-o", f"-k {home} -c listen_addresses='' {HASTY}", "start")
    try:
        yield sa.URL.create("postgresql", "assay", database="postgres", query={"host": str(home)})
    finally:
        run(*control, "-m", "immediate", "stop")
        shutil.rmtree(home)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.xdist_group("postgres"))])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty store, in a file and in a server."""
    if request.param == "sqlite":
        return Store(tmp_path / "audits.db")
    return Store(request.getfixturevalue("database"))


@pytest.fixture
def database(postgres: sa.URL) -> str:
    """The URL of a place without tables: a schema of its own, which is made in no time."""
    name = f"assay_{secrets.token_hex(4)}"
    engine = sa.create_engine(postgres.set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return postgres.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string()
