"""Many tests in few lines: noises by family, one line each with its severities."""

from collections.abc import Iterable
from dataclasses import dataclass

from audits.summary import TestFigures

#: With more tests than this the details fold away.
MANY = 20


@dataclass(frozen=True)
class Noise:
    """One noise over its severities. `levels` are its figures by severity."""

    name: str
    title: str
    levels: dict[int, TestFigures]

    @property
    def changed(self) -> int:
        """How many texts it changed, at the severity at which it changed most."""
        return max(test.changed for test in self.levels.values())

    @property
    def rows(self) -> int:
        """How many texts it was tried on."""
        return max(test.rows for test in self.levels.values())

    @property
    def worst(self) -> TestFigures | None:
        """The severity that costs most; None where no drop is known."""
        dropped = [test for test in self.levels.values() if test.drop is not None]
        return max(dropped, key=lambda test: test.drop.value if test.drop else 0.0, default=None)


def noises(tests: Iterable[TestFigures]) -> list[tuple[str, list[Noise]]]:
    """The noises of an audit under the headings of their families, both in the order of the plan."""
    found: dict[str, dict[str, Noise]] = {}
    for test in tests:
        if test.kind == "noise":
            family = found.setdefault(test.family, {})
            family.setdefault(test.name, Noise(test.name, test.title, {})).levels[test.severity] = test
    return [(family, list(members.values())) for family, members in found.items()]


def severities(tests: Iterable[TestFigures]) -> list[int]:
    """The severities of an audit's noises, the lowest first."""
    return sorted({test.severity for test in tests if test.kind == "noise"})
