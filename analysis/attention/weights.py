"""The attention weights of one text, checked and named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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

#: Encoder-decoders attend in three places; all others in one.
Part = Literal["self", "encoder", "decoder", "cross"]
_OUTPUTS: dict[Part, str] = {
    "self": "attentions",
    "encoder": "encoder_attentions",
    "decoder": "decoder_attentions",
    "cross": "cross_attentions",
}


@dataclass(frozen=True)
class Attention:
    """The attention weights of one text.

    `weights` is float32 of shape (layers, heads, tokens, tokens): `weights[l, h, i, j]` is the share
    of its attention that token i gives to token j; rows sum to 1. `tokens` are labels to read,
    `offsets` the characters (start, end) of each in the text, (0, 0) for special ones. `pooled` is the
    row that the classification head reads, or None where there is no single one.

    In a decoder every place holds the token before it, which `tokens` then says. Where the decoder looks at
    the encoder, `readers` are the decoder's tokens, one a row, and `tokens` the encoder's, one a column.
    """

    tokens: tuple[str, ...]
    weights: NDArray[np.float32]
    truncated: bool
    special: tuple[bool, ...]
    offsets: tuple[tuple[int, int], ...]
    pooled: int | None
    part: Part = "self"
    readers: tuple[str, ...] | None = None

    @property
    def layers(self) -> int:
        """How many layers."""
        return self.weights.shape[0]

    @property
    def heads(self) -> int:
        """How many heads a layer."""
        return self.weights.shape[1]


def parts(classifier: TransformerClassifier) -> tuple[Part, ...]:
    """Where this model attends: what `attend` can be asked for."""
    return ("encoder", "decoder", "cross") if classifier.module.config.is_encoder_decoder else ("self",)


def attend(classifier: TransformerClassifier, text: str, part: Part | None = None) -> Attention:
    """All attention weights for one text, unpadded and unbatched; of encoder-decoders the encoder's.

    A text longer than the model reads is cut (`truncated`). Raises ModelError for a model that has no plain
    token-to-token attention to show, and for a text whose weights would take more than `MOST_BYTES`.
    """
    from models.batching import pad, run_in_batches

    part = part or parts(classifier)[0]
    if getattr(classifier.module.config, "num_attention_heads", None) is None:
        raise unusable(classifier, "it has no attention heads")
    eager = classifier.eager()
    encoded = eager.encode([text])[0]
    _check_size(eager, len(encoded.ids))
    inputs = pad(eager.tokenizer, [encoded], eager.device)
    try:
        (output,) = run_in_batches(
            [len(encoded.ids)], lambda _: [eager.module(**inputs, output_attentions=True)]
        )
    except TypeError as error:
        raise unusable(eager, "it does not give its attention weights") from error
    weights = _stack(eager, outputs(output, part), len(encoded.ids))
    tokens, special, offsets = tuple(_labels(classifier, encoded, text)), encoded.special, encoded.offsets
    shifted = ("start", *tokens[:-1])
    if part == "decoder":
        tokens, special, offsets = shifted, (True, *special[:-1]), ((0, 0), *offsets[:-1])
    return Attention(
        tokens=tokens,
        weights=weights,
        truncated=encoded.truncated,
        special=tuple(special),
        offsets=tuple(offsets),
        pooled=_pooled(eager, encoded, weights, part),
        part=part,
        readers=shifted if part == "cross" else None,
    )


def outputs(output: Any, part: Part) -> Any:
    """One part's attention tensors, a layer each, from what a module returned; None where it has none."""
    return getattr(output, _OUTPUTS[part], None)


def _stack(
    classifier: TransformerClassifier, layers: Sequence[object] | None, count: int
) -> NDArray[np.float32]:
    """The layers' tensors as one checked float32 array of shape (layers, heads, tokens, tokens)."""
    import torch

    if not layers or not all(isinstance(layer, torch.Tensor) for layer in layers):
        raise unusable(classifier, "it gives no attention weights")
    tensors = [layer.float().cpu() for layer in layers if isinstance(layer, torch.Tensor)]
    wanted = (1, tensors[0].shape[1] if tensors[0].ndim == 4 else -1, count, count)
    if any(tuple(tensor.shape) != wanted for tensor in tensors):
        shape = tuple(tensors[0].shape)
        raise unusable(classifier, f"its weights have the shape {shape}, not one share for each token pair")
    weights = torch.cat(tensors).numpy()
    sums = weights.sum(axis=-1, keepdims=True)
    if not np.isfinite(weights).all() or np.abs(sums - 1).max() > ROW_TOLERANCE:
        raise unusable(classifier, "its weights are no shares (their rows do not sum to 1)")
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


def unusable(classifier: TransformerClassifier, why: str) -> ModelError:
    """The one-line error for a family without usable attention; `why` follows its name."""
    return ModelError(
        f"{classifier.name} ({classifier.family}) has no attention maps to show: {why}. "
        "Its attributions on the Explain page work without them."
    )


def _pooled(
    classifier: TransformerClassifier, encoded: EncodedText, weights: NDArray[np.float32], part: Part
) -> int | None:
    """The position whose state the classification head reads, as far as the family tells."""
    count = len(encoded.ids)
    config = classifier.module.config
    if part in ("decoder", "cross"):  # BART's and T5's heads read the decoder where the text ends
        ends = [place for place, token in enumerate(encoded.ids) if token == config.eos_token_id]
        return ends[-1] if ends else None
    if part == "encoder":
        return None
    above = np.triu_indices(count, k=1)
    if count > 1 and not weights[:, :, above[0], above[1]].any():
        return count - 1  # causal models read the last token, which alone has seen them all
    if getattr(config, "classifier_pooling", "cls") == "mean":
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
