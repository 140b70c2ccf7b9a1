"""How often do the intervals cover the truth? Simulated from models whose truth is known.

Nominal is 95 %; between 93 and 97 % is the aim. Both sides are counted, for a gate hangs on one of them:
a model that is exactly at its limit passes when the interval lies wholly on the good side.
"""

import math
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from audits import statistics
from audits.statistics import Estimate

TITLE = "Coverage of the intervals"
#: The aim, in shares of the simulated samples.
AIM = (0.93, 0.97)


@dataclass(frozen=True)
class Scenario:
    """One figure of samples drawn from one model; `truth` is what the figure would be without end.

    An interval that is one-sided by its nature (a calibrated model's error cannot be below 0) covers more.
    """

    figure: str
    model: str
    truth: float
    draw: Callable[[Generator], Estimate]
    one_sided: bool = False


@dataclass(frozen=True)
class Coverage:
    """Shares of samples whose interval holds the truth, lies wholly above it, and wholly below it."""

    covered: float
    above: float
    below: float
    samples: int

    @property
    def error(self) -> float:
        """The standard error of `covered`."""
        return math.sqrt(self.covered * (1 - self.covered) / self.samples)


def coverage(scenario: Scenario, samples: int, seed: int = 0) -> Coverage:
    """Draws so many samples and asks each one's interval."""
    rng = np.random.default_rng(seed)
    above = below = 0
    for _ in range(samples):
        found = scenario.draw(rng)
        above += scenario.truth < found.low - 1e-12
        below += scenario.truth > found.high + 1e-12
    return Coverage(1 - (above + below) / samples, above / samples, below / samples, samples)


def scenarios() -> Iterator[Scenario]:
    """Every figure that carries an interval, in usual and in awkward samples."""
    for rate, count in ((0.88, 200), (0.97, 100)):
        yield Scenario(
            "rate (accuracy, recall, success)",
            f"{rate:.0%} of {count}",
            rate,
            lambda rng, rate=rate, count=count: statistics.accuracy(rng.random(count) < rate),  # type: ignore[misc]
        )
    yield Scenario(
        "rate, three rows an example", "fragile examples, 100", 0.9 - 0.9 * 0.25 * 0.8, _clustered_rate
    )
    for lost, gained, count in ((0.2, 0.03, 200), (0.04, 0.01, 200), (0.01, 0.0, 150)):
        yield Scenario(
            "drop",
            f"{lost:.0%} lost, {gained:.0%} gained of {count}",
            lost - gained,
            lambda rng, shares=(lost, gained, count): _drop(rng, *shares),  # type: ignore[misc]
        )
    yield Scenario("drop, three seeds an example", "fragile examples, 150", 0.9 * 0.25 * 0.8, _clustered_drop)
    yield Scenario("mean shift of a probability", "skewed, 40", 2 / 7 - 0.2, _shift)
    for prior, right, count in (
        ((0.5, 0.5), (0.9, 0.85), 200),
        ((0.5, 0.5), (0.99, 0.98), 200),
        ((0.7, 0.2, 0.06, 0.04), (0.95, 0.8, 0.7, 0.6), 300),
        ((0.05,) * 20, (0.85,) * 20, 400),
    ):
        yield _macro_f1(prior, right, count)
    for slope, count in ((1.0, 300), (0.95, 300), (0.6, 100), (0.6, 1000)):
        yield from _of_probabilities(slope, count)
    yield Scenario("robustness score", "five severities, 150", _true_area(), _area)
    yield Scenario("queries a text", "log-normal, 60", math.exp(4 + 0.7**2 / 2), _queries)


def _clustered_rate(rng: Generator) -> Estimate:
    clusters = np.repeat(np.arange(100), 3)
    fragile = (rng.random(100) < 0.25)[clusters]
    right = (rng.random(100) < 0.9)[clusters] & ~(fragile & (rng.random(300) < 0.8))
    return statistics.accuracy(right, clusters.tolist())


