"""What attributions cost beside the bare passes through the model, and beside captum asked text by text."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby

import numpy as np
import torch
from torch import Tensor

from analysis.asking import together
from analysis.attribution import (
    Attribution,
    AttributionError,
    Precision,
    Settings,
    attribute,
    attribute_many,
)
from analysis.faithfulness import compared
from analysis.paths import Path, paths_to
from analysis.removal import Answers
from corpora import labels, loading, sampling
from models.batching import CPU_TOKENS, one_thread
from models.encoding import EncodedText
from models.loading import load
from models.transformer import TransformerClassifier

TITLE = "Attributions"

STEPS = 50
"""Of the comparison with a fixed number, and of captum."""
GAMES = {"occlusion": 5, "lime": 25, "kernel-shap": 25}
"""Methods that take words away; each explains one text in so many."""
GPU_TOKENS = 8192
PRECISIONS: tuple[Precision, ...] = ("full", "bfloat16")


@dataclass(frozen=True)
class Row:
    """Seconds for all texts of a comparison, beside what they are compared with."""

    what: str
    texts: int
    ours: float
    beside: str
    theirs: float
    note: str

    @property
    def written(self) -> str:
        """The row in Markdown."""
        ratio = f"{self.ours / self.theirs:.2f}" if self.ours > self.theirs / 1.5 else ""
        times = f"{self.theirs / self.ours:.2f} × as fast" if self.ours < self.theirs / 1.5 else ""
        return (
            f"| {self.what} | {self.texts} | {self.ours:.2f} | {self.beside} | {self.theirs:.2f} "
            f"| {ratio or times} | {self.note} |"
        )


def options(parser: ArgumentParser) -> None:
    """The model, the data, how many texts, the seed."""
    parser.add_argument("--model", default="bundled:sentiment", help="a model's name or folder")
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--examples", type=int, default=200, help="how many texts at most")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of what methods draw")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Explains every text by each way and by the bare passes that it needs; on a processor in one thread."""
    classifier = load(options.model, device=options.device)
    aligned = labels.align(loading.load(options.data), classifier.labels)
    texts = sampling.sample(aligned, options.examples, options.seed).texts
    on_cpu = classifier.device.type == "cpu"
    rows: list[Row] = []
    with one_thread() if on_cpu else nullcontext():
        for precision in PRECISIONS:
            attribute_many(classifier, texts[:4], settings=Settings(precision=precision))  # what is made once
        attribute(classifier, texts[0], "relevance")
        for measured in (_first_picture, _fixed_steps, _to_tolerance, _games):
            for row in measured(classifier, texts, options.seed):
                rows.append(row)
                say(row.written)
    widths = [len(encoded) for encoded in classifier.encode(texts)]
    where = "one thread; seconds of the processor" if on_cpu else f"{_device()}; seconds"
    lead = (
        f"{options.model} on {len(texts)} texts of {aligned.name} ({min(widths)} to {max(widths)} tokens, "
        f"mean {np.mean(widths):.0f}), float32, {where} for all texts of a row together. "
        "Bare: nothing but the same forward (and backward) passes, in full batches of one length."
    )
    head = "| what | texts | seconds | beside | seconds | ratio | agreement |\n|---|--:|--:|---|--:|--:|---|"
    return "\n".join([lead, "", head, *(row.written for row in rows)])


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "no processor"


def _seconds(work: Callable[[], object]) -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
        begun = time.perf_counter()
        work()
        torch.cuda.synchronize()
        return time.perf_counter() - begun
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _paths(classifier: TransformerClassifier, texts: Sequence[str]) -> list[Path]:
    answers = classifier.logits(texts)
    return [
        lines.paths[0]
        for lines in together(
            [
                paths_to(classifier, encoded, "pad", answer)
                for encoded, answer in zip(classifier.encode(texts), answers, strict=True)
            ]
        )
    ]


