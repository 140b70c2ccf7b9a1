"""Differences: of two audits on the rows that they share, of groups, and of samples that share nothing."""

from collections.abc import Iterator

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from audits import statistics
from audits.pairing import mean_difference
from audits.statistics import Estimate
from benchmarks.intervals.alone import confident, drop, edits, true_area, true_f1
from benchmarks.intervals.scenario import Scenario

Drawn = tuple[float, Estimate]


def scenarios() -> Iterator[Scenario]:
    """Every difference that a rule, a comparison or a report shows, in usual and in awkward samples."""
    for more, less, count in ((0.08, 0.05, 300), (0.06, 0.06, 200)):

        def accuracy(rng: Generator, shares: tuple[float, float, int] = (more, less, count)) -> Drawn:
            return shares[0] - shares[1], drop(rng, *shares)

        yield Scenario(
            "difference of accuracy, paired", f"{more:.0%} better, {less:.0%} worse of {count}", accuracy
        )
    yield Scenario("difference of accuracy, paired", "a near copy: 0.5% to 3% either way of 300", _copy)
    for prior, first, second, alike, count in (
        ((0.5, 0.5), (0.9, 0.85), (0.86, 0.84), (0.5, 0.8), 300),
        ((0.5, 0.5), (0.9, 0.9), (0.9, 0.9), (0.8, 0.99), 300),
        ((0.7, 0.2, 0.06, 0.04), (0.95, 0.8, 0.7, 0.6), (0.93, 0.75, 0.6, 0.6), (0.5, 0.8), 300),
        ((0.7, 0.2, 0.06, 0.04), (0.95, 0.8, 0.7, 0.6), (0.95, 0.8, 0.7, 0.6), (0.8, 0.99), 300),
    ):
        yield _macro_f1(np.array(prior), (np.array(first), np.array(second)), alike, count)
    for slopes, count in (((0.9, 0.6), 300), ((0.75, 0.7), 300), ((1.0, 0.9), 300)):
        yield _calibration(slopes, count)
    yield _calibration((0.95, 0.95), 300, one_sided=True)
    yield _brier(0.06)
    yield _brier(0.01)
    yield _failing("calibration error")
    yield _failing("Brier score")
    yield _success((0.6, 0.5), 200)
    yield _success((0.08, 0.05), 200)
    yield _robustness((4.0, 5.0), 0.7)
    yield _robustness((4.0, 4.0), 0.9)
    yield Scenario("difference of drops", "of 200, one draw", lambda rng: _drops(rng, 0.08, 1), slow=True)
    yield Scenario(
        "difference of drops",
        "near copies, of 200, three draws",
        lambda rng: _drops(rng, rng.uniform(0.005, 0.03), 3),
    )
    yield Scenario(
        "accuracy_gap", "6% against the group, 3% for it of 150, two texts a source", _accuracy_gap
    )
    yield Scenario("gap_change", "groups of 60 and 240, four draws", _gap_change, slow=True)
    yield Scenario(
        "gap between groups", "80% of 60, 88% of 240", lambda rng: _unpaired(rng, (0.8, 60), (0.88, 240))
    )
    yield Scenario(
        "difference of accuracy, not paired",
        "85% of 300, 90% of 200",
        lambda rng: _unpaired(rng, (0.85, 300), (0.9, 200)),
    )
    yield Scenario("difference of macro F1, not paired", "2 labels, 300 and 300", _unpaired_f1)


def _copy(rng: Generator) -> Drawn:
    share = rng.uniform(0.005, 0.03)
    return 0.0, drop(rng, share, share, 300)


