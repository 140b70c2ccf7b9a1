"""What the command line prints: progress with time left, and tables of figures."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from audits import folding, measures
from audits.figures import asked_for
from audits.progress import Progress
from audits.run import progress
from audits.slices import metadata_of
from audits.statistics import Estimate
from audits.store import Store, StoreError
from audits.summary import Summary, TestFigures, p_value, points, signed, summarise, titled
from audits.tables import Audit
from audits.validity import Thresholds, Validity
from views.numbers import duration, grouped, percent, rate

#: Width of what goes to a file or a pipe, in columns: nothing is cut there.
WIDTH_OF_A_FILE = 140
USUAL = Thresholds()
#: So many tests that are not settled are told of.
MOST_UNDECIDED = 3
#: Seconds between two redrawings of the bar.
REFRESH = 0.5


def console(*, stderr: bool = False) -> Console:
    """A console that cuts nothing where the output is not a terminal."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=WIDTH_OF_A_FILE)


@contextmanager
def following(audit_id: str, store: Store, out: Console) -> Iterator[Callable[[], None]]:
    """Shows a run: a bar that is always up to date, elsewhere a line whenever a test is complete.

    Yields what to call whenever rows were saved.
    """
    if not out.is_terminal:
        complete: set[str] = set()

        def line() -> None:
            now = progress(audit_id, store)
            for test in now.tests:
                if test.done == test.total and test.written not in complete:
                    complete.add(test.written)
                    out.print(f"{test.written}: {_count(now)}{_time_left(now)}", markup=False)

        yield line
        line()  # the last rows may be another process's
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}", markup=False),
    )
    with Bar(*columns, console=out, transient=True) as bar:
        task = bar.add_task("loading model and data", total=None, left="")

        def redraw() -> None:
            now = progress(audit_id, store)
            test = now.current.written if now.current else "done"
            if now.total:
                bar.update(task, description=test, total=now.total, completed=now.done, left=_rate(now))

        with _again_and_again(redraw):
            yield lambda: None


@contextmanager
def _again_and_again(redraw: Callable[[], None]) -> Iterator[None]:
    """Calls `redraw` while the work goes on: rows come from several processes, and some take minutes."""
    over = threading.Event()

    def watch() -> None:
        while not over.wait(REFRESH):
            with suppress(StoreError):  # the run itself says what is wrong
                redraw()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def counting(what: str, out: Console) -> Iterator[Callable[[int, int], None]]:
    """Shows work that counts up, on a terminal only. Yields what to call with (done, total)."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
    )
    with Bar(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _count(now: Progress) -> str:
    return f"{grouped(now.done)} of {grouped(now.total or 0)} rows"


def _time_left(now: Progress) -> str:
    return f", about {duration(now.seconds_left)} left" if now.seconds_left else ""


def _rate(now: Progress) -> str:
    """Rows a second of the test that runs, the processes where there are several, the time left for all."""
    speed = f"{now.rows_a_second:.3g} rows/s" if now.rows_a_second else ""
    processes = f", {now.workers} processes" if now.workers > 1 else ""
    return f"{speed}{processes}{_time_left(now)}"


def show_audit(audit_id: str, store: Store, thresholds: Thresholds = USUAL) -> None:
    """Prints an audit's figures, and the verdict where its plan has a policy."""
    from audits import gate, gate_command

    out = console()
    audit = store.audit(audit_id)
    called = f" “{audit.name}”" if audit.name else ""
    about = f"Audit {audit.id}{called}: {audit.plan.model} on {audit.plan.data}, {audit.state}"
    out.print(about, markup=False)
    if audit.error:
        out.print(audit.error, markup=False)
    rows, columns = store.rows(audit.id), metadata_of(store.examples(audit.id))
    summary = summarise(audit, rows, Validity(thresholds, store.marks(audit.id)), columns)
    show(summary, out)
    if summary.cost:
        out.print(f"Cost: {summary.cost.sentence}", markup=False)
    verdict = gate.verdict_of(store, audit, rows, summary)
    if verdict:
        gate_command.show(verdict, out)


