"""What an audit could see: the smallest drop that its examples show, and the examples that would decide."""

import math

from audits import statistics
from audits.statistics import Estimate, SeedSpread


def detectable(examples: int, gained: float, seeds: SeedSpread | None) -> float | None:
    """The smallest drop whose interval lies above 0 in four audits of five, on so many examples.

    It hangs on the examples and on the share of answers that the test puts right (`gained`), not on the drop
    found. None where even the largest drop would not show.
    """
    return statistics.detectable_drop(int(independent(examples, seeds)), gained)


def independent(examples: int, seeds: SeedSpread | None) -> float:
    """As how many examples with one row each they count, drawn as often as they were.

    Drawing a noise again takes away its part of a drop's variance, never the sample's.
    """
    if seeds is None or not (seeds.noise or seeds.sampling):
        return examples
    once = seeds.sampling**2 + seeds.noise**2
    return examples * once / (seeds.sampling**2 + seeds.noise**2 / len(seeds.by_seed))


def needed(drop: Estimate, lost: int, gained: int, examples: int, seeds: SeedSpread | None) -> int | None:
    """How many examples would settle whether anything is lost, if the drop stays what it is.

    None where the interval settles it, or no number would.
    """
    if not drop.count or not drop.low <= 0.0 <= drop.high:
        return None
    if seeds is None:
        found = statistics.examples_for_drop(lost / drop.count, gained / drop.count, 0.0)
    else:
        # Several rows of an example say less than as many examples: the interval alone knows how much.
        rows = statistics.examples_for(drop, 0.0)
        found = None if rows is None else math.ceil(rows * examples / drop.count)
    return None if found is None else max(found, examples + 1)
