"""The weights of long texts, computed from their queries and keys where they are looked at.

Fused attention never holds a matrix of weights, so it reads texts of any length; what it is given, a query
and a key a token, is small and is all that any part of any matrix follows from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from torch.overrides import TorchFunctionMode

from analysis.attention.long import few_words, places

if TYPE_CHECKING:
    from analysis.attention.weights import Part
    from models.transformer import TransformerClassifier

#: An additive mask below this forbids; such a mask is kept as yes and no.
_FORBIDDEN = -1e4
_GIVEN = ("query", "key", "value", "attn_mask", "dropout_p", "is_causal")
#: So many weights are looked at at once: they stay in a processor's cache meanwhile.
MOST_AT_ONCE = 2**20


@dataclass(frozen=True)
class Call:
    """What one attention was given: (heads, tokens, width) each, keys perhaps of fewer heads, in memory.

    `mask` is added, or says where to look; it broadcasts to (heads, tokens, tokens).
    """

    queries: Tensor
    keys: Tensor
    mask: Tensor | None
    causal: bool
    scale: float


class Recomputed:
    """The attention weights of one text, (layers, heads, tokens, tokens), of which none is kept."""

    def __init__(self, calls: Sequence[Call], device: torch.device):
        """From what each layer's attention was given; weights are computed on `device`."""
        self._calls, self._device = tuple(calls), device
        heads, count, _ = calls[0].queries.shape
        self.shape = (len(calls), heads, count, calls[0].keys.shape[1])

    def rows(self, layer: int, start: int, end: int, heads: slice = slice(None)) -> Tensor:
        """The weights of some tokens' rows: float32 (heads, rows, tokens), a new tensor."""
        call = self._calls[layer]
        with torch.no_grad():
            queries = call.queries[heads, start:end].to(self._device).float()
            keys = call.keys
            if len(keys) < self.shape[1]:
                keys = keys.repeat_interleave(self.shape[1] // len(keys), dim=0)
            keys = keys[heads].to(self._device).float()
            scores = torch.baddbmm(
                queries.new_zeros(1), queries, keys.transpose(1, 2), beta=0, alpha=call.scale
            )
            if call.mask is not None:
                part = call.mask[:, start:end] if call.mask.shape[1] > 1 else call.mask
                part = (part[heads] if len(part) > 1 else part).to(self._device)
                if part.dtype == torch.bool:
                    scores.masked_fill_(~part, -torch.inf)
                else:
                    scores += part
            if call.causal:
                ahead = torch.ones(end - start, self.shape[3], dtype=torch.bool, device=self._device)
                scores.masked_fill_(ahead.triu_(start + 1), -torch.inf)
            return scores.softmax(dim=-1)

    def head(self, layer: int, head: int) -> NDArray[np.float32]:
        """One head's weights, (tokens, tokens)."""
        count, across = self.shape[2:]
        found = np.empty((count, across), np.float32)
        step = max(1, MOST_AT_ONCE // across)
        for start in range(0, count, step):
            end = min(start + step, count)
            found[start:end] = self.rows(layer, start, end, slice(head, head + 1))[0].cpu().numpy()
        return found


def recomputed(
    classifier: TransformerClassifier,
    inputs: Mapping[str, Tensor],
    part: Part,
    on_progress: Callable[[int, int], None] | None = None,
) -> Recomputed | None:
    """One text's weights by its queries and keys; None for a model that does not use fused attention.

    `on_progress` receives the number of layers done and the total, and may raise to stop.
    """
    layers, first, step = places(classifier, part)
    wanted = range(first, first + layers * step, step)
    if len(_watched(classifier, few_words(classifier), range(0)).seen) < wanted[-1] + 1:
        return None
    found = _watched(classifier, inputs, wanted, on_progress)
    return Recomputed(found.kept, classifier.device)


class _Watch(TorchFunctionMode):
    """Keeps what fused attention is given, in this thread alone."""

    def __init__(self, wanted: range, on_progress: Callable[[int, int], None] | None):
        super().__init__()
        self.seen: list[None] = []
        self.kept: list[Call] = []
        self._wanted, self._on_progress = wanted, on_progress
        #: Layers share masks: the one given, so that it stays what it is, and what is kept of it.
        self._masks: dict[int, tuple[Tensor, Tensor]] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Called for every function of Torch."""
        if func is scaled_dot_product_attention:
            if len(self.seen) in self._wanted:
                self.kept.append(self._call(dict(zip(_GIVEN, args, strict=False)) | (kwargs or {})))
                if self._on_progress is not None:
                    self._on_progress(len(self.kept), len(self._wanted))
            self.seen.append(None)
        return func(*args, **(kwargs or {}))

    def _call(self, given: Mapping[str, Any]) -> Call:
        query, mask, scale = given["query"], given.get("attn_mask"), given.get("scale")
        return Call(
            query[0].to("cpu", copy=True),
            given["key"][0].to("cpu", copy=True),
            None if mask is None else self._mask(mask),
            bool(given.get("is_causal", False)),
            query.shape[-1] ** -0.5 if scale is None else scale,
        )

    def _mask(self, given: Tensor) -> Tensor:
        if id(given) not in self._masks:
            mask = given[0] if given.ndim == 4 else given[None]
            if mask.dtype != torch.bool and bool(((mask == 0) | (mask < _FORBIDDEN)).all()):
                mask = mask == 0
            self._masks[id(given)] = given, mask.to("cpu", copy=True)
        return self._masks[id(given)][1]


def _watched(
    classifier: TransformerClassifier,
    inputs: Mapping[str, Tensor],
    wanted: range,
    on_progress: Callable[[int, int], None] | None = None,
) -> _Watch:
    with torch.inference_mode(), _Watch(wanted, on_progress) as watch:
        classifier.module(**inputs)
    return watch
