"""A figure with its interval, and what all intervals here have in common."""

from dataclasses import dataclass

from scipy import stats

CONFIDENCE = 0.95
#: Bootstrap resamples. The ends of an interval then move by about 1 % of its width from seed to seed.
RESAMPLES = 10_000
#: With fewer source examples that differ from the rest, the bootstrap gives way to the score interval.
ENOUGH_DIFFERENT = 10
#: With more source examples than this, a mean is normal enough to need no bootstrap.
ENOUGH_FOR_NORMAL = 300

#: So many standard errors lie between a normal estimate and either end of its interval.
Z = float(stats.norm.ppf((1 + CONFIDENCE) / 2))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, the interval that covers its true value with `confidence`, and the rows behind it.

    Rates and drops are shares: 0.82, not 82.
    """

    value: float
    low: float
    high: float
    count: int
    confidence: float = CONFIDENCE
