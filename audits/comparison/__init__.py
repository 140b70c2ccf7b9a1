"""Audits side by side: what changed between them, on the rows that they share, with paired tests."""

from audits.comparison.changes import KINDS, Change
from audits.comparison.compared import Against, Comparison, ComparisonError, compare, of_store
from audits.comparison.figures import AttackFigures, Difference, RobustnessFigures, TestDifference
from audits.comparison.sides import Side
from audits.comparison.wording import counts, difference, headline, shares

__all__ = [
    "KINDS",
    "Against",
    "AttackFigures",
    "Change",
    "Comparison",
    "ComparisonError",
    "Difference",
    "RobustnessFigures",
    "Side",
    "TestDifference",
    "compare",
    "counts",
    "difference",
    "headline",
    "of_store",
    "shares",
]
