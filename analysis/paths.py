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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from analysis.asking import Asking
from analysis.points import AttributionError, Logits, Path, refusals
from models.batching import pad
from models.transformer import EncodedText, TransformerClassifier

__all__ = [
    "BASELINES",
    "AttributionError",
    "Baseline",
    "Lines",
    "Path",
    "at_text",
    "averaged",
    "baseline_title",
    "paths_to",
    "why_not",
]

Baseline = Literal["pad", "mask", "zero", "mean", "average"]
BASELINES: tuple[Baseline, ...] = get_args(Baseline)

#: What "average" averages over, as far as the model has them. Zero is no embedding that a model has met.
AVERAGED: tuple[Baseline, ...] = ("pad", "mask", "mean")

#: How far the line's end may lie from the model's own answer, relative to the largest logit.
_AGREEMENT = {torch.float32: 1e-3, torch.float64: 1e-6}
_AGREEMENT_OF_HALF_PRECISION = 0.05


@dataclass(frozen=True)
class Lines:
    """The lines from a baseline to a text, and the model's logits (lines, 2, labels) at both ends of each."""

    paths: tuple[Path, ...]
    answers: NDArray[np.float64]

    def ends(self, values: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> tuple[float, float]:
        """What `values` makes of the logits (2, labels) at the baselines (their mean) and at the text."""
        found = np.array([values(answers) for answers in self.answers])
        return float(found[:, 0].mean()), float(found[0, 1])


def paths_to(
    classifier: TransformerClassifier, encoded: EncodedText, baseline: Baseline, answer: NDArray[np.float64]
) -> Asking[Lines]:
    """The lines from a baseline to an encoded text: one, or several where it is an average.

    `answer` is the model's logits (labels,) for the text, which the end must give as well. Raises
    `AttributionError` where the baseline makes no sense for the model, where the model takes no word
    embeddings, or where it answers differently from embeddings than from the text.
    """
    problem = why_not(classifier, baseline)
    if problem:
        raise AttributionError(problem)
    single = averaged(classifier) if baseline == "average" else (baseline,)
    paths, answers = [], []
    for one in single:
        path = _line(classifier, encoded, one)
        ends = yield from _checked(path, answer)
        if one == "zero":
            (middle,) = yield Logits(path, [0.5])
            # Half a vector that answers like the whole one, and unlike none: its length is not read.
            if _agree(middle, ends[1], classifier.dtype) and not _agree(ends[0], ends[1], classifier.dtype):
                raise AttributionError(_ZERO_IS_SENSELESS.format(classifier.architecture))
        paths.append(path)
        answers.append(ends)
    return Lines(tuple(paths), np.stack(answers))


def at_text(
    classifier: TransformerClassifier, encoded: EncodedText, answer: NDArray[np.float64]
) -> Asking[Path]:
    """A line from zero to the text, for the gradient at the text; raises like `paths_to`."""
    path = _line(classifier, encoded, None)
    yield from _checked(path, answer)
    return replace(path, start=torch.zeros_like(path.start))


def _line(classifier: TransformerClassifier, encoded: EncodedText, baseline: Baseline | None) -> Path:
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)  # one text: nothing is padded
    ids = inputs.pop("input_ids")
    with refusals(classifier), torch.inference_mode(False), torch.no_grad():
        ends = _ends(classifier, ids, encoded.special, baseline)
        return Path(classifier, *ends, _fixed(classifier, ids, inputs))


def _checked(path: Path, answer: NDArray[np.float64]) -> Asking[NDArray[np.float64]]:
    """The logits (2, labels) at the ends of a line, which must lead to the model's own answer."""
    ends: NDArray[np.float64] = yield Logits(path, [0.0, 1.0])
    classifier = path.classifier
    if not _agree(ends[1], answer, classifier.dtype):
        raise AttributionError(
            f"{classifier.architecture} answers differently from word embeddings than from this text, so "
            "gradients would explain another answer. Choose a method that removes words instead."
        )
    return ends


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
        start[words] = classifier.mean_embedding
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
