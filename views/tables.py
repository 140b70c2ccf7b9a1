"""Rows as a CSV file that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable, Mapping

#: A cell that begins so is a formula to a spreadsheet; the wide forms are to one set up for East Asia.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(cell: object) -> object:
    """Numbers as they are; text that a spreadsheet would run gets an apostrophe in front."""
    if isinstance(cell, bool | int | float) or cell is None:
        return cell
    text = str(cell).encode("utf-8", "replace").decode()
    return f"'{text}" if text.startswith(FORMULA) else text


def to_csv(rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows as UTF-8 CSV with a header of every key in order of first appearance."""
    listed = list(rows)
    columns = list(dict.fromkeys(column for row in listed for column in row))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([guarded(column) for column in columns])
    writer.writerows([guarded(row.get(column)) for column in columns] for row in listed)
    return out.getvalue().encode()
