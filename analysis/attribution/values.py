"""Value zeroing: how far each token's state turns when another token's value is not there.

Mohebbi et al., "Quantifying context mixing in Transformers", EACL 2023. It has no sign and does not know
which label is asked about: it says how much of a word reached the place that the classifier reads.

Where queries, keys and values come from one layer (GPT-2, GPT-NeoX, ModernBERT) only the values' columns
are zeroed; where they come from a bare tensor (XLNet) what the tensor makes is. A decoder's block (T5, BART)
mixes its own places and the encoder's: the values of both are zeroed, and share one row that sums to 1.
"""

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from analysis.attention import attend
from analysis.attribution.attention import reached, read_later
from analysis.attribution.task import Scores, Task
from analysis.hooks import only_here
from analysis.paths import AttributionError
from models.batching import pad, run_in_batches
from models.transformer import TransformerClassifier

#: What models call the layer that makes the values.
_VALUES = frozenset({"value", "values", "v_proj", "v_lin", "value_proj", "v"})
#: What they call one that makes queries, keys and values; and whether each head has its three together.
_FUSED = {"c_attn": False, "Wqkv": False, "query_key_value": True}

_TOKENS = 1024


_Zeroing = Callable[[Sequence[int]], AbstractContextManager[None]]


@dataclass(frozen=True)
class _Block:
    """One Transformer block, and how to zero values in it.

    `zeroed(positions)` makes, while it lasts, the value of position i zero in copy i of the input;
    `across` does the same to the encoder's positions that a decoder's block looks at.
    `first` says that a block has its tokens before its texts, and so takes one text at a time.
    """

    module: nn.Module
    zeroed: _Zeroing
    across: _Zeroing | None = None
    first: bool = False


def value_zeroing(task: Task) -> Scores:
    """How far each token's state turns when another token's value is zeroed, layer by layer, multiplied.

    The turn is the cosine distance between a block's outputs with and without the value; the rows of
    each layer are made to sum to 1.
    """
    decoding = task.classifier.module.config.is_encoder_decoder
    pooled = attend(task.classifier, task.text, "cross" if decoding else None).pooled
    blocks = {block.module: block for block in _blocks(task.classifier)}
    count = len(task.encoded)
    stack, own, across = np.eye(count), np.eye(count), np.zeros((count, count))
    calls = _calls(task, list(blocks))
    for done, call in enumerate(calls):
        block = blocks[call.block]
        turns = _turns(call, block, block.zeroed, count)
        if block.across is None:
            stack = _evened(turns) @ stack
        else:
            both = _evened(np.hstack([turns, _turns(call, block, block.across, count)]))
            within, between = both[:, :count], both[:, count:]
            own, across = within @ own, within @ across + between @ stack
        task.report(done + 1, len(calls))
    if not decoding:
        return Scores(by_token=reached(stack, pooled))
    return Scores(by_token=reached(across, pooled) + read_later(reached(own, pooled)))


