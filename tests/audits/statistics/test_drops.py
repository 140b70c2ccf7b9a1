"""Drops and paired tests against published values, scipy, statsmodels and a second derivation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from audits.statistics import accuracy, drop, estimates, mcnemar


def flips(lost, gained, kept):
    """Pairs of which `lost` go from right to wrong, `gained` the other way, and `kept` stay right."""
    clean = np.array([True] * lost + [False] * gained + [True] * kept)
    return clean, np.array([False] * lost + [True] * gained + [True] * kept)


@pytest.mark.parametrize(("lost", "gained"), [(22, 6), (6, 22), (5, 5), (1, 0), (0, 0), (40, 1)])
def test_mcnemar_against_statsmodels(lost, gained):
    from statsmodels.stats.contingency_tables import mcnemar as reference

    expected = reference([[100, lost], [gained, 20]], exact=True).pvalue
    assert mcnemar(*flips(lost, gained, 100)) == pytest.approx(expected, abs=1e-12)


def test_twenty_two_lost_and_six_gained():
    assert mcnemar(*flips(22, 6, 472)) == pytest.approx(0.004, abs=5e-4)
    estimate = drop(*flips(22, 6, 472))
    assert estimate.value == pytest.approx(16 / 500)
    assert 0 < estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize(("lost", "gained", "kept"), [(40, 12, 248), (15, 15, 170), (180, 4, 116)])
def test_drop_against_scipy_bootstrap(lost, gained, kept):
    clean, under = flips(lost, gained, kept)
    reference = stats.bootstrap(
        (clean.astype(float) - under,), np.mean, method="BCa", n_resamples=20_000, rng=1
    ).confidence_interval
    estimate = drop(clean, under)
    width = reference.high - reference.low
    assert estimate.low == pytest.approx(reference.low, abs=0.06 * width)
    assert estimate.high == pytest.approx(reference.high, abs=0.06 * width)


def test_clustered_drop_against_scipy_bootstrap():
    rng = np.random.default_rng(5)
    sizes = rng.integers(1, 5, size=80)
    clusters = np.repeat(np.arange(80), sizes)
    fragile = rng.random(80)[clusters] < 0.3
    clean = rng.random(len(clusters)) < 0.9
    under = clean & ~(fragile & (rng.random(len(clusters)) < 0.8))
    estimate = drop(clean, under, clusters.tolist())
    sums = np.bincount(clusters, weights=clean.astype(float) - under)
    low, high = stats.bootstrap(
        (sums, sizes),
        lambda lost, rows, axis: lost.sum(axis=axis) / rows.sum(axis=axis),
        paired=True,
        vectorized=True,
        method="BCa",
        n_resamples=20_000,
        rng=1,
    ).confidence_interval
    assert estimate.count == len(clusters)
    assert estimate.low == pytest.approx(low, abs=0.06 * (high - low))
    assert estimate.high == pytest.approx(high, abs=0.06 * (high - low))
    alone = drop(clean, under)
    assert alone.value == estimate.value
    assert alone.high - alone.low < estimate.high - estimate.low


def test_copies_of_an_example_are_no_evidence():
    clean, under = flips(30, 10, 60)
    once = drop(clean, under, list(range(100)))
    copied = drop(np.tile(clean, 3), np.tile(under, 3), list(range(100)) * 3)
    assert (copied.value, copied.low, copied.high) == pytest.approx((once.value, once.low, once.high))
    # The same where the score interval serves.
    clean, under = flips(3, 1, 96)
    once = drop(clean, under, list(range(100)))
    copied = drop(np.tile(clean, 3), np.tile(under, 3), list(range(100)) * 3)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))


def test_seeds_repeat_and_order_does_not_matter():
    clean, under = flips(40, 12, 248)
    assert drop(clean, under, seed=3) == drop(clean, under, seed=3)
    order = np.random.default_rng(0).permutation(300)
    assert drop(clean[order], under[order]) == drop(clean, under)
    clusters = np.random.default_rng(1).integers(0, 80, size=300)
    one, other = (drop(clean, under, clusters.tolist(), seed=seed) for seed in (3, 4))
    assert one != other
    assert drop(clean[order], under[order], clusters[order].tolist(), seed=3) == one


def quartic_limits(lost, gained, pairs):
    """Tango's limits as roots of a quartic: the score equation squared twice, solved by numpy.

    Yang, Sun and Hardin (2013), Statistics in Medicine 32, derive the same polynomial.
    """
    z2 = stats.norm.ppf(0.975) ** 2
    d = np.polynomial.Polynomial([0, 1])
    b = (2 * pairs - lost + gained) * d - lost - gained
    inner = b**2 + 8 * pairs * gained * d * (1 - d)
    # (lost - gained - pairs d)^2 = z2 ((sqrt(inner) - b) / 2 + pairs d (1 - d)), solved for sqrt(inner).
    left = (lost - gained - pairs * d) ** 2 * 2 / z2 + b - 2 * pairs * d * (1 - d)
    roots = (left**2 - inner).roots()
    real = np.sort(roots[np.abs(roots.imag) < 1e-6].real)
    return real[left(real) >= 0]  # the others came with the squaring


@pytest.mark.parametrize(("lost", "gained", "pairs"), [(3, 1, 100), (9, 0, 200), (2, 7, 50), (1, 4, 30)])
def test_few_flips_give_tangos_interval(lost, gained, pairs):
    estimate = drop(*flips(lost, gained, pairs - lost - gained))
    assert (estimate.low, estimate.high) == pytest.approx(quartic_limits(lost, gained, pairs), abs=1e-6)


def test_tango_published():
    """Bentur et al. (2009): 1 and 7 of 21; Fagerland, Lydersen and Laake (2014) give -0.517 to -0.026."""
    estimate = drop(*flips(1, 7, 13))
    assert (estimate.low, estimate.high) == pytest.approx((-0.517, -0.026), abs=5e-4)


@pytest.mark.parametrize("pairs", [1, 20, 200])
def test_no_flips_is_not_certainty(pairs):
    z2 = stats.norm.ppf(0.975) ** 2
    estimate = drop(*flips(0, 0, pairs))
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx(
        (0, -z2 / (pairs + z2), z2 / (pairs + z2)), abs=1e-9
    )


def test_all_flips_is_not_certainty():
    z2 = stats.norm.ppf(0.975) ** 2
    estimate = drop(*flips(100, 0, 0))
    assert (estimate.value, estimate.high) == (1, 1)
    assert estimate.low == pytest.approx((100 - z2) / (100 + z2), abs=1e-9)
    assert drop(*flips(0, 100, 0)).low == -1


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 6)), min_size=1, max_size=60))
def test_a_drop_lies_in_its_interval(rows):
    clean, under, clusters = zip(*rows, strict=True)
    for estimate in (drop(clean, under), drop(clean, under, clusters)):
        assert -1 <= estimate.low <= estimate.value + 1e-9
        assert estimate.value - 1e-9 <= estimate.high <= 1
        assert estimate.low < estimate.high


def test_pairs_must_pair():
    with pytest.raises(ValueError, match="do not pair"):
        drop([True], [True, False])
    with pytest.raises(ValueError, match="clusters"):
        drop([True], [True], ["a", "b"])
    with pytest.raises(ValueError, match="one value a row"):
        accuracy([[True]])


@pytest.mark.parametrize(("lose", "gain"), [(0.10, 0.03), (0.30, 0.02), (0.04, 0.01), (0.05, 0.05)])
def test_coverage_of_drop(monkeypatch, lose, gain):
    monkeypatch.setattr(estimates, "RESAMPLES", 2000)
    rng = np.random.default_rng(12)
    covered = 0
    known = {}
    for lost, gained, kept in rng.multinomial(200, [lose, gain, 1 - lose - gain], size=1500):
        if (lost, gained) not in known:
            known[lost, gained] = drop(*flips(lost, gained, kept))
        estimate = known[lost, gained]
        covered += estimate.low <= lose - gain <= estimate.high
    assert 0.93 <= covered / 1500 <= 0.97


def test_coverage_of_clustered_drop(monkeypatch):
    """Each of 200 examples has its own fragility and three rows; rows taken as independent fail."""
    monkeypatch.setattr(estimates, "RESAMPLES", 1000)
    rng = np.random.default_rng(13)
    clusters = np.repeat(np.arange(200), 3).tolist()
    truth = 0.9 * 0.25 * 0.8
    covered = naive = 0
    for _ in range(1000):
        clean = np.repeat(rng.random(200) < 0.9, 3)
        fragile = np.repeat(rng.random(200) < 0.25, 3)
        under = clean & ~(fragile & (rng.random(600) < 0.8))
        estimate, alone = drop(clean, under, clusters), drop(clean, under)
        covered += estimate.low <= truth <= estimate.high
        naive += alone.low <= truth <= alone.high
    assert 0.93 <= covered / 1000 <= 0.97
    assert naive / 1000 < 0.85


def test_nothing_to_estimate_from():
    assert math.isnan(drop([], []).value)
    assert (drop([], []).low, drop([], []).high) == (-1, 1)
    assert mcnemar([], []) == 1


@pytest.mark.parametrize(("lost", "gained"), [(22, 6), (3, 3), (1, 0), (0, 0), (400, 340)])
def test_one_row_an_example_is_the_plain_test(lost, gained):
    clean, under = flips(lost, gained, 50)
    expected = stats.binomtest(lost, lost + gained).pvalue if lost else 1.0
    assert mcnemar(clean, under, list(range(len(clean)))) == pytest.approx(expected, abs=1e-9)


def test_clustered_mcnemar_against_scipy_permutations():
    """Every one of the 2^12 assignments of signs to examples."""
    rng = np.random.default_rng(4)
    clusters = np.repeat(np.arange(12), 3)
    clean = rng.random(36) < 0.9
    under = clean & (rng.random(12)[clusters] < 0.6) | (rng.random(36) < 0.1)
    net = np.bincount(clusters, weights=clean.astype(float) - under)
    expected = stats.permutation_test(
        (net, np.zeros(12)), lambda a, b: np.sum(a - b), permutation_type="samples", n_resamples=np.inf
    ).pvalue
    assert mcnemar(clean, under, clusters.tolist()) == pytest.approx(expected, abs=1e-9)


def test_copies_do_not_lower_p():
    clean, under = flips(12, 4, 60)
    copied = mcnemar(np.tile(clean, 3), np.tile(under, 3), list(range(76)) * 3)
    assert copied == pytest.approx(mcnemar(clean, under))
    assert mcnemar(np.tile(clean, 3), np.tile(under, 3)) < copied / 10
