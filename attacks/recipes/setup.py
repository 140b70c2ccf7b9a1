"""What a recipe is built around."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.classifier import Classifier


@dataclass(frozen=True, slots=True)
class Setup:
    """One example's surroundings.

    `wrapper` is a `textattack.models.wrappers.ModelWrapper`, the only way to the model's answers that
    counts as a query. `target` is the example's true label, `probabilities` the model's answer to its
    unchanged text. `encode` gives unit-length sentence vectors, one row a text (`models.encoder`).
    `classifier` is the model itself, for attacks that need its gradients.
    """

    wrapper: Any
    target: int
    probabilities: Sequence[float]
    encode: Callable[[Sequence[str]], NDArray[np.float32]]
    classifier: Classifier
