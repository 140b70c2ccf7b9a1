"""Thousands of odd texts through every noise: does each keep its promises?

The texts come from Hypothesis and are the same every time. The promises are those that the tests check on a
few dozen texts (`tests.attacks.noise.promises`).
"""

import time
from argparse import ArgumentParser, Namespace
from collections import Counter, defaultdict
from collections.abc import Callable

from attacks.noise import NOISES, SHARES

TITLE = "Odd texts through every noise"


def options(parser: ArgumentParser) -> None:
    """How many texts."""
    parser.add_argument("--texts", type=int, default=10_000, help="how many texts go through each noise")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Puts every text through every noise, at a severity and with a seed drawn for it."""
    from hypothesis import HealthCheck, Phase, given, seed, settings
    from hypothesis import strategies as st

    from tests.attacks.noise.odd import odd_texts
    from tests.attacks.noise.promises import check

    names = [name for name, noise in NOISES.items() if noise.entry.available]
    texts: Counter[str] = Counter()
    changed: Counter[str] = Counter()
    seconds: defaultdict[str, float] = defaultdict(float)
    broken: dict[str, str] = {}
    severities = st.sampled_from(list(SHARES["characters"]))

    @seed(0)
    @settings(
        max_examples=options.texts,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(text=odd_texts, severity=severities, noise_seed=st.integers(0, 2**32 - 1))
    def every_noise(text: str, severity: int, noise_seed: int) -> None:
        texts[text] += 1
        for name in names:
            began = time.perf_counter()
            try:
                changed[name] += check(name, text, severity, noise_seed)
            except Exception as problem:
                broken.setdefault(name, f"{type(problem).__name__}: {problem} in {text!a}")
            seconds[name] += time.perf_counter() - began
        if texts.total() % 1000 == 0:
            say(f"{texts.total()} texts, {len(broken)} noises broke a promise")

    every_noise()
    rows = [
        f"| {name} | {changed[name] / texts.total():.0%} | {1000 * seconds[name] / texts.total():.2f} "
        f"| {f'**{broken[name]}**' if name in broken else 'kept'} |"
        for name in names
    ]
    lengths = sorted(len(text) for text in texts.elements())
    middle, longest = lengths[len(lengths) // 2], lengths[-1]
    return "\n".join(
        [
            f"{texts.total():,} texts ({len(texts):,} different; half have {middle} characters or more, "
            f"the longest {longest}) through {len(names)} noises, each at a severity and with a seed drawn "
            f"for it: {len(broken)} noises broke a promise.",
            "",
            "The promises: no error; the same text for the same seed; changed where and only where the noise",
            "applies; no character torn as a reader sees it; no more edited than the severity allows.",
            "",
            "| noise | texts changed | ms a text, checks included | promises |",
            "|---|---|---|---|",
            *rows,
        ]
    )
