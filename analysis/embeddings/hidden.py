"""Hidden states of a classifier at every layer, pooled to one vector a text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from models.classifier import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from models.transformer import TransformerClassifier

Pooling = Literal["cls", "mean", "last", "max"]
POOLINGS: tuple[Pooling, ...] = get_args(Pooling)


class EmbeddingError(ModelError):
    """Vectors that cannot be made or drawn. The message says what is wrong and what to do."""


@dataclass(frozen=True)
class Pooled:
    """Everything one pass over the texts gives.

    `vectors[pooling]` is float32 of shape (layers + 1, texts, width); layer 0 is the embedding layer's
    output. `probabilities` is float64 of shape (texts, labels), from the same pass: the model's own answers,
    which are values where it gives numbers.
    """

    vectors: Mapping[Pooling, NDArray[np.float32]]
    probabilities: NDArray[np.float64]


def embed(
    classifier: "TransformerClassifier",
    texts: Sequence[str],
    *,
    layer: int,
    pooling: Pooling,
    on_progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float32]:
    """One vector a text: the hidden states at `layer` (0 = embeddings, then 1 to L), pooled.

    Pooling runs over every token that is not padding, special tokens included, as in
    sentence-transformers (Reimers & Gurevych 2019):

    - `cls`: the first token: `[CLS]` in a BERT, the text's own first token in a GPT;
    - `mean`: the mean of all tokens;
    - `last`: the last token: `[SEP]` in a BERT, the text's own last token in a GPT;
    - `max`: the largest value of each dimension.

    A text's vector does not depend on the texts it shares a batch with. `on_progress` receives the
    number of texts done and the total.

    Returns:
        float32, (texts, hidden size).

    Raises:
        EmbeddingError: the layer or pooling does not exist, or the model gives no hidden states.
    """
    if not 0 <= layer <= classifier.layers:
        raise EmbeddingError(
            f"There is no layer {layer}: {classifier.name} has layers 0 (embeddings) to {classifier.layers}."
        )
    return pool_layers(
        classifier, texts, poolings=(pooling,), layers=(layer,), on_progress=on_progress
    ).vectors[pooling][0]


def pool_layers(
    classifier: "TransformerClassifier",
    texts: Sequence[str],
    *,
    poolings: Sequence[Pooling] = POOLINGS,
    layers: Sequence[int] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Pooled:
    """Every layer (or those asked for) under every pooling, in one pass: see `embed` for what they mean.

    Keeping this result makes any other layer or pooling free: it is small beside the hidden states
    themselves (poolings x layers x width floats a text).

    Raises:
        EmbeddingError: a pooling does not exist, or the model gives no hidden states.
    """
    import torch

    if unknown := [pooling for pooling in poolings if pooling not in POOLINGS]:
        raise EmbeddingError(f"There is no pooling {unknown[0]!r}: choose one of {', '.join(POOLINGS)}.")
    encoded = classifier.encode(texts)
    chosen = range(classifier.layers + 1) if layers is None else layers
    done = 0

    def read(inputs: "dict[str, Tensor]") -> list[tuple[NDArray[np.float32], NDArray[np.float64]]]:
        nonlocal done
        output = classifier.module(**inputs, output_hidden_states=True)
        states = hidden_states(classifier, output)
        mask = inputs["attention_mask"].bool()
        pooled = torch.stack(
            [torch.stack([_pool(states[layer], mask, pooling) for layer in chosen]) for pooling in poolings]
        )  # (poolings, layers, texts, width)
        probabilities = classifier.answers(output.logits.double().cpu().numpy())
        vectors = pooled.permute(2, 0, 1, 3).cpu().numpy()
        done += len(vectors)
        if on_progress is not None:
            on_progress(done, len(encoded))
        return list(zip(vectors, probabilities, strict=True))

    rows = classifier.run(encoded, read)
    if not rows:
        empty = np.zeros((len(chosen), 0, classifier.hidden_size), np.float32)
        return Pooled(dict.fromkeys(poolings, empty), np.zeros((0, len(classifier.labels))))
    stacked = np.stack([vectors for vectors, _ in rows], axis=2)  # (poolings, layers, texts, width)
    return Pooled(
        dict(zip(poolings, stacked, strict=True)), np.stack([probabilities for _, probabilities in rows])
    )


def hidden_states(classifier: "TransformerClassifier", output: Any) -> "Sequence[Tensor]":
    """The tuple of layer outputs, embeddings first; for an encoder-decoder, the encoder's."""
    for name in ("hidden_states", "encoder_hidden_states"):
        states = getattr(output, name, None)
        if states is not None:
            return states
    raise EmbeddingError(
        f"{classifier.architecture} gives no hidden states, so there are no embeddings to show."
    )


def _pool(states: "Tensor", mask: "Tensor", pooling: Pooling) -> "Tensor":
    """(texts, tokens, width) and the mask of real tokens (texts, tokens) to float32 (texts, width)."""
    import torch

    states = states.float()
    rows = torch.arange(len(states), device=states.device)
    if pooling == "cls":
        return states[rows, mask.int().argmax(1)]
    if pooling == "last":
        return states[rows, mask.shape[1] - 1 - mask.flip(1).int().argmax(1)]
    real = mask.unsqueeze(-1)
    if pooling == "mean":
        return (states * real).sum(1) / real.sum(1).clamp(min=1)
    return states.masked_fill(~real, -torch.inf).amax(1)
