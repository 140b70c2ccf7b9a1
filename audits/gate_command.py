"""The command `gate`: the verdict of a policy on an audit, in the terminal and for build servers."""

import argparse
from pathlib import Path

from rich.console import Console
from rich.text import Text

from audits import gate, rules
from audits.foreground import OK, check_writable
from audits.policy import Verdict
from audits.rules import Policy
from audits.store import Store, StoreError
from audits.validity import Thresholds

#: How the command ends where a policy is not met, or cannot be decided.
FAILED, INCONCLUSIVE = 3, 4
ENDS = {"pass": OK, "fail": FAILED, "inconclusive": INCONCLUSIVE}
#: Stands for the newest finished audit: in a build there is no other way to know its id beforehand.
LAST = "last"

EXAMPLES = """\
A policy is a list of rules on an audit's figures, in a file of its own or in the plan:

  policy:
    - figure: accuracy
      at_least: 85 %
    - figure: drop *                 # every test's drop
      at_most: 5 %
    - figure: accuracy [length>20]   # of a part of the data: label, length, confidence or a column
      at_least: 80 %
    - figure: accuracy
      worse_by_at_most: 2 %          # than the baseline's

`python -m audits gate ID --figures` lists the figures of an audit: accuracy, macro_f1, recall, drop, success,
robustness, flip_rate and more, clean and under each test.

A rule passes or fails by its figure's whole interval. Where the interval holds the limit, it is inconclusive,
and the number of examples that would decide it stands beside it.

examples:
  python -m audits gate lusab
  python -m audits gate last --policy policy.yaml --baseline nodag --junit gate.xml --sarif gate.sarif

exit codes: 0 passed, 1 crashed, 2 wrong usage or input, 3 failed, 4 inconclusive
"""


def add_options(made: argparse.ArgumentParser) -> None:
    """The options of `gate`, but for the thresholds."""
    made.add_argument("id", metavar="ID", help="the audit's id, or the beginning of it; last: the newest one")
    made.add_argument(
        "--policy",
        metavar="FILE",
        help="the rules: a policy, or a plan that has one (default: the audit's own)",
    )
    made.add_argument("--baseline", metavar="ID", help="the audit to compare with (default: the plan's)")
    made.add_argument("--junit", type=Path, metavar="FILE", help="write the verdict as JUnit XML")
    made.add_argument("--sarif", type=Path, metavar="FILE", help="write the verdict as SARIF 2.1.0")
    made.add_argument("--figures", action="store_true", help="list the audit's figures, and judge nothing")


def run(chosen: argparse.Namespace, thresholds: Thresholds) -> int:
    """`gate`: shows the verdict, writes what is asked for, and ends as the verdict says."""
    from audits import terminal

    store = Store()
    audit_id = _id(chosen.id, store)
    out = terminal.console()
    if chosen.figures:
        _show_figures(audit_id, store, thresholds, out)
        return OK
    for option in ("junit", "sarif"):
        check_writable(getattr(chosen, option), option)
    policy = rules.load(chosen.policy) if chosen.policy else Policy(store.audit(audit_id).plan.policy)
    summary, verdict = gate.judge(store, audit_id, policy, chosen.baseline, thresholds)
    about = f"Audit {summary.id}: {summary.plan.model} on {summary.plan.data}, {summary.examples} examples"
    out.print(about + (f", against audit {verdict.baseline}" if verdict.baseline else ""), markup=False)
    show(verdict, out)
    if chosen.junit:
        _write(chosen.junit, gate.junit(summary, verdict), "JUnit")
    if chosen.sarif:
        _write(chosen.sarif, gate.sarif(summary, verdict, policy), "SARIF")
    return ENDS[verdict.kind]


def show(verdict: Verdict, out: Console) -> None:
    """A line a rule, and the verdict under it."""
    from audits import terminal

    styles = {"pass": "green", "fail": "bold red", "inconclusive": "yellow"}
    table = terminal.plain_table("Verdict", "Rule", "Found", "Examples to decide", text=2)
    for rule in verdict.by_urgency:
        table.add_row(
            Text(rule.verdict, style=styles[rule.verdict]),
            Text(rule.demand),
            rule.found,
            f"{rule.needed:,}".replace(",", "\u202f") if rule.needed else "–",
        )
    out.print()
    if verdict.rules:
        out.print(table)
        out.print()
    if verdict.failed_rows:
        out.print(Text(verdict.unanswered))
    out.print(Text(verdict.sentence, style=styles[verdict.kind]), soft_wrap=True)


def _show_figures(audit_id: str, store: Store, thresholds: Thresholds, out: Console) -> None:
    from audits import terminal
    from audits.figures import figures
    from audits.slices import metadata_of
    from audits.summary import summarise
    from audits.validity import Validity

    audit = store.audit(audit_id)
    view = Validity(thresholds, store.marks(audit.id))
    columns = metadata_of(store.examples(audit.id))
    found = figures(summarise(audit, store.rows(audit.id), view, columns))
    out.print(terminal.figures_table(found))


def _id(asked: str, store: Store) -> str:
    """The audit asked for; `last` stands for the newest finished one."""
    if asked != LAST:
        return store.audit(asked).id
    finished = (audit.id for audit in store.audits() if audit.state == "finished")
    found = next(finished, None)
    if found is None:
        raise StoreError("There is no finished audit yet. `python -m audits run plan.yaml` makes one.")
    return found


def _write(path: Path, text: str, name: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise StoreError(f"{name} cannot be written to {path}: {problem.strerror}.") from None
