"""Does noise widen the gap between groups? Drops of the texts about one group beside those about the others.

A group is a value of one of the data's columns, or whom a text is about, as a counterfactual of the same
audit read it. Accuracy of a group minus that of the others is its gap; what a noise changes of it is the
others' drop minus the group's. Both drops are paired within examples, and their intervals resample whole
source examples; the groups share none, so the interval of the change follows from both
(`statistics.unpaired`). All severities and seeds of a noise count together.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from attacks.counterfactuals import JOIN
from audits import statistics
from audits.rows import Row, source, source_of
from audits.slices import FEWEST, Metadata, named
from audits.statistics import Estimate
from audits.summary.of_test import SIGNIFICANT, TestFigures, in_order, is_right
from audits.summary.wording import signed
from views.numbers import grouped

#: A column with more values names no groups; so many groups in all are looked at where no slices are named.
MOST_GROUPS = 12

Rows = Mapping[tuple[str, int], Sequence[Row]]


class GapUnderNoise(BaseModel):
    """One group against the others, unchanged and under one noise at all its severities.

    `clean` and `noisy` are the gap in accuracy, the group's minus the others'; `change` is the second minus
    the first, which equals `others_drop` minus `group_drop`. `members` and `others` count examples; the
    drops count rows. `p_adjusted` is that of no change, after Holm's correction for all gaps of the audit.
    Where the others are one group, `opposite` is its name: its figures are these with the sign turned.
    """

    model_config = ConfigDict(frozen=True)

    noise: str
    title: str
    by: str
    group: str
    members: int
    others: int
    clean: Estimate
    noisy: Estimate
    change: Estimate
    group_drop: Estimate
    others_drop: Estimate
    p_adjusted: float = 1.0
    opposite: str = ""

    @property
    def written(self) -> str:
        """The group as figures and slices call it: `topic=news`."""
        return f"{self.by}={self.group}"

    @property
    def by_group(self) -> dict[str, Estimate]:
        """The change of each group's gap that is known: this one's, and that of its opposite."""
        mirrored = {f"{self.by}={self.opposite}": _mirrored(self.change)} if self.opposite else {}
        return {self.written: self.change} | mirrored

    @property
    def changes(self) -> bool:
        """Whether the noise costs one side more than the other, beyond chance among so many gaps."""
        return self.p_adjusted < SIGNIFICANT

    @property
    def widens(self) -> bool:
        """Whether it does, and the gap is wider for it."""
        return self.changes and abs(self.noisy.value) > abs(self.clean.value)


def gaps(
    tests: Sequence[TestFigures],
    by_test: Rows,
    right: Mapping[str, bool],
    labels: Sequence[str],
    metadata: Metadata | None,
    *,
    asked: Sequence[str],
    seed: int,
) -> tuple[GapUnderNoise, ...]:
    """Every group under every noise. `right` holds the plain answers by example, `asked` the named slices."""
    groups = _groups(tests, by_test, right, metadata or {}, asked)
    noises: dict[str, list[TestFigures]] = {}
    for test in tests:
        if test.kind == "noise" and test.flips:
            noises.setdefault(test.name, []).append(test)
    found = []
    for name, levels in noises.items():
        rows = in_order(row for level in levels for row in by_test[name, level.severity] if not row.error)
        rows = [row for row in rows if row.example in right]
        for by, members in groups.items():
            for group in _told(members):
                sides = [
                    [row for row in rows if row.example in members and (members[row.example] == group) is own]
                    for own in (True, False)
                ]
                about = {"noise": name, "title": levels[0].title, "by": by, "group": group}
                about["opposite"] = _opposite(members, group)
                gap = _gap(about, *(_Side(side, right, labels) for side in sides), seed=seed)
                if gap:
                    found.append(gap)
    adjusted = statistics.holm([statistics.chance_of_none(gap.change) for gap in found])
    return tuple(gap.model_copy(update={"p_adjusted": p}) for gap, p in zip(found, adjusted, strict=True))


def _groups(
    tests: Sequence[TestFigures],
    by_test: Rows,
    right: Mapping[str, bool],
    metadata: Metadata,
    asked: Sequence[str],
) -> dict[str, dict[str, str]]:
    """Each example's group, by what names the groups: a counterfactual or a column, which goes first."""
    found = {
        test.name: {
            row.example: row.group_before
            for row in by_test[test.name, test.severity]
            if row.group_before and JOIN not in row.group_before and row.example in right
        }
        for test in tests
        if test.kind == "counterfactual"
    }
    return found | _columns(right, metadata, asked)[0]


def left_out(
    tests: Sequence[TestFigures], right: Mapping[str, bool], metadata: Metadata | None, asked: Sequence[str]
) -> tuple[str, ...]:
    """The columns that name groups large enough to tell of, and too many of them for all gaps to be told."""
    under_noise = any(test.kind == "noise" and test.flips for test in tests)
    return tuple(_columns(right, metadata or {}, asked)[1]) if under_noise else ()


