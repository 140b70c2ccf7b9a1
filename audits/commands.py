"""The commands of `python -m audits`: what they take, what they do, how they end."""

import argparse
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from audits.plan import Plan, PlanError, label_pairs, make
from audits.store import Store, StoreError
from models.home import home

#: How a command ends. Interrupted is what shells expect after Ctrl-C.
OK, CRASHED, USAGE, INTERRUPTED = 0, 1, 2, 130

#: Errors of these packages are messages to the user; any other is our fault.
LAYERS = ("models", "corpora", "analysis", "attacks", "audits")

ABOUT = """\
Audit a text classifier: how much accuracy do typos, look-alike letters and attacks cost it?

Rows are saved as they are made, in the same store as the app's: what is begun here shows
there, and the other way round. An audit that was stopped or killed goes on with `resume`.
"""

EXAMPLES = """\
examples:
  python -m audits run --model bundled:sentiment --data bundled:reviews \\
      --tests keyboard-typos,deepwordbug --examples 100 --seed 0 --report out.html
  python -m audits run --model ./my-model --data reviews.csv --text-column body \\
      --label-column stars --label-map 1=negative,5=positive --tests casing@2,homoglyphs
  python -m audits list
  python -m audits report lusab --format json        (the beginning of an id is enough)

exit codes: 0 done, 1 crashed, 2 wrong usage or input, 130 interrupted (resume goes on)
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; errors are one line on stderr."""
    chosen = parser().parse_args(arguments)
    try:
        code: int = chosen.command(chosen)
    except KeyboardInterrupt:
        _complain("Interrupted.")
        return INTERRUPTED
    except BrokenPipeError:
        return OK  # `… | head` has seen enough
    except Exception as problem:
        if isinstance(problem, ValueError) and type(problem).__module__.split(".")[0] in LAYERS:
            _complain(str(problem))
            return USAGE
        log = home() / "logs" / "crash.log"
        log.parent.mkdir(exist_ok=True)
        log.write_text(traceback.format_exc())
        first = (str(problem).splitlines() or [""])[0]
        _complain(f"{type(problem).__name__}: {first} (the details are in {log})")
        return CRASHED
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    plain = argparse.RawDescriptionHelpFormatter
    top = argparse.ArgumentParser(
        "python -m audits", description=ABOUT, epilog=EXAMPLES, formatter_class=plain
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(name: str, action: Any, about: str | None, **more: Any) -> argparse.ArgumentParser:
        if about:
            more |= {"help": about, "description": about}
        made = commands.add_parser(name, formatter_class=plain, **more)
        made.set_defaults(command=action)
        return made

    _add_run(add("run", _run, "run an audit here and show its figures", epilog=_tests()))
    add("list", _list, "list all audits, the newest first")
    for name, action, about in (
        ("show", _show, "show the figures of an audit"),
        ("resume", _resume, "go on with an audit that was interrupted, cancelled or failed"),
        ("cancel", _cancel, "stop a running audit; its rows are kept"),
        ("report", _report, "write the report of an audit"),
        ("work", _work, None),  # what the app starts in the background
    ):
        made = add(name, action, about)
        made.add_argument("id", metavar="ID", help="the audit's id, or the beginning of it")
        if name == "resume":
            made.add_argument("--report", type=Path, metavar="FILE", help="write the HTML report here")
        if name == "report":
            formats = ("html", "json", "csv")
            made.add_argument("--format", choices=formats, default="html", help="html (default), json or csv")
            made.add_argument(
                "--out", metavar="FILE", help="where to (default: assay-ID.FORMAT here; - for stdout)"
            )
    return top


def _add_run(run: argparse.ArgumentParser) -> None:
    what = run.add_argument_group("what")
    what.add_argument(
        "--model",
        required=True,
        metavar="REF",
        help="bundled:sentiment, bundled:topics, a folder, or a hub id",
    )
    what.add_argument(
        "--data",
        required=True,
        metavar="REF",
        help="bundled:reviews, bundled:headlines, a file (csv, tsv, jsonl, json, parquet), or hub:OWNER/NAME",
    )
    what.add_argument("--tests", required=True, metavar="A,B", help="names as below, with commas")
    what.add_argument(
        "--examples", type=int, metavar="N", help="how many, each label in its share (default: all)"
    )
    what.add_argument(
        "--seed", type=int, default=0, metavar="S", help="decides the sample and every draw (default: 0)"
    )
    what.add_argument(
        "--query-budget",
        type=int,
        metavar="N",
        help="the most answers an attack may ask for, a text (default: no limit)",
    )
    what.add_argument(
        "--time-budget",
        type=float,
        metavar="SECONDS",
        help="the longest an attack may search, a text (default: no limit)",
    )
    what.add_argument(
        "--max-words",
        type=float,
        metavar="SHARE",
        help="the largest share of words that an attack may change, as 0.3 (default: no limit)",
    )
    how = run.add_argument_group("how to read the data")
    how.add_argument("--text-column", metavar="NAME", help="default: guessed from the names")
    how.add_argument("--label-column", metavar="NAME", help="default: guessed from the names")
    how.add_argument(
        "--label-map", default="", metavar="A=B,…", help="the data's labels to the model's, as neg=negative"
    )
    where = run.add_argument_group("where to run")
    where.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1 …")
    where.add_argument("--dtype", default="auto", help="auto (default), float32, bfloat16, float16")
    run.add_argument("--report", type=Path, metavar="FILE", help="write the HTML report here")


def _tests() -> str:
    """The list of tests, for the help of `run`."""
    from attacks.registry import FAMILIES, entries

    lines = ["tests (a noise alone means all its severities; NAME@2 is one of them):"]
    lines += [f"  {name:<24} {about}, as far as it can run here" for name, (about, _) in FAMILIES.items()]
    for entry in entries():
        levels = f"@{entry.severities[0]}…{entry.severities[-1]}" if entry.severities else ""
        lines.append(f"  {entry.name + levels:<24} {entry.description}")
    return "\n".join(lines)


def plan_of(chosen: argparse.Namespace) -> Plan:
    """The plan that the options of `run` describe. Raises PlanError."""
    fields = {
        name: getattr(chosen, name)
        for name in Plan.model_fields
        if name != "label_map" and getattr(chosen, name) is not None
    }
    return make(**fields, label_map=dict(label_pairs(chosen.label_map)))


def _run(chosen: argparse.Namespace) -> int:
    plan = plan_of(chosen)
    _check_writable(chosen.report)
    store = Store()
    audit_id = store.create(plan)
    try:
        return _follow(audit_id, store, chosen.report)
    except ValueError:
        if not store.size(audit_id):  # no such model or data: a slip of the pen leaves no audit behind
            store.delete(audit_id)
        raise


def _resume(chosen: argparse.Namespace) -> int:
    store = Store()
    audit = store.audit(chosen.id)
    _check_writable(chosen.report)
    store.reopen(audit.id)
    return _follow(audit.id, store, chosen.report)


def _check_writable(report: Path | None) -> None:
    """Hours of work should not end at a place where no report can be written."""
    if report is None:
        return
    path = report.absolute()
    if not path.parent.is_dir():
        raise PlanError(f"report: there is no folder {path.parent}. Make it first.")
    fresh = not path.exists()
    try:
        path.open("ab").close()
    except OSError as problem:
        raise PlanError(
            f"report: {path} cannot be written ({problem.strerror}). Choose another place."
        ) from None
    if fresh:
        path.unlink()


def _follow(audit_id: str, store: Store, report: Path | None) -> int:
    """Runs a waiting audit in the foreground, then shows its figures."""
    from audits import terminal
    from audits.run import run

    err = terminal.console(stderr=True)
    err.print(f"Audit {audit_id}")
    stop = threading.Event()
    _stop_on_signals(stop)
    with terminal.following(audit_id, store, err) as tell:
        audit = run(audit_id, store, tell=tell, stop=stop)
    if audit.state != "finished":
        err.print(
            f"Audit {audit_id} is {audit.state}; its rows are kept. "
            f"`python -m audits resume {audit_id}` goes on from here."
        )
        return INTERRUPTED
    _show_audit(audit_id, store)
    if report is not None:
        _write(audit_id, store, "html", str(report))
    return OK


def _stop_on_signals(stop: threading.Event) -> None:
    """The first Ctrl-C or SIGTERM ends the run with its rows saved; a second Ctrl-C ends it at once."""

    def ask(number: int, _: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        # Not through sys.stderr, which may be in the middle of a line itself.
        os.write(2, b"Stopping; the rows are kept. Once more ends it at once.\n")

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)


def _work(chosen: argparse.Namespace) -> int:
    """A run without a terminal: whoever wants to know looks into the store."""
    from audits.run import run

    stop = threading.Event()
    _stop_on_signals(stop)
    try:
        audit = run(chosen.id, Store(), stop=stop)
    except Exception:
        traceback.print_exc()  # into the worker's log; the message itself is on the audit
        return CRASHED
    sys.stdout.write(f"{audit.id} is {audit.state}\n")
    return OK


def _list(_: argparse.Namespace) -> int:
    from audits import terminal

    store = Store()
    audits = store.audits()
    if not audits:
        sys.stdout.write("There are no audits yet. `python -m audits run --help` tells how to make one.\n")
        return OK
    terminal.console().print(terminal.listing(audits, store))
    return OK


def _show(chosen: argparse.Namespace) -> int:
    store = Store()
    _show_audit(store.audit(chosen.id).id, store)
    return OK


def _show_audit(audit_id: str, store: Store) -> None:
    from audits import terminal
    from audits.summary import summarise

    out = terminal.console()
    audit = store.audit(audit_id)
    out.print(f"Audit {audit.id}: {audit.plan.model} on {audit.plan.data}, {audit.state}", markup=False)
    if audit.error:
        out.print(audit.error, markup=False)
    terminal.show(summarise(audit, store.rows(audit.id)), out)


def _cancel(chosen: argparse.Namespace) -> int:
    from audits.run import cancel

    audit_id = cancel(chosen.id)
    sys.stdout.write(f"Audit {audit_id} stops; its rows are kept.\n")
    return OK


def _report(chosen: argparse.Namespace) -> int:
    store = Store()
    audit = store.audit(chosen.id)
    _write(audit.id, store, chosen.format, chosen.out or f"assay-{audit.id}.{chosen.format}")
    return OK


def _write(audit_id: str, store: Store, form: str, target: str) -> None:
    """Writes a report to a file, or to stdout for `-`, and says where it is."""
    from audits import report

    made = report.write(store.audit(audit_id), store.rows(audit_id), form)
    if target == "-":
        sys.stdout.write(made)
        return
    path = Path(target).absolute()
    try:
        path.write_text(made, encoding="utf-8", errors="replace", newline="")
    except OSError as problem:
        raise StoreError(f"The report cannot be written to {path}: {problem.strerror}.") from problem
    sys.stdout.write(f"Report: {path}\n")


def _complain(message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"python -m audits: {' '.join(message.split())}\n")
