"""What explanations cost beside the bare passes through the model, and beside captum asked text by text."""

import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from analysis.asking import alone
from analysis.attribution import Attribution, AttributionError, Settings, attribute
from analysis.paths import Path, paths_to
from corpora import labels, loading, sampling
from models.batching import CPU_TOKENS, one_thread
from models.encoding import EncodedText
from models.loading import load
from models.transformer import TransformerClassifier

TITLE = "What explanations cost"

STEPS = 48
"""Midpoints of the fixed comparison: the multiple of our first stage that is nearest to captum's usual 50."""
CAPTUM_STEPS = 50
GAMES = ("occlusion", "lime", "kernel-shap", "shapley-sampling")


@dataclass(frozen=True)
class Row:
    """Seconds of the processor for all texts, beside what they are compared with."""

    what: str
    ours: float
    beside: str
    theirs: float
    note: str

    @property
    def written(self) -> str:
        """The row in Markdown."""
        return (
            f"| {self.what} | {self.ours:.2f} | {self.beside} | {self.theirs:.2f} "
            f"| {self.ours / self.theirs:.2f} | {self.note} |"
        )


def options(parser: ArgumentParser) -> None:
    """The model, the data, how many texts, the seed."""
    parser.add_argument("--model", default="bundled:sentiment", help="a model's name or folder")
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--examples", type=int, default=40, help="how many texts at most")
    parser.add_argument("--seed", type=int, default=0, help="of the sample and of what methods draw")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Explains every text by each way and by the bare passes that it needs, in one thread."""
    classifier = load(options.model, device="cpu")
    aligned = labels.align(loading.load(options.data), classifier.labels)
    texts = sampling.sample(aligned, options.examples, options.seed).texts
    rows: list[Row] = []
    with one_thread():
        attribute(classifier, texts[0])  # whatever is only computed once
        attribute(classifier, texts[0], "relevance")
        for measured in (_fixed_steps, _to_tolerance, _first_picture, _games):
            for row in measured(classifier, texts, options.seed):
                rows.append(row)
                say(row.written)
    widths = [len(encoded) for encoded in classifier.encode(texts)]
    lead = (
        f"{options.model} on {len(texts)} texts of {options.data} ({min(widths)} to {max(widths)} tokens, "
        f"mean {np.mean(widths):.0f}), float32, one thread; seconds of the processor for all texts together."
    )
    head = "| what | seconds | beside | seconds | ratio | agreement |\n|---|--:|---|--:|--:|---|"
    return "\n".join([lead, "", head, *(row.written for row in rows)])


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _paths(classifier: TransformerClassifier, texts: Sequence[str]) -> list[Path]:
    answers = classifier.logits(texts)
    return [
        alone(paths_to(classifier, encoded, "pad", answer)).paths[0]
        for encoded, answer in zip(classifier.encode(texts), answers, strict=True)
    ]


def _fixed_steps(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    found: list[Attribution] = []
    settings = Settings(max_steps=STEPS, tolerance=1e-12)
    ours = _seconds(lambda: found.extend(attribute(classifier, text, settings=settings) for text in texts))
    paths = _paths(classifier, texts)
    bare = _seconds(lambda: _bare_gradients(classifier, paths, STEPS))
    error = max(
        float(np.abs(one.token_scores - _by_captum(path, one, STEPS)).max())
        for one, path in zip(found[:10], paths, strict=False)
    )
    note = f"largest difference to captum's score of a token, same steps, 10 texts: {error:.0e}"
    yield Row(f"integrated gradients, {STEPS} steps", ours, "the same passes, bare", bare, note)


def _to_tolerance(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    found: list[Attribution] = []
    ours = _seconds(lambda: found.extend(attribute(classifier, text) for text in texts))
    paths = _paths(classifier, texts)
    theirs: list[float] = []

    def captum() -> None:
        for one, path in zip(found, paths, strict=True):
            scores = _by_captum(path, one, CAPTUM_STEPS, method="gausslegendre")
            assert one.ends is not None
            theirs.append(abs(float(scores.sum()) - (one.ends[1] - one.ends[0])) / _size(one))

    seconds = _seconds(captum)
    steps = [int(one.settings["steps"]) for one in found]
    missed = sum(delta > Settings().tolerance for delta in theirs)
    note = (
        f"ours within 2 %: {sum(one.converged for one in found)} of {len(found)} "
        f"(median {np.median(steps):.0f} steps, mean {np.mean(steps):.0f}); captum's: {len(theirs) - missed}"
    )
    beside = f"captum text by text, {CAPTUM_STEPS} steps"
    yield Row("integrated gradients until \\|delta\\| ≤ 2 %", ours, beside, seconds, note)


def _size(found: Attribution) -> float:
    assert found.delta is not None and found.relative_delta is not None and found.ends is not None
    return max(abs(found.ends[1] - found.ends[0]), 0.1)


def _first_picture(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    ours = _seconds(lambda: [attribute(classifier, text, "relevance") for text in texts])
    bare = _seconds(lambda: [classifier.logits([text]) for text in texts])
    each = f"{1000 * ours / len(texts):.0f} ms a text"
    yield Row("attention relevance, the first picture", ours, "one answer each", bare, each)


def _games(classifier: TransformerClassifier, texts: Sequence[str], seed: int) -> Iterator[Row]:
    few = texts[: max(1, len(texts) // 4)]
    for method in GAMES:
        asked: list[list[EncodedText]] = []
        ours = _seconds(partial(_listening, classifier, few, method, seed, asked))
        bare = _seconds(partial(_bare_answers, classifier, asked))
        note = f"{len(few)} texts, {sum(map(len, asked))} distinct inputs"
        yield Row(method, ours, "the same inputs, bare", bare, note)


def _listening(
    classifier: TransformerClassifier,
    texts: Sequence[str],
    method: str,
    seed: int,
    asked: list[list[EncodedText]],
) -> None:
    """Explain the texts, and note what the model was asked for each."""
    real = classifier.run
    for text in texts:
        inputs: list[EncodedText] = []

        def run(encoded: Sequence[EncodedText], read: object, inputs: list[EncodedText] = inputs) -> object:
            inputs.extend(encoded)
            return real(encoded, read)  # type: ignore[arg-type]

        classifier.run = run  # type: ignore[assignment, method-assign]
        try:
            attribute(classifier, text, method, settings=Settings(seed=seed))
        finally:
            del classifier.run  # type: ignore[method-assign]
        asked.append(inputs)


def _bare_answers(classifier: TransformerClassifier, asked: Sequence[Sequence[EncodedText]]) -> None:
    """Nothing but forward passes, a text's inputs in batches of one length."""
    for inputs in asked:
        for length in sorted({len(one) for one in inputs}):
            ids = torch.tensor([one.ids for one in inputs if len(one) == length])
            for batch in ids.split(max(1, CPU_TOKENS // length)):
                with torch.inference_mode():
                    classifier.module(input_ids=batch, attention_mask=torch.ones_like(batch))


def _bare_gradients(classifier: TransformerClassifier, paths: Sequence[Path], steps: int) -> None:
    """Nothing but forward and backward passes over points of the paths, in batches of about 1,000 tokens."""
    for path in paths:
        points = torch.linspace(0, 1, steps).view(-1, 1, 1) * (path.end - path.start) + path.start
        for batch in points.split(max(1, CPU_TOKENS // len(path.start))):
            moving = batch.detach().requires_grad_()
            fixed = {name: value.expand(len(batch), -1) for name, value in path.fixed.items()}
            logits = classifier.module(inputs_embeds=moving, **fixed).logits
            torch.autograd.grad((logits[:, 0] - logits[:, -1]).sum(), moving)


def _by_captum(path: Path, found: Attribution, steps: int, method: str = "riemann_middle") -> "np.ndarray":
    """The token scores that captum gives for the same question from the same ends."""
    try:
        from captum.attr import IntegratedGradients
    except ImportError as error:
        raise AttributionError("This benchmark needs captum: pip install -r requirements-dev.txt") from error

    def forward(embeddings: Tensor) -> Tensor:
        fixed = {name: value.expand(len(embeddings), -1) for name, value in path.fixed.items()}
        logits: Tensor = path.classifier.module(inputs_embeds=embeddings, **fixed).logits
        return logits[:, found.target] - logits[:, found.contrast]

    scores = IntegratedGradients(forward).attribute(
        path.end[None], path.start[None], n_steps=steps, method=method
    )
    return np.asarray(scores.sum(-1)[0].detach())
