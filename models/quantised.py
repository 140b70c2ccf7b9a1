"""Copies of a model whose linear layers compute in 8-bit integers: smaller, quicker on a processor, coarser.

Dynamic quantisation, as PyTorch does it: weights are rounded once, each row of a matrix on a scale of its
own; what flows in is rounded anew for each call, the whole batch on one scale. So that an answer does not
hang on its neighbours (`models.batching`), each text is asked alone.
"""

import warnings
from typing import Any

import torch
from torch import nn

from models.classifier import ModelError
from models.transformer import TransformerClassifier

#: A copy of which less is quantised would not deserve the name; GPT-2's blocks, say, have no such layers.
LEAST = 0.05
#: What the copies are called where the type of a model's numbers is chosen.
INT8 = "int8"


def int8(classifier: TransformerClassifier) -> TransformerClassifier:
    """The classifier with its linear layers in int8. The original is used up: its module is changed in place.

    Embeddings, norms and attention's own products stay float32, as in PyTorch's recipe. Such a copy answers
    and has no gradients.

    Raises:
        ModelError: it is not on a processor, this PyTorch cannot do it, or the copy does not answer.
    """
    if classifier.device.type != "cpu":
        raise ModelError(
            f"int8 is computed on a processor, not on {classifier.device}. Choose the device cpu."
        )
    numbers = classifier.parameters
    module = _quantise(classifier.module)
    share = sum(tensor.numel() for tensor in packed_tensors(module)) / numbers
    if share < LEAST:
        raise ModelError(
            f"Only {100 * share:.1f} % of {classifier.name} is in linear layers that PyTorch can quantise. "
            "Choose bfloat16 for a smaller copy of it."
        )
    copy = TransformerClassifier(
        module,
        classifier.tokenizer,
        reference=classifier.reference,
        weights=classifier.weights,
        name=classifier.name,
        notes=(
            *classifier.notes,
            f"{100 * share:.0f} % of its numbers are stored in int8, the rest in float32.",
        ),
        quantised=INT8,
        among=classifier.among,
    )
    try:
        copy.logits(["a good film and a long one"])
    except Exception as error:  # whatever it is, the copy is of no use
        raise ModelError(
            f"{classifier.name} cannot answer in int8 ({type(error).__name__}: {error!s:.120}). "
            "Choose bfloat16 for a smaller copy of it."
        ) from error
    return copy


def _quantise(module: nn.Module) -> nn.Module:
    try:
        # PyTorch says that torchao takes this over one day. torchao 0.18 is no way out yet: without a
        # compiler it is three times slower on a processor than no quantisation at all.
        from torch.ao.quantization import per_channel_dynamic_qconfig, quantize_dynamic
    except ImportError as error:
        raise ModelError(
            f"This PyTorch ({torch.__version__}) no longer makes int8 copies. Choose bfloat16."
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made: nn.Module = quantize_dynamic(module, {nn.Linear: per_channel_dynamic_qconfig}, inplace=True)
    return made


def packed_tensors(module: nn.Module) -> list[torch.Tensor]:
    """The weights and biases of quantised layers, which are no parameters of the module any more."""
    return [tensor for part in module.modules() for tensor in _packed(part)]


def _packed(part: Any) -> list[torch.Tensor]:
    if not isinstance(part, torch.ao.nn.quantized.dynamic.Linear):
        return []
    weight, bias = part._weight_bias()
    return [weight] if bias is None else [weight, bias]
