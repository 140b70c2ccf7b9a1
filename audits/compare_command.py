"""The command `compare`: two or more audits side by side, in the terminal, as JSON and as one HTML file."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from audits import comparison
from audits.comparison import Against, Comparison, Difference, costs
from audits.foreground import OK, check_writable
from audits.store import Store
from audits.summary import p_value
from views.numbers import grouped, percent

EXAMPLES = """\
The first audit is the reference: every difference is the other's figure minus its own, on the rows that both
have (the same text, label, test, severity and seed). Brackets are 95 % intervals, p is that of the exact
McNemar test, corrected by Holm over all tests of the comparison; q by Benjamini and Hochberg, to explore.

examples:
  python -m audits compare lusab nodag
  python -m audits compare lusab nodag fital --json compared.json --html compared.html
"""


def add_options(made: argparse.ArgumentParser) -> None:
    """The options of `compare`."""
    made.add_argument("ids", nargs="+", metavar="ID", help="two audits or more; the first is the reference")
    made.add_argument("--json", metavar="FILE", help="write everything found as JSON (- for stdout)")
    made.add_argument("--html", type=Path, metavar="FILE", help="write the comparison as one HTML file")


def run(chosen: argparse.Namespace) -> int:
    """`compare`: shows what changed, and writes what is asked for."""
    from audits import terminal

    store = Store()
    if chosen.json not in (None, "-"):
        check_writable(Path(chosen.json), "json")
    check_writable(chosen.html, "html")
    found = comparison.of_store(store, chosen.ids)
    if chosen.json == "-":
        sys.stdout.write(found.model_dump_json(indent=1) + "\n")
        return OK
    show(found, terminal.console())
    if chosen.html:
        from audits.reports import comparing

        chosen.html.write_text(comparing.as_html(found), encoding="utf-8", errors="replace")
    if chosen.json:
        Path(chosen.json).write_text(found.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return OK


def show(found: Comparison, out: Console) -> None:
    """What was found: sentences first, then a table for each audit."""
    from audits import terminal

    for sentence in comparison.headline(found):
        out.print(Text(sentence, style="bold"), soft_wrap=True)
    for one in found.against:
        out.print()
        out.print(
            f"{one.second.title} ({one.second.id}) against {found.first.title} ({found.first.id})",
            markup=False,
        )
        out.print(comparison.shares(found, one), markup=False)
        for note in filter(None, (*one.notes, costs.note(found.first, one.second))):
            out.print(note, markup=False)
        out.print()
        out.print(tests(one))
        out.print()
        out.print(other_figures(one))
        measured = costs.lines(found.first, one.second)
        if measured:
            table = terminal.plain_table("Cost", "First", "Second", "Ratio")
            for line in measured:
                table.add_row(*line)
            out.print()
            out.print(table)
        if one.robustness:
            out.print()
            out.print(robustness(one))


def tests(one: Against) -> Table:
    """One line a test: rows shared, what changed, accuracy of both, the difference, p and q."""
    from audits import terminal

    table = terminal.plain_table(
        "Test",
        "Shared",
        "Changed",
        "Right to wrong",
        "Wrong to right",
        "First",
        "Second",
        "Difference",
        "p (Holm)",
        "q",
    )
    for test in one.tests:
        accuracy = test.accuracy
        counts = (test.changed, test.lost, test.gained) if accuracy else ()
        table.add_row(
            Text(test.title),
            grouped(test.shared),
            *(map(grouped, counts) if counts else ("–",) * 3),
            percent(accuracy.first) if accuracy else "–",
            percent(accuracy.second) if accuracy else "–",
            Text(_written(accuracy), style="bold" if test.is_found else ""),
            p_value(test.p_adjusted),
            p_value(test.q_value),
        )
    return table


def other_figures(one: Against) -> Table:
    """One line a test: the differences of macro F1, calibration error, drop and an attack's success."""
    from audits import terminal

    table = terminal.plain_table("Differences in points", "Macro F1", "Calibration error", "Drop", "Success")
    for test in one.tests:
        success = test.attack.success if test.attack else None
        found = (test.macro_f1, test.calibration_error, test.drop, success)
        table.add_row(Text(test.title), *map(_written, found))
    return table


def robustness(one: Against) -> Table:
    """One line a noise: the area under its curve in both audits, and the difference."""
    from audits import terminal

    table = terminal.plain_table("Robustness over all severities", "Texts", "First", "Second", "Difference")
    for noise in one.robustness:
        table.add_row(
            Text(noise.title),
            grouped(noise.score.difference.count),
            percent(noise.score.first),
            percent(noise.score.second),
            _written(noise.score),
        )
    return table


def _written(found: Difference | None) -> str:
    return comparison.difference(found.difference) if found else "–"
