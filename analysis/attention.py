"""Where a model looks: attention weights, what each head does with them, and rollout.

Attention weights say where a layer took its mixture of values from. They are not by themselves
evidence of why a model answered as it did (Jain & Wallace 2019, "Attention is not Explanation";
Wiegreffe & Pinter 2019, "Attention is not not Explanation"): for that, see `analysis.attribution`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from models.classifier import ModelError

if TYPE_CHECKING:
    from models.encoding import EncodedText
    from models.transformer import TransformerClassifier

#: The most memory that the weights of one text may take, in bytes: 942 tokens with 12 × 12 heads.
MOST_BYTES = 512 * 10**6
#: A row of weights must sum to one; half precision rounds it by at most this much.
ROW_TOLERANCE = 0.05
#: From this share of a head's weight on, the head is said to look there.
DOMINANT_SHARE = 0.4
#: From this share of the largest possible entropy on, a head is said to look everywhere alike.
DIFFUSE_SPREAD = 0.85

Pattern = Literal["special", "previous", "next", "same", "everywhere", "mixed"]


@dataclass(frozen=True)
class Attention:
    """The attention weights of one text.

    `weights` is float32 of shape (layers, heads, tokens, tokens): `weights[l, h, i, j]` is the share
    of its attention that token i gives to token j; rows sum to 1. `tokens` are labels to read,
    `offsets` the characters (start, end) of each in the text, (0, 0) for special ones. `pooled` is the
    position that the classification head reads, or None where there is no single one.
    """

    tokens: tuple[str, ...]
    weights: NDArray[np.float32]
    truncated: bool
    special: tuple[bool, ...]
    offsets: tuple[tuple[int, int], ...]
    pooled: int | None

    @property
    def layers(self) -> int:
        """How many layers."""
        return self.weights.shape[0]

    @property
    def heads(self) -> int:
        """How many heads a layer."""
        return self.weights.shape[1]


@dataclass(frozen=True)
class HeadProfiles:
    """What each head looks at: arrays of shape (layers, heads), averaged over the ordinary tokens' rows.

    `spread` is the entropy as a share of the largest possible one (0 one token, 1 all alike);
    `special`, `previous`, `next` and `same` are shares of the weight given to special tokens, to the
    neighbours and to the token itself; `distance` is the mean distance looked, in tokens.
    """

    spread: NDArray[np.float64]
    special: NDArray[np.float64]
    previous: NDArray[np.float64]
    next: NDArray[np.float64]
    same: NDArray[np.float64]
    distance: NDArray[np.float64]

    def pattern(self, layer: int, head: int) -> tuple[Pattern, float]:
        """The pattern that describes a head best (layer and head from 0), and its share or spread."""
        shares: dict[Pattern, float] = {
            "special": float(self.special[layer, head]),
            "previous": float(self.previous[layer, head]),
            "next": float(self.next[layer, head]),
            "same": float(self.same[layer, head]),
        }
        name = max(shares, key=lambda key: shares[key])
        if shares[name] >= DOMINANT_SHARE:
            return name, shares[name]
        spread = float(self.spread[layer, head])
        return ("everywhere" if spread >= DIFFUSE_SPREAD else "mixed"), spread

    def clearest(self) -> tuple[int, int]:
        """The (layer, head), from 0, that looks most sharply at ordinary tokens: a good one to begin with."""
        sharpness = (1 - self.special) * (1 - self.spread)
        layer, head = np.unravel_index(int(sharpness.argmax()), sharpness.shape)
        return int(layer), int(head)


def attend(classifier: TransformerClassifier, text: str) -> Attention:
    """All attention weights for one text, unpadded and unbatched.

    Of encoder-decoders, the encoder's self-attention. A text longer than the model reads is cut
    (`truncated`). Raises ModelError for a model that has no plain token-to-token attention to show,
    and for a text whose weights would take more than `MOST_BYTES`.
    """
    from models.batching import pad, run_in_batches

    if getattr(classifier.module.config, "num_attention_heads", None) is None:
        raise _unusable(classifier, "it has no attention heads")
    eager = classifier.eager()
    encoded = eager.encode([text])[0]
    _check_size(eager, len(encoded.ids))
    inputs = pad(eager.tokenizer, [encoded], eager.device)
    try:
        (output,) = run_in_batches(
            [len(encoded.ids)], lambda _: [eager.module(**inputs, output_attentions=True)]
        )
    except TypeError as error:
        raise _unusable(eager, "it does not give its attention weights") from error
    layers = getattr(output, "encoder_attentions", None) or getattr(output, "attentions", None)
    weights = _stack(eager, layers, len(encoded.ids))
    return Attention(
        tokens=tuple(_labels(classifier, encoded, text)),
        weights=weights,
        truncated=encoded.truncated,
        special=tuple(encoded.special),
        offsets=tuple(encoded.offsets),
        pooled=_pooled(eager, encoded, weights),
    )


def rollout(attention: Attention) -> NDArray[np.float64]:
    """Attention followed through all layers: (tokens, tokens), row i says what reached position i.

    Heads are averaged, half of each layer is the residual connection, and the layers are multiplied
    (Abnar & Zuidema 2020, "Quantifying Attention Flow in Transformers"). Rows sum to 1.
    """
    count = len(attention.tokens)
    flow = np.eye(count)
    for layer in attention.weights:
        mixed = 0.5 * layer.mean(axis=0, dtype=np.float64) + 0.5 * np.eye(count)
        flow = (mixed / mixed.sum(axis=-1, keepdims=True)) @ flow
    return flow


def rollout_to_answer(attention: Attention) -> NDArray[np.float64]:
    """The share of each token in what the classifier reads, by rollout: (tokens,), summing to 1.

    The row of the pooled position, or the mean of all rows where the classifier reads them all.
    """
    flow = rollout(attention)
    return flow.mean(axis=0) if attention.pooled is None else flow[attention.pooled]


def profiles(attention: Attention) -> HeadProfiles:
    """Short descriptions of every head; cheap even for 512 tokens."""
    count = len(attention.tokens)
    special = np.array(attention.special, dtype=bool)
    rows = np.flatnonzero(~special) if not special.all() else np.arange(count)
    shape = attention.weights.shape[:2]
    found = {name: np.zeros(shape) for name in HeadProfiles.__dataclass_fields__}
    gap = np.abs(np.subtract.outer(rows, np.arange(count))).astype(np.float32)
    before, after = rows[rows > 0], rows[rows < count - 1]
    for layer, head in np.ndindex(shape):
        matrix = attention.weights[layer, head]
        seen = matrix[rows]
        logs = np.log(np.where(seen > 0, seen, 1.0))
        found["spread"][layer, head] = -(seen * logs).sum(axis=-1).mean() / np.log(max(count, 2))
        found["special"][layer, head] = seen[:, special].sum(axis=-1).mean()
        found["previous"][layer, head] = matrix[before, before - 1].sum() / len(rows)
        found["next"][layer, head] = matrix[after, after + 1].sum() / len(rows)
        found["same"][layer, head] = matrix[rows, rows].mean()
        found["distance"][layer, head] = (seen * gap).sum(axis=-1).mean()
    return HeadProfiles(**found)


def strongest_pair(attention: Attention, layer: int, head: int) -> tuple[int, int, float]:
    """(from, to, weight) of the largest weight between two different ordinary tokens; layer, head from 0.

    Falls back to any pair where the text has fewer than two ordinary tokens.
    """
    matrix = attention.weights[layer, head].copy()
    special = np.array(attention.special, dtype=bool)
    if (~special).sum() > 1:
        matrix[special, :] = -1
        matrix[:, special] = -1
        np.fill_diagonal(matrix, -1)
    source, target = np.unravel_index(int(matrix.argmax()), matrix.shape)
    return int(source), int(target), float(attention.weights[layer, head, source, target])


def _stack(
    classifier: TransformerClassifier, layers: Sequence[object] | None, count: int
) -> NDArray[np.float32]:
    """The layers' tensors as one checked float32 array of shape (layers, heads, tokens, tokens)."""
    import torch

    if not layers or not all(isinstance(layer, torch.Tensor) for layer in layers):
        raise _unusable(classifier, "it gives no attention weights")
    tensors = [layer.float().cpu() for layer in layers if isinstance(layer, torch.Tensor)]
    wanted = (1, tensors[0].shape[1] if tensors[0].ndim == 4 else -1, count, count)
    if any(tuple(tensor.shape) != wanted for tensor in tensors):
        shape = tuple(tensors[0].shape)
        raise _unusable(classifier, f"its weights have the shape {shape}, not one share for each token pair")
    weights = torch.cat(tensors).numpy()
    sums = weights.sum(axis=-1, keepdims=True)
    if not np.isfinite(weights).all() or np.abs(sums - 1).max() > ROW_TOLERANCE:
        raise _unusable(classifier, "its weights are no shares (their rows do not sum to 1)")
    # Half precision rounds every weight, so that rows are only nearly 1: make them so again.
    weights = (weights / sums).astype(np.float32)
    weights.flags.writeable = False  # shared by every view that shows it
    return weights


