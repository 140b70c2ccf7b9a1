import math
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from analysis import shift
from analysis.shift import ShiftError, auc_interval, between, domain_auc, mmd2, mmd2_test


def texts(*sizes):
    return tuple([f"{side} {place}" for place in range(size)] for side, size in enumerate(sizes))


def by_loops(kernel, first, other):
    """Equation 3 of Gretton et al. as it is written: sums over pairs of different vectors, and over all."""
    n, m = len(first), len(other)
    xx = sum(kernel(a, b) for i, a in enumerate(first) for j, b in enumerate(first) if i != j)
    yy = sum(kernel(a, b) for i, a in enumerate(other) for j, b in enumerate(other) if i != j)
    xy = sum(kernel(a, b) for a in first for b in other)
    return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m)


def test_mmd2_is_the_sums_over_pairs():
    rng = np.random.default_rng(0)
    first, other = rng.normal(size=(7, 3)), rng.normal(0.5, size=(5, 3))
    both = np.concatenate([first, other])

    def gauss(a, b):
        return math.exp(-((a - b) ** 2).sum() / 2)

    kernel = np.array([[gauss(a, b) for b in both] for a in both])
    found = mmd2(kernel, (np.arange(12) < 7)[None])
    assert found[0] == pytest.approx(by_loops(gauss, first, other))


def test_mmd2_with_a_linear_kernel_is_the_squared_distance_of_the_means():
    """Closed form: with k(a, b) = a·b the expectation is |mean − mean|²; unbiased over many draws."""
    rng = np.random.default_rng(11)
    found = []
    for _ in range(3000):
        both = np.concatenate([rng.normal(0, 1, (10, 2)), rng.normal((0.6, 0.8), 1, (15, 2))])
        found.append(mmd2(both @ both.T, (np.arange(25) < 10)[None])[0])
    assert np.mean(found) == pytest.approx(1.0, abs=3 * stats.sem(found))


def test_mmd2_of_two_gaussians_is_the_closed_form():
    """E k(x, y) for normal x, y in one dimension: s / sqrt(s² + 2v) · exp(−d² / (2 (s² + 2v)))."""
    rng = np.random.default_rng(2)
    s, d = 1.3, 0.9
    width = s**2 + 2
    true = 2 * s / math.sqrt(width) * (1 - math.exp(-(d**2) / (2 * width)))
    found = []
    for _ in range(40):
        both = np.concatenate([rng.normal(0, 1, 100), rng.normal(d, 1, 100)])
        kernel = np.exp(-((both[:, None] - both[None]) ** 2) / (2 * s**2))
        found.append(mmd2(kernel, (np.arange(200) < 100)[None])[0])
    assert np.mean(found) == pytest.approx(true, abs=3 * stats.sem(found))


def test_the_p_value_is_the_share_of_all_divisions(monkeypatch):
    """With three and three vectors all twenty divisions can be counted."""
    rng = np.random.default_rng(3)
    first, other = rng.normal(size=(3, 2)), rng.normal(1.5, size=(3, 2))
    both = np.concatenate([first, other])
    z = (both - both.mean(0)) / both.std(0)
    squares = ((z[:, None] - z[None]) ** 2).sum(-1)
    kernel = np.exp(-squares / (2 * np.median(squares[np.triu_indices(6, 1)])))
    divisions = np.zeros((20, 6), bool)
    for row, chosen in enumerate(combinations(range(6), 3)):
        divisions[row, list(chosen)] = True
    every = mmd2(kernel, divisions)
    found, p = mmd2_test(first, other, permutations=4000)
    assert found == pytest.approx(every[0])  # (0, 1, 2) comes first
    assert p == pytest.approx((every >= found - 1e-9).mean(), abs=0.03)


def test_p_values_of_sets_that_are_alike_are_uniform():
    rng = np.random.default_rng(4)
    values = [
        mmd2_test(rng.normal(size=(20, 3)), rng.normal(size=(25, 3)), seed=turn, permutations=99)[1]
        for turn in range(100)
    ]
    assert stats.kstest(values, "uniform").pvalue > 0.01


def test_the_auc_of_two_gaussians_is_the_closed_form():
    """The best that any classifier can do: Phi(d / sqrt 2) for unit normals whose means are d apart."""
    rng = np.random.default_rng(5)
    first, other = rng.normal(size=(1500, 2)), rng.normal((0.8, 0), size=(1500, 2))
    best = stats.norm.cdf(0.8 / math.sqrt(2))
    found = domain_auc(first, other)
    assert found == pytest.approx(best, abs=0.02)


def test_sets_that_are_alike_are_at_one_half_and_the_interval_knows():
    rng = np.random.default_rng(6)
    found = [
        domain_auc(rng.normal(size=(40, 30)), rng.normal(size=(40, 30)), seed=turn) for turn in range(24)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=3 * stats.sem(found))
    ends = [auc_interval(area, 40 / shift.SPREAD, 40 / shift.SPREAD) for area in found]
    assert np.mean([low <= 0.5 <= high for low, high in ends]) >= 0.9


@pytest.mark.parametrize("apart", [0.0, 1.0, 2.5])
def test_the_interval_of_an_auc_covers_the_truth(apart):
    rng = np.random.default_rng(7)
    true = stats.norm.cdf(apart / math.sqrt(2))
    areas = (rng.normal(size=(400, 40, 1)) < rng.normal(apart, size=(400, 1, 60))).mean(axis=(1, 2))
    ends = [auc_interval(float(area), 40, 60) for area in areas]
    assert 0.92 <= np.mean([low <= true <= high for low, high in ends]) <= 0.99


def test_the_interval_of_an_auc_at_the_ends():
    low, high = auc_interval(1.0, 50, 50)
    assert high == 1.0 and 0.9 < low < 1.0
    assert auc_interval(0.0, 50, 50) == pytest.approx((0.0, 1 - low))


def test_a_text_counts_once_and_too_few_are_refused():
    rng = np.random.default_rng(8)
    first, other = rng.normal(size=(30, 4)), rng.normal(3, size=(25, 4))
    once = between(first, other, texts(30, 25))
    again = between(np.repeat(first, 2, axis=0), other, (list(np.repeat(texts(30)[0], 2)), texts(30, 25)[1]))
    assert once == again and once.counts == (30, 25)
    assert once.auc > 0.95 and once.p == 1 / (1 + shift.PERMUTATIONS)
    with pytest.raises(ShiftError, match="at least 20 different texts"):
        between(first, other, (["same"] * 30, texts(0, 25)[1]))
    with pytest.raises(ShiftError, match="float32"):
        between(np.full((30, 4), np.nan), other, texts(30, 25))


def test_progress_counts_to_the_end():
    rng, said = np.random.default_rng(9), []
    between(
        rng.normal(size=(20, 3)),
        rng.normal(size=(20, 3)),
        texts(20, 20),
        on_progress=lambda *step: said.append(step),
    )
    assert said == [(done, 6) for done in range(1, 7)]
