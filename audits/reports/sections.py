"""Parts of a report beyond the usual ones: what they consist of, and the figures that a plan asks for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from audits import figures
from audits.measures import written
from audits.summary import Summary


@dataclass(frozen=True, slots=True)
class Table:
    """A table in words: the columns' headings and a line of cells each; all but the first are numbers."""

    title: str
    columns: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report beyond the audit's own figures, such as a comparison with another audit.

    `sentences` and `tables` are shown, as they are, in the HTML file and the PDF under `title`, before the
    audit's own figures where it `opens`, else after them; `figures` stand in the JSON under `name`. `audits`
    are the ids of the other audits that it is made from: a bundle holds them too, so that the section can be
    made again.
    """

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    audits: tuple[str, ...] = ()
    opens: bool = False


def asked_for(summary: Summary) -> tuple[Section, ...]:
    """The figures that the plan's metrics name; no section where it names none."""
    if not summary.plan.metrics:
        return ()
    found = figures.asked_for(summary)
    lines = tuple((name, written(one, name)) for name, one in found.items())
    section = Section(
        "metrics",
        "The figures asked for",
        sentences=() if found else ("This audit has none of them.",),
        tables=(Table("", ("Figure", "Value"), lines),) if found else (),
        figures={name: asdict(one) for name, one in found.items()},
        opens=True,
    )
    return (section,)
