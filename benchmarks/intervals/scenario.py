"""A figure of samples from a model whose truth is known, and how often its interval holds that truth."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from audits.statistics import Estimate

#: The aim, in shares of the simulated samples.
AIM = (0.93, 0.97)


@dataclass(frozen=True)
class Scenario:
    """One figure of samples of one model. `draw` gives the truth, which may be drawn too, and the estimate.

    Few outcomes are possible where hardly any answer is wrong, and then the coverage of any interval jumps
    up and down as the truth moves by a hair (Brown, Cai and DasGupta 2001, "Interval estimation for a
    binomial proportion", Statistical Science 16). Such models are drawn from a range, so that what counts is
    the mean over it. An interval is `one_sided` where one side cannot be missed, be it that the truth is the
    least that is possible (a calibrated model's error) or that no interval of this confidence excludes a
    truth of which a sample often shows nothing; nominal is then 97.5 % or more.
    """

    figure: str
    model: str
    draw: Callable[[Generator], tuple[float, Estimate]]
    one_sided: bool = False
    slow: bool = False

    def meets(self, covered: float) -> bool:
        """Whether so much coverage, to the tenth of a percent shown, is what the interval promises."""
        covered = round(covered, 3)
        return AIM[0] <= covered and (self.one_sided or covered <= AIM[1])


@dataclass(frozen=True)
class Coverage:
    """Shares of samples whose interval holds the truth, lies wholly above it, and wholly below it.

    `truth` is the mean of the truths drawn.
    """

    covered: float
    above: float
    below: float
    samples: int
    truth: float

    @property
    def error(self) -> float:
        """The standard error of `covered`."""
        return math.sqrt(self.covered * (1 - self.covered) / self.samples)


def coverage(scenario: Scenario, samples: int, seed: int = 0) -> Coverage:
    """Draws so many samples and asks each one's interval."""
    rng = np.random.default_rng(seed)
    above = below = 0
    truths = 0.0
    for _ in range(samples):
        truth, found = scenario.draw(rng)
        truths += truth
        above += truth < found.low - 1e-12
        below += truth > found.high + 1e-12
    return Coverage(
        1 - (above + below) / samples, above / samples, below / samples, samples, truths / samples
    )
