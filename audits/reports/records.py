"""The rows of an audit as tables: CSV that no spreadsheet runs, and Parquet."""

import io
from collections.abc import Iterator
from dataclasses import asdict

from audits.reports.material import Material
from audits.rows import Row
from audits.summary import known
from audits.validity import Validity
from views.tables import to_csv


def cells(material: Material) -> Iterator[dict[str, object]]:
    """A line of the table for every row: its fields, its answer by label, and whether it counts."""
    return (_cells(material.audit.labels, material.view, row) for row in material.rows)


def as_csv(material: Material) -> bytes:
    """The rows as a table; cells that a spreadsheet would run as a formula begin with an apostrophe."""
    return to_csv(cells(material))


def as_parquet(material: Material) -> bytes:
    """The same table with its types kept; half a character, which UTF-8 cannot write, becomes `?`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns: dict[str, list[object]] = {}
    for line in cells(material):
        for name, value in line.items():
            columns.setdefault(_sound(name), []).append(_sound(value) if isinstance(value, str) else value)
    kinds = {"severity": pa.int32(), "seed": pa.int64(), "queries": pa.int64(), "applicable": pa.bool_()}
    numbers = {"characters_edited", "words_edited", "similarity", "fluency"}
    fields = {
        name: pa.array(
            values,
            kinds.get(name, pa.float64() if name in numbers or name.startswith("p(") else pa.string()),
        )
        for name, values in columns.items()
    }
    out = io.BytesIO()
    pq.write_table(pa.table(fields), out, compression="zstd")
    return out.getvalue()


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _cells(labels: tuple[str, ...], view: Validity, row: Row) -> dict[str, object]:
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