def _check_size(classifier: TransformerClassifier, count: int) -> None:
    """Refuse a text before its weights fill the memory: they grow with the square of its length."""
    most = math.isqrt(MOST_BYTES // (4 * classifier.layers * classifier.heads))
    if count > most:
        raise ModelError(
            f"This text has {count} tokens; the attention maps of {classifier.name} "
            f"({classifier.layers} layers of {classifier.heads} heads) fit the memory up to {most}. "
            "Shorten the text."
        )


def _unusable(classifier: TransformerClassifier, why: str) -> ModelError:
    """The one-line error for a family without usable attention."""
    return ModelError(
        f"{classifier.name} ({classifier.family}) has no attention maps to show: {why}. "
        "Its attributions on the Explain page work without them."
    )


def _pooled(
    classifier: TransformerClassifier, encoded: EncodedText, weights: NDArray[np.float32]
) -> int | None:
    """The position whose state the classification head reads, as far as the family tells."""
    count = len(encoded.ids)
    above = np.triu_indices(count, k=1)
    if count > 1 and not weights[:, :, above[0], above[1]].any():
        return count - 1  # causal models read the last token, which alone has seen them all
    config = classifier.module.config
    if config.is_encoder_decoder or getattr(config, "classifier_pooling", "cls") == "mean":
        return None
    first = classifier.tokenizer.cls_token_id
    if first is not None and first in encoded.ids:
        return list(encoded.ids).index(first)
    return None


def _labels(classifier: TransformerClassifier, encoded: EncodedText, text: str) -> list[str]:
    """What to call each token on screen.

    The tokenizer's own piece (so that "##ing" and "[UNK] 😀" stay visible), without the marks for a
    space; but of tokenizers that spell bytes as letters ("Ø§" in Arabic), the characters of the text.
    """
    decoder = type(classifier.tokenizer.backend_tokenizer.decoder).__name__
    labels = []
    for token, (start, end), special in zip(encoded.tokens, encoded.offsets, encoded.special, strict=True):
        piece = token.replace("Ġ", "").replace("▁", "").replace("</w>", "")
        characters = text[start:end].strip()
        if decoder == "ByteLevel" and not special:
            piece = characters
        elif token == classifier.tokenizer.unk_token and not special:
            piece = f"{token} {characters}"
        labels.append(piece or token)
    return labels
