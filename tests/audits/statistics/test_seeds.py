"""Seed variance apart from sampling variance, against scipy's analysis of variance and a simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from audits.statistics import seed_spread


def table(examples, seeds, between, within, seed=0):
    """Values of a balanced table, in rows, with the seed and the example of each."""
    rng = np.random.default_rng(seed)
    values = rng.normal(0, between, (examples, 1)) + rng.normal(0, within, (examples, seeds))
    of_seed = np.tile(np.arange(seeds), examples)
    return values.ravel(), of_seed.tolist(), np.repeat(np.arange(examples), seeds).tolist()


def test_against_the_analysis_of_variance():
    values, seeds, examples = table(40, 3, 1.0, 0.7)
    found = seed_spread(values, seeds, examples)
    assert found is not None
    matrix = values.reshape(40, 3)
    within = matrix.var(axis=1, ddof=1).mean()
    f = stats.f_oneway(*matrix).statistic  # mean squares between over within
    assert found.noise == pytest.approx(math.sqrt(within / 40))
    assert found.sampling == pytest.approx(math.sqrt((f - 1) * within / 3 / 40))
    assert found.by_seed == pytest.approx(matrix.mean(axis=0))
    # Together they are the error of the mean over all rows.
    assert found.sampling**2 + found.noise**2 / 3 == pytest.approx(stats.sem(matrix.mean(axis=1)) ** 2)


def test_examples_that_lack_a_seed():
    """The published example of an unbalanced one-way table is matched by statsmodels' moments (ANOVA)."""
    import statsmodels.formula.api as smf
    from pandas import DataFrame
    from statsmodels.stats.anova import anova_lm

    values, seeds, examples = table(30, 3, 1.0, 0.7, seed=2)
    keep = np.random.default_rng(1).random(90) < 0.8
    values, seeds, examples = (
        values[keep],
        [one for one, kept in zip(seeds, keep, strict=True) if kept],
        [one for one, kept in zip(examples, keep, strict=True) if kept],
    )
    frame = DataFrame({"value": values, "example": examples})
    squares = anova_lm(smf.ols("value ~ C(example)", frame).fit())["mean_sq"]
    sizes = np.bincount(examples)
    sizes = sizes[sizes > 0]
    usual = (len(values) - (sizes**2).sum() / len(values)) / (len(sizes) - 1)
    found = seed_spread(values, seeds, examples)
    assert found is not None
    assert found.noise == pytest.approx(math.sqrt(squares["Residual"] / len(sizes)))
    assert found.sampling == pytest.approx(
        math.sqrt((squares["C(example)"] - squares["Residual"]) / usual / len(sizes))
    )


def test_each_part_is_recovered():
    """Means over many tables: the noise's part says how far single seeds lie apart."""
    found = [seed_spread(*table(50, 3, 0.8, 0.4, seed=number)) for number in range(200)]
    noise = np.array([one.noise for one in found if one])
    apart = np.array([np.std(one.by_seed, ddof=1) for one in found if one])
    assert (noise**2).mean() == pytest.approx(0.4**2 / 50, rel=0.05)
    assert (apart**2).mean() == pytest.approx((noise**2).mean(), rel=0.15)
    assert np.mean([one.sampling**2 for one in found if one]) == pytest.approx(0.8**2 / 50, rel=0.1)


def test_no_example_between_examples_counts_as_none():
    found = seed_spread([1, 0, 1, 0], [1, 2, 1, 2], ["a", "a", "b", "b"])
    assert found and found.sampling == 0 and found.by_seed == (1, 0)


def test_one_seed_tells_nothing_apart():
    assert seed_spread([1, 0, 1], [7, 7, 7], ["a", "b", "c"]) is None
    assert seed_spread([1, 0], [1, 2], ["a", "a"]) is None
    assert seed_spread([], [], []) is None
    with pytest.raises(ValueError, match="seeds"):
        seed_spread([1, 0], [1], ["a", "b"])