def _columns(
    right: Mapping[str, bool], metadata: Metadata, asked: Sequence[str]
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Each example's group by column, and the columns with too many groups."""
    found: dict[str, dict[str, str]] = {}
    too_many = []
    wanted = {named.read(written).by for written in asked}
    many = 0
    for column in dict.fromkeys(name for example in sorted(right) for name in metadata.get(example, {})):
        values = {name: metadata[name][column] for name in right if column in metadata.get(name, {})}
        sizes = Counter(values.values())
        if (wanted and column not in wanted) or len(sizes) < 2:
            continue
        many += len(sizes) if len(sizes) <= MOST_GROUPS else 0
        if len(sizes) <= MOST_GROUPS and (wanted or many <= MOST_GROUPS):
            found[column] = values
        elif max(sizes.values()) >= FEWEST:
            too_many.append(column)
    return found, too_many


def _told(members: Mapping[str, str]) -> list[str]:
    """The groups to tell of: of two, one, for the other is its mirror image."""
    names = sorted(set(members.values()))
    return names[:1] if len(names) == 2 else names


def _opposite(members: Mapping[str, str], group: str) -> str:
    """The other group, where there is one alone."""
    others = sorted(set(members.values()) - {group})
    return others[0] if len(others) == 1 else ""


@dataclass(frozen=True, slots=True)
class _Side:
    """The answers about a group, or about the others: rows under a noise, and examples unchanged."""

    rows: Sequence[Row]
    right: Mapping[str, bool]
    labels: Sequence[str]

    @property
    def examples(self) -> list[str]:
        return sorted({row.example for row in self.rows})

    @property
    def clean(self) -> Estimate:
        sources = list(map(source_of, self.examples))
        return statistics.accuracy([self.right[example] for example in self.examples], sources)

    @property
    def noisy(self) -> Estimate:
        return statistics.accuracy([is_right(self.labels, row) for row in self.rows], self._sources)

    def drop(self, seed: int) -> Estimate:
        before = [self.right[row.example] for row in self.rows]
        after = [is_right(self.labels, row) for row in self.rows]
        return statistics.drop(before, after, clusters=self._sources, seed=seed)

    @property
    def _sources(self) -> list[str]:
        return list(map(source, self.rows))


def _gap(about: Mapping[str, str], group: _Side, others: _Side, *, seed: int) -> GapUnderNoise | None:
    """One group against the others; None where either is too small."""
    members, rest = len(group.examples), len(others.examples)
    if min(members, rest) < FEWEST:
        return None
    drops = group.drop(seed), others.drop(seed)
    return GapUnderNoise(
        noise=about["noise"],
        title=about["title"],
        by=about["by"],
        group=about["group"],
        opposite=about["opposite"],
        members=members,
        others=rest,
        clean=statistics.unpaired(group.clean, others.clean),
        noisy=statistics.unpaired(group.noisy, others.noisy),
        change=statistics.unpaired(drops[1], drops[0]),
        group_drop=drops[0],
        others_drop=drops[1],
    )


def sentence(found: Sequence[GapUnderNoise], unseen: Sequence[str] = ()) -> str:
    """Whether noise widens a gap, and the columns left out, in words; empty where there are no groups."""
    if unseen:
        more = f" and {len(unseen) - 6} more" if len(unseen) > 6 else ""
        missing = (
            f"Not looked at, for more than {MOST_GROUPS} groups in all are too many to tell: "
            f"{', '.join(unseen[:6])}{more}. A plan that names one of up to {MOST_GROUPS} values among its "
            "slices has it looked at."
        )
        return f"{sentence(found)} {missing}".strip()
    if not found:
        return ""
    told = [gap for gap in found if gap.widens] or [gap for gap in found if gap.changes]
    if not told:
        return (
            f"Of {grouped(len(found))} gaps between groups, none changes under noise beyond chance "
            "(p at or above 0.05 after Holm's correction)."
        )
    most = max(told, key=lambda gap: abs(gap.change.value))
    change = most.change if most.change.value > 0 else _mirrored(most.change)
    who, whom = ("the others", most.written) if most.change.value > 0 else (most.written, "the others")
    return (
        f"{most.title} {'widens' if most.widens else 'changes'} a gap: it costs {who} {signed(change.value)} "
        f"points [{signed(change.low)}, {signed(change.high)}] more than {whom}; the accuracy of "
        f"{most.written} minus that of the others goes from {signed(most.clean.value)} to "
        f"{signed(most.noisy.value)} points ({grouped(most.members)} and {grouped(most.others)} examples)."
    )


def _mirrored(change: Estimate) -> Estimate:
    return Estimate(-change.value, -change.high, -change.low, change.count)