def show(summary: Summary, out: Console) -> None:
    """The headline, and the tables of drops, attacks and counterfactuals."""
    from audits import parts

    out.print()
    for sentence in summary.headline:
        out.print(Text(sentence), soft_wrap=True)
    out.print()
    if asked := asked_for(summary):
        out.print(figures_table(asked))
        out.print()
    if len(summary.tests) > folding.MANY:
        out.print(matrix(summary.tests))
        out.print()
        out.print("Points of accuracy lost; * where chance would hardly do it (p below 0.05 after Holm).")
        out.print()
        out.print(drops([test for test in summary.tests if test.kind != "noise"]))
    elif summary.tests:
        out.print(drops(summary.tests))
    for line in beyond_accuracy(summary):
        out.print(Text(line), soft_wrap=True)
    attacks = [test for test in summary.tests if test.kind == "attack"]
    if attacks:
        out.print()
        out.print(searches(attacks))
    judged = [test for test in attacks if test.validity]
    if judged:
        reviewed, successes = summary.reviewed
        out.print(
            f"\nA success is valid with {summary.thresholds.sentence}; reviewed: {reviewed} of {successes}."
        )
        out.print(validity(judged))
    swapped = [test for test in summary.tests if test.kind == "counterfactual"]
    if swapped:
        out.print()
        out.print(swaps(swapped))
    parts.show(summary, out)
    errors = sum(test.errors for test in summary.tests) + summary.clean_errors
    if errors:
        out.print(f"{errors} rows failed and count nowhere above; the report lists them.")


def drops(tests: Sequence[TestFigures]) -> Table:
    """One line a test: clean, under test, drop with its interval, flips both ways, p, share edited, rows."""
    table = plain_table(
        "Test", "Clean", "Under test", "Drop", "Lost, gained", "p (Holm)", "Edited", "Changed", "n"
    )
    for test in tests:
        clean, under, drop = test.clean_accuracy, test.accuracy, test.drop
        table.add_row(
            Text(titled(test)),
            percent(clean.value) if clean else "–",
            percent(under.value) if under else "–",
            points(drop) if drop else test.kept if not test.flips else "–",
            f"{test.lost}, {test.gained}" if drop else "–",
            p_value(test.p_adjusted),
            percent(test.characters_edited),
            f"{test.changed} of {test.rows}",
            test.counted,
        )
    return table


def figures_table(known: Mapping[str, Estimate]) -> Table:
    """One line a figure: its name, and its value with interval and rows."""
    table = plain_table("Figure", "Value")
    for name, estimate in known.items():
        table.add_row(Text(name), measures.written(estimate, name))
    return table


def beyond_accuracy(summary: Summary) -> list[str]:
    """What the draws did and what can be seen; the plain answers' scores; the least robust; weak slices."""
    said, scores = [line for line in (summary.redrawn, summary.reach) if line], summary.clean_quality
    said += [
        f"{titled(test)} is not settled: about {grouped(test.needed or 0)} examples would decide."
        for test in summary.undecided[:MOST_UNDECIDED]
    ]
    if scores:
        label, recall = scores.weakest
        f1, ece = scores.macro_f1, scores.calibration_error
        said.append(
            f"Unchanged texts: macro F1 {rate(f1.value, f1.low, f1.high)}; weakest label {label}, "
            f"{rate(recall.value, recall.low, recall.high)} of {grouped(recall.count)} found; "
            f"Brier score {scores.brier.value:.3f}, log loss {scores.log_loss.value:.3f}, "
            f"calibration error {rate(ece.value, ece.low, ece.high)}."
        )
    if summary.robustness:
        worst = min(summary.robustness, key=lambda noise: noise.score.value)
        score = worst.score
        said.append(
            f"Lowest robustness score: {worst.title}, {rate(score.value, score.low, score.high)}, the mean "
            f"accuracy up to {percent(worst.reach)} of the characters edited."
        )
    if summary.slices.known:
        said.append(summary.slices.sentence)
        said += [found.sentence for found in summary.slices.confirmed]
    return ["", *said] if said else []


def matrix(tests: Sequence[TestFigures]) -> Table:
    """One line a noise, under its family: the drop at each severity, and the accuracy at the worst."""
    levels = folding.severities(tests)
    table = plain_table("Noise", *(f"@{level}" for level in levels), "Accuracy at worst", "Changed")
    for family, members in folding.noises(tests):
        if family:
            table.add_row(Text(family, style="dim"))
        for noise in members:
            worst = noise.worst.accuracy if noise.worst else None
            table.add_row(
                Text(f"  {noise.title}" if family else noise.title),
                *(_lost(noise.levels.get(level)) for level in levels),
                rate(worst.value, worst.low, worst.high) if worst else "–",
                f"{noise.changed} of {noise.rows}",
            )
    return table


