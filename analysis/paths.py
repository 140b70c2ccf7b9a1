"""The straight line from a baseline to a text, in a model's word embeddings.

Only the word embeddings move. The attention mask, the positions and the token types are those of the
text at every point of the line, and the tokenizer's own tokens ([CLS], [SEP], ...) keep their
embedding. Both ends are evaluated by the very code that evaluates the points between them: ends
evaluated from token ids can take another path (RoBERTa counts positions from the PAD ids, GPT-2
pools before them), and then the convergence delta says nothing about the integral.

What differs between families is found out rather than listed: the line's end must answer what the
model answers to the text itself. Where it does not, or where a model takes no embeddings at all
(CANINE), the text cannot be explained this way and `AttributionError` says so.

Encoders with decoders (T5, BART) refuse embeddings, and their decoder reads the text as well, one token
later. They are run on the text's ids, and what their embedding gives out is replaced in both places.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.hooks import only_here
from models.batching import pad, run_in_batches
from models.classifier import ModelError
from models.transformer import EncodedText, TransformerClassifier

Baseline = Literal["pad", "mask", "zero", "mean", "average"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)

#: What "average" averages over, as far as the model has them. Zero is no embedding that a model has met.
AVERAGED: tuple[Baseline, ...] = ("pad", "mask", "mean")

#: Turns logits (points, labels) into the one number a point that is explained.
Quantity = Callable[[Tensor], Tensor]

T = TypeVar("T")

#: How far the line's end may lie from the model's own answer, relative to the largest logit.
_AGREEMENT = {torch.float32: 1e-3, torch.float64: 1e-6}
_AGREEMENT_OF_HALF_PRECISION = 0.05

#: Tokens in one batch of gradients; they keep every layer's activations, so it is less than for answers.
_TOKENS_ON_CPU, _TOKENS_ON_GPU = 1024, 8192


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

    @cached_property
    def answers(self) -> NDArray[np.float64]:
        """The model's logits (2, labels) at the start and at the end."""
        return self.logits([0.0, 1.0])

    def logits(self, alphas: Sequence[float]) -> NDArray[np.float64]:
        """The model's logits (len(alphas), labels) at these points; 0 is the baseline, 1 the text."""

        def run(indices: list[int]) -> list[NDArray[np.float64]]:
            with torch.inference_mode():
                return list(_to_numpy(self.forward(self._points([alphas[index] for index in indices]))))

        found: list[NDArray[np.float64]] = self._in_batches(len(alphas), run)
        return np.stack(found)

    def derivatives(self, alphas: Sequence[float], quantity: Quantity) -> NDArray[np.float64]:
        """How fast a quantity grows along the line, token by token (len(alphas), tokens).

        `quantity` turns logits (points, labels) into one number a point. Row i is the gradient at
        alphas[i] times (end - start), summed over the width.
        """

        def run(indices: list[int]) -> list[NDArray[np.float64]]:
            gradients = self._gradients(self._points([alphas[index] for index in indices]), quantity)
            return list(_to_numpy((gradients * (self.end - self.start).float()).sum(-1)))

        found: list[NDArray[np.float64]] = self._in_batches(len(alphas), run)
        return np.stack(found)

    def gradients(self, points: Tensor, quantity: Quantity) -> Tensor:
        """The gradient of a quantity at any embeddings (points, tokens, width), in float32."""
        return torch.stack(
            self._in_batches(len(points), lambda indices: list(self._gradients(points[indices], quantity)))
        )

    def _in_batches(self, points: int, run: Callable[[list[int]], list[T]]) -> list[T]:
        tokens = self.start.shape[0]
        budget = _TOKENS_ON_CPU if self.start.device.type == "cpu" else _TOKENS_ON_GPU
        # Without a PAD token some decoders refuse two texts at once, even two of one length.
        alone = getattr(self.classifier.module.config, "pad_token_id", None) is None
        return run_in_batches([tokens] * points, run, token_budget=tokens if alone else budget)

    def _gradients(self, points: Tensor, quantity: Quantity) -> Tensor:
        with torch.inference_mode(False), torch.enable_grad():
            points = points.detach().requires_grad_()
            # One call for all points: they do not see each other, so the sum's gradient is each one's.
            # Asking for the points' gradient only leaves the parameters' gradients uncomputed.
            (gradients,) = torch.autograd.grad(quantity(self.forward(points)).sum(), points)
        return gradients.float()

    def _points(self, alphas: Sequence[float]) -> Tensor:
        share = torch.tensor(alphas, dtype=torch.float32, device=self.start.device).view(-1, 1, 1)
        start = self.start.float()
        return (start + share * (self.end.float() - start)).to(self.start.dtype)

    def forward(self, points: Tensor) -> Tensor:
        """The logits (points, labels) at any embeddings (points, tokens, width), in float32."""
        fixed = {name: value.expand(points.shape[0], -1) for name, value in self.fixed.items()}
        if "input_ids" in fixed:
            with _embedded_as(self.classifier.module, fixed["input_ids"], points):
                logits: Tensor = self.classifier.module(**fixed).logits
        else:
            logits = self.classifier.module(inputs_embeds=points, **fixed).logits
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


