"""One label of a model whose labels each hold or do not, as a model of its own: it holds, or it does not.

That a label does not hold has the logit 0, so the softmax over the two is the sigmoid of the label's own.
What was made for models that choose (attacks, noises, audits, checks, comparisons) takes it as it is.
"""

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from corpora.labels import negated
from models.classifier import ModelError
from models.transformer import TransformerClassifier
from models.twin import twin


def as_choice(logits: NDArray[np.float64], label: int) -> NDArray[np.float64]:
    """Logits (…, labels) of labels that hold each by itself as a choice (…, 2): not holding, and holding."""
    own = logits[..., label]
    return np.stack([np.zeros_like(own), own], axis=-1)


def one_label(classifier: TransformerClassifier, label: str) -> TransformerClassifier:
    """The classifier that chooses between `negated(label)` and `label`; its weights are the model's own.

    Raises:
        ModelError: the model has no such label or its labels do not stand each by itself, it is quantised, or
            its logits do not come from a last linear layer.
    """
    _check(classifier, label)
    number = classifier.labels.index(label)
    names = dict(enumerate((negated(label), label)))
    config = copy.deepcopy(classifier.module.config)
    config.id2label, config.label2id = names, {name: index for index, name in names.items()}
    config.problem_type = "single_label_classification"
    head = _last_linear(classifier)
    alone = TransformerClassifier(
        twin(classifier.module, (classifier.module.config, config), (head, _two_rows(head, number))),
        classifier.tokenizer,
        reference=f"{classifier.reference}#{label}",
        weights=classifier.weights,
        name=f"{classifier.name}#{label}",
        notes=(
            *classifier.notes,
            f"This is one of the {len(classifier.labels)} labels of {classifier.name}, each of which holds "
            "or does not by itself.",
        ),
        among=classifier.labels,
    )
    # A factor or a limit after the layer would leave other logits than the model's.
    text = ["a good film and a long one"]
    tolerance = 1e-3 if classifier.dtype == torch.float32 else 0.1
    expected = as_choice(classifier.logits(text), number)
    if not np.allclose(alone.logits(text), expected, rtol=tolerance, atol=tolerance):
        raise _unreadable(classifier)
    return alone


def _check(classifier: TransformerClassifier, label: str) -> None:
    listed = ", ".join(classifier.labels[:40]) + (" …" if len(classifier.labels) > 40 else "")
    if classifier.answering == "number":
        raise ModelError(f"{classifier.name} gives a number and no labels; leave out #{label:.80}.")
    if classifier.answering == "choice":
        raise ModelError(
            f"{classifier.name} chooses one of its labels ({listed}): one against the rest would be "
            f"another model than this. Leave out #{label:.80}."
        )
    if label not in classifier.labels:
        raise ModelError(f"{classifier.name} has no label {label!r:.80}. Its labels are {listed}.")


def _last_linear(classifier: TransformerClassifier) -> nn.Linear:
    """The layer that gives the logits: in every family the last one with a row a label."""
    count = len(classifier.labels)
    fitting = [
        part
        for part in classifier.module.modules()
        if isinstance(part, nn.Linear) and part.out_features == count
    ]
    if not fitting:
        raise _unreadable(classifier)
    return fitting[-1]


def _two_rows(head: nn.Linear, label: int) -> Any:
    """A layer that answers 0, and what the head answers for a label."""
    rows = nn.Linear(head.in_features, 2, bias=head.bias is not None, device="meta")
    for name, own in head.named_parameters():
        both = torch.stack([torch.zeros_like(own[label]), own[label].detach()])
        setattr(rows, name, nn.Parameter(both, requires_grad=False))
    return rows


def _unreadable(classifier: TransformerClassifier) -> ModelError:
    return ModelError(
        f"{classifier.name} ({classifier.architecture}) does not end in a linear layer with a row for each "
        "label, so no label of it can be asked alone."
    )
