"""Every figure of an audit, from its rows alone: pages, command line and reports show nothing else."""

from audits.summary.curves import Robustness
from audits.summary.flips import Flip
from audits.summary.gaps import GapUnderNoise
from audits.summary.of_test import SIGNIFICANT, Effort, TestFigures, known, titled
from audits.summary.quality import Quality
from audits.summary.whole import Summary, summarise
from audits.summary.wording import p_value, points, signed

__all__ = [
    "SIGNIFICANT",
    "Effort",
    "Flip",
    "GapUnderNoise",
    "Quality",
    "Robustness",
    "Summary",
    "TestFigures",
    "known",
    "p_value",
    "points",
    "signed",
    "summarise",
    "titled",
]
