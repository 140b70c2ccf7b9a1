"""Points on lines through a model's word embeddings: what it answers there, and how steeply that changes.

Many lines at once: points of equally long texts share batches, and nothing is ever padded, because
decoders that are given embeddings pool the last position, whatever stands there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.halves import half_precision
from analysis.hooks import only_here
from models.batching import run_in_batches
from models.classifier import ModelError
from models.transformer import TransformerClassifier

#: Turns logits (points, labels) into the one number a point that is explained.
Quantity = Callable[[Tensor], Tensor]

T = TypeVar("T")

#: Tokens in one batch of gradients; they keep every layer's activations, so it is less than for answers.
_TOKENS_ON_CPU, _TOKENS_ON_GPU = 1024, 8192

#: What a model raises that cannot be called with embeddings.
_REFUSALS = (NotImplementedError, TypeError, ValueError, AttributeError, RuntimeError, IndexError)


class AttributionError(ModelError):
    """A text or model that cannot be explained. The message says what is wrong and what to do."""


@dataclass(frozen=True)
class Path:
    """A line from `start` (the baseline) to `end` (the text); both are embeddings (tokens, width).

    `fixed` holds what does not move (mask, positions, types), each of shape (1, tokens); the text's ids
    among them where embeddings can only stand in for what the model makes of ids.
    """

    classifier: TransformerClassifier
    start: Tensor
    end: Tensor
    fixed: Mapping[str, Tensor]


@dataclass(frozen=True)
class Logits:
    """Asks for the model's logits (points, labels) at points of a line; 0 is the baseline, 1 the text."""

    path: Path
    alphas: Sequence[float]
    work = 0

    @classmethod
    def answered(
        cls, requests: Sequence["Logits"], report: Callable[[int], None]
    ) -> list[NDArray[np.float64]]:
        """Points of one length share batches. Raises `AttributionError` where the model refuses them."""
        asked = [[_identity(one.path, alpha) for alpha in one.alphas] for one in requests]
        # The baselines of texts of one length are mostly one point.
        distinct = {
            identity: (one.path, alpha)
            for one, identities in zip(requests, asked, strict=True)
            for identity, alpha in zip(identities, one.alphas, strict=True)
        }
        points = list(distinct.values())

        def run(indices: list[int]) -> list[NDArray[np.float64]]:
            paths = [points[index][0] for index in indices]
            with torch.inference_mode():
                return list(to_numpy(forward(paths, _at(paths, [points[index][1] for index in indices]))))

        classifier = requests[0].path.classifier
        with refusals(classifier):
            answers = in_batches(classifier, [len(path.end) for path, _ in points], run)
        found = dict(zip(distinct, answers, strict=True))
        return [np.stack([found[identity] for identity in identities]) for identities in asked]


@dataclass(frozen=True)
class Slopes:
    """Asks how fast a quantity grows along a text's lines, token by token: (points, tokens).

    Point i lies on `paths[i]`, at `alphas[i]`; its row is the gradient there times (end - start), summed
    over the width. `quantity` turns logits (points, labels) into one number a point. `half`: in bfloat16
    where torch holds that to be safe.
    """

    paths: Sequence[Path]
    alphas: Sequence[float]
    quantity: Quantity
    half: bool = False

    @property
    def work(self) -> int:
        """The number of points."""
        return len(self.alphas)

    @classmethod
    def answered(
        cls, requests: Sequence["Slopes"], report: Callable[[int], None]
    ) -> list[NDArray[np.float64]]:
        """Points of one length share batches; they do not see each other."""
        points = [
            (one, path, alpha) for one in requests for path, alpha in zip(one.paths, one.alphas, strict=True)
        ]

        def run(indices: list[int]) -> list[NDArray[np.float64]]:
            chosen = [points[index] for index in indices]
            runs = [list(same) for _, same in groupby((one for one, _, _ in chosen), key=id)]

            def quantity(logits: Tensor) -> Tensor:
                rows = logits.split([len(same) for same in runs])
                return torch.cat([same[0].quantity(own) for same, own in zip(runs, rows, strict=True)])

            paths = [path for _, path, _ in chosen]
            found = _gradients(paths, _at(paths, [alpha for _, _, alpha in chosen]), quantity)
            ways = torch.stack([(path.end - path.start).float() for path in paths])
            rows = list(to_numpy((found * ways).sum(-1)))
            report(len(rows))
            return rows

        classifier, lengths = requests[0].paths[0].classifier, [len(path.end) for _, path, _ in points]
        half = requests[0].half
        with half_precision(classifier.device) if half else nullcontext():
            # Where the products take less time, what comes with every batch takes more of it.
            found = iter(in_batches(classifier, lengths, run, times=2 if half else 1))
        return [np.stack([next(found) for _ in one.alphas]) for one in requests]


