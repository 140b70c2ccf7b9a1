"""A report for machines: every figure and row as JSON, the rows as CSV."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial

from audits.rows import Row
from audits.slices import Metadata
from audits.summary import Summary, known
from audits.tables import Audit
from audits.validity import PLAINLY, Validity
from views.tables import to_csv

#: The version of the JSON's shape; it changes when a reader of the old one would stumble.
SCHEMA = "assay.report/1"


def as_json(
    summary: Summary,
    rows: Sequence[Row],
    view: Validity = PLAINLY,
    metadata: Metadata | None = None,
) -> str:
    """Every figure, every row, what people said of rows, and the data's other columns by example."""
    places = ("test", "severity", "seed", "example")
    content = {
        "schema": SCHEMA,
        "headline": summary.headline,
        "summary": summary.model_dump(mode="json"),
        "rows": [asdict(row) for row in rows],
        "marks": [dict(zip(places, where, strict=True)) | asdict(mark) for where, mark in view.marks.items()],
        "metadata": {example: dict(columns) for example, columns in (metadata or {}).items()},
    }
    return json.dumps(content, ensure_ascii=True, indent=1)


def as_csv(audit: Audit, rows: Sequence[Row], view: Validity = PLAINLY) -> str:
    """The rows as a table; cells that a spreadsheet would run as a formula begin with an apostrophe."""
    return to_csv(map(partial(_cells, audit.labels, view), rows)).decode()


def _cells(labels: Sequence[str], view: Validity, row: Row) -> dict[str, object]:
    values = asdict(row)
    probabilities = values.pop("probabilities") or [None] * len(labels)
    values.pop("seconds")
    predicted = "" if row.predicted is None else labels[row.predicted]
    mark = view.mark(row)
    return (
        values
        | {"predicted": predicted, "valid": _counts(row, view), "mark": mark.verdict if mark else ""}
        | dict(zip((f"p({label})" for label in labels), probabilities, strict=True))
    )


def _counts(row: Row, view: Validity) -> str:
    """`yes` or `no` for a success of an attack on the answer, otherwise nothing."""
    found = known(row.test)
    counts = view.of(row, flips=found.flips if found else True)
    return "" if counts is None else "yes" if counts else "no"
