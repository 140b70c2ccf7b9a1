"""A noise over its severities: its curve, and the one number that it comes to."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from audits import statistics
from audits.rows import Row, source
from audits.statistics import Estimate
from audits.summary.of_test import TestFigures, in_order, is_right
from views.charts.curves import Curve, Point


class Robustness(BaseModel):
    """One noise in one number: the mean accuracy between no edits and `reach`, the most that it made.

    `reach` is the mean share of characters really edited at the severity that edits most. `score` is the
    area under the curve divided by its width (`statistics.robustness`), on the examples that have an answer
    at every severity; `clean` is their accuracy before.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    reach: float
    score: Estimate
    clean: Estimate


def curves(tests: Sequence[TestFigures], clean: Estimate | None) -> tuple[Curve, ...]:
    """Accuracy against the share of characters really edited, one curve a noise, from the clean answer on."""
    drawn = []
    for name, levels in _noises(tests).items():
        known_points = [
            Point(
                level.characters_edited,
                level.accuracy.value,
                level.accuracy.low,
                level.accuracy.high,
                level.accuracy.count,
                f"severity {level.severity}",
            )
            for level in levels
            if level.accuracy
        ]
        if clean and known_points:
            start = Point(0.0, clean.value, clean.low, clean.high, clean.count, "unchanged")
            drawn.append(Curve(levels[0].title, (start, *known_points), name))
    return tuple(drawn)


def robustness(
    tests: Sequence[TestFigures],
    by_test: Mapping[tuple[str, int], Sequence[Row]],
    right: Mapping[str, bool],
    labels: Sequence[str],
) -> tuple[Robustness, ...]:
    """The noises that have two severities or more, in the order of the plan."""
    found = []
    for name, levels in _noises(tests).items():
        # A text under one seed keeps its edits from one severity to the next: that is one line of the table.
        lines: dict[tuple[str, int], dict[int, Row]] = {}
        for level in levels:
            for row in in_order(by_test[name, level.severity]):
                if not row.error and row.example in right:
                    lines.setdefault((row.example, row.seed), {})[level.severity] = row
        whole = [list(line.values()) for line in lines.values() if len(line) == len(levels)]
        if len(levels) < 2 or not whole:
            continue
        before = [right[line[0].example] for line in whole]
        sources = [source(line[0]) for line in whole]
        answers = [
            [first, *(is_right(labels, row) for row in line)]
            for first, line in zip(before, whole, strict=True)
        ]
        edited = [[0.0, *(row.characters_edited for row in line)] for line in whole]
        found.append(
            Robustness(
                name=name,
                title=levels[0].title,
                reach=max(sum(column) / len(edited) for column in zip(*edited, strict=True)),
                score=statistics.robustness(answers, edited, sources),
                clean=statistics.accuracy(before, sources),
            )
        )
    return tuple(found)


def _noises(tests: Sequence[TestFigures]) -> dict[str, list[TestFigures]]:
    """Each noise's severities, the lowest first."""
    found: dict[str, list[TestFigures]] = {}
    for test in sorted(tests, key=lambda test: test.severity):
        if test.kind == "noise":
            found.setdefault(test.name, []).append(test)
    order = dict.fromkeys(test.name for test in tests if test.kind == "noise")
    return {name: found[name] for name in order}
