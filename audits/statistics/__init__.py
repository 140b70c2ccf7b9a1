"""The figures an audit rests on: rates, drops and scores with intervals, paired tests, calibration, power.

Pure functions of arrays. Every interval is two-sided at 95 %. Where there is nothing to estimate from,
the value is not a number and the interval is everything that is possible.
"""

from audits.statistics.calibration import (
    Calibration,
    CalibrationBin,
    calibration_difference,
    calibration_error,
    expected_calibration_error,
    gaps_by_bin,
)
from audits.statistics.curves import mean_accuracy, robustness, robustness_columns
from audits.statistics.differences import difference, macro_f1_difference, success_difference
from audits.statistics.drops import drop, mcnemar
from audits.statistics.estimates import CONFIDENCE, ENOUGH_DIFFERENT, ENOUGH_FOR_NORMAL, Estimate
from audits.statistics.families import benjamini_hochberg, holm
from audits.statistics.jackknife import average
from audits.statistics.means import mean
from audits.statistics.power import detectable_drop, examples_for, examples_for_drop, examples_for_rate
from audits.statistics.rates import accuracy
from audits.statistics.scores import (
    brier,
    brier_difference,
    confusion,
    f1_columns,
    log_loss,
    macro_f1,
    mean_f1,
    recalls,
    variance_explained,
)
from audits.statistics.seeds import SeedSpread, seed_spread
from audits.statistics.unrelated import chance_of_none, unpaired

__all__ = [
    "CONFIDENCE",
    "ENOUGH_DIFFERENT",
    "ENOUGH_FOR_NORMAL",
    "Calibration",
    "CalibrationBin",
    "Estimate",
    "SeedSpread",
    "accuracy",
    "average",
    "benjamini_hochberg",
    "brier",
    "brier_difference",
    "calibration_difference",
    "calibration_error",
    "chance_of_none",
    "confusion",
    "detectable_drop",
    "difference",
    "drop",
    "examples_for",
    "examples_for_drop",
    "examples_for_rate",
    "expected_calibration_error",
    "f1_columns",
    "gaps_by_bin",
    "holm",
    "log_loss",
    "macro_f1",
    "macro_f1_difference",
    "mcnemar",
    "mean",
    "mean_accuracy",
    "mean_f1",
    "recalls",
    "robustness",
    "robustness_columns",
    "seed_spread",
    "success_difference",
    "unpaired",
    "variance_explained",
]
