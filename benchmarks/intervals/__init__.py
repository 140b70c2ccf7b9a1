"""How often do the intervals cover the truth? Simulated from models whose truth is known.

Nominal is 95 %; between 93 and 97 % is the aim. Both sides are counted, for a gate hangs on one of them:
a model that is exactly at its limit passes when the interval lies wholly on the good side.
"""

import math
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator

import numpy as np

from audits import statistics
from benchmarks.intervals import alone, between
from benchmarks.intervals.scenario import AIM, Coverage, Scenario, coverage

__all__ = ["AIM", "TITLE", "Coverage", "Scenario", "coverage", "decided", "options", "run", "scenarios"]

TITLE = "Coverage of the intervals"

_READING = """
Where hardly any answer is wrong only few outcomes are possible, and the coverage of any interval jumps
up and down as the truth moves by a hair (Brown, Cai and DasGupta 2001, Statistical Science 16). There the
truth is drawn from a range, sample by sample, as in that paper's averages, and the column shows its mean.
`one-sided`: one side cannot be missed, because the truth is the least that is possible, or because a
sample often shows no change at all, which no interval of 95 % excludes; what can be expected is then
97.5 % or more, and more than 97 % is no fault.

`too high` counts intervals wholly above the truth: for a figure of which more is better, how often a
model exactly at its limit would pass; `too low` does so for one of which less is better. A bootstrap
of many draws is simulated with a quarter of the samples (`fewer samples`: twice the standard error).
Milliseconds are of the processor, for drawing a sample and for its interval.
"""


def scenarios() -> Iterator[Scenario]:
    """Every figure that carries an interval: of one audit, and the differences."""
    yield from alone.scenarios()
    yield from between.scenarios()


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
        drops = [alone.drop(rng, lost, gained, count) for _ in range(samples)]
        share = np.mean([one.low > limit or one.high < limit for one in drops])
        found.append(
            (f"drop of {lost - gained:.1%} ({lost:.1%} lost) against {limit:.0%}", count, float(share))
        )
    return found


def options(parser: ArgumentParser) -> None:
    """How many samples, and of which figures."""
    parser.add_argument("--samples", type=int, default=2000, help="how many samples of each model")
    parser.add_argument("--only", default="", help="figures whose names hold this, and no sizes")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Simulates every scenario and the sizes that power names."""
    rows, outside = [], 0
    for scenario in scenarios():
        if options.only not in scenario.figure:
            continue
        began = time.process_time()
        samples = options.samples // 4 if scenario.slow else options.samples
        found = coverage(scenario, samples)
        spent = 1000 * (time.process_time() - began) / samples
        inside = scenario.meets(found.covered)
        outside += not inside
        shown = f"{found.covered:.1%}" if inside else f"**{found.covered:.1%}**"
        note = " (one-sided)" * scenario.one_sided + " (fewer samples)" * scenario.slow
        rows.append(
            f"| {scenario.figure} | {scenario.model}{note} | {round(found.truth, 6) + 0:.4g} | {shown} "
            f"| {found.above:.1%} | {found.below:.1%} | {spent:.2f} |"
        )
        say(rows[-1])
    sizes = [] if options.only else decided(options.samples)
    error = math.sqrt(0.95 * 0.05 / options.samples)
    table = "\n".join(rows)
    table_of_sizes = "\n".join(f"| {what} | {count:,} | {share:.0%} |" for what, count, share in sizes)
    inside_all = f"{len(rows) - outside} of {len(rows)}"
    return f"""Nominal 95 %, {options.samples:,} samples each (standard error {error:.1%}): {inside_all} cover
between {AIM[0]:.0%} and {AIM[1]:.0%} of the truths; those that do not are bold.
{_READING}
| figure | model and sample size | truth | covered | too high | too low | ms |
|---|---|---|---|---|---|---|
{table}

Examples that it takes until the interval clears a limit, asked for with a power of 80 %,
and how often so many did:

| truth and limit | examples | decided |
|---|---|---|
{table_of_sizes}"""
