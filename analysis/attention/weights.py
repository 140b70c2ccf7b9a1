"""The attention weights of one text, checked and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.classifier import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from analysis.attention.fused import Recomputed
    from models.encoding import EncodedText
    from models.transformer import TransformerClassifier

#: The most memory that the weights of one text may take, in bytes: 942 tokens with 12 × 12 heads. Those of
#: longer texts are computed where they are looked at, or kept on disk.
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

    `weights` is of shape (layers, heads, tokens, tokens): [l, h, i, j] is the share of its attention that
    token i gives to token j; rows sum to 1. It is float32, but of long texts float16 on disk or no array at
    all: look with `head` or `blocks`, which give float32. `tokens` are labels to read,
    `offsets` the characters (start, end) of each in the text, (0, 0) for special ones. `pooled` is the
    row that the classification head reads, or None where there is no single one.

    In a decoder every place holds the token before it, which `tokens` then says. Where the decoder looks at
    the encoder, `readers` are the decoder's tokens, one a row, and `tokens` the encoder's, one a column.
    """

    tokens: tuple[str, ...]
    weights: NDArray[np.floating] | Recomputed
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

    @property
    def whole(self) -> NDArray[np.float32] | None:
        """All weights; None for a long text, whose weights are never all in memory."""
        return self.weights if type(self.weights) is np.ndarray else None

    @property
    def array(self) -> NDArray[np.float32]:
        """All weights. Raises ModelError for a long text, whose weights are never all in memory."""
        if (whole := self.whole) is None:
            raise ModelError("This text is too long for all its attention weights at once.")
        return whole

    def head(self, layer: int, head: int) -> NDArray[np.float32]:
        """One head's weights, float32 (tokens, tokens); layer and head from 0."""
        if isinstance(self.weights, np.ndarray):
            return np.asarray(self.weights[layer, head], np.float32)
        return self.weights.head(layer, head)

    def blocks(self, layer: int) -> Iterator[tuple[int, Tensor]]:
        """One layer's weights (from 0), some rows at a time: the first row's number, (heads, rows, tokens).

        The tensors are float32, and the caller's own.
        """
        import torch

        from analysis.attention.fused import MOST_AT_ONCE

        heads, count, across = self.weights.shape[1:]
        step = max(1, MOST_AT_ONCE // (heads * across))
        for start in range(0, count, step):
            end = min(start + step, count)
            if isinstance(self.weights, np.ndarray):
                yield start, torch.from_numpy(np.array(self.weights[layer, :, start:end], np.float32))
            else:
                yield start, self.weights.rows(layer, start, end)


def parts(classifier: TransformerClassifier) -> tuple[Part, ...]:
    """Where this model attends: what `attend` can be asked for."""
    return ("encoder", "decoder", "cross") if classifier.module.config.is_encoder_decoder else ("self",)


def attend(
    classifier: TransformerClassifier,
    text: str,
    part: Part | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Attention:
    """All attention weights for one text, unpadded and unbatched; of encoder-decoders the encoder's.

    A text longer than the model reads is cut (`truncated`). `on_progress` receives layers done and the total,
    where a text is so long that its layers are taken one by one. Raises ModelError for a model that has no
    plain token-to-token attention to show, and, of a model without fused attention, for a text whose weights
    do not fit the disk either.
    """
    from models.batching import pad, run_in_batches

    part = part or parts(classifier)[0]
    if getattr(classifier.module.config, "num_attention_heads", None) is None:
        raise unusable(classifier, "it has no attention heads")
    eager = classifier.eager()
    encoded = eager.encode([text])[0]
    inputs = pad(eager.tokenizer, [encoded], eager.device)
    weights: NDArray[np.floating] | Recomputed | None
    if size(eager, len(encoded.ids)) > MOST_BYTES:
        from analysis.attention.fused import recomputed
        from analysis.attention.long import kept_on_disk

        weights = recomputed(classifier, inputs, part, on_progress)
        if weights is None:
            weights = kept_on_disk(eager, inputs, part, on_progress)
    else:
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


def size(classifier: TransformerClassifier, count: int) -> int:
    """The bytes of all weights of so many tokens."""
    return 4 * classifier.layers * int(classifier.module.config.num_attention_heads) * count**2


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
    tensors = [layer for layer in layers if isinstance(layer, torch.Tensor)]
    wanted = (1, tensors[0].shape[1] if tensors[0].ndim == 4 else -1, count, count)
    if any(tuple(tensor.shape) != wanted for tensor in tensors):
        shape = tuple(tensors[0].shape)
        raise unusable(classifier, f"its weights have the shape {shape}, not one share for each token pair")
    weights = np.empty((len(tensors), *wanted[1:]), np.float32)
    for place, tensor in enumerate(tensors):
        layer = tensor[0].float()
        sums = layer.sum(-1, keepdim=True)
        # What is not finite makes its row's sum so, too.
        if not (torch.isfinite(sums).all() and (sums - 1).abs().max() <= ROW_TOLERANCE):
            raise unusable(classifier, "its weights are no shares (their rows do not sum to 1)")
        # Half precision rounds every weight, so that rows are only nearly 1: make them so again.
        torch.from_numpy(weights[place]).copy_(layer / sums)
    weights.flags.writeable = False  # shared by every view that shows it
    return weights


def unusable(classifier: TransformerClassifier, why: str) -> ModelError:
    """The one-line error for a family without usable attention; `why` follows its name."""
    return ModelError(
        f"{classifier.name} ({classifier.family}) has no attention maps to show: {why}. "
        "Its attributions on the Explain page work without them."
    )


def _pooled(
    classifier: TransformerClassifier,
    encoded: EncodedText,
    weights: NDArray[np.floating] | Recomputed,
    part: Part,
) -> int | None:
    """The position whose state the classification head reads, as far as the family tells."""
    count = len(encoded.ids)
    config = classifier.module.config
    if part in ("decoder", "cross"):  # BART's and T5's heads read the decoder where the text ends
        ends = [place for place, token in enumerate(encoded.ids) if token == config.eos_token_id]
        return ends[-1] if ends else None
    if part == "encoder":
        return None
    if count > 1 and not _looks_ahead(weights):
        return count - 1  # causal models read the last token, which alone has seen them all
    if getattr(config, "classifier_pooling", "cls") == "mean":
        return None
    first = classifier.tokenizer.cls_token_id
    if first is not None and first in encoded.ids:
        return list(encoded.ids).index(first)
    return None


def _looks_ahead(weights: NDArray[np.floating] | Recomputed) -> bool:
    """Whether any of the first tokens looks at one that comes after it."""
    first = min(weights.shape[2], 64)
    for layer in range(weights.shape[0]):
        if isinstance(weights, np.ndarray):
            rows = np.asarray(weights[layer, :, :first], np.float32)
        else:
            rows = weights.rows(layer, 0, first).cpu().numpy()
        if np.triu(rows, k=1).any():
            return True
    return False


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
