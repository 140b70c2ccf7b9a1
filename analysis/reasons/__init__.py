"""What drives a model over a whole data set: the words that carry its answers, right and wrong."""

from analysis.reasons.gathering import Gathered, gather
from analysis.reasons.regression import Compared, Pair, compare, moved
from analysis.reasons.terms import Flip, Mean, Term, drivers, flips, holding, mean_of

__all__ = [
    "Compared",
    "Flip",
    "Gathered",
    "Mean",
    "Pair",
    "Term",
    "compare",
    "drivers",
    "flips",
    "gather",
    "holding",
    "mean_of",
    "moved",
]
