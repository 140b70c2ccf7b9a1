"""The commands of `python -m audits`: what they take, what they do, how they end."""

import argparse
import shlex
import shutil
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from audits import (
    catalogue,
    check_command,
    compare_command,
    foreground,
    gate_command,
    generalise_command,
    keeping,
    plan_file,
)
from audits.foreground import CRASHED, INTERRUPTED, OK, USAGE
from audits.plan import PlanError
from audits.reports import command as reports_command
from audits.store import Store
from audits.validity import Thresholds
from models.home import home

#: Errors of these packages are messages to the user; any other is our fault.
LAYERS = ("models", "corpora", "analysis", "attacks", "audits")

ABOUT = """\
Audit a text classifier: how much accuracy do typos, look-alike letters and attacks cost it?

Rows are saved as they are made, in the same store as the app's: what is begun here shows
there, and the other way round. An audit that was stopped or killed goes on with `resume`.
"""

EXAMPLES = """\
examples:
  python -m audits init && python -m audits run plan.yaml
  python -m audits run --model bundled:sentiment --data bundled:reviews \\
      --tests keyboard-typos,deepwordbug --examples 100 --seed 0 --report out.html
  python -m audits run --model ./my-model --data reviews.csv --text-column body \\
      --label-column stars --label-map 1=negative,5=positive --tests casing@2,homoglyphs
  python -m audits tests                             (what can be run, and what that needs)
  python -m audits run --model bundled:sentiment --data bundled:reviews \\
      --tests noise@2,counterfactuals,attacks:fast --examples 50
  python -m audits run --model bundled:sentiment --data bundled:reviews \\
      --tests ./mine.yaml --examples 50              (a recipe of your own: see docs/audits.md)
  python -m audits check --model bundled:sentiment --suite sentiment
  python -m audits list
  python -m audits gate lusab --policy policy.yaml   (pass, fail or inconclusive)
  python -m audits compare lusab nodag               (what changed between two audits)
  python -m audits report lusab --out release        (the beginning of an id is enough)
  python -m audits verify release                    (does every figure follow from the rows?)

exit codes: 0 done, 1 crashed, 2 wrong usage or input, 130 interrupted (resume goes on);
of gate: 0 passed, 3 failed, 4 inconclusive; of verify: 3 something does not hold
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

    foreground.add_options(
        add("run", foreground.run_here, "run an audit here and show its figures", epilog=catalogue.families())
    )
    init = add("init", _init, "write a plan to begin with: every field explained, and it runs as it stands")
    init.add_argument(
        "file", nargs="?", default="plan.yaml", metavar="FILE", help="default: %(default)s; - for stdout"
    )
    tests = add("tests", _tests, "list all tests: what each does and needs, and the names of families")
    tests.add_argument("--json", action="store_true", help="everything known of every test, for machines")
    check_command.add_options(
        add(
            "check",
            check_command.check,
            "run a suite of checks on a model (MFT, INV and DIR tests, as in CheckList)",
            epilog=check_command.EXAMPLES,
        )
    )
    generalise_command.add_options(
        add(
            "generalise",
            generalise_command.generalise,
            "put one model on several data sets: what it loses, and how far apart they are",
            epilog=generalise_command.EXAMPLES,
        )
    )
    judged = add(
        "gate",
        lambda chosen: gate_command.run(chosen, _thresholds(chosen)),
        "say whether an audit meets a policy: pass, fail or inconclusive",
        epilog=gate_command.EXAMPLES,
    )
    gate_command.add_options(judged)
    _add_thresholds(judged)
    compare_command.add_options(
        add(
            "compare",
            compare_command.run,
            "show what changed between two audits or more, on the rows that they share",
            epilog=compare_command.EXAMPLES,
        )
    )
    listed = add("list", _list, "list audits, the newest first")
    listed.add_argument(
        "words",
        nargs="*",
        metavar="WORD",
        help="only those with all these words: in a name, a tag, a model",
    )
    for name, action, about in (
        ("show", _show, "show the figures of an audit"),
        ("resume", foreground.resume_here, "go on with an audit that was interrupted, cancelled or failed"),
        ("cancel", _cancel, "stop a running audit; its rows are kept"),
        ("work", foreground.work, None),  # what the app starts in the background
    ):
        made = add(name, action, about)
        made.add_argument("id", metavar="ID", help="the audit's id, or the beginning of it")
        if name == "show":
            _add_thresholds(made)
        if name in ("resume", "work"):
            foreground.add_workers(made)
        if name == "work":
            made.add_argument("--join", action="store_true", help="be one more worker of a running audit")
        if name == "resume":
            made.add_argument("--report", type=Path, metavar="FILE", help="write the HTML report here")
    reports_command.add_commands(add, _add_thresholds, _thresholds)
    keeping.add_commands(add)
    return top


def _init(chosen: argparse.Namespace) -> int:
    if chosen.file == "-":
        sys.stdout.write(plan_file.starter())
        return OK
    path = Path(chosen.file)
    foreground.check_writable(path, "init")
    try:
        with path.open("x", encoding="utf-8") as out:
            out.write(plan_file.starter(shlex.quote(chosen.file)))
    except FileExistsError:
        raise PlanError(f"init: there is {path} already. Give another name, or take it away first.") from None
    sys.stdout.write(
        f"Plan: {path.absolute()}\nRun it with: python -m audits run {shlex.quote(chosen.file)}\n"
    )
    return OK


def _tests(chosen: argparse.Namespace) -> int:
    columns = shutil.get_terminal_size((110, 24)).columns
    sys.stdout.write(catalogue.as_json() if chosen.json else catalogue.as_text(columns))
    return OK


def _add_thresholds(made: argparse.ArgumentParser) -> None:
    """What a successful attack must keep to count as valid: a way of looking, which changes no row."""
    group = made.add_argument_group("which successful attacks are valid ('none' switches a threshold off)")
    usual = Thresholds()
    for option, name, metavar, about in (
        ("--min-similarity", "similarity", "COSINE", "the least likeness of the texts before and after"),
        ("--max-words-changed", "words", "SHARE", "the largest share of words changed"),
        ("--max-fluency-loss", "fluency", "NATS", "the largest loss of log-probability a token"),
    ):
        default = getattr(usual, name)
        group.add_argument(
            option,
            dest=f"threshold_{name}",
            type=_threshold,
            default=default,
            metavar=metavar,
            help=f"{about} (default: {'none' if default is None else default})",
        )


def _threshold(text: str) -> float | None:
    return None if text == "none" else float(text)


def _thresholds(chosen: argparse.Namespace) -> Thresholds:
    """The thresholds that the options of `show` and `report` describe. Raises PlanError."""
    try:
        return Thresholds(**{name: getattr(chosen, f"threshold_{name}") for name in Thresholds.model_fields})
    except ValidationError as problem:
        first = problem.errors()[0]
        raise PlanError(f"The threshold for {first['loc'][0]} is out of range: {first['msg']}.") from None


def _list(chosen: argparse.Namespace) -> int:
    from audits import terminal

    store = Store()
    audits = store.audits(" ".join(chosen.words))
    if not audits and chosen.words:
        sys.stdout.write(f"No audit has {', '.join(chosen.words)}. `python -m audits list` shows them all.\n")
        return OK
    if not audits:
        sys.stdout.write("There are no audits yet. `python -m audits run --help` tells how to make one.\n")
        return OK
    terminal.console().print(terminal.listing(audits, store))
    return OK


def _show(chosen: argparse.Namespace) -> int:
    from audits import terminal

    store = Store()
    terminal.show_audit(store.audit(chosen.id).id, store, _thresholds(chosen))
    return OK


def _cancel(chosen: argparse.Namespace) -> int:
    from audits.run import cancel

    audit_id = cancel(chosen.id)
    sys.stdout.write(f"Audit {audit_id} stops; its rows are kept.\n")
    return OK


def _complain(message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"python -m audits: {' '.join(message.split())}\n")
