"""What a classifier's answers are worth beyond accuracy."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def confusion(targets: ArrayLike, predicted: ArrayLike, k: int) -> NDArray[np.int64]:
    """Counts (k, k): a row for each true label, a column for each predicted one.

    Raises ValueError for arrays of different lengths and for indices that are not below `k`.
    """
    true, said = np.asarray(targets, dtype=np.int64), np.asarray(predicted, dtype=np.int64)
    if true.shape != said.shape or true.ndim != 1:
        raise ValueError(f"{true.shape} targets do not pair with {said.shape} predictions")
    if len(true) and (min(true.min(), said.min()) < 0 or max(true.max(), said.max()) >= k):
        raise ValueError(f"a label's index is not between 0 and {k - 1}")
    return np.bincount(true * k + said, minlength=k * k).reshape(k, k).astype(np.int64)
