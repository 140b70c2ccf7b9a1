"""`python -m audits check`: a suite of checks run on a model, its table, and its file."""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from attacks import templates
from audits import checks, terminal
from audits.foreground import OK, check_writable
from audits.plan import PlanError
from models.classifier import Classifier
from views.numbers import grouped, rate

EXAMPLES = """\
examples:
  python -m audits check --model bundled:sentiment --suite sentiment
  python -m audits check --model ./my-model --suite own.yaml --max-cases 5000 --out checks.json

MFT: minimum functionality test, a text whose label is plain. INV: invariance test, a change that must not
change the label. DIR: directional test, a change after which a probability may move one way only.
The suites that come with Assay are YAML files in attacks/templates/suites: copy one to write your own.
"""


def add_options(made: argparse.ArgumentParser) -> None:
    """The options of `check`."""
    made.add_argument(
        "--model",
        required=True,
        metavar="REF",
        help="bundled:sentiment, a folder, or a hub id; with #LABEL behind it one of several labels",
    )
    made.add_argument(
        "--suite", required=True, metavar="SUITE", help=f"{', '.join(templates.SUITES)}, or a YAML file"
    )
    made.add_argument("--seed", type=int, default=0, metavar="S", help="decides which cases (default: 0)")
    made.add_argument(
        "--max-cases",
        type=int,
        default=checks.USUAL_CASES,
        metavar="N",
        help=f"the most cases, shared out between the tests (default: {checks.USUAL_CASES})",
    )
    made.add_argument("--out", type=Path, metavar="FILE", help="write all cases here: a .json or .csv file")
    made.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1 …")
    made.add_argument("--dtype", default="auto", help="auto (default), float32, bfloat16, float16, int8")


def check(chosen: argparse.Namespace) -> int:
    """`check`: runs a suite and shows how often each of its tests fails."""
    suite = templates.load(chosen.suite)
    if chosen.max_cases < 1:
        raise PlanError(f"max-cases: at least 1 is needed, not {chosen.max_cases}.")
    if chosen.out is not None and chosen.out.suffix not in (".json", ".csv"):
        raise PlanError(f"out: {chosen.out} ends in neither .json nor .csv; name one of them.")
    check_writable(chosen.out, "out")
    report = _run(chosen, suite, terminal.console(stderr=True))
    show(report, terminal.console())
    if chosen.out is not None:
        written = checks.as_json(report) if chosen.out.suffix == ".json" else checks.as_csv(report)
        chosen.out.write_text(written, encoding="utf-8")
        sys.stdout.write(f"\nCases: {chosen.out}\n")
    return OK


def _run(chosen: argparse.Namespace, suite: templates.Suite, err: Console) -> checks.CheckReport:
    from models.batching import one_thread

    classifier = _load_classifier(chosen)
    with one_thread(), terminal.counting("answering", err) as tell:
        return checks.run(
            suite,
            classifier,
            model=chosen.model,
            seed=chosen.seed,
            most=chosen.max_cases,
            on_progress=tell,
        )


def _load_classifier(chosen: argparse.Namespace) -> Classifier:
    from models.loading import load

    return load(chosen.model, device=chosen.device, dtype=chosen.dtype)


def show(report: checks.CheckReport, out: Console) -> None:
    """The headline, a line a test under its capability, and one failing case of each."""
    out.print()
    out.print(Text(report.headline), soft_wrap=True)
    out.print()
    out.print(_table(report))
    failing = [(test, report.failing(test.name)[:1]) for test in report.tests if test.failures]
    if failing:
        out.print("\nOne failing case of each test:")
    for test, cases in failing:
        for case in cases:
            texts = " → ".join(f"“{text}”" for text in case.texts)
            line = f"  {test.name}: {texts} expected {case.expected}, got {' → '.join(case.got)}"
            out.print(Text(line), soft_wrap=True)
    errors = sum(test.errors for test in report.tests)
    if errors:
        out.print(f"{errors} cases could not be answered and count nowhere above.")


def _table(report: checks.CheckReport) -> Table:
    table = terminal.plain_table("Capability and test", "Type", "Cases", "Failures", "Failure rate", text=2)
    for capability in report.capabilities:
        table.add_row(Text(capability.capability, style="bold"), "", *_figures(capability))
        for test in report.tests:
            if test.capability == capability.capability:
                table.add_row(Text(f"  {test.name}"), test.type, *_figures(test))
    return table


def _figures(result: checks.TestResult) -> tuple[str, str, str]:
    share = result.failure_rate
    written = rate(share.value, share.low, share.high) if result.cases else "–"
    return grouped(result.cases), grouped(result.failures), written
