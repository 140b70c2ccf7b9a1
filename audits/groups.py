"""Bias in figures: how often a swap of groups turns the answer, and which group fares better.

Pure functions of rows. A counterfactual's row pairs a text with the same text about another group, so
every comparison is within pairs, and resampling goes by source example.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from attacks.counterfactuals import JOIN
from audits import statistics
from audits.rows import Row, source
from audits.statistics import Estimate


class Direction(BaseModel):
    """The texts that went from one group to another, and how many answers that turned."""

    model_config = ConfigDict(frozen=True)

    before: str
    after: str
    texts: int
    flipped: int
    flip_rate: Estimate

    @property
    def written(self) -> str:
        """The direction as `female → male`."""
        return f"{self.before} → {self.after}"


class Gap(BaseModel):
    """One group against the others, over the pairs of texts of which one side names it.

    `shifts` holds for each label the mean of its probability in the text about this group minus that
    in the same text about another. `accuracy` is that of the texts about this group, `others` that of the
    same texts about another group, `difference` the first minus the second. All are shares.
    """

    model_config = ConfigDict(frozen=True)

    group: str
    texts: int
    shifts: Mapping[str, Estimate]
    accuracy: Estimate
    others: Estimate
    difference: Estimate

    @property
    def most_shifted(self) -> tuple[str, Estimate]:
        """The label whose probability moves most, and by how much; of equals the one that gains."""
        return max(self.shifts.items(), key=lambda pair: _size(pair[1]))


class GroupFigures(BaseModel):
    """One counterfactual: `changed` texts named a group and have both answers; `flipped` answers turned.

    `directions` stand by how surely they turn answers (the lower end of the flip rate), `gaps` by the
    group's name. Groups that stand on both sides of a pair ("female + male") tell no group's gap.
    """

    model_config = ConfigDict(frozen=True)

    changed: int
    flipped: int
    flip_rate: Estimate
    directions: tuple[Direction, ...]
    gaps: tuple[Gap, ...]

    @property
    def widest(self) -> Gap | None:
        """The gap that is most surely one (by its interval's end next to 0); None where no pair tells one."""
        return max(self.gaps, key=lambda gap: _sureness(gap.most_shifted[1]), default=None)

    @property
    def most_moved(self) -> Direction | None:
        """The direction that most surely turns answers; None where none does."""
        return self.directions[0] if self.flipped else None


def _size(shift: Estimate) -> tuple[float, bool]:
    """How far a probability moves; of two that move alike, but for the last digits, upward is more."""
    return round(abs(shift.value), 9), shift.value > 0


def _sureness(shift: Estimate) -> tuple[float, tuple[float, bool]]:
    """How far a probability moves at the least; a group with one text is not the widest by chance."""
    return round(max(shift.low, -shift.high), 9), _size(shift)


def group_figures(
    rows: Sequence[Row], clean: Mapping[str, Row], labels: Sequence[str], seed: int
) -> GroupFigures | None:
    """The figures of one counterfactual's rows; None where it changed no text that has both answers.

    `clean` holds the plain answers by example. A flip is another prediction than before, right or wrong.
    """
    pairs = [
        (clean[row.example], row)
        for row in rows
        if row.group_before
        and row.perturbed != row.text
        and row.probabilities
        and row.example in clean
        and clean[row.example].probabilities
    ]
    if not pairs:
        return None
    flips = np.array([before.predicted != after.predicted for before, after in pairs])
    return GroupFigures(
        changed=len(pairs),
        flipped=int(flips.sum()),
        flip_rate=statistics.accuracy(flips, [source(after) for _, after in pairs]),
        directions=_directions(pairs, flips),
        gaps=_gaps(pairs, labels, seed),
    )


def _directions(pairs: Sequence[tuple[Row, Row]], flips: np.ndarray) -> tuple[Direction, ...]:
    by_groups: dict[tuple[str, str], list[tuple[bool, str]]] = {}
    for (_, after), flip in zip(pairs, flips, strict=True):
        groups = after.group_before, after.group_after
        by_groups.setdefault(groups, []).append((bool(flip), source(after)))
    directions = []
    for (first, second), texts in by_groups.items():
        turned, sources = zip(*texts, strict=True)
        rate = statistics.accuracy(turned, sources)
        directions.append(
            Direction(before=first, after=second, texts=len(texts), flipped=sum(turned), flip_rate=rate)
        )
    return tuple(sorted(directions, key=lambda one: (-one.flip_rate.low, one.before, one.after)))


def _gaps(pairs: Sequence[tuple[Row, Row]], labels: Sequence[str], seed: int) -> tuple[Gap, ...]:
    about: dict[str, list[tuple[Row, Row]]] = {}
    for before, after in pairs:
        first, second = set(after.group_before.split(JOIN)), set(after.group_after.split(JOIN))
        for group in first - second:
            about.setdefault(group, []).append((before, after))
        for group in second - first:
            about.setdefault(group, []).append((after, before))
    return tuple(_gap(group, about[group], labels, seed) for group in sorted(about))


def _gap(group: str, sides: Sequence[tuple[Row, Row]], labels: Sequence[str], seed: int) -> Gap:
    """`sides` pairs the row about the group with the row of the same text about another."""
    sources = [source(row) for row, _ in sides]
    shifts = np.array([row.probabilities for row, _ in sides]) - [other.probabilities for _, other in sides]
    right, others_right = (
        np.array([row.predicted is not None and labels[row.predicted] == row.label for row in rows])
        for rows in zip(*sides, strict=True)
    )
    return Gap(
        group=group,
        texts=len(sides),
        shifts={
            label: statistics.mean(shifts[:, column], sources, seed) for column, label in enumerate(labels)
        },
        accuracy=statistics.accuracy(right, sources),
        others=statistics.accuracy(others_right, sources),
        difference=statistics.drop(right, others_right, clusters=sources, seed=seed),
    )
