"""What compression costs: full against bfloat16 against int8, in accuracy, robustness, latency and memory."""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from audits import comparison, costs
from audits.comparison import Against, Comparison, Difference
from audits.costs import Cost, milliseconds, per_second
from audits.plan import Plan, make
from audits.run import run as run_audit
from audits.store import Store
from audits.summary import p_value
from models import loading
from models.batching import one_thread
from models.transformer import TransformerClassifier
from views.numbers import grouped, memory, percent

TITLE = "What compression costs"

#: The copies, the full model first: what the others are held against.
COPIES = ("float32", "bfloat16", "int8")
USUAL = "bundled:sentiment=bundled:reviews,bundled:topics=bundled:headlines"


@dataclass(frozen=True)
class Measured:
    """One copy of a model: its seconds, each the median of several rounds, and its bytes."""

    alone: float
    p95: float
    throughput: float
    weights: int


def options(parser: ArgumentParser) -> None:
    """Models and their data, how many examples, the tests, the rounds of measuring."""
    parser.add_argument("--sets", default=USUAL, help="models with their data, as MODEL=DATA with commas")
    parser.add_argument("--text-column", help="where a data set's text columns are not found by name")
    parser.add_argument("--examples", type=int, default=400, help="how many of each data set")
    parser.add_argument("--tests", default="keyboard-typos@1,keyboard-typos@3,keyboard-typos@5,homoglyphs@2")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each copy, taken in turns")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of the noise")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Audits and measures every copy of every model, in one thread."""
    parts = []
    for pair in options.sets.split(","):
        model, _, data = pair.partition("=")
        parts.append(_one(model, data, options, say))
    lead = (
        "One thread. Differences are the copy's figure minus float32's on the same rows, in points, with "
        "95 % intervals; p is that of the exact McNemar test, corrected by Holm over the tests of the table. "
        f"Seconds: the three copies in turns, {options.rounds} rounds, medians of the rounds. int8 asks each "
        "text alone, for its rounding depends on what shares a batch."
    )
    return "\n\n".join([lead, *parts])


def _one(model: str, data: str, options: Namespace, say: Callable[[str], None]) -> str:
    copies = {dtype: loading.load(model, device="cpu", dtype=dtype) for dtype in COPIES}
    with tempfile.TemporaryDirectory(prefix="assay-compression-") as folder:
        store, ids = Store(Path(folder) / "audits.db"), []
        for dtype, copy in copies.items():
            plan = make(
                model=model,
                data=data,
                dtype=dtype,
                tests=options.tests,
                examples=options.examples,
                seed=options.seed,
                seeds=1,
                text_column=options.text_column,
            )
            ids.append(store.create(plan))
            run_audit(ids[-1], store, load_classifier=partial(_given, copy))
            say(f"{model} on {data}, {dtype}: audited")
        texts = [example.text for example in store.examples(ids[0])]
        found = comparison.of_store(store, ids)
    measured = _in_turns(copies, texts, options.rounds, say)
    return (
        f"### {model} on {Path(data).parent.name + '/' if '/' in data else ''}{Path(data).name}\n\n"
        + "\n\n".join([_accuracy(found), _robustness(found), _costs(measured)])
    )


def _given(copy: TransformerClassifier, _: Plan) -> TransformerClassifier:
    """The copy that is loaded already, whatever the plan says."""
    return copy


def _in_turns(
    copies: dict[str, TransformerClassifier], texts: Sequence[str], rounds: int, say: Callable[[str], None]
) -> dict[str, Measured]:
    """Each copy measured in every round, so that a machine that slows down slows all of them down."""
    found: dict[str, list[Cost]] = {dtype: [] for dtype in copies}
    with one_thread():
        for number in range(rounds):
            for dtype, copy in copies.items():
                cost = costs.measure(copy, texts)
                if cost:
                    found[dtype].append(cost)
                    say(f"round {number + 1}, {dtype}: {cost.sentence}")
    return {
        dtype: Measured(
            median(cost.median for cost in own),
            median(cost.p95 for cost in own),
            median(cost.throughput for cost in own),
            own[0].weights,
        )
        for dtype, own in found.items()
    }


def _accuracy(found: Comparison) -> str:
    head = (
        "| test | float32 | "
        + " | ".join(f"{one.second.dtype} | answers changed | p" for one in found.against)
        + " |"
    )
    lines = [head, "|---|--:|" + "--:|--:|--:|" * len(found.against)]
    for place, test in enumerate(found.against[0].tests):
        if not test.accuracy:
            continue
        cells = [test.title, percent(test.accuracy.first)]
        for one in found.against:
            other = one.tests[place]
            cells += [
                _written(other.accuracy),
                f"{grouped(other.changed)} of {grouped(other.shared)}",
                p_value(other.p_adjusted),
            ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _robustness(found: Comparison) -> str:
    """Macro F1, calibration and the area under the curves, in one line each."""
    head = "| figure | float32 | " + " | ".join(one.second.dtype for one in found.against) + " |"
    lines = [head, "|---|--:|" + "--:|" * len(found.against)]
    for title, pick in _FIGURES:
        figures = [pick(one) for one in found.against]
        first = figures[0]
        if first:
            lines.append(f"| {title} | {percent(first.first)} | {' | '.join(map(_written, figures))} |")
    return "\n".join(lines)


_FIGURES: tuple[tuple[str, Callable[[Against], Difference | None]], ...] = (
    ("macro F1, unchanged texts", lambda one: one.clean.macro_f1 if one.clean else None),
    ("calibration error, unchanged texts", lambda one: one.clean.calibration_error if one.clean else None),
    ("robustness score", lambda one: one.robustness[0].score if one.robustness else None),
)


def _costs(measured: dict[str, Measured]) -> str:
    full = measured[COPIES[0]]
    lines = [
        "| copy | a text alone | 95 % within | asked together | weights | times as fast, alone | together |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for dtype, one in measured.items():
        lines.append(
            f"| {dtype} | {milliseconds(one.alone)} | {milliseconds(one.p95)} "
            f"| {per_second(one.throughput)} | {memory(one.weights)} "
            f"| {full.alone / one.alone:.2f} | {one.throughput / full.throughput:.2f} |"
        )
    return "\n".join(lines)


def _written(found: Difference | None) -> str:
    return f"{percent(found.second)}, {comparison.difference(found.difference)}" if found else "–"
