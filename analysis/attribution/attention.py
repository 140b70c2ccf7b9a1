"""Scores from what attention mixes: rollout, gradient-weighted relevance, value zeroing.

Rollout: Abnar and Zuidema, "Quantifying attention flow in Transformers", ACL 2020. Relevance: Chefer, Gur
and Wolf, "Generic attention-model explainability for interpreting bi-modal and encoder-decoder
Transformers", ICCV 2021 (the model-agnostic form, for self-attention). Value zeroing: Mohebbi et al.,
"Quantifying context mixing in Transformers", EACL 2023.

None of them has a sign: they say how much of a word reached the place that the classifier reads.
Rollout and value zeroing do not even know which label is asked about.
"""

import copy
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from analysis.attention import attend, rollout_to_answer, weights_and_gradients
from analysis.attribution.task import Scores, Task
from analysis.hooks import only_here
from analysis.paths import AttributionError
from models.batching import pad, run_in_batches
from models.classifier import ModelError
from models.transformer import TransformerClassifier

#: What models call the layer that makes the values.
_VALUES = frozenset({"value", "values", "v_proj", "v_lin", "value_proj", "v"})

_TOKENS = 1024


def rollout(task: Task) -> Scores:
    """The attention weights, averaged over heads and multiplied through the layers."""
    return Scores(by_token=rollout_to_answer(attend(task.classifier, task.text)))


def relevance(task: Task) -> Scores:
    """Attention weights times their gradients, negative products left out, followed through the layers."""
    pooled = attend(task.classifier, task.text).pooled
    flow = np.eye(len(task.encoded))
    for weights, gradients in _weights_and_gradients(task):
        mixed = np.maximum(weights * gradients, 0).mean(axis=0)
        flow = flow + mixed @ flow
    return Scores(by_token=_read(flow, pooled))


def _weights_and_gradients(task: Task) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Each layer's attention (heads, tokens, tokens) and the gradient of the quantity by it."""
    classifier = task.classifier
    if classifier.module.config.is_encoder_decoder:
        raise AttributionError(
            f"{classifier.architecture} answers from a decoder; this relevance follows self-attention only. "
            "Choose attention rollout, or a method that removes words."
        )
    try:
        yield from weights_and_gradients(classifier, task.encoded, task.question.of)
    except ModelError as error:
        raise AttributionError(
            f"{classifier.architecture} does not compute with the attention weights that it shows, so they "
            "have no gradient. Choose a method that removes words instead."
        ) from error


def value_zeroing(task: Task) -> Scores:
    """How far each token's state turns when another token's value is zeroed, layer by layer, multiplied.

    The turn is the cosine distance between a block's outputs with and without the value; the rows of
    each layer are made to sum to 1.
    """
    attention = attend(task.classifier, task.text)
    blocks = list(_blocks(task.classifier))
    count = len(task.encoded)
    flow = np.eye(count)
    calls = _calls(task, [block for block, _ in blocks])
    values = dict(blocks)
    for done, call in enumerate(calls):
        whole = call(1)[0]
        rows = run_in_batches(
            [count] * count,
            lambda indices, call=call, whole=whole: _turns(call, values[call.block], indices, whole),  # type: ignore[misc]
            token_budget=_TOKENS,
        )
        mixed = np.stack(rows, axis=1)
        flow = mixed / np.maximum(mixed.sum(axis=1, keepdims=True), 1e-12) @ flow
        task.report(done + 1, len(calls))
    return Scores(by_token=_read(flow, attention.pooled))


def _turns(call: "_Call", values: nn.Module, zeroed: list[int], whole: Tensor) -> list[NDArray[np.float64]]:
    """For each of these positions: how far every token's output turns when that position's value is zero."""

    @only_here
    def zero(_: object, __: object, output: Tensor) -> Tensor:
        output = output.clone()
        for row, position in enumerate(zeroed):
            output[row, position] = 0
        return output

    hook = values.register_forward_hook(zero)
    try:
        outputs = call(len(zeroed))
    finally:
        hook.remove()
    distances = 1 - torch.cosine_similarity(outputs.double(), whole.double()[None], dim=-1)
    return list(_numbers(distances.clamp(min=0)))


@dataclass(frozen=True)
class _Call:
    """One call of a Transformer block during the text's forward pass, to be made again many times over."""

    block: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __call__(self, copies: int) -> Tensor:
        """The block's output (copies, tokens, width) for so many copies of its input."""

        def spread(value: Any) -> Any:
            if isinstance(value, Tensor):
                return value.expand(copies, *value.shape[1:]) if value.dim() and len(value) == 1 else value
            if isinstance(value, tuple):
                return tuple(spread(item) for item in value)
            return value

        with torch.inference_mode():
            output = self.block(*spread(self.args), **{k: spread(v) for k, v in self.kwargs.items()})
        states: Tensor = output[0] if isinstance(output, tuple) else output
        return states


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


def _blocks(classifier: TransformerClassifier) -> Iterator[tuple[nn.Module, nn.Module]]:
    """Each Transformer block with the one layer in it that makes the values."""
    found: list[tuple[nn.Module, nn.Module]] = []
    inside: set[nn.Module] = set()
    for part in classifier.module.modules():
        if not isinstance(part, nn.ModuleList):
            continue
        for block in part:
            values = [
                layer
                for path, layer in block.named_modules()
                if isinstance(layer, nn.Linear) and path.split(".")[-1] in _VALUES
            ]
            if len(values) == 1 and block not in inside:
                found.append((block, values[0]))
                inside.update(block.modules())
    if not found or classifier.module.config.is_encoder_decoder:
        raise AttributionError(
            f"{classifier.architecture} has no separate layer that makes the values of one stack of blocks. "
            "Choose attention rollout, or a method that removes words."
        )
    yield from found


def _read(flow: NDArray[np.float64], pooled: int | None) -> NDArray[np.float64]:
    """What reached the position that the classifier reads, or all of them on average."""
    return flow.mean(axis=0) if pooled is None else flow[pooled]


def _numbers(tensor: Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.detach().cpu().double().numpy()
    return values
