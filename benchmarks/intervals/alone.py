"""The figures of one audit: rates, drops, scores, curves, and what its attacks did."""

import math
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from audits import statistics
from audits.statistics import Estimate
from benchmarks.intervals.scenario import Scenario


def scenarios() -> Iterator[Scenario]:
    """Every figure of one audit that carries an interval, in usual and in awkward samples."""
    yield from _rates()
    yield from _drops()
    for prior, right, count in (
        ((0.5, 0.5), (0.9, 0.85), 200),
        ((0.5, 0.5), (0.99, 0.98), 200),
        ((0.7, 0.2, 0.06, 0.04), (0.95, 0.8, 0.7, 0.6), 300),
        ((0.05,) * 20, (0.85,) * 20, 400),
    ):
        yield _macro_f1(prior, right, count)
    for slope, count in ((1.0, 300), (0.95, 300), (0.6, 100), (0.6, 1000)):
        yield from _of_probabilities(slope, count)
    yield from _sure()
    yield Scenario("robustness", "five severities, 150", lambda rng: (true_area(0.92, 4), _area(rng)))
    yield Scenario(
        "queries",
        "log-normal, 60",
        lambda rng: (math.exp(4 + 0.7**2 / 2), _average(rng.lognormal(4, 0.7, 60))),
    )
    yield Scenario("words_changed", "1 to 4 of 8 to 30 words, 50", _words)


def _rates() -> Iterator[Scenario]:
    """Rates, the denominators of which are given or drawn too."""
    every = "rate (accuracy, success, flip_rate, ...)"
    for low, high, count in ((0.86, 0.9, 200), (0.95, 0.99, 100)):

        def rate(
            rng: Generator, low: float = low, high: float = high, count: int = count
        ) -> tuple[float, Estimate]:
            true = rng.uniform(low, high)
            return true, statistics.accuracy(rng.random(count) < true)

        yield Scenario(every, f"{low:.0%} to {high:.0%} of {count}", rate)
    yield Scenario(f"{every}, three rows an example", "fragile examples, 100", _clustered_rate)
    yield Scenario("recall, lost, success (of some)", "80% to 95% of some 15% of 300", _conditional_rate)
    yield Scenario("gained, three rows an example", "20% of some 10% of 200", _gained)


def _clustered_rate(rng: Generator) -> tuple[float, Estimate]:
    clusters = np.repeat(np.arange(100), 3)
    fragile = (rng.random(100) < 0.25)[clusters]
    right = (rng.random(100) < 0.9)[clusters] & ~(fragile & (rng.random(300) < 0.8))
    return 0.9 - 0.9 * 0.25 * 0.8, statistics.accuracy(right, clusters.tolist())


def _conditional_rate(rng: Generator) -> tuple[float, Estimate]:
    true = rng.uniform(0.8, 0.95)
    return true, statistics.accuracy(rng.random(rng.binomial(300, 0.15)) < true)


def _gained(rng: Generator) -> tuple[float, Estimate]:
    """Of the examples that are wrong unchanged some are put right by nearly every draw, others by few."""
    wrong = rng.binomial(200, 0.1)
    chance = np.where(rng.random((wrong, 1)) < 0.2, 0.8, 0.05)
    right = rng.random((wrong, 3)) < chance
    return 0.2 * 0.8 + 0.8 * 0.05, statistics.accuracy(right.ravel(), np.repeat(np.arange(wrong), 3).tolist())


def _drops() -> Iterator[Scenario]:
    for lost, gained, count in ((0.2, 0.03, 200), (0.04, 0.01, 200)):

        def drawn(
            rng: Generator, shares: tuple[float, float, int] = (lost, gained, count)
        ) -> tuple[float, Estimate]:
            return shares[0] - shares[1], drop(rng, *shares)

        yield Scenario("drop", f"{lost:.0%} lost, {gained:.0%} gained of {count}", drawn)
    yield Scenario(
        "drop", "1% to 5% lost, none gained of 150", lambda rng: _hardly(rng, rng.uniform(0.01, 0.05))
    )
    yield Scenario("drop", "1% lost, none gained of 150", lambda rng: _hardly(rng, 0.01), one_sided=True)
    yield Scenario("drop, three seeds an example", "fragile examples, 150", _clustered_drop, slow=True)
    yield Scenario("drop_if_changed", "15% lost of some 30% of 200", _if_changed)
    yield Scenario("mean shift of a probability", "skewed, 40", _shift, slow=True)


def drop(rng: Generator, lost: float, gained: float, count: int) -> Estimate:
    """The drop of a sample of which such shares are lost and gained."""
    return drop_of(*map(int, rng.multinomial(count, [lost, gained, 1 - lost - gained])))


@cache
def drop_of(lost: int, gained: int, kept: int) -> Estimate:
    """The drop of so many pairs."""
    before, after = np.repeat([1, 0, 1], [lost, gained, kept]), np.repeat([0, 1, 1], [lost, gained, kept])
    return statistics.drop(before, after)


def _hardly(rng: Generator, lost: float) -> tuple[float, Estimate]:
    return lost, drop(rng, lost, 0.0, 150)


def _clustered_drop(rng: Generator) -> tuple[float, Estimate]:
    clusters = np.repeat(np.arange(150), 3)
    clean = (rng.random(150) < 0.9)[clusters]
    fragile = (rng.random(150) < 0.25)[clusters]
    after = clean & ~(fragile & (rng.random(450) < 0.8))
    return 0.9 * 0.25 * 0.8, statistics.drop(clean, after, clusters.tolist())


def _if_changed(rng: Generator) -> tuple[float, Estimate]:
    return 0.15 - 0.03, drop(rng, 0.15, 0.03, int(rng.binomial(200, 0.3)))


