"""Audits in the foreground: the options of a run, its progress, and how it ends."""

import argparse
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audits import plan_file
from audits.plan import Plan, PlanError, label_pairs, make
from audits.store import Store

if TYPE_CHECKING:
    from audits.executors.on_ray import Cluster

#: How a command ends. Interrupted is what shells expect after Ctrl-C.
OK, CRASHED, USAGE, INTERRUPTED = 0, 1, 2, 130


def add_options(run: argparse.ArgumentParser) -> None:
    """The options of `run`."""
    run.add_argument(
        "plan",
        nargs="?",
        metavar="PLAN",
        help="a plan's file, such as `python -m audits init` writes; options override what stands there",
    )
    run.add_argument("--plan", dest="plan_option", metavar="FILE", help="the same")
    what = run.add_argument_group("what")
    what.add_argument(
        "--model",
        metavar="REF",
        help="bundled:sentiment, a folder, or a hub id; with #LABEL behind it one of several labels",
    )
    what.add_argument(
        "--data",
        metavar="REF",
        help="bundled:reviews, bundled:headlines, a file (csv, tsv, jsonl, json, parquet), or hub:OWNER/NAME",
    )
    what.add_argument("--tests", metavar="A,B", help="names as below, with commas")
    what.add_argument(
        "--examples", type=int, metavar="N", help="how many, each label in its share (default: all)"
    )
    what.add_argument(
        "--stratify",
        metavar="A,B",
        help="what keeps its share in the sample: label (default), and columns of the data; or none",
    )
    what.add_argument("--seed", type=int, metavar="S", help="decides the sample and every draw (default: 0)")
    what.add_argument(
        "--seeds",
        type=int,
        metavar="N",
        help="how often each noise is drawn, with S and the next ones; attacks search once (default: 3)",
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
    what.add_argument(
        "--slices",
        metavar="A,B",
        help="parts of the data to look at, as 'label=negative,length>20,domain' (default: all there are)",
    )
    what.add_argument(
        "--metrics",
        metavar="A,B",
        help="the figures to show before all others, as 'macro_f1,calibration_error,drop *'",
    )
    demanded = run.add_argument_group("what a release must meet (see `python -m audits gate --help`)")
    demanded.add_argument("--policy", metavar="FILE", help="rules on the audit's figures, in YAML")
    demanded.add_argument("--baseline", metavar="ID", help="the audit that rules compare with")
    how = run.add_argument_group("how to read the data")
    how.add_argument("--text-column", metavar="NAME", help="default: guessed from the names")
    how.add_argument("--label-column", metavar="NAME", help="default: guessed from the names")
    how.add_argument("--label-map", metavar="A=B,…", help="the data's labels to the model's, as neg=negative")
    where = run.add_argument_group("where to run")
    where.add_argument("--device", help="auto (default), cpu, cuda, cuda:1 …")
    where.add_argument("--dtype", help="auto (default), float32, bfloat16, float16, int8")
    add_workers(where)
    run.add_argument("--report", type=Path, metavar="FILE", help="write the HTML report here")


def add_workers(options: Any) -> None:
    """The option of how many processes share the work."""
    options.add_argument(
        "--workers",
        type=_workers,
        default=1,
        metavar="N",
        help="processes that share the work, each with the model and one thread; the rows are the same "
        "(default: 1)",
    )
    options.add_argument(
        "--executor",
        choices=("local", "ray"),
        default="local",
        help="local (default): processes of this machine; ray: workers of a Ray cluster, each with the model "
        "on one device (needs requirements-ray.txt)",
    )
    options.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="a running Ray cluster, or auto for the one that this machine belongs to; default: one is "
        "started here for the run",
    )


def cluster_of(chosen: argparse.Namespace) -> "Cluster | None":
    """The Ray cluster that the options ask for. Raises PlanError."""
    if chosen.executor == "ray":
        from audits.executors.on_ray import Cluster

        return Cluster(chosen.workers, chosen.address)
    if chosen.address:
        raise PlanError("address: it names a Ray cluster. Say --executor ray beside it.")
    return None