def _evened(turns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row made to sum to 1."""
    return turns / np.maximum(turns.sum(axis=1, keepdims=True), 1e-12)


def _turns(call: "_Call", block: _Block, zeroed: _Zeroing, count: int) -> NDArray[np.float64]:
    """How far each token's output (rows) turns when each of so many positions' values (columns) is zero."""
    whole = call(1, block.first)[0].double()

    def turn(positions: Sequence[int]) -> list[NDArray[np.float64]]:
        with zeroed(positions):
            outputs = call(len(positions), block.first)
        distances = 1 - torch.cosine_similarity(outputs.double(), whole[None], dim=-1)
        return list(distances.clamp(min=0).cpu().numpy())

    rows = run_in_batches([count] * count, turn, token_budget=count if block.first else _TOKENS)
    return np.stack(rows, axis=1)


@dataclass(frozen=True)
class _Call:
    """One call of a Transformer block during the text's forward pass, to be made again many times over."""

    block: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __call__(self, copies: int, first: bool = False) -> Tensor:
        """The block's output (copies, tokens, width) for so many copies of its input."""

        def spread(value: Any) -> Any:
            if copies == 1:
                return value
            if isinstance(value, Tensor):
                return value.expand(copies, *value.shape[1:]) if value.dim() and len(value) == 1 else value
            if isinstance(value, tuple):
                return tuple(spread(item) for item in value)
            return value

        with torch.inference_mode():
            output = self.block(*spread(self.args), **{k: spread(v) for k, v in self.kwargs.items()})
        states: Tensor = output[0] if isinstance(output, tuple) else output
        return states.transpose(0, 1) if first else states


def _calls(task: Task, blocks: list[nn.Module]) -> list[_Call]:
    """How the model called its blocks for the text, in order."""
    seen: list[_Call] = []

    @only_here
    def keep(block: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        seen.append(_Call(block, args, copy.copy(kwargs)))

    hooks = [block.register_forward_pre_hook(keep, with_kwargs=True) for block in blocks]
    inputs: dict[str, Any] = {**pad(task.classifier.tokenizer, [task.encoded], task.classifier.device)}
    if "use_cache" in inspect.signature(task.classifier.module.forward).parameters:
        inputs["use_cache"] = False  # a cache would grow with every call made again
    try:
        with torch.inference_mode():
            task.classifier.module(**inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


def _blocks(classifier: TransformerClassifier) -> Iterator[_Block]:
    """Each Transformer block with what makes its values; blocks inside others are left out."""
    found: list[_Block] = []
    inside: set[nn.Module] = set()
    for part in classifier.module.modules():
        if not isinstance(part, nn.ModuleList):
            continue
        for module in part:
            block = None if module in inside else _block(module, classifier)
            if block is not None:
                found.append(block)
                inside.update(module.modules())
    decoding = any(block.across for block in found)
    if not found or decoding != classifier.module.config.is_encoder_decoder:
        raise AttributionError(
            f"{classifier.architecture} has no separate layer that makes the values of a block. "
            "Choose attention rollout, or a method that removes words."
        )
    yield from found


def _block(module: nn.Module, classifier: TransformerClassifier) -> _Block | None:
    """The block with the place in it that makes values, in a decoder the two; None where there is none."""
    layers = dict(module.named_modules())
    own = [layer for path, layer in layers.items() if _name(path) in _VALUES and isinstance(layer, nn.Linear)]
    if len(own) == 1 or (len(own) == 2 and classifier.module.config.is_encoder_decoder):
        # A decoder's block has its own first, and then what reads the encoder.
        zeroed, *across = [partial(_hooked, layer, slice(None)) for layer in own]
        return _Block(module, zeroed, across[0] if across else None)
    fused = [(layer, _FUSED[_name(path)]) for path, layer in layers.items() if _name(path) in _FUSED]
    if len(fused) == 1:
        layer, by_head = fused[0]
        columns = _columns(layer, classifier, by_head)
        return None if columns is None else _Block(module, partial(_hooked, layer, columns))
    bare = [weight for path, weight in module.named_parameters() if _name(path) == "v" and weight.dim() == 3]
    if len(bare) == 1:
        return _Block(module, lambda positions: _WithoutValue(bare[0], positions[0]), first=True)
    return None


def _name(path: str) -> str:
    return path.rpartition(".")[2]


def _columns(layer: nn.Module, classifier: TransformerClassifier, by_head: bool) -> Tensor | None:
    """Which outputs of a fused layer are values; None where the three are not equally wide."""
    width, heads = classifier.hidden_size, classifier.heads
    # GPT-2's layer (its `Conv1D`) has its weight the other way round.
    if sorted(layer.get_parameter("weight").shape) != [width, 3 * width] or width % heads:
        return None
    columns = torch.zeros(3 * width, dtype=torch.bool, device=classifier.device)
    columns.view(*((heads, 3, width // heads) if by_head else (1, 3, width)))[:, 2] = True
    return columns


@contextmanager
def _hooked(layer: nn.Module, columns: Any, positions: Sequence[int]) -> Iterator[None]:
    @only_here
    def zero(_: object, __: object, output: Tensor) -> Tensor:
        output = output.clone()
        for row, position in enumerate(positions):
            output[row, position, columns] = 0
        return output

    hook = layer.register_forward_hook(zero)
    try:
        yield
    finally:
        hook.remove()


class _WithoutValue(TorchFunctionMode):
    """While it lasts, what a tensor makes of one position (of the first axis) is zero."""

    def __init__(self, weight: Tensor, position: int):
        super().__init__()
        self._weight, self._position = weight, position

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        found = func(*args, **dict(kwargs or {}))
        if func is torch.einsum and any(each is self._weight for each in args):
            found = found.clone()
            found[self._position] = 0
        return found
