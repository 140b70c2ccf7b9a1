"""What every noise at every severity costs a classifier in accuracy."""

import hashlib
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from attacks.answers import Answers
from attacks.noise import NOISES, SHARES, perturb
from attacks.outcome import share_of_characters, share_of_words
from audits.statistics import Estimate, accuracy, drop
from corpora import labels, loading, sampling
from models.batching import one_thread
from models.classifier import Classifier
from models.loading import load

TITLE = "What noise costs"
_SEVERITIES = tuple(SHARES["characters"])


@dataclass(frozen=True, slots=True)
class Cell:
    """One noise at one severity: the drop over all texts, the share of texts that it changed, and the share
    of characters or words, whichever is its unit, that it edited in those.
    """

    drop: Estimate
    changed: float
    edited: float


def options(parser: ArgumentParser) -> None:
    """The model, the data, how many examples, the seed, which noises."""
    parser.add_argument("--model", default="bundled:sentiment", help="a model's name or folder")
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--examples", type=int, default=500, help="how many examples at most")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of the noises")
    parser.add_argument("--keep", type=Path, help="a file that remembers answers, to go on from when stopped")
    here = [name for name, noise in NOISES.items() if noise.entry.available]
    parser.add_argument("--noises", nargs="+", default=here, choices=here, metavar="NAME")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Puts every example through every noise at every severity; asks the model once a distinct text."""
    classifier = load(options.model, device="cpu")
    aligned = labels.align(loading.load(options.data), classifier.labels)
    corpus = sampling.sample(aligned, options.examples, options.seed)
    predicted = _Predicted(classifier, options.keep)
    rows: dict[str, list[Cell]] = {}
    with one_thread():

        def right(texts: Sequence[str]) -> list[bool]:
            found = predicted(texts)
            return [label == target for label, target in zip(found, corpus.targets, strict=True)]

        clean = right(corpus.texts)
        say(f"clean: {accuracy(clean).value:.1%} of {len(clean)}")
        for name in options.noises:
            rows[name] = _row(name, corpus.texts, clean, right, options.seed)
            say(f"{name}: {', '.join(_drop(cell.drop) for cell in rows[name])}")
    before = accuracy(clean)
    lead = (
        f"{options.model} on {before.count} examples of {corpus.name}, seed {options.seed}: clean accuracy "
        f"{100 * before.value:.1f} % [{100 * before.low:.1f}, {100 * before.high:.1f}]."
    )
    return f"{lead}\n\n{_table(rows)}"


class _Predicted:
    """The index of the label that a classifier gives each text; it is asked once a text.

    `keep` is a file of one JSON list a text, [hash of model and text, index], read and added to: a run
    that was stopped goes on from it.
    """

    def __init__(self, classifier: Classifier, keep: Path | None) -> None:
        self._ask = Answers(classifier)
        self._model = classifier.fingerprint
        self._keep = keep
        self._known: dict[str, int] = {}
        if keep and keep.exists():
            self._known = dict(map(json.loads, keep.read_text(encoding="utf-8").splitlines()))

    def __call__(self, texts: Sequence[str]) -> list[int]:
        new = list(dict.fromkeys(text for text in texts if self._key(text) not in self._known))
        for text, answer in self._ask(new).items():
            if isinstance(answer, Exception):
                raise answer
            self._known[self._key(text)] = int(answer.argmax())
        if self._keep and new:
            with self._keep.open("a", encoding="utf-8") as file:
                file.writelines(json.dumps([key, self._known[key]]) + "\n" for key in map(self._key, new))
        return [self._known[self._key(text)] for text in texts]

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._model}\x1f{text}".encode("utf-8", "surrogatepass")).hexdigest()


def _row(
    name: str,
    texts: Sequence[str],
    clean: Sequence[bool],
    right: Callable[[Sequence[str]], list[bool]],
    seed: int,
) -> list[Cell]:
    """The cells of one noise, from the lowest severity to the highest."""
    share = share_of_characters if NOISES[name].unit == "characters" else share_of_words
    cells = []
    for severity in _SEVERITIES:
        noisy = [perturb(text, name, severity, seed) for text in texts]
        edited = [share(old, new) for old, new in zip(texts, noisy, strict=True) if old != new]
        cells.append(
            Cell(
                drop(clean, right(noisy), seed=seed),
                len(edited) / len(texts),
                sum(edited) / len(edited) if edited else 0.0,
            )
        )
    return cells


def _drop(found: Estimate) -> str:
    """A drop in points with its interval; bold where the whole interval lies above 0."""
    written = f"{100 * found.value:.1f} [{100 * found.low:.1f}, {100 * found.high:.1f}]"
    return f"**{written}**" if found.low > 0 else written


def _table(rows: dict[str, list[Cell]]) -> str:
    """Two tables in Markdown: the drops, and the shares really edited."""
    head = " | ".join(f"severity {severity}" for severity in _SEVERITIES)
    lines = [
        "Accuracy lost, in points, with 95 % intervals over all examples, also those that a noise leaves as",
        "they are; bold where the whole interval lies above 0. A dash: the data hold nothing that it edits.",
        "",
        f"| noise | texts changed | {head} |",
        "|---" * (len(_SEVERITIES) + 2) + "|",
    ]
    for name, cells in rows.items():
        drops = " | ".join(_drop(cell.drop) if cell.changed else "–" for cell in cells)
        lines.append(f"| {name} | {cells[-1].changed:.0%} | {drops} |")
    lines += [
        "",
        "The share really edited, on average over the texts that were changed. Targets are "
        + "; ".join(
            f"{', '.join(f'{100 * share:.0f}' for share in shares.values())} % of {unit}"
            for unit, shares in SHARES.items()
        )
        + ".",
        "",
        f"| noise | share of | {head} |",
        "|---" * (len(_SEVERITIES) + 2) + "|",
    ]
    for name, cells in rows.items():
        edited = " | ".join(f"{100 * cell.edited:.1f} %" if cell.changed else "–" for cell in cells)
        lines.append(f"| {name} | {NOISES[name].unit} | {edited} |")
    return "\n".join(lines)
