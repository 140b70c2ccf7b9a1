"""The attention weights of one text, checked and named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
