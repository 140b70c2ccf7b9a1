"""Half precision on a processor, without what eats up most of its gain on short texts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


@contextmanager
def half_precision(device: torch.device) -> Iterator[None]:
    """bfloat16 autocast in this thread while it lasts; to be entered once for many batches.

    Autocast converts frozen weights anew for every batch, and what a block reads once for each of query, key
    and value; here both are converted once. The weights' copies are freed at the end.
    """
    with torch.autocast(device.type, torch.bfloat16), _ConvertedOnce(device.type):
        yield


class _ConvertedOnce(TorchFunctionMode):
    """Linear layers get their weights, and what they read, in bfloat16; the result is autocast's."""

    def __init__(self, device_type: str) -> None:
        super().__init__()
        self._device_type = device_type
        self._weights: dict[nn.Parameter, Tensor] = {}
        self._read: tuple[Tensor, int, Tensor] | None = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if func is nn.functional.linear and torch.is_autocast_enabled(self._device_type):
            values, *weights = args
            args = (self._values(values), *map(self._weight, weights))
        return func(*args, **dict(kwargs or {}))

    def _weight(self, weight: Any) -> Any:
        # What is computed rather than learnt is another tensor each time, and left to autocast.
        if not isinstance(weight, nn.Parameter) or weight.requires_grad or weight.dtype != torch.float32:
            return weight
        if weight not in self._weights:
            self._weights[weight] = weight.bfloat16()
        return self._weights[weight]

    def _values(self, values: Tensor) -> Tensor:
        if values.dtype != torch.float32:
            return values
        if self._read is None or self._read[0] is not values or self._read[1] != values._version:
            self._read = (values, values._version, values.bfloat16())
        return self._read[2]
