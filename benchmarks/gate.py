"""How often does a gate pass a release that it should not? Audits drawn by the thousand, of known truth.

Every model here meets one limit exactly, which is the worst case: further off, a wrong pass is rarer. Rates
are draws of right and wrong answers; drops and differences are draws of pairs. What is drawn goes through
`audits.policy.decide`, as an audit's figures do.
"""

import math
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from audits import statistics
from audits.pairing import Paired
from audits.policy import decide
from audits.rules import Policy, Rule
from audits.statistics import Estimate
from audits.summary import Summary, TestFigures

TITLE = "How often a gate is wrong"

#: An audit is grown once to what the gate asked for, and to so many times its size at most.
GROWN_AT_MOST = 30

Drawn = tuple[Policy, Summary, Summary | None, dict[str, Paired]]
Draw = Callable[[np.random.Generator], Drawn]


@dataclass(frozen=True)
class Case:
    """A truth and the rules it is held to: what is drawn, and how it is written down."""

    title: str
    examples: int
    draw: Draw


def options(parser: ArgumentParser) -> None:
    """How many audits of each kind."""
    parser.add_argument("--audits", type=int, default=4000, help="how many audits are drawn of each kind")
    parser.add_argument("--seed", type=int, default=0)


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Draws and decides; the shares of each verdict, with what could be chance."""
    lines = [
        "| truth: exactly at the limit | examples | wrongly passed | failed | inconclusive |",
        "|---|---|---|---|---|",
    ]
    worst = 0.0
    for case in cases():
        rng = np.random.default_rng([options.seed, case.examples, len(lines)])
        counts = Counter(decide(*case.draw(rng)).kind for _ in range(options.audits))
        worst = max(worst, counts["pass"] / options.audits)
        shares = " | ".join(_share(counts[kind], options.audits) for kind in ("pass", "fail", "inconclusive"))
        lines.append(f"| {case.title} | {case.examples} | {shares} |")
        say(lines[-1])
    found = grown(options.audits, np.random.default_rng(options.seed))
    lines += ["", *found]
    say(found[-1])
    return (
        f"{options.audits} audits a line; brackets are 95 % intervals. The highest share of wrong passes is "
        f"{100 * worst:.1f} %. A limit that is missed by a hair is the hardest case, so these shares bound "
        "those of any worse model.\n\n" + "\n".join(lines)
    )


def _share(count: int, of: int) -> str:
    found = statistics.accuracy(np.arange(of) < count)
    return f"{100 * found.value:.1f} % [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def cases() -> list[Case]:
    """Every kind of rule, with samples small and large, at limits in the middle and at the edge."""
    found = []
    for count in (50, 200, 1000):
        for true in (0.7, 0.9, 0.98):
            found.append(Case(f"accuracy at least {true:.0%}", count, _rate(true, count, "at_least")))
        for true in (0.02, 0.1, 0.4):
            found.append(Case(f"accuracy at most {true:.0%}", count, _rate(true, count, "at_most")))
        for lost, gained in ((0.03, 0.01), (0.08, 0.03), (0.25, 0.05)):
            title = f"drop at most {lost - gained:.0%} ({lost:.0%} lost, {gained:.0%} gained)"
            found.append(Case(title, count, _drops(lost, gained, count, 1)))
        for less, more in ((0.03, 0.01), (0.08, 0.06)):
            title = f"worse by at most {less - more:.0%}, paired ({less + more:.0%} of answers differ)"
            found.append(Case(title, count, _paired(less, more, count)))
        found.append(Case("worse by at most 5%, not paired", count, _unpaired(0.85, 0.9, count)))
    found.append(Case("ten drops, all exactly at their limits", 200, _drops(0.08, 0.03, 200, 10)))
    found.append(
        Case("ten drops, one at its limit, nine far better", 200, _drops(0.08, 0.03, 200, 10, easy=9))
    )
    return found


def _audit(clean: Estimate, *tests: TestFigures) -> Summary:
    return Summary.model_construct(
        id="drawn", clean_accuracy=clean, tests=tests, examples=clean.count, clean_errors=0
    )


@cache
def _hits(hits: int, count: int) -> Estimate:
    return statistics.accuracy(np.arange(count) < hits)


def _rate(true: float, count: int, side: str) -> Draw:
    policy = Policy((Rule.model_validate({"figure": "accuracy", side: true}),))
    return lambda rng: (policy, _audit(_hits(int(rng.binomial(count, true)), count)), None, {})


def _flips(rng: np.random.Generator, lost: float, gained: float, count: int) -> tuple[int, int, Estimate]:
    """How many pairs flip either way, and the drop with its interval."""
    down, up, _ = map(int, rng.multinomial(count, [lost, gained, 1 - lost - gained]))
    return down, up, _drop(down, up, count)


@cache
def _drop(down: int, up: int, count: int) -> Estimate:
    place = np.arange(count)
    return statistics.drop(place < down, (place >= down) & (place < down + up))


def _drops(lost: float, gained: float, count: int, tests: int, easy: int = 0) -> Draw:
    """Tests at their limit, `easy` of them a tenth as harmful."""
    policy = Policy((Rule(figure="drop *", at_most=lost - gained),))

    def draw(rng: np.random.Generator) -> Drawn:
        figures = []
        for place in range(tests):
            share = 0.1 if place < easy else 1.0
            down, up, drop = _flips(rng, share * lost, share * gained, count)
            figures.append(
                TestFigures.model_construct(
                    test=f"noise-{place}", flips=True, errors=0, paired=count, lost=down, gained=up, drop=drop
                )
            )
        return policy, _audit(_hits(count, count), *figures), None, {}

    return draw


def _paired(less: float, more: float, count: int) -> Draw:
    policy = Policy((Rule(figure="accuracy", worse_by_at_most=round(less - more, 9)),))

    def draw(rng: np.random.Generator) -> Drawn:
        up, down, difference = _flips(rng, more, less, count)
        pair = Paired(difference, up / count, down / count)
        same = _audit(_hits(count, count))
        return policy, same, same, {"accuracy": pair}

    return draw


def _unpaired(now: float, before: float, count: int) -> Draw:
    policy = Policy((Rule(figure="accuracy", worse_by_at_most=round(before - now, 9)),))

    def draw(rng: np.random.Generator) -> Drawn:
        audits = [_audit(_hits(int(rng.binomial(count, true)), count)) for true in (now, before)]
        return policy, audits[0], audits[1], {}

    return draw


def grown(audits: int, rng: np.random.Generator) -> list[str]:
    """Accuracy at least 80 %: what comes of an inconclusive audit that is grown once to what it asked for.

    The first examples are part of the larger sample, so one limit is looked at twice.
    """
    lines = [
        "| accuracy, limit 80 % | at 100 examples: passed, failed | grown to the examples asked for, once: "
        "passed, failed, open | median examples |",
        "|---|---|---|---|",
    ]
    policy = Policy((Rule(figure="accuracy", at_least=0.8),))
    for true in (0.8, 0.85, 0.75):
        first: Counter[str] = Counter()
        last: Counter[str] = Counter()
        sizes = []
        for _ in range(audits):
            hits = int(rng.binomial(100, true))
            verdict = decide(policy, _audit(_hits(hits, 100)))
            first[verdict.kind] += 1
            wanted = min(verdict.needed or 0, 100 * GROWN_AT_MOST)
            if wanted > 100:
                sizes.append(wanted)
                hits += int(rng.binomial(wanted - 100, true))
                verdict = decide(policy, _audit(_hits(hits, wanted)))
            last[verdict.kind] += 1
        once = ", ".join(_share(first[kind], audits) for kind in ("pass", "fail"))
        twice = ", ".join(_share(last[kind], audits) for kind in ("pass", "fail", "inconclusive"))
        median = math.ceil(float(np.median(sizes))) if sizes else 100
        lines.append(f"| truth {true:.0%} | {once} | {twice} | {median} |")
    return lines
