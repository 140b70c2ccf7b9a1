"""What an audit measures, by the names that rules are written with, and which way is better."""

import math
import sys
from dataclasses import dataclass
from typing import Literal

from audits.slices.named import within
from audits.statistics import Estimate
from views.numbers import grouped, percent, rate


@dataclass(frozen=True, slots=True)
class Measure:
    """One kind of figure.

    `of` says what stands behind its name: a `test`; nothing or a test (`either`); a test, or a noise, and a
    `group`; a `noise` without severity; or a `label`, with or without a test before it. A `rate` is the share
    of rows of which something is true; other shares are means. `least` and `most` are the values that one
    row can have.
    """

    name: str
    higher_is_better: bool
    of: Literal["test", "either", "group", "noise", "label"]
    unit: Literal["rate", "share", "points", "number"] = "rate"
    least: float = 0.0
    most: float = 1.0

    def worst(self, *, at_least: bool, is_difference: bool = False) -> float:
        """The value of one row that is furthest on the wrong side of a limit."""
        if is_difference:
            return (self.least - self.most) * (1 if at_least else -1)
        return self.least if at_least else self.most

    def written(self, value: float) -> str:
        """A value as people read it: `82.4 %`, `5.0 points`, `0.214`."""
        if self.unit in ("rate", "share"):
            return percent(value).replace("-", "\u2212")
        if self.unit == "points":
            return f"{100 * value:.1f} points".replace("-", "\u2212")
        return f"{value:.3f}".replace("-", "\u2212")


#: The log loss of a row whose truth had no probability at all.
MOST_SURPRISED = -math.log(sys.float_info.epsilon)
#: The measures that slices have.
SLICED = ("accuracy", "drop")

#: Every measure by its name.
MEASURES = {
    measure.name: measure
    for measure in (
        Measure("valid accuracy", higher_is_better=True, of="test"),
        Measure("valid success", higher_is_better=False, of="test"),
        Measure("accuracy_gap", higher_is_better=True, of="group", unit="points", least=-1.0),
        Measure("gap_change", higher_is_better=True, of="group", unit="points", least=-1.0),
        Measure("accuracy", higher_is_better=True, of="either"),
        Measure("macro_f1", higher_is_better=True, of="either", unit="share"),
        Measure("recall", higher_is_better=True, of="label"),
        Measure("brier", higher_is_better=False, of="either", unit="number"),
        Measure("log_loss", higher_is_better=False, of="either", unit="number", most=MOST_SURPRISED),
        Measure("calibration_error", higher_is_better=False, of="either", unit="share"),
        Measure("drop", higher_is_better=False, of="test", unit="points", least=-1.0),
        Measure("drop_if_changed", higher_is_better=False, of="test", unit="points", least=-1.0),
        Measure("lost", higher_is_better=False, of="test"),
        Measure("gained", higher_is_better=True, of="test"),
        Measure("robustness", higher_is_better=True, of="noise", unit="share"),
        Measure("success", higher_is_better=False, of="test"),
        Measure("success_of_all", higher_is_better=False, of="test"),
        Measure("words_changed", higher_is_better=True, of="test", unit="share"),
        Measure("similarity", higher_is_better=False, of="test", unit="number", least=-1.0),
        Measure("queries", higher_is_better=True, of="test", unit="number", most=math.inf),
        Measure("flip_rate", higher_is_better=False, of="test"),
    )
}


def split(figure: str) -> tuple[Measure, str] | None:
    """A figure's measure and what stands behind it: `drop casing@2` as the drop, and `casing@2`.

    A slice stands behind both, and is left out here.
    """
    figure = within(figure)[0]
    for name, measure in MEASURES.items():
        if figure == name or figure.startswith(f"{name} "):
            return measure, figure.removeprefix(name).strip()
    return None


def written(estimate: Estimate, figure: str, *, is_difference: bool = False) -> str:
    """An estimate as people read it, in the unit of its figure; a difference in points, with its sign."""
    found = split(figure)
    unit = found[0].unit if found else "number"
    count = f"n\u00a0=\u00a0{grouped(estimate.count)}"
    value, low, high = estimate.value, estimate.low, estimate.high
    if not math.isfinite(value):
        return f"nothing to measure, {count}"
    if unit == "number":
        text = f"{value:{'+' if is_difference else ''}.3f} [{low:.3f}, {high:.3f}]"
    elif is_difference or unit == "points":
        text = f"{100 * value:{'+' if is_difference else ''}.1f} points [{100 * low:.1f}, {100 * high:.1f}]"
    else:
        text = rate(value, low, high)
    return f"{text}, {count}".replace("-", "\u2212")
