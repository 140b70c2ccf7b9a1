"""Several seeds of one noise: how much of what is uncertain is the noise's draw, how much the sample."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from audits.statistics.resampling import by_cluster


@dataclass(frozen=True, slots=True)
class SeedSpread:
    """The two parts of a mean's uncertainty, as standard errors in the figure's own units.

    `by_seed` is the mean of each seed, in the order of the seeds. `noise` is by how much a figure of one seed
    moves when the noise is drawn again on the same examples, `sampling` when other examples are drawn and
    the noise were averaged over all its draws. One audit of S seeds has the error
    √(`sampling`² + `noise`² / S): more seeds take the first part's company away, never the second.
    """

    by_seed: tuple[float, ...]
    noise: float
    sampling: float
    examples: int


def seed_spread(
    values: ArrayLike, seeds: Sequence[Hashable], examples: Sequence[Hashable]
) -> SeedSpread | None:
    """The analysis of variance of one value a row, by example; None without an example of two seeds.

    A noise draws for each example anew, so seeds are nested in examples: one-way random effects by the
    moments (Searle, Casella and McCulloch 1992, Variance Components, section 3.6, also for examples that
    lack a seed). A sampling variance below 0 counts as 0. Raises ValueError for lengths that differ.
    """
    numbers = np.asarray(values, dtype=float)
    if not len(numbers) == len(seeds) == len(examples):
        raise ValueError(f"{len(seeds)} seeds and {len(examples)} examples for {len(numbers)} values")
    sums, sizes = by_cluster(numbers, examples)
    squares = by_cluster(numbers**2, examples)[0]
    rows, count = len(numbers), len(sums)
    if rows == count or count < 2:
        return None
    within = float((squares - sums**2 / sizes).sum()) / (rows - count)
    between = float((sums**2 / sizes).sum() - numbers.sum() ** 2 / rows) / (count - 1)
    usual_size = (rows - float((sizes**2).sum()) / rows) / (count - 1)
    of_examples = max(0.0, (between - within) / usual_size)
    order = dict.fromkeys(seeds)
    by_seed = tuple(float(numbers[[seed == one for seed in seeds]].mean()) for one in order)
    return SeedSpread(by_seed, math.sqrt(max(within, 0.0) / count), math.sqrt(of_examples / count), count)
