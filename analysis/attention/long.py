"""The weights of long texts of models without fused attention, taken a layer at a time and kept on disk.

Never all of them are in memory at once. (With fused attention: `analysis.attention.fused`.)
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.hooks import only_here
from models.classifier import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from analysis.attention.weights import Part
    from models.transformer import TransformerClassifier

#: The share of the free disk that one text's weights may take. 10 GB hold 5,900 tokens with 12 × 12 heads.
MOST_OF_FREE = 0.5
#: Rows of weights sum to one, but for rounding.
_TOLERANCE = 0.05


def kept_on_disk(
    eager: TransformerClassifier,
    inputs: dict[str, Tensor],
    part: Part,
    on_progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float16]:
    """One text's weights, float16 (layers, heads, tokens, tokens), in a file that goes with the array.

    Half precision is off by less than 0.0005. `eager` keeps its weights, `inputs` are one text's.
    `on_progress` receives the number of layers done and the total.

    Raises ModelError where the file would be too large, where the disk is full, and for a model that gives
    its weights in another form than (heads, tokens, tokens), a layer at a time.
    """
    count = inputs["input_ids"].shape[1]
    layers, first, step = places(eager, part)
    shape = (layers, int(eager.module.config.num_attention_heads), count, count)
    size = 2 * int(np.prod(shape, dtype=np.int64))
    room = MOST_OF_FREE * shutil.disk_usage(tempfile.gettempdir()).free
    if size > room:
        most = int((room / 2 / shape[0] / shape[1]) ** 0.5)
        raise ModelError(
            f"This text has {count:,} tokens; of the attention maps of {eager.name} ({shape[0]} layers of "
            f"{shape[1]} heads) the folder for temporary files has room for {most:,}. Shorten the text, or "
            "free some of the disk."
        )
    kept = _file(shape, size)
    found: list[int] = []

    def take(number: int, weights: Tensor) -> None:
        layer, rest = divmod(number - first, step)
        if rest or not 0 <= layer < layers:
            return
        if weights.shape[1] != shape[1]:
            raise _another_form(eager)
        own = weights[0].float()
        kept[layer] = (own / own.sum(-1, keepdim=True)).half().cpu().numpy()
        found.append(layer)
        if on_progress is not None:
            on_progress(len(found), layers)

    _watched(eager, inputs, take, asked=not _gives_unasked(eager))
    if found != list(range(layers)):
        raise _another_form(eager)
    kept.flags.writeable = False
    return kept


def places(classifier: TransformerClassifier, part: Part) -> tuple[int, int, int]:
    """How many layers a part has, the number of its first in order of computing, and the step to the next."""
    config = classifier.module.config
    encoder = int(getattr(config, "num_hidden_layers", None) or 0)
    if part in ("self", "encoder"):
        return encoder, 0, 1
    decoder = getattr(config, "decoder_layers", None) or getattr(config, "num_decoder_layers", encoder)
    return int(decoder or 0), encoder + (part == "cross"), 2


def few_words(classifier: TransformerClassifier) -> dict[str, Tensor]:
    """A short text as the model takes it, to find out what it does with any."""
    from models.batching import pad

    # CANINE pools four letters at a time, and so answers no single one.
    return pad(
        classifier.tokenizer, classifier.encode(["a few words, to see what it does"]), classifier.device
    )


def _file(shape: tuple[int, ...], size: int) -> NDArray[np.float16]:
    with tempfile.TemporaryFile() as file:
        try:
            # Taken at once: a disk that is full later would end the program and not this call.
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise ModelError(
                f"The attention maps of this text need {size // 10**6} MB for a while, and the folder for "
                f"temporary files has no room for them ({error.strerror}). Shorten the text."
            ) from error
        return np.memmap(file, np.float16, "r+", shape=shape)


def _gives_unasked(eager: TransformerClassifier) -> bool:
    """Whether the model's layers give their weights though nobody keeps them; found out on a short text."""
    seen: list[int] = []
    _watched(eager, few_words(eager), lambda number, _: seen.append(number), asked=False)
    return bool(seen)


def _watched(
    eager: TransformerClassifier,
    inputs: dict[str, Tensor],
    take: Callable[[int, Tensor], None],
    asked: bool,
) -> None:
    """Run the model; each attention's weights go to `take` with their number, and no further."""
    import torch

    count = inputs["input_ids"].shape[1]
    # XLNet's weights lie as (tokens, tokens, text, heads) until the last of its layers is done.
    lying = (2, 3, 0, 1) if eager.family == "xlnet" else (0, 1, 2, 3)
    seen: list[int] = []

    @only_here
    def look(_: object, __: object, output: Any) -> Any:
        if not isinstance(output, tuple):
            return None
        for place, found in enumerate(output):
            if not isinstance(found, torch.Tensor) or found.ndim != 4:
                continue
            one = found.permute(lying)
            if one.shape[0] != 1:
                continue
            # T5 hands its position bias along, which has the same shape.
            if (
                one.shape[2:] != (count, count)
                or not (one[0, :, -1].float().sum(-1) - 1).abs().max() < _TOLERANCE
            ):
                continue
            seen.append(len(seen))
            take(seen[-1], one)
            # Of no size, and no view either, which would keep what it is a view of.
            return (*output[:place], found.new_empty(0, *found.shape[1:]), *output[place + 1 :])
        return None

    hooks = [module.register_forward_hook(look) for module in eager.module.modules()]
    try:
        with torch.inference_mode():
            eager.module(**inputs, output_attentions=asked)
    finally:
        for hook in hooks:
            hook.remove()


def _another_form(eager: TransformerClassifier) -> ModelError:
    return ModelError(
        f"The attention maps of {eager.name} ({eager.family}) cannot be taken layer by layer, as so long a "
        "text needs. Shorten the text."
    )
