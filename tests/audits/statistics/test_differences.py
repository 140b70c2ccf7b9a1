import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import f1_score

from audits.statistics import (
    difference,
    drop,
    gaps_by_bin,
    macro_f1_difference,
    success_difference,
)


def shares(sums):
    return sums[:, 0] / sums[:, 1]


def ratio(values):
    return np.stack([np.asarray(values, dtype=float), np.ones(len(values))], axis=1)


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def macro(truth, said, axis):
    """Macro F1 of two labels by its definition."""
    both = [((truth == label) & (said == label)).sum(axis=axis) for label in (0, 1)]
    either = [(truth == label).sum(axis=axis) + (said == label).sum(axis=axis) for label in (0, 1)]
    return sum(2 * hits / answers for hits, answers in zip(both, either, strict=True)) / 2


def test_the_error_is_that_of_scipys_paired_bootstrap(rng):
    truth = rng.integers(0, 2, 150)
    first = np.where(rng.random(150) < 0.8, truth, 1 - truth)
    second = np.where(rng.random(150) < 0.15, 1 - truth, first)
    found = macro_f1_difference(truth, first, second, 2)
    f1 = [f1_score(truth, said, average="macro") for said in (first, second)]
    assert found.value == pytest.approx(f1[1] - f1[0])

    def apart(true, before, after, axis):
        return macro(true, after, axis) - macro(true, before, axis)

    theirs = stats.bootstrap(
        (truth, first, second), apart, paired=True, n_resamples=3000, method="percentile",
        random_state=np.random.default_rng(1),
    ).standard_error  # fmt: skip
    reach = stats.t.ppf(0.975, 149) * theirs
    assert (found.low, found.high) == pytest.approx(
        (found.value - reach, found.value + reach), abs=0.06 * reach
    )


def test_of_shares_it_is_the_interval_of_a_drop(rng):
    first, second = rng.random(200) < 0.8, rng.random(200) < 0.7
    found = difference(ratio(first), ratio(second), shares)
    known = drop(second, first, seed=3)
    assert found.value == pytest.approx(known.value)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.011)


def test_few_changes_get_the_score_interval():
    first = np.arange(100) % 5 > 0
    second = first.copy()
    second[1:5] = False
    found, known = difference(ratio(first), ratio(second), shares), drop(second, first)
    assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))


def test_nothing_changed_still_has_a_width():
    same = ratio(np.ones(50))
    found = difference(same, same, shares)
    assert found.value == 0 and found.low < 0 < found.high


def test_rows_of_one_example_count_together(rng):
    first, second = rng.random(150) < 0.8, rng.random(150) < 0.6
    once = difference(ratio(first), ratio(second), shares)
    three_times = [ratio(np.repeat(one, 3)) for one in (first, second)]
    clusters = np.repeat(np.arange(150), 3).tolist()
    thrice = difference(three_times[0], three_times[1], shares, clusters)
    assert (thrice.low, thrice.high) == pytest.approx((once.low, once.high))


def test_few_changes_of_macro_f1_weigh_as_much_as_the_labels_do():
    """Each change counts as the mean square of 1 / (3 labels x share), not as that of the rarest label."""
    truth = np.repeat([0, 1, 2], [140, 50, 10])
    second = truth.copy()
    second[[0, 1, 145]] = [1, 1, 0]
    found = macro_f1_difference(truth, truth, second, 3)
    f1 = f1_score(truth, second, average="macro")
    assert found.value == pytest.approx(f1 - 1)
    weight = (200 / 140 + 200 / 50 + 200 / 10) / 9
    assert 1 < weight < 200 / 30
    # As three examples of which so many more fall than rise as make up the difference.
    fallen = -found.value * 200 / weight
    low, high = tango((3 - fallen) / 2, (3 + fallen) / 2, 200)
    assert (found.low, found.high) == pytest.approx((weight * low, weight * high), abs=1e-5)


def tango(up, down, pairs):
    """Tango's interval of (up - down) / pairs by looking at every difference on a grid."""
    grid = np.linspace(-0.2, 0.2, 400_001)
    b = 2 * pairs * grid - (up - down) * grid - up - down
    restricted = (np.sqrt(b**2 + 8 * pairs * down * grid * (1 - grid)) - b) / (4 * pairs)
    variance = 2 * restricted + grid * (1 - grid)
    inside = np.abs(up - down - pairs * grid) <= stats.norm.ppf(0.975) * np.sqrt(pairs * variance)
    return grid[inside][[0, -1]]


def test_success_is_among_those_that_could_be_attacked():
    could = np.arange(200) < 80
    won = (np.arange(200) < 40, np.arange(200) < 36)
    before, after = (np.stack([one, could], axis=1) for one in won)
    found = success_difference(before, after)
    assert found.value == pytest.approx(36 / 80 - 40 / 80)
    # Four of 80 decide, so the interval is that of so many pairs but for a little.
    known = drop(won[1][:80], won[0][:80])
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.005)
    assert np.isnan(success_difference(np.zeros((9, 2)), np.ones((9, 2))).value)


def test_gaps_by_bin_make_the_calibration_error():
    scores = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.45, 0.55]])
    gaps = gaps_by_bin(scores, [0, 1, 1, 0])
    # 0.6 (right) and 0.55 (wrong) share a bin.
    assert np.abs(gaps.sum(axis=0)).sum() / 4 == pytest.approx((0.1 + 0.8 + abs(0.4 - 0.55)) / 4)


def test_rows_that_do_not_pair_are_refused():
    with pytest.raises(ValueError, match="do not pair"):
        difference(ratio([1, 0]), ratio([1]), shares)
