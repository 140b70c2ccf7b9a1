"""Figures in the words and digits in which pages, reports and the command line show them."""

from audits.statistics import Estimate


def points(drop: Estimate) -> str:
    """A drop as `12.4 points [9.1, 15.8]`."""
    return f"{signed(drop.value)} points [{signed(drop.low)}, {signed(drop.high)}]"


def signed(share: float) -> str:
    """A share as percentage points, one digit, with a true minus."""
    return f"{100 * share:.1f}".replace("-", "\u2212").replace("\u22120.0", "0.0")


def p_value(value: float | None) -> str:
    """A p value as `0.042`, or `< 0.001`."""
    if value is None:
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