def _drop(rng: Generator, lost: float, gained: float, count: int) -> Estimate:
    return _drop_of(*map(int, rng.multinomial(count, [lost, gained, 1 - lost - gained])))


@cache
def _drop_of(lost: int, gained: int, kept: int) -> Estimate:
    before, after = np.repeat([1, 0, 1], [lost, gained, kept]), np.repeat([0, 1, 1], [lost, gained, kept])
    return statistics.drop(before, after)


def _clustered_drop(rng: Generator) -> Estimate:
    clusters = np.repeat(np.arange(150), 3)
    clean = (rng.random(150) < 0.9)[clusters]
    fragile = (rng.random(150) < 0.25)[clusters]
    return statistics.drop(clean, clean & ~(fragile & (rng.random(450) < 0.8)), clusters.tolist())


def _shift(rng: Generator) -> Estimate:
    return statistics.mean(rng.beta(2, 5, 40) - 0.2)


def _macro_f1(prior: tuple[float, ...], right: tuple[float, ...], count: int) -> Scenario:
    """Errors fall on the other labels alike."""
    labels = len(prior)
    others = (1 - np.array(right)) / (labels - 1)
    table = (
        np.where(np.eye(labels) == 1, np.array(right)[:, None], others[:, None]) * np.array(prior)[:, None]
    )
    truth = float(np.mean(2 * np.diag(table) / (table.sum(axis=0) + table.sum(axis=1))))

    def draw(rng: Generator) -> Estimate:
        cells = np.repeat(np.arange(labels**2), rng.multinomial(count, table.ravel() / table.sum()))
        return statistics.macro_f1(cells // labels, cells % labels, labels)

    shares = f"{labels} labels, {min(right):.0%} to {max(right):.0%} right, {count}"
    return Scenario("macro F1", shares, truth, draw)


def _confident(rng: Generator, slope: float, count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Confidences of a fine-tuned model, mostly near 1, and the chance with which each answer is right."""
    confidence = 0.5 + 0.5 * rng.beta(3, 0.8, count)
    return confidence, 0.5 + slope * (confidence - 0.5)


def _of_probabilities(slope: float, count: int) -> Iterator[Scenario]:
    """Scores of a model whose confidence above one half is worth `slope` of itself; 1 is calibrated."""
    confidence, chance = _confident(np.random.default_rng(99), slope, 2_000_000)
    doubt = np.log1p(
        -confidence, where=confidence < 1, out=np.full_like(confidence, np.log(np.finfo(float).eps))
    )
    named = "calibrated" if slope == 1 else f"confidence worth {slope:.0%}"
    truths = {
        "Brier score": float(np.mean(chance * (1 - confidence) ** 2 + (1 - chance) * confidence**2)),
        "log loss": float(np.mean(-chance * np.log(confidence) - (1 - chance) * doubt)),
        "calibration error": float(np.mean(confidence - chance)),
    }
    functions = {
        "Brier score": statistics.brier,
        "log loss": statistics.log_loss,
        "calibration error": statistics.calibration_error,
    }
    for figure, truth in truths.items():

        def draw(rng: Generator, measured: Callable[..., Estimate] = functions[figure]) -> Estimate:
            confidence, chance = _confident(rng, slope, count)
            right = rng.random(count) < chance
            return measured(np.stack([confidence, 1 - confidence], axis=1), np.where(right, 0, 1))

        yield Scenario(figure, f"{named}, {count}", truth, draw, figure == "calibration error" and slope == 1)


#: Shares edited at each severity, and the rate at which answers break with them.
_EDITED, _BREAKING = np.array([0.0, 0.02, 0.05, 0.1, 0.15, 0.2]), 4.0


def _area(rng: Generator) -> Estimate:
    """Each example breaks for good at a share of its own, and its edits differ from the others'."""
    edited = _EDITED * rng.uniform(0.6, 1.4, (150, 1))
    right = (rng.random((150, 1)) < 0.92) & (edited < rng.exponential(1 / _BREAKING, (150, 1)))
    return statistics.robustness(right, edited)


def _true_area() -> float:
    """The mean of exp(-4 e u) over u from 0.6 to 1.4, at each severity, under the trapezoids."""
    steps = _BREAKING * _EDITED[1:]
    kept = np.concatenate([[1.0], (np.exp(-0.6 * steps) - np.exp(-1.4 * steps)) / (0.8 * steps)])
    return float(0.92 * np.trapezoid(kept, _EDITED) / _EDITED[-1])


def _queries(rng: Generator) -> Estimate:
    return statistics.average(rng.lognormal(4, 0.7, 60))


def decided(samples: int, seed: int = 0) -> list[tuple[str, int, float]]:
    """What was asked, the examples that `statistics.power` names, and how often so many decide."""
    rng = np.random.default_rng(seed)
    found = []
    for rate, limit in ((0.92, 0.9), (0.85, 0.9), (0.96, 0.94)):
        count = statistics.examples_for_rate(rate, limit) or 0
        hits = rng.binomial(count, rate, samples)
        known = {int(one): statistics.accuracy(np.arange(count) < one) for one in np.unique(hits)}
        share = np.mean([known[int(one)].low > limit or known[int(one)].high < limit for one in hits])
        found.append((f"accuracy {rate:.0%} against {limit:.0%}", count, float(share)))
    for lost, gained, limit in ((0.06, 0.02, 0.1), (0.08, 0.03, 0.0), (0.004, 0.0, 0.03)):
        count = statistics.examples_for_drop(lost, gained, limit) or 0
        drops = [_drop(rng, lost, gained, count) for _ in range(samples)]
        share = np.mean([one.low > limit or one.high < limit for one in drops])
        found.append(
            (f"drop of {lost - gained:.1%} ({lost:.1%} lost) against {limit:.0%}", count, float(share))
        )
    return found


def options(parser: ArgumentParser) -> None:
    """How many samples."""
    parser.add_argument("--samples", type=int, default=4000, help="how many samples of each model")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Simulates every scenario and the sizes that power names."""
    rows, outside = [], 0
    for scenario in scenarios():
        began = time.perf_counter()
        found = coverage(scenario, options.samples)
        spent = 1000 * (time.perf_counter() - began) / options.samples
        most = 0.985 if scenario.one_sided else AIM[1]
        inside = AIM[0] <= found.covered <= most
        outside += not inside
        shown = f"{found.covered:.1%}" if inside else f"**{found.covered:.1%}**"
        note = " (one-sided)" if scenario.one_sided else ""
        rows.append(
            f"| {scenario.figure} | {scenario.model}{note} | {scenario.truth:.4g} | {shown} "
            f"| {found.above:.1%} | {found.below:.1%} | {spent:.2f} |"
        )
        say(rows[-1])
    sizes = [f"| {what} | {count:,} | {share:.0%} |" for what, count, share in decided(options.samples)]
    error = math.sqrt(0.95 * 0.05 / options.samples)
    return "\n".join(
        [
            f"Nominal 95 %, {options.samples:,} samples each (standard error {error:.1%}): "
            f"{len(rows) - outside} of {len(rows)} cover between {AIM[0]:.0%} and {AIM[1]:.0%} of the truths",
            "(one-sided intervals: up to 98.5 %).",
            "",
            "`too high` counts intervals wholly above the truth: for a figure of which more is better,",
            "how often a model exactly at its limit would pass; `too low`: for one of which less is better.",
            "",
            "| figure | model and sample size | truth | covered | too high | too low | ms |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            "Examples that it takes until the interval clears a limit, asked for with a power of 80 %,",
            "and how often so many did:",
            "",
            "| truth and limit | examples | decided |",
            "|---|---|---|",
            *sizes,
        ]
    )
