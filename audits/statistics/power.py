"""How many examples it takes to decide, and how small a loss a sample can still show.

An interval *clears* a limit when both its ends lie on the same side of it. Each function answers for the
truth given: if rates and drops really are what was seen so far, so many examples will, with probability
`power`, give an interval that clears the limit. None where no number of examples would.
"""

import math

import numpy as np
from scipy import optimize, stats

from audits.statistics.drops import variance_under
from audits.statistics.estimates import CONFIDENCE, Estimate

POWER = 0.8
#: Up to so many examples the power of a rate is counted out exactly; beyond, the normal one is as good.
EXACT = 50_000
#: Where fewer pairs are expected to flip, the power of a drop is counted out exactly.
FEW_FLIPS = 60
#: A figure that lies so near to its limit is on it: some 10¹⁸ examples would tell them apart.
ON_THE_LIMIT = 1e-9


def examples_for_rate(
    rate: float, limit: float, confidence: float = CONFIDENCE, power: float = POWER
) -> int | None:
    """How many examples make the Wilson interval of a rate clear `limit`, if `rate` is the true one.

    Wilson's interval clears a limit exactly where the score test rejects it, so the power is a binomial
    tail. It is jagged in the number of examples; the answer is where it stays at `power` or above.
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, section 2.5, is the start.
    """
    _check(confidence, power)
    if not (0 <= rate <= 1 and 0 <= limit <= 1):
        raise ValueError(f"a rate and its limit lie between 0 and 1: {rate}, {limit}")
    if abs(rate - limit) < ON_THE_LIMIT:
        return None
    if rate < limit:  # the mirror image
        rate, limit = 1 - rate, 1 - limit
    reach = float(stats.norm.ppf((1 + confidence) / 2))
    spreads = math.sqrt(limit * (1 - limit)), math.sqrt(rate * (1 - rate))
    start = _normal(rate - limit, spreads, confidence, power)
    if start > EXACT:
        return start
    counts = np.arange(1, 2 * start + 100)
    # The fewest hits whose interval lies above the limit.
    hits = np.floor(counts * limit + reach * spreads[0] * np.sqrt(counts) + 1e-9) + 1
    reached = stats.binom.sf(hits - 1, counts, rate) >= power
    missed = np.flatnonzero(~reached)
    return int(counts[missed[-1]]) + 1 if len(missed) else 1


def examples_for_drop(
    lost: float,
    gained: float,
    limit: float,
    confidence: float = CONFIDENCE,
    power: float = POWER,
) -> int | None:
    """How many pairs make the interval of a drop clear `limit`, if these are the true shares.

    `lost` of the pairs go from right to wrong, `gained` the other way: under a test, or from one model to
    another. One row a source example is assumed; rows that repeat an example add less than new ones do.
    Connor (1987), "Sample size for testing differences in proportions for the paired-sample design",
    Biometrics 43, with Tango's variance at the limit, as the score interval has it.
    """
    _check(confidence, power)
    if not (lost >= 0 and gained >= 0 and lost + gained <= 1 + 1e-9 and -1 <= limit <= 1):
        raise ValueError(f"shares of pairs and a limit are expected: {lost}, {gained}, {limit}")
    drop = lost - gained
    if abs(drop - limit) < ON_THE_LIMIT:
        return None
    spread = math.sqrt(max(lost + gained - drop * drop, 0.0))
    # Where many pairs flip the bootstrap serves, which knows no limit; the wider of the two is asked for.
    spread_at_limit = max(math.sqrt(float(variance_under(limit, lost, gained))), spread)
    pairs = _normal(drop - limit, (spread_at_limit, spread), confidence, power)
    while pairs * (lost + gained) < FEW_FLIPS and _chance(pairs, lost, gained, limit, confidence) < power:
        pairs = math.ceil(1.02 * pairs)
    return pairs


def _chance(pairs: int, lost: float, gained: float, limit: float, confidence: float) -> float:
    """How probable a score interval on the right side of `limit` is, every outcome counted."""
    reach = float(stats.norm.ppf((1 + confidence) / 2))
    away = np.arange(stats.binom.isf(1e-9, pairs, lost) + 1)[:, None]
    back = np.arange(stats.binom.isf(1e-9, pairs, gained) + 1)[None, :]
    chances = stats.binom.pmf(away, pairs, lost) * stats.binom.pmf(
        back, pairs - away, min(1.0, gained / (1 - lost)) if lost < 1 else 0.0
    )
    spread = np.sqrt(np.maximum(variance_under(limit, away / pairs, back / pairs), 1e-300))
    gap = ((away - back) / pairs - limit) * math.sqrt(pairs) / spread
    return float(chances[gap > reach if lost - gained > limit else gap < -reach].sum())


def examples_for(estimate: Estimate, limit: float, power: float = POWER) -> int | None:
    """How many examples make the interval of any figure clear `limit`, if its value is the true one.

    Taken from the interval there is: it shrinks with the root of the number of examples, on the side
    that faces the limit. For rates and drops the functions above are nearer to the truth.
    """
    _check(estimate.confidence, power)
    gap = estimate.value - limit
    if not estimate.count or not math.isfinite(gap) or abs(gap) < ON_THE_LIMIT:
        return None
    reach = estimate.value - estimate.low if gap > 0 else estimate.high - estimate.value
    z = float(stats.norm.ppf((1 + estimate.confidence) / 2))
    error = reach / z * math.sqrt(estimate.count)
    return _normal(gap, (error, error), estimate.confidence, power)


def detectable_drop(
    examples: int, gained: float = 0.0, confidence: float = CONFIDENCE, power: float = POWER
) -> float | None:
    """The smallest true drop that so many pairs show (interval above 0) with probability `power`.

    `gained` is the share of pairs that go from wrong to right besides. None where the sample is too small to
    show even the largest drop.
    """
    _check(confidence, power)
    if examples < 0 or not 0 <= gained <= 1:
        raise ValueError(f"a number of pairs and a share of them are expected: {examples}, {gained}")
    most = 1 - 2 * gained

    def missing(drop: float) -> float:
        spread = math.sqrt(max(drop + 2 * gained - drop * drop, 0.0))
        at_limit = max(math.sqrt(float(variance_under(0.0, drop + gained, gained))), spread)
        return _reach((at_limit, spread), confidence, power) - drop * math.sqrt(examples)

    if most <= 0 or missing(most) > 0:
        return None
    return float(optimize.brentq(missing, 1e-9, most))


def _reach(spreads: tuple[float, float], confidence: float, power: float) -> float:
    """The distance, in standard errors of one example, from which a limit is cleared."""
    at_limit, at_truth = spreads
    return float(stats.norm.ppf((1 + confidence) / 2)) * at_limit + float(stats.norm.ppf(power)) * at_truth


def _normal(gap: float, spreads: tuple[float, float], confidence: float, power: float) -> int:
    """How many examples it takes where the figure is normal, with `spreads` at the limit and at the truth."""
    return max(1, math.ceil((_reach(spreads, confidence, power) / gap) ** 2 - 1e-9))


def _check(confidence: float, power: float) -> None:
    if not (0 < confidence < 1 and 0.5 <= power < 1):
        raise ValueError(f"a confidence and a power from 0.5 to below 1 are expected: {confidence}, {power}")