def _first_picture(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    few = texts[::5]
    each = [_seconds(partial(attribute, classifier, text, "relevance")) for text in few]
    bare = _seconds(lambda: [classifier.logits([text]) for text in few])
    note = f"{1000 * np.mean(each):.0f} ms a text, {1000 * max(each):.0f} ms at most"
    yield Row("attention relevance, the first picture", len(few), sum(each), "one answer each", bare, note)


def _fixed_steps(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    found: list[Attribution] = []
    settings = Settings(max_steps=STEPS, tolerance=1e-12)
    ours = _seconds(lambda: found.extend(attribute_many(classifier, texts, settings=settings)))
    paths = _paths(classifier, texts)
    bare = _seconds(partial(_bare_gradients, paths, STEPS))
    error = max(
        float(np.abs(one.token_scores - _by_captum(path, one, "riemann_middle")[0]).max())
        for one, path in zip(found[:5], paths, strict=False)
    )
    note = f"largest difference to captum's score of a token, same steps, 5 texts: {error:.0e}"
    yield Row(f"integrated gradients, {STEPS} steps", len(texts), ours, "the same passes, bare", bare, note)


def _to_tolerance(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    full: list[Attribution] = []
    ours = _seconds(lambda: full.extend(attribute_many(classifier, texts)))
    theirs: list[Attribution] = []
    missed = 0

    def captum() -> None:
        nonlocal missed
        for one, path in zip(full, _paths(classifier, texts), strict=True):
            scores, delta = _by_captum(path, one, "gausslegendre")
            words = np.array([scores[list(word.tokens)].sum() for word in one.words])
            theirs.append(replace(one, token_scores=scores, word_scores=words))
            missed += delta / _size(one) > Settings().tolerance

    seconds = _seconds(captum)
    beside = f"captum text by text, {STEPS} steps"
    note = f"{_reached(full)}; captum's: {len(texts) - missed}; ranks beside captum's: {_ranks(full, theirs)}"
    yield Row("integrated gradients until \\|delta\\| ≤ 2 %", len(texts), ours, beside, seconds, note)
    half: list[Attribution] = []
    settings = Settings(precision="bfloat16")
    quick = _seconds(lambda: half.extend(attribute_many(classifier, texts, settings=settings)))
    note = f"{_reached(half)}; ranks beside float32: {_ranks(half, full)}"
    yield Row("the same in bfloat16 autocast", len(texts), quick, beside, seconds, note)


def _reached(found: Sequence[Attribution]) -> str:
    steps = [int(one.settings["steps"]) for one in found]
    within = sum(one.converged for one in found)
    return f"within 2 %: {within} of {len(found)}, {np.mean(steps):.1f} steps a text"


def _ranks(found: Sequence[Attribution], others: Sequence[Attribution]) -> str:
    """How alike the words are ranked, over the texts that have ranks."""
    alike = [compared(one, other).spearman for one, other in zip(found, others, strict=True)]
    known = np.array([value for value in alike if value is not None])
    return f"mean {known.mean():.3f}, median {np.median(known):.3f}, 5 % below {np.quantile(known, 0.05):.3f}"


def _size(found: Attribution) -> float:
    assert found.ends is not None
    return max(abs(found.ends[1] - found.ends[0]), 0.1)


def _games(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    for method, every in GAMES.items():
        few = texts[::every]
        asked: list[EncodedText] = []
        ours = _seconds(partial(_listening, classifier, few, method, seed, asked))
        distinct = {one.ids: one for one in (*classifier.encode(few), *asked)}
        bare = _seconds(partial(_bare_answers, classifier, list(distinct.values())))
        note = f"{len(distinct)} distinct inputs"
        yield Row(method, len(few), ours, "the same inputs, bare", bare, note)


def _listening(
    classifier: TransformerClassifier,
    texts: Sequence[str],
    method: str,
    seed: int,
    asked: list[EncodedText],
) -> None:
    """Explain the texts, and note what the model was asked."""
    real = Answers.answered

    def answered(requests: Sequence[Answers], report: Callable[[int], None]) -> object:
        asked.extend(item for one in requests for item in one.inputs)
        return real(requests, report)

    Answers.answered = answered  # type: ignore[assignment, method-assign]
    try:
        attribute_many(classifier, texts, method, settings=Settings(seed=seed))
    finally:
        Answers.answered = real  # type: ignore[method-assign]


def _bare_answers(classifier: TransformerClassifier, inputs: Sequence[EncodedText]) -> None:
    """Nothing but forward passes."""
    for length, same in groupby(sorted(inputs, key=len), key=len):
        ids = torch.tensor([one.ids for one in same], device=classifier.device)
        for batch in ids.split(_rows(classifier, length)):
            with torch.inference_mode():
                classifier.module(input_ids=batch, attention_mask=torch.ones_like(batch))


def _rows(classifier: TransformerClassifier, length: int) -> int:
    return max(1, (CPU_TOKENS if classifier.device.type == "cpu" else GPU_TOKENS) // length)


def _bare_gradients(paths: Iterable[Path], steps: int) -> None:
    """Nothing but forward and backward passes over points of the paths."""

    def length_of(path: Path) -> int:
        return len(path.end)

    for length, same in groupby(sorted(paths, key=length_of), key=length_of):
        equal = list(same)
        shares = torch.linspace(0, 1, steps, device=equal[0].end.device).view(-1, 1, 1)
        points = torch.cat([shares * (path.end - path.start) + path.start for path in equal])
        fixed = {
            name: torch.cat([path.fixed[name].expand(steps, -1) for path in equal]) for name in equal[0].fixed
        }
        rows = _rows(equal[0].classifier, length)
        for start in range(0, len(points), rows):
            moving = points[start : start + rows].detach().requires_grad_()
            rest = {name: value[start : start + rows] for name, value in fixed.items()}
            logits = equal[0].classifier.module(inputs_embeds=moving, **rest).logits
            torch.autograd.grad((logits[:, 0] - logits[:, -1]).sum(), moving)


def _by_captum(path: Path, found: Attribution, method: str) -> "tuple[np.ndarray, float]":
    """The token scores and |delta| that captum gives for the same question from the same ends."""
    try:
        from captum.attr import IntegratedGradients
    except ImportError as error:
        raise AttributionError("This benchmark needs captum: pip install -r requirements-dev.txt") from error

    def forward(embeddings: Tensor) -> Tensor:
        fixed = {name: value.expand(len(embeddings), -1) for name, value in path.fixed.items()}
        logits: Tensor = path.classifier.module(inputs_embeds=embeddings, **fixed).logits
        return logits[:, found.target] - logits[:, found.contrast]

    scores, delta = IntegratedGradients(forward).attribute(
        path.end[None], path.start[None], n_steps=STEPS, method=method, return_convergence_delta=True
    )
    return np.asarray(scores.sum(-1)[0].detach().cpu()), abs(float(delta))
