"""The figures an audit rests on: rates, drops and scores with intervals, paired tests, calibration, power.

Pure functions of arrays. Every interval is two-sided at 95 %. Where there is nothing to estimate from,
the value is not a number and the interval is everything that is possible.
"""

from audits.statistics.calibration import Calibration, CalibrationBin, expected_calibration_error
from audits.statistics.drops import drop, mcnemar
from audits.statistics.estimates import (
    CONFIDENCE,
    ENOUGH_DIFFERENT,
    ENOUGH_FOR_NORMAL,
    Estimate,
)
from audits.statistics.families import benjamini_hochberg, holm
from audits.statistics.means import mean
from audits.statistics.power import detectable_drop, examples_for, examples_for_drop, examples_for_rate
from audits.statistics.rates import accuracy
from audits.statistics.scores import confusion

__all__ = [
    "CONFIDENCE",
    "ENOUGH_DIFFERENT",
    "ENOUGH_FOR_NORMAL",
    "Calibration",
    "CalibrationBin",
    "Estimate",
    "accuracy",
    "benjamini_hochberg",
    "confusion",
    "detectable_drop",
    "drop",
    "examples_for",
    "examples_for_drop",
    "examples_for_rate",
    "expected_calibration_error",
    "holm",
    "mcnemar",
    "mean",
]