def gradients(path: Path, points: Tensor, quantity: Quantity) -> Tensor:
    """The gradient of a quantity at any embeddings (points, tokens, width) of a path's text, in float32."""

    def run(indices: list[int]) -> list[Tensor]:
        return list(_gradients([path] * len(indices), points[indices], quantity))

    return torch.stack(in_batches(path.classifier, [len(path.end)] * len(points), run))


def in_batches(
    classifier: TransformerClassifier,
    lengths: Sequence[int],
    run: Callable[[list[int]], Sequence[T]],
    *,
    times: int = 1,
) -> list[T]:
    """Run items of one length together, as `models.batching.run_in_batches`: nothing is ever padded.

    Batches may be so many `times` the usual size.
    """
    budget = times * (_TOKENS_ON_CPU if classifier.device.type == "cpu" else _TOKENS_ON_GPU)
    # Without a PAD token some decoders refuse two texts at once, even two of one length.
    alone = getattr(classifier.module.config, "pad_token_id", None) is None
    return run_in_batches(lengths, run, token_budget=1 if alone else budget)


def _gradients(paths: Sequence[Path], points: Tensor, quantity: Quantity) -> Tensor:
    with torch.inference_mode(False), torch.enable_grad():
        points = points.detach().requires_grad_()
        # One call for all points: they do not see each other, so the sum's gradient is each one's.
        # Asking for the points' gradient only leaves the parameters' gradients uncomputed.
        (found,) = torch.autograd.grad(quantity(forward(paths, points)).sum(), points)
    return found.float()


def _identity(path: Path, alpha: float) -> tuple[bytes, ...]:
    """What the model is given at a point, as bytes: equal only where its answers are."""
    given = (_at([path], [alpha]), *path.fixed.values())
    return tuple(tensor.cpu().contiguous().view(torch.uint8).numpy().tobytes() for tensor in given)


def _at(paths: Sequence[Path], alphas: Sequence[float]) -> Tensor:
    """A point on each path (points, tokens, width)."""
    first = paths[0].start
    share = torch.tensor(alphas, dtype=torch.float32, device=first.device).view(-1, 1, 1)
    start = torch.stack([path.start for path in paths]).float()
    end = torch.stack([path.end for path in paths]).float()
    return (start + share * (end - start)).to(first.dtype)


def forward(paths: Sequence[Path], points: Tensor) -> Tensor:
    """The logits (points, labels) at any embeddings (points, tokens, width), each on its path, in float32."""
    module = paths[0].classifier.module
    fixed = {name: torch.cat([path.fixed[name] for path in paths]) for name in paths[0].fixed}
    if "input_ids" in fixed:
        with _embedded_as(module, fixed["input_ids"], points):
            logits: Tensor = module(**fixed).logits
    else:
        logits = module(inputs_embeds=points, **fixed).logits
    return logits.float()


@contextmanager
def _embedded_as(module: Any, ids: Tensor, points: Tensor) -> Iterator[None]:
    """While it lasts these ids (points, tokens) are embedded as `points`, by the encoder and, one token
    later, by the decoder."""

    @only_here
    def replaced(_: Any, asked: tuple[Tensor, ...], found: Tensor) -> Tensor:
        if torch.equal(asked[0], ids):
            return points
        if torch.equal(asked[0][:, 1:], ids[:, :-1]):
            return torch.cat([found[:, :1], points[:, :-1]], dim=1)
        raise AttributionError(
            f"{type(module).__name__} reads more than the text, and the text one token later, so no line "
            "leads to its answer. Choose a method that removes words instead."
        )

    whole = module.base_model
    embeddings = {part.get_input_embeddings() for part in (whole.get_encoder(), whole.get_decoder())}
    hooks = [embedding.register_forward_hook(replaced) for embedding in embeddings]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def refusals(classifier: TransformerClassifier) -> Iterator[None]:
    """What a model raises inside that cannot be called with embeddings, in plain words."""
    try:
        yield
    except ModelError:  # out of memory, in plain words already
        raise
    except _REFUSALS as error:
        raise AttributionError(
            f"{classifier.architecture} does not answer to word embeddings, which gradients need. It can be "
            "attacked and audited all the same; choose a method that removes words instead."
        ) from error


def to_numpy(tensor: Tensor) -> NDArray[np.float64]:
    """The tensor's numbers in double precision."""
    values: NDArray[np.float64] = tensor.detach().cpu().double().numpy()
    return values
