"""How far an explanation moves when the text hardly does.

Yeh et al., "On the (in)fidelity and sensitivity of explanations", NeurIPS 2019: max-sensitivity, the largest
change of the scores over small changes of the input, relative to their size. A text cannot be changed a
little, its word embeddings can: each distinct token of the text is moved to somewhere near, by the same
step wherever it stands, and the whole method is asked again. Masks, baselines and the tokenizer's own
tokens stay where they are.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from analysis.attribution import Attribution, AttributionError
from analysis.faithfulness import Estimate, asked_again, estimate
from models.transformer import TransformerClassifier
from models.twin import twin

#: How far each number of an embedding moves at most, as a share of the spread of the text's embeddings.
RADIUS = 0.1
DRAWS = 10

#: How often the scores are dealt to the words at random, which costs nothing.
_DEALT = 50


@dataclass(frozen=True)
class Sensitivity:
    """How far the scores moved in each draw, as a share of their size (length of the difference over length).

    `random` is how far, over 50 draws, the scores lie from themselves dealt to the words at random:
    what an explanation does that keeps nothing but its numbers.
    """

    changes: NDArray[np.float64]
    random: Estimate
    radius: float

    @property
    def largest(self) -> float:
        """Max-sensitivity; the less the better."""
        return float(self.changes.max())


def sensitivity(
    classifier: TransformerClassifier,
    attribution: Attribution,
    *,
    radius: float = RADIUS,
    draws: int = DRAWS,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> Sensitivity | None:
    """Explain the text again from embeddings near its own; None where all scores are zero.

    Raises AttributionError for a model without word embeddings.
    """
    scores = attribution.word_scores
    size = float(np.linalg.norm(scores))
    if size == 0:
        return None
    steps = int(attribution.settings.get("steps", 0)) or 1
    random = np.random.default_rng(seed)
    changes = []
    for done in range(draws):
        if on_progress:
            on_progress(done, draws)
        near = nudged(classifier, attribution.text, radius, seed=int(random.integers(2**32)))
        again = asked_again(near, attribution, most_steps=max(2, steps)).word_scores
        changes.append(float(np.linalg.norm(again - scores)) / size)
    dealt = [float(np.linalg.norm(random.permutation(scores) - scores)) / size for _ in range(_DEALT)]
    return Sensitivity(np.array(changes), estimate(np.array(dealt)), radius)


def nudged(classifier: TransformerClassifier, text: str, radius: float, seed: int) -> TransformerClassifier:
    """The model with the embeddings of a text's tokens moved a little; it shares all other weights.

    Every number moves by a draw from [-w, w], w being `radius` times the spread of the text's embeddings.
    """
    try:
        table = classifier.module.get_input_embeddings().weight
    except (NotImplementedError, AttributeError) as error:
        raise AttributionError(
            f"{classifier.architecture} has no word embeddings that could be moved."
        ) from error
    (encoded,) = classifier.encode([text])
    own = [token for token, special in zip(encoded.ids, encoded.special, strict=True) if not special]
    ids = torch.tensor(list(dict.fromkeys(own)), device=table.device)
    width = radius * float(table[torch.tensor(own, device=table.device)].float().std())
    random = torch.Generator().manual_seed(seed)
    steps = (2 * torch.rand((len(ids), table.shape[1]), generator=random) - 1) * width
    moved = table.detach().clone()
    moved[ids] += steps.to(table)
    return TransformerClassifier(
        twin(classifier.module, (table, nn.Parameter(moved, requires_grad=False))),
        classifier.tokenizer,
        reference=classifier.reference,
        weights=f"{classifier.fingerprint} nudged by {seed}, {radius}, {text!r}",
        name=classifier.name,
    )