def _lost(test: TestFigures | None) -> str:
    """A drop in points, with a star where it is beyond chance."""
    if test is None or test.drop is None:
        return "–"
    return f"{signed(test.drop.value)}{'*' if test.is_lost else ' '}"


def searches(tests: Sequence[TestFigures]) -> Table:
    """One line an attack: how many of those it could attack it turned, and what that took.

    Words changed and similarity are means over its successes, queries over all it attacked.
    """
    table = plain_table(
        "Attack",
        "Succeeded",
        "Success rate",
        "of all texts",
        "Accuracy",
        "Words",
        "Similarity",
        "Queries",
        "Skipped",
        "Errors",
    )
    for test in tests:
        rates, effort = (test.success, test.success_of_all, test.accuracy), test.effort
        table.add_row(
            Text(test.title),
            f"{grouped(test.succeeded)} of {grouped(test.attacked)}",
            *(rate(one.value, one.low, one.high) if one else "–" for one in rates),
            percent(effort.words.value, 0) if effort and effort.words else "–",
            f"{effort.similarity.value:.2f}" if effort and effort.similarity else "–",
            f"{test.queries:.1f}" if test.queries is not None else "–",
            grouped(test.skipped),
            grouped(test.errors),
        )
    return table


def validity(tests: Sequence[TestFigures]) -> Table:
    """One line an attack: success and accuracy, raw and with valid successes alone (n stands above)."""
    table = plain_table("Attack", "Valid", "Success rate", "valid only", "Accuracy", "valid only", "Reviewed")
    for test in tests:
        found = test.validity
        if found is None:
            continue
        estimates = (test.success, found.success, test.accuracy, found.accuracy)
        table.add_row(
            Text(test.title),
            f"{found.valid} of {test.succeeded}",
            *(rate(one.value, one.low, one.high) if one else "–" for one in estimates),
            grouped(found.reviewed),
        )
    return table


def swaps(tests: Sequence[TestFigures]) -> Table:
    """One line a counterfactual: texts changed, flip rate, the most moved direction, the widest gap."""
    table = plain_table(
        "Counterfactual", "Changed", "Flip rate", "Most moved direction", "Widest gap in probability"
    )
    for test in tests:
        groups = test.groups
        gap = groups.widest if groups else None
        most = groups.most_moved if groups else None
        flips = groups.flip_rate if groups else None
        table.add_row(
            Text(test.title),
            f"{test.changed} of {test.rows - test.errors}",
            rate(flips.value, flips.low, flips.high) if flips else "–",
            Text(f"{most.written}: {most.flipped} of {most.texts}" if most else "–"),
            Text(f"{gap.group}, {gap.most_shifted[0]}: {points(gap.most_shifted[1])}" if gap else "–"),
        )
    return table


def listing(audits: Sequence[Audit], store: Store) -> Table:
    """One line an audit, the newest first; names and tags where there are any."""
    own = [word for word, some in (("Name", any(audit.name for audit in audits)),
                                   ("Tags", any(audit.tags for audit in audits))) if some]  # fmt: skip
    columns = ("Audit", *own, "State", "Begun (UTC)", "Model", "Data", "Rows", "Tests")
    table = plain_table(*columns, text=len(columns) - 2)
    for audit in audits:
        examples = store.size(audit.id)
        done = sum(count for count, _ in store.done(audit.id).values())
        named = {"Name": audit.name, "Tags": ", ".join(audit.tags)}
        table.add_row(
            audit.id,
            *(Text(named[word]) for word in own),
            audit.state,
            audit.created[:16].replace("T", " "),
            Text(audit.plan.model),
            Text(audit.plan.data),
            f"{grouped(done)} of {grouped(examples * audit.plan.rows_an_example)}",
            grouped(len(audit.plan.tests)),
        )
    return table


def plain_table(*columns: str, text: int = 1) -> Table:
    """A plain table whose first `text` columns are words and the others numbers."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for place, column in enumerate(columns):
        table.add_column(column, justify="left" if place < text else "right", overflow="fold")
    return table