def paths_to(
    classifier: TransformerClassifier, encoded: EncodedText, baseline: Baseline, answer: NDArray[np.float64]
) -> tuple[Path, ...]:
    """The lines from a baseline to an encoded text: one, or several where it is an average.

    `answer` is the model's logits (labels,) for the text, which the end must give as well. Raises
    `AttributionError` where the baseline makes no sense for the model, where the model takes no word
    embeddings, or where it answers differently from embeddings than from the text.
    """
    problem = why_not(classifier, baseline)
    if problem:
        raise AttributionError(problem)
    single = averaged(classifier) if baseline == "average" else (baseline,)
    return tuple(_path(classifier, encoded, one, answer) for one in single)


def at_text(classifier: TransformerClassifier, encoded: EncodedText, answer: NDArray[np.float64]) -> Path:
    """A path that stays at the text; raises like `paths_to`."""
    return _path(classifier, encoded, None, answer)


def _path(
    classifier: TransformerClassifier,
    encoded: EncodedText,
    baseline: Baseline | None,
    answer: NDArray[np.float64],
) -> Path:
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)  # one text: nothing is padded
    ids = inputs.pop("input_ids")
    try:
        with torch.inference_mode(False), torch.no_grad():
            ends = _ends(classifier, ids, encoded.special, baseline)
        path = Path(classifier, *ends, _fixed(classifier, ids, inputs))
        ours = path.answers[1]
    except ModelError:  # out of memory, in plain words
        raise
    except _REFUSALS as error:
        raise AttributionError(
            f"{classifier.architecture} does not answer to word embeddings, which gradients need. It can be "
            "attacked and audited all the same; choose a method that removes words instead."
        ) from error
    if not _agree(ours, answer, classifier.dtype):
        raise AttributionError(
            f"{classifier.architecture} answers differently from word embeddings than from this text, so "
            "gradients would explain another answer. Choose a method that removes words instead."
        )
    if baseline == "zero":
        start, end = path.answers
        (middle,) = path.logits([0.5])
        # Half a vector that answers like the whole one, and unlike none: its length is not read.
        if _agree(middle, end, classifier.dtype) and not _agree(start, end, classifier.dtype):
            raise AttributionError(_ZERO_IS_SENSELESS.format(classifier.architecture))
    return path


def _ends(
    classifier: TransformerClassifier, ids: Tensor, special: Sequence[bool], baseline: Baseline | None
) -> tuple[Tensor, Tensor]:
    """The embeddings (tokens, width) of the baseline and of the text."""
    embed = classifier.module.get_input_embeddings()
    end = embed(ids)[0].detach()
    start = end.clone()
    words = ~torch.tensor(special, device=end.device)
    if baseline is None:
        return end, end
    if baseline == "zero":
        start[words] = 0
    elif baseline == "mean":
        start[words] = _mean_embedding(classifier)
    else:
        start[words] = embed(torch.tensor([[_token_id(classifier, baseline)]], device=end.device))[0, 0]
    return start, end


