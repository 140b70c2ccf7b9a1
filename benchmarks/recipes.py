"""Every attack recipe: as published, in a local variant or not at all, and what it does to a classifier."""

import dataclasses
import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from attacks import engine
from attacks.entry import Entry
from attacks.limits import Limits
from attacks.outcome import Outcome
from attacks.recipes import RECIPES
from audits.statistics import accuracy
from corpora import labels, loading, sampling
from models.batching import one_thread
from models.loading import load
from views.numbers import rate

TITLE = "Attack recipes"


@dataclass(frozen=True, slots=True)
class Found:
    """What one recipe did: the outcomes' statuses, mean share of words changed where it succeeded, mean
    queries of an example that was attacked, processor seconds an example, the budget it had (0: none)."""

    succeeded: int
    failed: int
    skipped: int
    errors: int
    words: float
    queries: float
    seconds: float
    budget: int


def options(parser: ArgumentParser) -> None:
    """The model, the data, how many examples, the seed, which recipes, the budget of slow ones."""
    parser.add_argument("--model", default="bundled:sentiment", help="a model's name or folder")
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--examples", type=int, default=100, help="how many examples at most")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of the searches")
    parser.add_argument("--slow-budget", type=int, default=1000, help="queries an example of a slow recipe")
    parser.add_argument("--keep", type=Path, help="a file that remembers finished recipes, to go on from")
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=RECIPES, metavar="NAME")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Attacks every example with every recipe that can run here."""
    classifier = load(options.model, device="cpu")
    aligned = labels.align(loading.load(options.data), classifier.labels)
    corpus = sampling.sample(aligned, options.examples, options.seed)
    about = f"{classifier.fingerprint} {corpus.fingerprint} {options.examples} {options.seed}"
    found = _kept(options.keep, about)
    with one_thread():
        for name in sorted(options.recipes, key=lambda name: not RECIPES[name].entry.fast):
            entry = RECIPES[name].entry
            budget = 0 if entry.fast else options.slow_budget
            if not entry.available or (name in found and found[name].budget == budget):
                continue
            began = time.process_time()
            outcomes = engine.run(
                name,
                None,
                classifier,
                corpus.texts,
                corpus.targets,
                seed=options.seed,
                limits=Limits(queries=budget or None),
            )
            found[name] = _summary(outcomes, time.process_time() - began, budget)
            _keep(options.keep, about, name, found[name])
            say(f"{name}: {found[name]}")
    lead = (
        f"{options.model} on {len(corpus.texts)} examples of {corpus.name}, seed {options.seed}. Success is "
        "of the examples that the model got right. Words changed (of successes) and queries are means."
    )
    return f"{lead}\n\n{_table(options.recipes, found)}"


def _summary(outcomes: Iterable[Outcome], seconds: float, budget: int) -> Found:
    listed = list(outcomes)
    won = [outcome for outcome in listed if outcome.status == "succeeded"]
    tried = [outcome for outcome in listed if outcome.status in ("succeeded", "failed")]
    return Found(
        len(won),
        len(tried) - len(won),
        sum(outcome.status == "skipped" for outcome in listed),
        sum(outcome.status == "error" for outcome in listed),
        sum(outcome.words_edited for outcome in won) / max(1, len(won)),
        sum(outcome.queries for outcome in tried) / max(1, len(tried)),
        seconds / max(1, len(listed)),
        budget,
    )


def _table(names: Iterable[str], found: dict[str, Found]) -> str:
    lines = [
        "| recipe | runs | success | words changed | queries | seconds an example |",
        "|---|---|---|---|---|---|",
    ]
    for name in names:
        entry = RECIPES[name].entry
        cells: tuple[str, ...] = ("",) * 4
        if entry.available:
            cells = _cells(found[name], entry) if name in found else ("not run", "", "", "")
        lines.append(f"| {name} | {_how(entry)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _how(entry: Entry) -> str:
    """As published, a variant (and which), or not at all (and why)."""
    if not entry.available:
        return f"cannot: {entry.remedy}"
    return f"variant: {entry.variant}" if entry.variant else "as published"


def _cells(row: Found, entry: Entry) -> tuple[str, ...]:
    share = accuracy([True] * row.succeeded + [False] * row.failed)
    success = rate(share.value, share.low, share.high, share.count) + (
        f", {row.errors} errors" if row.errors else ""
    )
    queries = f"{row.queries:.0f}" + (f" (at most {row.budget})" if row.budget else "")
    shown = success if entry.flips else f"{success} (kept the answer with fewer words)"
    return shown, f"{100 * row.words:.0f} %", queries, f"{row.seconds:.2f}"


def _kept(path: Path | None, about: str) -> dict[str, Found]:
    """The finished recipes of an earlier run on the same model and sample."""
    if path is None or not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {row["name"]: Found(**row["found"]) for row in rows if row["about"] == about}


def _keep(path: Path | None, about: str, name: str, found: Found) -> None:
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"about": about, "name": name, "found": dataclasses.asdict(found)}) + "\n")
