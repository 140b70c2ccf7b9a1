"""What every noise at every severity costs a classifier in accuracy."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from attacks.answers import Answers
from attacks.noise import NOISES, SHARES, perturb
from attacks.outcome import share_of_characters, share_of_words
from audits.statistics import Estimate, accuracy, drop
from corpora import labels, loading, sampling
from models.batching import one_thread
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
    parser.add_argument("--noises", nargs="+", default=list(NOISES), choices=NOISES, metavar="NAME")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Puts every example through every noise at every severity; asks the model once a distinct text."""
    classifier = load(options.model, device="cpu")
    aligned = labels.align(loading.load(options.data), classifier.labels)
    corpus = sampling.sample(aligned, options.examples, options.seed)
    rows: dict[str, list[Cell]] = {}
    with one_thread():
        right = _Right(Answers(classifier), corpus.texts, corpus.targets)
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


class _Right:
    """Which texts, one for each target, are answered rightly; the clean texts' answers are remembered."""

    def __init__(self, ask: Answers, clean: Sequence[str], targets: Sequence[int]) -> None:
        self._ask = ask
        self._targets = targets
        self._clean = ask(clean)

    def __call__(self, texts: Sequence[str]) -> list[bool]:
        answers = self._clean | self._ask([text for text in texts if text not in self._clean])
        found = []
        for text, target in zip(texts, self._targets, strict=True):
            answer = answers[text]
            if isinstance(answer, Exception):
                raise answer
            found.append(int(answer.argmax()) == target)
        return found


def _row(name: str, texts: Sequence[str], clean: Sequence[bool], right: _Right, seed: int) -> list[Cell]:
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
        "they are; bold where the whole interval lies above 0.",
        "",
        f"| noise | texts changed | {head} |",
        "|---" * (len(_SEVERITIES) + 2) + "|",
    ]
    for name, cells in rows.items():
        drops = " | ".join(_drop(cell.drop) for cell in cells)
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
        edited = " | ".join(f"{100 * cell.edited:.1f} %" for cell in cells)
        lines.append(f"| {name} | {NOISES[name].unit} | {edited} |")
    return "\n".join(lines)
