"""What the answer would do if attention weights changed: their gradients, and each head's importance.

Michel, Levy and Neubig, "Are Sixteen Heads Really Better than One?", NeurIPS 2019: a head's importance is
the derivative of the answer by a factor on the head's output, which is the sum of its weights times their
gradients, for the output is linear in the weights. Chefer, Gur and Wolf, ICCV 2021: the positive part of
the same products is what spoke for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analysis.attention.weights import Part, outputs, parts, size, unusable
from analysis.hooks import only_here
from models.classifier import ModelError

if TYPE_CHECKING:
    from torch import Tensor

    from models.encoding import EncodedText
    from models.transformer import TransformerClassifier

#: The most memory that the weights of a text may take whose gradients are asked for, in bytes: 1,860 tokens
#: with 12 × 12 heads. Several times as much is in use for a moment.
MOST_BYTES = 2 * 10**9


@dataclass(frozen=True)
class Importance:
    """How much each head matters to one answer to one text; arrays of shape (layers, heads).

    `effect` is the derivative of the answer by a factor on the head's output: to first order, how far the
    answer falls (or rises, where negative) without the head. `relevance` is the sum of the positive products
    of weight and gradient, per token that looks. `answer` is the quantity itself.
    """

    answer: float
    effect: NDArray[np.float64]
    relevance: NDArray[np.float64]


def importance(
    classifier: TransformerClassifier,
    text: str,
    target: int,
    contrast: int | None,
    part: Part | None = None,
) -> Importance:
    """Each head's importance to the difference of two labels' logits (indices into the labels).

    Without a `contrast` to the target's own, such as a value that the model gives. Raises ModelError for a
    model whose attention weights have no gradient, and for a long text.
    """
    encoded = classifier.encode([text])[0]
    if size(classifier, len(encoded)) > MOST_BYTES:
        raise ModelError(f"The gradients of the attention weights of {len(encoded):,} tokens do not fit.")
    effects, relevances, answers = [], [], []

    def difference(logits: Tensor) -> Tensor:
        found = logits[:, target] if contrast is None else logits[:, target] - logits[:, contrast]
        answers.append(found.item())
        return found

    for weights, gradients in weights_and_gradients(classifier, encoded, difference, part):
        products = weights * gradients
        effects.append(products.sum(axis=(1, 2)))
        relevances.append(np.maximum(products, 0).sum(axis=(1, 2)) / len(encoded))
    return Importance(answers[0], np.array(effects), np.array(relevances))


def weights_and_gradients(
    classifier: TransformerClassifier,
    encoded: EncodedText,
    quantity: Callable[[Tensor], Tensor],
    part: Part | None = None,
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Each layer's attention (heads, tokens, tokens) and the gradient by it of a quantity of the logits.

    `quantity` gets float32 logits (1, labels) and gives (1,). Raises ModelError where the weights have no
    gradient, because the model does not compute with them.
    """
    import torch

    from analysis.attention.softmaxes import Softmaxes
    from models.batching import pad

    eager = classifier.eager()
    inputs = pad(eager.tokenizer, [encoded], eager.device)
    try:
        eager.module.get_input_embeddings()
    except NotImplementedError as error:
        raise unusable(eager, "it has no word embeddings that gradients could begin at") from error
    with torch.inference_mode(False), torch.enable_grad(), _tracked(eager.module), Softmaxes() as made:
        output = eager.module(**inputs, output_attentions=True)
        layers = outputs(output, part or parts(eager)[0])
        if not layers:
            raise unusable(eager, "it gives no attention weights")
        whole = quantity(output.logits.float()).sum()
        gradients = torch.autograd.grad(whole, layers, allow_unused=True, retain_graph=True)
        if any(gradient is None for gradient in gradients):
            layers = made.copied(layers)
            if not layers:
                raise unusable(
                    eager, "it does not compute with the weights that it shows, so they have no gradient"
                )
            gradients = torch.autograd.grad(whole, layers)
    layers = [weights.detach() for weights in layers]
    del output, whole, made  # what the gradients took
    for weights, gradient in zip(layers, gradients, strict=True):
        yield _numbers(weights[0]), _numbers(gradient[0])


@contextmanager
def _tracked(module: Any) -> Iterator[None]:
    """Let gradients flow from the word embeddings on: the weights themselves are frozen."""

    @only_here
    def track(_: object, __: object, output: Tensor) -> Tensor:
        return output.detach().requires_grad_()

    embeddings = {module.get_input_embeddings()}
    if module.config.is_encoder_decoder:  # BART's two halves embed by modules of their own
        whole = module.base_model
        embeddings |= {half.get_input_embeddings() for half in (whole.get_encoder(), whole.get_decoder())}
    hooks = [embedding.register_forward_hook(track) for embedding in embeddings]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _numbers(tensor: Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.detach().cpu().double().numpy()
    return values
