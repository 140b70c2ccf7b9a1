from argparse import Namespace

import numpy as np
import pytest
from scipy import stats

from benchmarks import gate


def test_every_case_is_drawn_and_decided():
    said: list[str] = []
    written = gate.run(Namespace(audits=3, seed=0), said.append)
    cases = gate.cases()
    assert len(said) == len(cases) + 1
    for case in cases:
        assert f"| {case.title} | {case.examples} |" in written
    assert "| truth 85% |" in written


@pytest.mark.parametrize(("side", "limit"), [("at_least", 0.9), ("at_most", 0.9), ("at_most", 0.1)])
def test_a_rate_at_its_limit_passes_in_few_audits(side, limit):
    """Counted out: every number of right answers with its binomial probability."""
    case = gate._rate(limit, 120, side)
    chances = stats.binom.pmf(np.arange(121), 120, limit)
    kinds = [case.judge((hits,)) for hits in range(121)]
    assert sum(chance for chance, kind in zip(chances, kinds, strict=True) if kind == "pass") <= 0.05
    assert sum(chance for chance, kind in zip(chances, kinds, strict=True) if kind == "fail") <= 0.05
