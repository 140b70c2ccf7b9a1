"""Attacks: stock TextAttack beside Assay's engine, on the same sentences and the same model."""

import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from attacks import engine
from attacks.recipes import RECIPES
from attacks.resources import import_textattack
from benchmarks import stock
from benchmarks.stock import Result
from corpora import labels, loading
from corpora.examples import Corpus
from models.batching import one_thread
from models.encoder import load_encoder
from models.loading import load
from models.transformer import TransformerClassifier

TITLE = "Attacks: TextAttack alone beside Assay"

STOCK, SHORT, ASSAY = "stock", "stock, 64 tokens", "Assay"
_LONGEST = {STOCK: None, SHORT: 64}


@dataclass(slots=True)
class Side:
    """What one side took for one recipe: seconds, those of them in forward passes, and its results."""

    cpu: float = 0.0
    wall: float = 0.0
    forward: float = 0.0
    results: list[Result] = field(default_factory=list)

    @property
    def queries(self) -> int:
        """Texts asked about, all examples together."""
        return sum(queries for _, _, queries in self.results)


def options(parser: ArgumentParser) -> None:
    """The data, how many examples, which recipes and sides."""
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--examples", type=int, default=50, help="the first so many examples")
    parser.add_argument("--device", default="cpu", help="where the models compute")
    parser.add_argument("--recipes", nargs="+", default=list(stock.RECIPES), choices=stock.RECIPES)
    sides = [STOCK, SHORT, ASSAY]
    parser.add_argument("--sides", nargs="+", default=sides, choices=sides, help="which sides to measure now")
    parser.add_argument("--keep", type=Path, help="a file of sides measured before, read and added to")
    parser.add_argument("--seed", type=int, default=0, help="of every example's search")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Measures every recipe on every side, one after the other, in one thread."""
    classifier = load("bundled:sentiment", device=options.device)
    corpus = labels.align(loading.load(options.data, limit=options.examples), classifier.labels)
    kept = _Kept(options.keep, f"{corpus.fingerprint} {options.seed} {options.device}")
    import_textattack()
    with one_thread():
        for recipe in options.recipes:
            RECIPES[recipe].prepare(classifier)
            for side in options.sides:
                measured = _measure(recipe, side, classifier, corpus, options.seed)
                kept.put(recipe, side, measured)
                say(f"{recipe}, {side}: {measured.cpu:.1f} s of processor time, {measured.queries} queries")
    sides = {recipe: kept.sides(recipe) for recipe in options.recipes}
    lead = (
        f"The bundled sentiment classifier on the first {len(corpus.examples)} examples of {corpus.name}, "
        f"one thread on {options.device}, seed {options.seed} for every example. Stock is TextAttack with "
        "its own `HuggingFaceModelWrapper`, `Attacker` and defaults; TextFooler has MiniLM as its encoder on "
        "every side, in stock through TextAttack's `SBERT` constraint. On a processor the ratios are those "
        "of its seconds: other work on the machine stretches the clock's far more."
    )
    on_card = options.device != "cpu"
    throughput = _throughput(classifier, corpus) if on_card else "No graphics card was at hand."
    return f"{lead}\n\n{_seconds(sides, on_card)}\n\n{_identity(sides)}\n\n{throughput}"


def _measure(recipe: str, side: str, classifier: TransformerClassifier, corpus: Corpus, seed: int) -> Side:
    texts, targets = corpus.texts, corpus.targets
    measured = Side()
    if side == ASSAY:

        def attack() -> list[Result]:
            outcomes = engine.run(recipe, None, classifier, texts, targets, seed=seed, judge=False)
            return [(outcome.status, outcome.perturbed, outcome.queries) for outcome in outcomes]
    else:
        ready = stock.attacker(recipe, classifier, texts, targets, seed)

        def attack() -> list[Result]:
            return ready(_LONGEST[side])

    modules = [classifier.module]
    if recipe == "textfooler-local":
        modules.append(load_encoder(str(classifier.device)).module)
    with _watched(modules, measured):
        cpu, wall = time.process_time(), time.perf_counter()
        measured.results = attack()
        measured.cpu, measured.wall = time.process_time() - cpu, time.perf_counter() - wall
    return measured


@contextmanager
def _watched(modules: list[Any], measured: Side) -> Iterator[None]:
    """Adds up the processor's time inside the modules' forward passes."""
    began = 0.0

    def before(*_: Any) -> None:
        nonlocal began
        began = time.process_time()

    def after(*_: Any) -> None:
        measured.forward += time.process_time() - began

    hooks = [
        hook
        for module in modules
        for hook in (module.register_forward_pre_hook(before), module.register_forward_hook(after))
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class _Kept:
    """The sides measured so far; in a file too, where one is named."""

    def __init__(self, path: Path | None, key: str) -> None:
        self._path, self._key = path, key
        self._all: dict[str, dict[str, dict[str, Any]]] = {}
        if path is not None and path.exists():
            self._all = json.loads(path.read_text(encoding="utf-8"))

    def put(self, recipe: str, side: str, measured: Side) -> None:
        """Keeps one measurement."""
        self._all.setdefault(f"{self._key} {recipe}", {})[side] = asdict(measured)
        if self._path is not None:
            self._path.write_text(json.dumps(self._all), encoding="utf-8")

    def sides(self, recipe: str) -> dict[str, Side]:
        """What is known of one recipe, in the order in which sides are shown."""
        found = self._all.get(f"{self._key} {recipe}", {})
        sides = {side: Side(**found[side]) for side in (STOCK, SHORT, ASSAY) if side in found}
        for side in sides.values():
            side.results = [(status, text, queries) for status, text, queries in side.results]
        return sides


def _seconds(sides: dict[str, dict[str, Side]], on_card: bool) -> str:
    rows = [
        "| recipe | side | queries | processor s | wall s | ms a query | times stock | times 64 tokens "
        "| outside forward passes |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]

    def seconds(side: Side) -> float:
        return side.wall if on_card else side.cpu

    for recipe, found in sides.items():
        for name, side in found.items():
            faster = [
                f"{seconds(found[a]) / seconds(side):.1f}" if a in found else "" for a in (STOCK, SHORT)
            ]
            # A card computes while the processor goes on: its forward passes cannot be told apart so.
            outside = f"{1 - side.forward / side.cpu:.1%}" if name == ASSAY and not on_card else ""
            rows.append(
                f"| {recipe} | {name} | {side.queries} | {side.cpu:.1f} | {side.wall:.1f} "
                f"| {1000 * seconds(side) / max(1, side.queries):.2f} | {' | '.join(faster)} | {outside} |"
            )
    return "\n".join(rows)


def _throughput(classifier: TransformerClassifier, corpus: Corpus) -> str:
    """Queries a second against the number of texts asked about at once."""
    rows = ["| texts at once | queries a second |", "|--:|--:|"]
    for size in (1, 4, 16, 64, 256, 1024, 4096):
        # Different texts, for equal ones are asked about once.
        texts = [f"{corpus.texts[place % len(corpus.texts)]} {place}" for place in range(size)]
        classifier.probabilities(texts)
        began, rounds = time.perf_counter(), 0
        while time.perf_counter() - began < 1:
            classifier.probabilities(texts)
            rounds += 1
        rows.append(f"| {size} | {rounds * size / (time.perf_counter() - began):.0f} |")
    return "\n".join(rows)


def _identity(sides: dict[str, dict[str, Side]]) -> str:
    lines = []
    for recipe, found in sides.items():
        if ASSAY not in found:
            continue
        for name in (STOCK, SHORT):
            if name in found:
                lines.append(f"- {recipe}, Assay and {name}: {_compared(found[ASSAY], found[name])}")
    return "Outcome, text and number of queries, example by example:\n\n" + "\n".join(lines)


def _compared(ours: Side, theirs: Side) -> str:
    pairs = list(zip(ours.results, theirs.results, strict=True))
    others = [(place, mine, other) for place, (mine, other) in enumerate(pairs) if mine != other]
    told = "; ".join(f"example {place}: {mine} against {other}" for place, mine, other in others)
    return f"{len(pairs) - len(others)} of {len(pairs)} identical" + (f" ({told})" if told else "")
