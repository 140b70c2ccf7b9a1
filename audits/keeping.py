"""The commands that keep audits in order: delete, rename, tag, pause, export, import."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from audits import archive
from audits.foreground import OK, USAGE, check_writable
from audits.store import Store, StoreError
from views.numbers import grouped


def add_commands(add: Callable[..., argparse.ArgumentParser]) -> None:
    """Adds the commands; `add` makes one from its name, its action and what it is about."""
    for name, action, about in (
        ("pause", _pause, "stop a running audit that is to go on some time; `resume` goes on"),
        ("delete", _delete, "remove an audit with all its rows, after asking"),
        ("rename", _rename, "give an audit a name, in the place of an earlier one"),
        ("tag", _tag, "put tags on an audit and take them off; without any, show them"),
        ("export", _export, "write an audit with its rows and verdicts into one file"),
    ):
        made = add(name, action, about)
        made.add_argument("id", metavar="ID", help="the audit's id, or the beginning of it")
        if name == "delete":
            made.add_argument("--yes", action="store_true", help="do not ask")
        if name == "rename":
            made.add_argument("name", metavar="NAME", help="'' takes the name away")
        if name == "tag":
            made.add_argument(
                "tags", nargs="*", metavar="TAG", help="a word to put on, as release; with a dash after it, "
                "as release-, to take off"
            )  # fmt: skip
        if name == "export":
            made.add_argument(
                "--out", type=Path, metavar="FILE", help="where to (default: assay-ID.zip here)"
            )
    made = add("import", _import, "take an audit from a file that `export` wrote into this store")
    made.add_argument("file", type=Path, metavar="FILE")


def _pause(chosen: argparse.Namespace) -> int:
    from audits.run import pause

    audit_id = pause(chosen.id)
    return _say(f"Audit {audit_id} stops; `python -m audits resume {audit_id}` goes on.")


def _delete(chosen: argparse.Namespace) -> int:
    store = Store()
    audit = store.audit(chosen.id)
    rows = sum(count for count, _ in store.done(audit.id).values())
    called = f" “{audit.name}”" if audit.name else ""
    what = f"audit {audit.id}{called} ({audit.plan.model} on {audit.plan.data}, {grouped(rows)} rows)"
    if not chosen.yes:
        if not sys.stdin.isatty():
            raise StoreError(f"Nobody can be asked whether to delete {what}. Say --yes if it is to go.")
        sys.stderr.write(f"Delete {what} for good? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            _say("Nothing was deleted.")
            return USAGE
    store.delete(audit.id)
    return _say(f"Deleted {what}.")


def _rename(chosen: argparse.Namespace) -> int:
    store = Store()
    audit_id = store.audit(chosen.id).id
    store.annotate(audit_id, name=chosen.name)
    name = store.audit(audit_id).name
    return _say(f"Audit {audit_id} is called “{name}”." if name else f"Audit {audit_id} has no name.")


def _tag(chosen: argparse.Namespace) -> int:
    store = Store()
    audit = store.audit(chosen.id)
    off = {tag[:-1] for tag in chosen.tags if tag.endswith("-")}
    on = {tag for tag in chosen.tags if not tag.endswith("-")}
    if chosen.tags:
        store.annotate(audit.id, tags=({*audit.tags} | on) - off)
    tags = store.audit(audit.id).tags
    return _say(
        f"Audit {audit.id} has the tags {', '.join(tags)}." if tags else f"Audit {audit.id} has no tags."
    )


def _export(chosen: argparse.Namespace) -> int:
    store = Store()
    audit = store.audit(chosen.id)
    path = (chosen.out or Path(f"assay-{audit.id}.zip")).absolute()
    check_writable(path, "out")
    data = archive.pack(audit.id, store)
    try:
        path.write_bytes(data)
    except OSError as problem:
        raise StoreError(f"The audit cannot be written to {path}: {problem.strerror}.") from None
    return _say(f"Audit {audit.id}: {path}")


def _import(chosen: argparse.Namespace) -> int:
    try:
        data = chosen.file.read_bytes()
    except OSError as problem:
        raise StoreError(f"{chosen.file} cannot be read: {problem.strerror}.") from None
    audit_id = archive.unpack(data, Store())
    return _say(f"Audit {audit_id} is here now; `python -m audits show {audit_id}` shows it.")


def _say(sentence: str) -> int:
    sys.stdout.write(f"{sentence}\n")
    return OK
