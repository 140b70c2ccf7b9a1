"""Slices as people write them, in plans and policies: a part of the data, by something known of each example.

label=negative      one value; so is topic=sports, of a column of the data
length>20           words of the text: =, !=, <, <=, > and >=; so are numbers in a column
confidence<0.6      of the model's own answer to the unchanged text
topic               all values of a column, or bands of its numbers; so are label, length and confidence
"""

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

#: What is known of every example; any other name is that of a column of the data.
OWN = ("label", "length", "confidence")
ADVICE = "label, length, confidence or a column, alone or compared: label=negative, length>20, confidence<0.6"
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}
_WRITTEN = re.compile(r"([^=!<>]+?)\s*(?:(!=|<=|>=|=|<|>)\s*(.*))?", re.DOTALL)


class SliceError(ValueError):
    """A slice that nobody could read. The message says what would be right."""


@dataclass(frozen=True, slots=True)
class Named:
    """A slice as it is written; without a `comparison` it stands for all values of `by`."""

    by: str
    comparison: str = ""
    value: str = ""

    @property
    def written(self) -> str:
        """Always the same way: `length>20`."""
        return f"{self.by}{self.comparison}{self.value}"

    @property
    def shown(self) -> str:
        """What is said of `by`: `negative`, `> 20`."""
        return self.value if self.comparison == "=" else f"{self.comparison}\u00a0{self.value}"

    def holds(self, found: str) -> bool:
        """Whether it is true of an example's value. Numbers compare as numbers, all else is equal or not."""
        first, second = _number(found), _number(self.value)
        if math.isnan(first) or math.isnan(second):
            return {"=": found == self.value, "!=": found != self.value}.get(self.comparison, False)
        return COMPARISONS[self.comparison](first, second)


def _number(text: str) -> float:
    """The number that a text is; not a number for any other."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def read(text: str) -> Named:
    """A written slice. Raises SliceError."""
    found = _WRITTEN.fullmatch(text.strip())
    by, comparison, value = (part or "" for part in found.groups()) if found else ("", "", "")
    value = value.strip()
    if by == "confidence" and value.endswith("%"):
        value = f"{_number(value.removesuffix('%')) / 100:g}"
    wanted = comparison not in ("", "=", "!=") or (comparison and by in ("length", "confidence"))
    if not by or (comparison and not value) or (wanted and math.isnan(_number(value))):
        raise SliceError(f"{text!r:.60} is no slice. Give {ADVICE}.")
    return Named(by, comparison, value)


def canonical(text: str) -> str:
    """A written slice the way that its figures are called. Raises SliceError."""
    return read(text).written


def within(figure: str) -> tuple[str, str]:
    """A figure's name without its slice, and the slice: `drop casing@2 [length>20]`; "" for all examples."""
    name, opens, part = figure.partition(" [")
    return (name, part.removesuffix("]")) if opens and figure.endswith("]") else (figure, "")