def _agree(one: NDArray[np.float64], other: NDArray[np.float64], dtype: torch.dtype) -> bool:
    limit = _AGREEMENT.get(dtype, _AGREEMENT_OF_HALF_PRECISION)
    return one.shape == other.shape and bool(
        np.abs(one - other).max() <= limit * max(1.0, np.abs(other).max())
    )


_ZERO_IS_SENSELESS = (
    "A zero baseline makes no sense for {}: it brings word vectors to one length before it reads them, so "
    "the path jumps as it leaves zero and the sum never converges. Choose another baseline."
)

#: What a model raises that cannot be called with embeddings.
_REFUSALS = (NotImplementedError, TypeError, ValueError, AttributeError, RuntimeError, IndexError)


def why_not(classifier: TransformerClassifier, baseline: Baseline) -> str | None:
    """Why a baseline makes no sense for a model, in one sentence; None where it does."""
    if baseline not in BASELINES:
        return f"There is no baseline named {baseline!r}. Choose one of: {', '.join(BASELINES)}."
    if baseline in ("mean", "average"):
        return None
    if baseline != "zero":
        if _token_id(classifier, baseline) is None:
            return (
                f"{classifier.name} has no {baseline.upper()} token to put in place of words. Choose another."
            )
        return None
    if any("rmsnorm" in type(part).__name__.lower() for part in classifier.module.modules()):
        return _ZERO_IS_SENSELESS.format(classifier.architecture)
    return None


def averaged(classifier: TransformerClassifier) -> tuple[Baseline, ...]:
    """The baselines that "average" stands for in this model."""
    return tuple(baseline for baseline in AVERAGED if why_not(classifier, baseline) is None)


def baseline_title(classifier: TransformerClassifier, baseline: Baseline) -> str:
    """What the baseline puts in place of every word, for people to read: "[PAD]", "<mask>", "zero vector"."""
    if baseline == "zero":
        return "zero vector"
    if baseline == "mean":
        return "mean embedding"
    if baseline == "average":
        return f"average of {' and '.join(baseline_title(classifier, one) for one in averaged(classifier))}"
    return str(getattr(classifier.tokenizer, f"{baseline}_token"))


def _mean_embedding(classifier: TransformerClassifier) -> Tensor:
    """The mean of all word embeddings, as the model's own layer gives them out (width,)."""
    embed = classifier.module.get_input_embeddings()
    count = int(embed.weight.shape[0])
    total = torch.zeros(1, device=embed.weight.device)
    for start in range(0, count, 8192):  # a large vocabulary in float32 need not be held at once
        ids = torch.arange(start, min(start + 8192, count), device=embed.weight.device)
        total = total + embed(ids).float().sum(0)
    return (total / count).to(embed.weight.dtype)


def _token_id(classifier: TransformerClassifier, baseline: Baseline) -> int | None:
    token_id: int | None = getattr(classifier.tokenizer, f"{baseline}_token_id")
    return token_id


def _fixed(classifier: TransformerClassifier, ids: Tensor, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Everything but the word embeddings, positions spelt out where the model lets us."""
    fixed = dict(inputs)
    if classifier.module.config.is_encoder_decoder:
        return {**fixed, "input_ids": ids}
    if "position_ids" not in inspect.signature(classifier.module.forward).parameters:
        return fixed
    positions = torch.arange(ids.shape[1], device=ids.device)[None]
    padding = _padding_position(classifier.module)
    if padding is not None:
        # RoBERTa and its kin: counted from after the PAD position, PAD tokens staying on it.
        real = (ids != padding).long()
        positions = torch.cumsum(real, dim=1) * real + padding
    return {**fixed, "position_ids": positions}


def _padding_position(module: Any) -> int | None:
    """The position that PAD tokens get in models of RoBERTa's kind; None in the others."""
    for name, part in module.named_modules():
        if name.endswith("position_embeddings"):
            padding: int | None = getattr(part, "padding_idx", None)
            return padding
    return None


def _to_numpy(tensor: Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.detach().cpu().double().numpy()
    return values
