"""The answer without some heads: their share of what the attention block puts out is scaled or removed.

What a head mixed enters the block's last projection as one slice of its input. Scaling that slice to zero is
the head's removal (Michel, Levy and Neubig 2019; Voita et al. 2019), and needs no retraining to be looked at.
XLNet has no such projection that could be hooked, but takes the scales itself.
An answer without a head is evidence about this model on this text; it is not what a model trained without
the head would say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import Part, parts
from analysis.hooks import only_here
from models.classifier import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from models.transformer import TransformerClassifier

#: What families call the projection that takes in all heads of a block side by side.
_PROJECTION = re.compile(
    r"(^|\.)(attention\.output\.dense|attention\.dense|attention\.out_lin|attention\.out_proj|attn\.o|attn\.Wo"
    r"|attn\.c_proj|attn\.out_proj|self_attn\.o_proj|self_attn\.out_proj|self_attn\.dense|SelfAttention\.o)$"
)
_CROSS = re.compile(r"(^|\.)(EncDecAttention\.o|encoder_attn\.out_proj)$")


def without_each(
    classifier: TransformerClassifier,
    text: str,
    part: Part | None = None,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """The logits with one head removed at a time: (layers, heads, labels)."""
    layers, heads = size(classifier, part)
    scales = np.ones((layers * heads, layers, heads))
    scales.reshape(len(scales), -1)[np.diag_indices(len(scales))] = 0
    return scaled(classifier, text, scales, part, on_progress=on_progress).reshape(layers, heads, -1)


def scaled(
    classifier: TransformerClassifier,
    text: str,
    scales: NDArray[np.floating],
    part: Part | None = None,
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> NDArray[np.float64]:
    """The logits with every head's output multiplied: (variants, labels).

    `scales` is (variants, layers, heads): 0 removes a head, 1 leaves it. `on_progress` is told variants done
    and asked for, and may raise to stop. Raises ModelError for a family whose heads cannot be reached.
    """
    import torch

    from models.batching import CPU_TOKENS, pad, run_in_batches
    from models.transformer import GPU_TOKENS

    projections = _projections(classifier, part)
    encoded = classifier.encode([text])[0]
    one = pad(classifier.tokenizer, [encoded], classifier.device)
    factors = torch.as_tensor(np.asarray(scales), dtype=classifier.dtype, device=classifier.device)
    done = 0

    def run(indices: list[int]) -> list[NDArray[np.float64]]:
        nonlocal done
        inputs = {name: value.expand(len(indices), -1) for name, value in one.items()}
        if not projections:  # (layers, 1, 1, variants, heads), as XLNet lays out its weights
            inputs["head_mask"] = factors[indices].transpose(0, 1)[:, None, None]
        with torch.inference_mode(), _scaling(projections, factors[indices]) as calls:
            found = classifier.module(**inputs).logits.double().cpu().numpy()
        if projections and len(calls) != factors.shape[1]:
            raise _unreachable(classifier)
        done += len(indices)
        if on_progress is not None:
            on_progress(done, len(scales))
        return list(found)

    budget = CPU_TOKENS if classifier.device.type == "cpu" else GPU_TOKENS
    return np.array(run_in_batches([len(encoded)] * len(scales), run, token_budget=budget))


def size(classifier: TransformerClassifier, part: Part | None = None) -> tuple[int, int]:
    """How many (layers, heads) can be removed. Raises ModelError where heads cannot be reached."""
    _projections(classifier, part)
    config = classifier.module.config
    if part in ("decoder", "cross"):
        layers = getattr(config, "decoder_layers", None) or getattr(config, "num_decoder_layers", None)
        heads = getattr(config, "decoder_attention_heads", None) or classifier.heads
        return int(layers or classifier.layers), int(heads)
    return classifier.layers, classifier.heads


def _projections(classifier: TransformerClassifier, part: Part | None) -> list[Any]:
    """The output projections of one part's attention blocks; one that layers share stands once.

    None for XLNet. Raises ModelError for any other family without them.
    """
    if classifier.family == "xlnet":
        return []
    part = part or parts(classifier)[0]
    named = classifier.module.named_modules()
    pattern = _CROSS if part == "cross" else _PROJECTION
    stack = {"self": "", "encoder": "encoder.", "decoder": "decoder.", "cross": "decoder."}[part]
    found = [module for path, module in named if pattern.search(path) and stack in path]
    if not found or getattr(classifier.module.config, "num_attention_heads", None) is None:
        raise _unreachable(classifier)
    return found


@contextmanager
def _scaling(projections: list[Any], factors: Tensor) -> Iterator[list[None]]:
    """Multiply what enters the projections; yields a list with one entry for each call."""
    calls: list[None] = []

    @only_here
    def scale(_: object, args: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        calls.append(None)
        if len(calls) > factors.shape[1]:
            return None
        mixed, heads = args[0], factors[:, len(calls) - 1]
        split = mixed.reshape(len(heads), -1, heads.shape[1], mixed.shape[-1] // heads.shape[1])
        return ((split * heads[:, None, :, None]).reshape(mixed.shape), *args[1:])

    hooks = [projection.register_forward_pre_hook(scale) for projection in projections]
    try:
        yield calls
    finally:
        for hook in hooks:
            hook.remove()


def _unreachable(classifier: TransformerClassifier) -> ModelError:
    return ModelError(
        f"The heads of {classifier.name} ({classifier.family}) cannot be removed one by one: "
        "its attention blocks do not keep them apart where Assay could reach them."
    )
