"""A graphics card as far as mistakes go: it computes on the processor, and what is on it meets nothing else.

Most machines that run the tests have no card, and what forgets to bring a mask or a factor to the model's
device works on all of them. Here every tensor that comes from the model's is marked as being on the card, and
Torch's rules for two devices hold between what is marked and what is not. Says nothing about rounding, nor
about autocast.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from transformers import masking_utils

from models.transformer import TransformerClassifier

CARD, PROCESSOR = torch.device("cuda", 0), torch.device("cpu")


class OnCard(Tensor):
    """A tensor on the card."""


@contextmanager
def present() -> Iterator[None]:
    """While it lasts there is a card."""
    with Card(), patch.object(masking_utils, "_vmap_for_bhqkv", _masks):
        yield


def put(classifier: TransformerClassifier) -> TransformerClassifier:
    """A copy of a classifier that is on the card."""
    module = copy.deepcopy(classifier.module)
    for part in module.modules():
        for name, weights in part._parameters.items():
            if weights is not None:
                part._parameters[name] = nn.Parameter(weights.detach().as_subclass(OnCard), False)
        for name, values in part._buffers.items():
            part._buffers[name] = None if values is None else values.as_subclass(OnCard)
    with present():
        return TransformerClassifier(
            module, classifier.tokenizer, reference=classifier.reference, weights=classifier.weights
        )


class Card(TorchFunctionMode):
    """Marks what comes from marked tensors, and refuses what Torch refuses of two devices."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Called for every function of Torch."""
        named, name = dict(kwargs or {}), getattr(func, "__name__", "")
        if func in _OWN_WAYS:
            return _OWN_WAYS[func](*args, **named)
        if name == "__get__" or func is Tensor.copy_:
            return func(*args, **named)
        if named.get("device") is not None:
            kind = OnCard if torch.device(named["device"]).type == "cuda" else Tensor
            return _as(kind, func(*args, **(named | {"device": PROCESSOR})))
        given = [*_tensors(args), *_tensors(named.values())]
        if not any(_marked(one) for one in given):
            return func(*args, **named)
        strangers = [one for one in given if one.ndim and not _marked(one)]
        if strangers and not (_marked(given[0]) and name in ("__getitem__", "__setitem__")):
            raise RuntimeError(f"{name}: {len(strangers)} of {len(given)} tensors are not on the card.")
        return _as(OnCard, func(*args, **named))


def _marked(one: object) -> bool:
    return isinstance(one, OnCard)


def _moved(own: Tensor, *args: Any, **named: Any) -> Any:
    """`Tensor.to`, by device, by type, or like another tensor."""
    asked = [own, *args, *filter(None, [named.pop("device", None)])]
    goals = [one if isinstance(one, Tensor) else torch.device(one) for one in asked if _is_place(one)]
    there = _marked(goals[-1]) if isinstance(goals[-1], Tensor) else goals[-1].type == "cuda"
    rest = [one for one in asked[1:] if not _is_place(one)]
    like = [goal.dtype for goal in goals[1:] if isinstance(goal, Tensor)]
    return _as(OnCard if there else Tensor, Tensor.to(own, PROCESSOR, *rest, *like, **named))


def _is_place(one: object) -> bool:
    return isinstance(one, Tensor | torch.device | str)


def _numbers(own: Tensor, *args: Any, **named: Any) -> Any:
    if _marked(own):
        raise TypeError("A tensor on the card has to be brought to the processor first.")
    return Tensor.numpy(own, *args, **named)


def _copied(own: Tensor, memo: dict[int, Any]) -> Tensor:
    if not _marked(own):
        return Tensor.__deepcopy__(own, memo)
    if id(own) not in memo:
        values = own.detach().clone().as_subclass(OnCard)
        memo[id(own)] = nn.Parameter(values, False) if isinstance(own, nn.Parameter) else values
    return memo[id(own)]


def _masks(*args: Any, **named: Any) -> Any:
    """Transformers' way of making attention masks, whose inside Torch shows to no mode."""
    inner = _UNMARKED(*args, **named)

    def made(*given: Any) -> Any:
        kind = OnCard if any(map(_marked, given)) else Tensor
        return _as(kind, inner(*_as(Tensor, given)))

    return made


_UNMARKED = masking_utils._vmap_for_bhqkv
_DEVICE: Any = Tensor.device
_IS_CUDA: Any = Tensor.is_cuda
#: What a card is asked, and the ways to it and back.
_OWN_WAYS: dict[Any, Callable[..., Any]] = {
    _DEVICE.__get__: lambda own, *_: CARD if _marked(own) else PROCESSOR,
    _IS_CUDA.__get__: lambda own, *_: _marked(own),
    Tensor.numpy: _numbers,
    Tensor.__deepcopy__: _copied,
    Tensor.cpu: lambda own: _as(Tensor, Tensor.cpu(own)),
    Tensor.to: _moved,
}


def _as(kind: type[Tensor], found: Any) -> Any:
    """What a function returned, its tensors marked or not."""
    if isinstance(found, Tensor):
        return found if _marked(found) == (kind is OnCard) else found.as_subclass(kind)
    if isinstance(found, list | tuple):
        return type(found)([_as(kind, one) for one in found])
    return found


def _tensors(values: Iterable[Any]) -> Iterator[Tensor]:
    for one in values:
        if isinstance(one, Tensor):
            yield one
        elif isinstance(one, list | tuple):
            yield from _tensors(one)
