"""The gradient of a classifier's loss at its input embeddings: what white-box attacks look at."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attacks.entry import AttackError
from models.classifier import Classifier

if TYPE_CHECKING:
    from models.transformer import EncodedText, TransformerClassifier


@dataclass(frozen=True, slots=True)
class Gradient:
    """The loss at one label, and its derivatives by each token's embedding: (tokens, width)."""

    encoded: "EncodedText"
    loss: float
    rows: NDArray[np.float64]


def white_box(classifier: Classifier) -> "TransformerClassifier":
    """The classifier as one whose gradients can be had. Raises AttackError for any other."""
    from models.transformer import TransformerClassifier

    if not isinstance(classifier, TransformerClassifier) or classifier.quantised:
        raise AttackError(
            "This attack follows gradients: it needs a local Transformer that is not quantised, and this "
            "model only answers."
        )
    return classifier


def embedding_gradient(classifier: "TransformerClassifier", text: str, label: int) -> Gradient:
    """The cross-entropy at `label` (an index) and its gradient, the model in evaluation mode, nothing padded.

    Raises AttackError where the model embeds its input in a way that cannot be followed.
    """
    import torch

    from models.batching import pad

    encoded = classifier.encode([text])[0]
    layer = classifier.module.get_input_embeddings()
    embedded: list[Any] = []
    thread = threading.get_ident()

    def follow(layer: Any, inputs: Any, output: Any) -> Any:
        # Other threads may be asking the same module.
        if threading.get_ident() != thread or not isinstance(output, torch.Tensor):
            return output
        embedded.append(output.detach().requires_grad_())
        return embedded[-1]

    handle = layer.register_forward_hook(follow)
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)
    try:
        with torch.enable_grad():
            logits = classifier.module(**inputs).logits
            wanted = torch.tensor([label], device=logits.device)
            loss = torch.nn.functional.cross_entropy(logits.float(), wanted)
    finally:
        handle.remove()
    if not embedded or embedded[0].shape[:2] != inputs["input_ids"].shape:
        raise AttackError(f"The gradients of a {classifier.architecture} cannot be followed to its words.")
    (rows,) = torch.autograd.grad(loss, embedded[0])
    return Gradient(encoded, float(loss.detach()), rows[0].double().cpu().numpy())
