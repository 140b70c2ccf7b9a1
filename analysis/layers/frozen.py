"""Norms with their scale held, so that what a state is made of passes through them as a sum.

A layer norm divides by a standard deviation that hangs on all parts together. Held at the value that it
had, what is left is an affine map: the usual step of direct logit attribution (Elhage et al. 2021, "A
Mathematical Framework for Transformer Circuits").
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


class Norms:
    """The norms of a module that is nobody else's; from `replace` on they hold their scales.

    The first pass records each scale, in the order of calls (a shared block's norm has one a layer), and
    every later pass after `begin_pass` uses them again.
    """

    def __init__(self, module: nn.Module):
        self._norms = [part for part in module.modules() if _is_norm(part)]
        self._scales: dict[nn.Module, list[Tensor]] = {norm: [] for norm in self._norms}
        self._calls = dict.fromkeys(self._norms, 0)

    def begin_pass(self) -> None:
        """Call before each run of the module."""
        self._calls = dict.fromkeys(self._norms, 0)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, the norms are affine maps."""
        for norm in self._norms:
            norm.forward = lambda state, norm=norm: self._apply(norm, state)  # type: ignore[method-assign]
        try:
            yield
        finally:
            for norm in self._norms:
                del norm.forward

    def _apply(self, norm: Any, state: Tensor) -> Tensor:
        call, known = self._calls[norm], self._scales[norm]
        self._calls[norm] += 1
        wide = state.float() if state.dtype in (torch.float16, torch.bfloat16) else state
        if _centres(norm):
            wide = wide - wide.mean(-1, keepdim=True)
        if call == len(known):
            known.append((wide.detach().square().mean(-1, keepdim=True) + _epsilon(norm)).rsqrt())
        result = wide * known[call]
        weight, bias = getattr(norm, "weight", None), getattr(norm, "bias", None)
        if weight is not None:
            result = result * (1 + weight if type(norm).__name__.startswith("Gemma") else weight)
        return (result if bias is None else result + bias).to(state.dtype)


def _is_norm(module: nn.Module) -> bool:
    return isinstance(module, nn.LayerNorm) or type(module).__name__.endswith(("RMSNorm", "LayerNorm"))


def _centres(norm: Any) -> bool:
    """Whether the norm takes the mean away: a layer norm, and no root mean square one."""
    name = type(norm).__name__
    return not name.endswith("RMSNorm") and not name.startswith("T5")


def _epsilon(norm: Any) -> float:
    found = getattr(norm, "eps", None)
    return float(norm.variance_epsilon if found is None else found)