def _workers(text: str) -> int:
    if not (text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of processes: give 1 or more")
    return int(text)


def plan_of(chosen: argparse.Namespace) -> Plan:
    """The plan that the file and the options of `run` describe. Raises PlanError."""
    fields = {name: value for name in Plan.model_fields if (value := getattr(chosen, name, None)) is not None}
    if "label_map" in fields:
        fields["label_map"] = dict(label_pairs(fields["label_map"]))
    if chosen.plan and chosen.plan_option:
        raise PlanError(f"plan: {chosen.plan} and {chosen.plan_option} are two files. Give one.")
    file = chosen.plan or chosen.plan_option
    return plan_file.load(file, **fields) if file else make(**fields)


def run_here(chosen: argparse.Namespace) -> int:
    """`run`: makes an audit, runs it and shows its figures."""
    cluster_of(chosen)
    plan = plan_of(chosen)
    check_writable(chosen.report)
    store = Store()
    if plan.baseline:
        store.audit(plan.baseline)  # raises now what would end the gate after hours of work
    audit_id = store.create(plan)
    try:
        return _follow(audit_id, store, chosen)
    except ValueError:
        if not store.size(audit_id):  # no such model or data: a slip of the pen leaves no audit behind
            store.delete(audit_id)
        raise


def resume_here(chosen: argparse.Namespace) -> int:
    """`resume`: goes on with an audit and shows its figures."""
    cluster_of(chosen)
    store = Store()
    audit = store.audit(chosen.id)
    check_writable(chosen.report)
    store.reopen(audit.id)
    return _follow(audit.id, store, chosen)


def check_writable(file: Path | None, option: str = "report") -> None:
    """Hours of work should not end at a place where no file can be written. Raises PlanError."""
    if file is None:
        return
    path = file.absolute()
    if not path.parent.is_dir():
        raise PlanError(f"{option}: there is no folder {path.parent}. Make it first.")
    fresh = not path.exists()
    try:
        path.open("ab").close()
    except OSError as problem:
        raise PlanError(
            f"{option}: {path} cannot be written ({problem.strerror}). Choose another place."
        ) from None
    if fresh:
        path.unlink()


def _follow(audit_id: str, store: Store, chosen: argparse.Namespace) -> int:
    """Runs a waiting audit in the foreground, then shows its figures."""
    from audits import terminal
    from audits.run import run

    err = terminal.console(stderr=True)
    err.print(f"Audit {audit_id}")
    missing = store.audit(audit_id).plan.left_out
    if missing:
        err.print(
            f"Left out, for they cannot run here: {', '.join(missing)}. "
            "`python -m audits tests` says what they lack."
        )
    stop = threading.Event()
    _stop_on_signals(stop)
    with terminal.following(audit_id, store, err) as tell:
        audit = run(audit_id, store, tell=tell, stop=stop, workers=chosen.workers, cluster=cluster_of(chosen))
    if audit.state != "finished":
        err.print(
            f"Audit {audit_id} is {audit.state}; its rows are kept. "
            f"`python -m audits resume {audit_id}` goes on from here."
        )
        return INTERRUPTED
    terminal.show_audit(audit_id, store)
    if chosen.report is not None:
        from audits.reports.command import write

        write(audit_id, "html", str(chosen.report), store, explained=True)
    return OK


def _stop_on_signals(stop: threading.Event) -> None:
    """The first Ctrl-C or SIGTERM ends the run with its rows saved; a second Ctrl-C ends it at once.

    A SIGTERM never does: a run that was cancelled is stopping already when it is told to.
    """

    def ask(number: int, _: object) -> None:
        if stop.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.set()
        # Not through sys.stderr, which may be in the middle of a line itself.
        os.write(2, b"Stopping; the rows are kept. Once more ends it at once.\n")

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)


def work(chosen: argparse.Namespace) -> int:
    """`work`: a run without a terminal; whoever wants to know looks into the store."""
    from audits.run import run

    stop = threading.Event()
    _stop_on_signals(stop)
    try:
        audit = run(
            chosen.id,
            Store(),
            stop=stop,
            workers=chosen.workers,
            join=chosen.join,
            cluster=cluster_of(chosen),
        )
    except Exception:
        traceback.print_exc()  # into the worker's log; the message itself is on the audit
        return CRASHED
    sys.stdout.write(f"{audit.id} is {audit.state}\n")
    return OK
