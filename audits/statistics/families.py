"""Several tests at once: p-values adjusted for being several."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being several, in the order given: for what a decision hangs on.

    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6. Rejecting those at or below 0.05 keeps the chance of any false rejection at 5 %.
    Raises ValueError for what is not between 0 and 1.
    """
    values = _checked(p_values)
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return [float(value) for value in adjusted]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The p-values adjusted for being several, in the order given: for exploring, where a few may be false.

    Benjamini and Hochberg (1995), "Controlling the false discovery rate", JRSS B 57. Of those at or below
    0.05, at most 5 % are expected to be false. Raises ValueError for what is not between 0 and 1.
    """
    values = _checked(p_values)
    return [float(value) for value in stats.false_discovery_control(values)] if len(values) else []


def _checked(p_values: Sequence[float]) -> NDArray[np.float64]:
    values = np.asarray(p_values, dtype=float)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError("a p-value is not between 0 and 1")
    return values