def _shift(rng: Generator) -> tuple[float, Estimate]:
    return 2 / 7 - 0.2, statistics.mean(rng.beta(2, 5, 40) - 0.2)


def _macro_f1(prior: tuple[float, ...], right: tuple[float, ...], count: int) -> Scenario:
    """Errors fall on the other labels alike."""
    labels = len(prior)
    others = (1 - np.array(right)) / (labels - 1)
    table = (
        np.where(np.eye(labels) == 1, np.array(right)[:, None], others[:, None]) * np.array(prior)[:, None]
    )

    def draw(rng: Generator) -> tuple[float, Estimate]:
        cells = np.repeat(np.arange(labels**2), rng.multinomial(count, table.ravel() / table.sum()))
        return true_f1(table), statistics.macro_f1(cells // labels, cells % labels, labels)

    shares = f"{labels} labels, {min(right):.0%} to {max(right):.0%} right, {count}"
    return Scenario("macro_f1", shares, draw)


def true_f1(table: NDArray[np.float64]) -> float:
    """Macro F1 of a table of shares: a row for each true label, a column for each answer."""
    return float(np.mean(2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))))


def confident(rng: Generator, slope: float, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidences of a fine-tuned model, mostly near 1, and the chance with which each answer is right."""
    confidence = 0.5 + 0.5 * rng.beta(3, 0.8, count)
    return confidence, 0.5 + slope * (confidence - 0.5)


def _of_probabilities(slope: float, count: int) -> Iterator[Scenario]:
    """Scores of a model whose confidence above one half is worth `slope` of itself; 1 is calibrated."""
    confidence, chance = confident(np.random.default_rng(99), slope, 2_000_000)
    doubt = np.log1p(
        -confidence, where=confidence < 1, out=np.full_like(confidence, np.log(np.finfo(float).eps))
    )
    named = "calibrated" if slope == 1 else f"confidence worth {slope:.0%}"
    truths = {
        "brier": float(np.mean(chance * (1 - confidence) ** 2 + (1 - chance) * confidence**2)),
        "log_loss": float(np.mean(-chance * np.log(confidence) - (1 - chance) * doubt)),
        "calibration_error": float(np.mean(confidence - chance)),
    }
    functions = {
        "brier": statistics.brier,
        "log_loss": statistics.log_loss,
        "calibration_error": statistics.calibration_error,
    }
    for figure, truth in truths.items():

        def draw(
            rng: Generator, truth: float = truth, measured: Callable[..., Estimate] = functions[figure]
        ) -> tuple[float, Estimate]:
            confidence, chance = confident(rng, slope, count)
            right = rng.random(count) < chance
            return truth, measured(np.stack([confidence, 1 - confidence], axis=1), np.where(right, 0, 1))

        one_sided = figure == "calibration_error" and slope == 1
        yield Scenario(figure, f"{named}, {count}", draw, one_sided, slow=False)


def _sure() -> Iterator[Scenario]:
    """A model that is always sure, and wrong in 1 % to 5 %: many samples show hardly an error."""
    functions = {
        "brier": (statistics.brier, lambda wrong: wrong * 0.97**2 + (1 - wrong) * 0.03**2),
        "log_loss": (
            statistics.log_loss,
            lambda wrong: -wrong * math.log(0.03) - (1 - wrong) * math.log(0.97),
        ),
        "calibration_error": (statistics.calibration_error, lambda wrong: abs(wrong - 0.03)),
    }
    for figure, (measured, true) in functions.items():

        def draw(
            rng: Generator,
            measured: Callable[..., Estimate] = measured,
            true: Callable[[float], float] = true,
        ) -> tuple[float, Estimate]:
            wrong, sure = rng.uniform(0.01, 0.05), np.clip(rng.normal(0.97, 0.003, 60), 0.9, 0.999)
            scores = np.where(rng.random(60) >= wrong, [sure, 1 - sure], [1 - sure, sure]).T
            return true(wrong), measured(scores, np.zeros(60, dtype=int))

        yield Scenario(figure, "sure of 97%, wrong in 1% to 5%, 60", draw, one_sided=True)


#: Shares edited at each severity.
_EDITED = np.array([0.0, 0.02, 0.05, 0.1, 0.15, 0.2])


def edits(rng: Generator, count: int) -> NDArray[np.float64]:
    """The share of each text edited at each severity, which differs from text to text."""
    return _EDITED * rng.uniform(0.6, 1.4, (count, 1))


def _area(rng: Generator) -> Estimate:
    """Each example breaks for good at a share of its own, at a rate of 4."""
    edited = edits(rng, 150)
    right = (rng.random((150, 1)) < 0.92) & (edited < rng.exponential(1 / 4, (150, 1)))
    return statistics.robustness(right, edited)


def true_area(clean: float, breaking: float) -> float:
    """The mean of exp(-b e u) over u from 0.6 to 1.4, at each severity, under the trapezoids."""
    steps = breaking * _EDITED[1:]
    kept = np.concatenate([[1.0], (np.exp(-0.6 * steps) - np.exp(-1.4 * steps)) / (0.8 * steps)])
    return float(clean * np.trapezoid(kept, _EDITED) / _EDITED[-1])


def _average(values: NDArray[np.float64]) -> Estimate:
    return statistics.average(values)


def _words(rng: Generator) -> tuple[float, Estimate]:
    """The mean of a share: so many words on average, times the mean of one over a text's length."""
    changed, length = rng.integers(1, 5, 50), rng.integers(8, 31, 50)
    return 2.5 * float(np.mean(1 / np.arange(8, 31))), statistics.average(changed / length)