def _macro_f1(
    prior: NDArray[np.float64],
    right: tuple[NDArray[np.float64], NDArray[np.float64]],
    alike: tuple[float, float],
    count: int,
) -> Scenario:
    """The second repeats the first's answer on a share of the examples, drawn from the range `alike`."""
    labels = len(prior)
    first, second = (
        np.where(np.eye(labels) == 1, one[:, None], ((1 - one) / (labels - 1))[:, None]) for one in right
    )

    def draw(rng: Generator) -> Drawn:
        same = rng.uniform(*alike)
        table = (1 - same) * first[:, :, None] * second[:, None, :]
        table[:, np.arange(labels), np.arange(labels)] += same * first
        table *= prior[:, None, None]
        cells = np.repeat(np.arange(labels**3), rng.multinomial(count, table.ravel() / table.sum()))
        truth, before, after = np.unravel_index(cells, table.shape)
        value = true_f1(table.sum(axis=1)) - true_f1(table.sum(axis=2))
        return value, statistics.macro_f1_difference(truth, before, after, labels)

    model = f"{labels} labels, {alike[0]:.0%} to {alike[1]:.0%} alike, {count}"
    return Scenario("difference of macro F1", model, draw)


def _calibration(slopes: tuple[float, float], count: int, one_sided: bool = False) -> Scenario:
    """Confidences that differ by little, each worth its own share of itself; one draw of luck for both."""

    def models(rng: Generator, count: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        sure, _ = confident(rng, 1.0, count)
        near = np.clip(sure + rng.normal(0, 0.01, count), 0.5, 1.0)
        return [(one, 0.5 + slope * (one - 0.5)) for one, slope in zip((sure, near), slopes, strict=True)]

    errors = [float(np.mean(sure - chance)) for sure, chance in models(np.random.default_rng(99), 1_000_000)]

    def draw(rng: Generator) -> Drawn:
        found, luck = models(rng, count), rng.random(count)
        # The answer stands first where it is right: then the truth is the same for both.
        before, after = (
            np.where(luck < chance, [sure, 1 - sure], [1 - sure, sure]).T for sure, chance in found
        )
        truth = np.zeros(count, dtype=int)
        return errors[1] - errors[0], statistics.calibration_difference(before, after, truth)

    model = f"confidence worth {slopes[0]:.0%} and {slopes[1]:.0%}, {count}"
    return Scenario("difference of calibration error", model, draw, one_sided)


def _brier(turned: float) -> Scenario:
    """A model beside a copy that is less sure by a random tenth and answers such a share otherwise."""

    def models(rng: Generator, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        sure, chance = confident(rng, 0.95, count)
        right, near = rng.random(count) < chance, np.clip(sure - 0.1 * rng.random(count), 0.5, 1.0)
        return _scores(right, sure), _scores(right ^ (rng.random(count) < turned), near)

    before, after = models(np.random.default_rng(99), 1_000_000)
    truth = np.zeros(len(before), dtype=int)
    true = statistics.brier(after, truth).value - statistics.brier(before, truth).value

    def draw(rng: Generator) -> Drawn:
        scores = models(rng, 320)
        return true, statistics.brier_difference(scores[0], scores[1], np.zeros(320, dtype=int))

    model = f"a less sure copy, {turned:.0%} of answers turned, 320"
    return Scenario("difference of Brier score", model, draw, one_sided=turned < 0.05, slow=False)


def _failing(score: str) -> Scenario:
    """A copy that fails on up to 3 % of the texts: many samples show no failure at all."""
    measured = {
        "calibration error": (statistics.calibration_difference, 1.0),
        "Brier score": (statistics.brier_difference, 0.95**2 - 0.05**2),
    }[score]

    def draw(rng: Generator) -> Drawn:
        failing, right = rng.uniform(0.005, 0.03), rng.random(100) < 0.9
        before, after = right, right & (rng.random(100) >= failing)
        near = rng.normal(0.95, 0.001, 100)
        found = measured[0](
            _scores(before, np.full(100, 0.95)), _scores(after, near), np.zeros(100, dtype=int)
        )
        return 0.9 * failing * measured[1], found

    model = "a copy that fails on 0.5% to 3%, 100"
    return Scenario(f"difference of {score}", model, draw, one_sided=True, slow=score == "Brier score")


def _scores(right: NDArray[np.bool_], sure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of two labels of which the first is the truth."""
    return np.where(right, [sure, 1 - sure], [1 - sure, sure]).T


def _success(rates: tuple[float, float], count: int) -> Scenario:
    """Each model can be attacked where it is right (88 %), mostly on the same texts."""

    def draw(rng: Generator) -> Drawn:
        right = rng.random(count) < 0.88
        rights = right, np.where(rng.random(count) < 0.9, right, rng.random(count) < 0.88)
        luck = rng.random(count)
        lucks = luck, np.where(rng.random(count) < 0.6, luck, rng.random(count))
        before, after = (
            np.stack([could & (one < rate), could], axis=1)
            for could, one, rate in zip(rights, lucks, rates, strict=True)
        )
        return rates[1] - rates[0], statistics.success_difference(before, after)

    return Scenario("difference of success", f"{rates[0]:.0%} and {rates[1]:.0%}, {count}", draw)


def _robustness(breaking: tuple[float, float], alike: float) -> Scenario:
    """Examples break in both at shares of their own, which are the same for the part `alike` of them."""
    truth = true_area(0.92, breaking[1]) - true_area(0.92, breaking[0])

    def draw(rng: Generator) -> Drawn:
        edited, right = edits(rng, 150), rng.random((150, 1)) < 0.92
        point = rng.exponential(1.0, (150, 1))
        points = point, np.where(rng.random((150, 1)) < alike, point, rng.exponential(1.0, (150, 1)))
        before, after = (
            statistics.robustness_columns(right & (edited < one / rate), edited)
            for one, rate in zip(points, breaking, strict=True)
        )
        return truth, statistics.difference(before, after, statistics.mean_accuracy)

    model = f"five severities, {alike:.0%} alike, 150"
    return Scenario("difference of robustness", model, draw)


def _drops(rng: Generator, differ: float, draws: int) -> Drawn:
    """Two models whose clean answers and answers under a noise differ on a share, either way."""
    clean = np.where(rng.random((200, 1)) < differ, rng.choice([-1, 1], (200, 1)), 0)
    fragile = np.where(rng.random((200, 1)) < 2 * differ, rng.choice([-1, 1], (200, 1)), 0)
    under = fragile * (rng.random((200, draws)) < 0.5)
    names = np.repeat(np.arange(200), draws).astype(str).tolist()
    return 0.0, mean_difference((clean - under).ravel().astype(float), names, 0)


def _accuracy_gap(rng: Generator) -> Drawn:
    """Two texts of each of 75 sources, which mostly turn together."""
    turned = rng.choice([1, -1, 0], 75, p=[0.03, 0.06, 0.91])
    both = np.stack(
        [turned, np.where(rng.random(75) < 0.7, turned, rng.choice([1, -1, 0], 75, p=[0.03, 0.06, 0.91]))]
    )
    names = np.tile(np.arange(75), 2).tolist()
    return -0.03, statistics.drop(both.ravel() > 0, both.ravel() < 0, names)


def _gap_change(rng: Generator) -> Drawn:
    drops = []
    for count, share in ((60, 0.3), (240, 0.2)):
        clean = rng.random((count, 1)) < 0.88
        fragile = rng.random((count, 1)) < share
        after = clean & ~(fragile & (rng.random((count, 4)) < 0.7))
        names = np.repeat(np.arange(count), 4).tolist()
        drops.append(statistics.drop(np.repeat(clean.ravel(), 4), after.ravel(), names))
    return 0.88 * 0.7 * (0.2 - 0.3), statistics.unpaired(drops[1], drops[0])


def _unpaired(rng: Generator, now: tuple[float, int], before: tuple[float, int]) -> Drawn:
    first, second = (statistics.accuracy(rng.random(count) < rate) for rate, count in (before, now))
    return now[0] - before[0], statistics.unpaired(second, first)


def _unpaired_f1(rng: Generator) -> Drawn:
    found, truths = [], []
    for right in (0.9, 0.84):
        truth = rng.random(300) < 0.4
        said = np.where(rng.random(300) < right, truth, ~truth)
        found.append(statistics.macro_f1(truth, said, 2))
        truths.append(true_f1(np.array([[0.6 * right, 0.6 * (1 - right)], [0.4 * (1 - right), 0.4 * right]])))
    return truths[1] - truths[0], statistics.unpaired(found[1], found[0])
