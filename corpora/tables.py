"""Files into columns: CSV, TSV, JSON Lines, JSON and Parquet, each read strictly.

Nothing is guessed or repaired in silence: text is UTF-8, every row has the header's number of fields,
and what breaks a rule is refused with the line it stands on. Nothing here unpickles or evaluates.
"""

import csv
import io
import json
import math
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from corpora.examples import CorpusError


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length as they stood in the source.

    `place(row)` says where a row stood ("line 12"). `class_names` has the names behind integer
    columns and lists of integers, for sources that record them (the Hugging Face `ClassLabel` feature).
    `left_out` are the columns that were not read: lists nobody asked for, structures, pictures.
    """

    columns: Mapping[str, Sequence[object]]
    place: Callable[[int], str]
    class_names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def read(path: Path, limit: int | None = None, lists: Collection[str] = ()) -> Table:
    """Read the file's first `limit` rows. Raises CorpusError for whatever is wrong with it.

    Of Parquet's columns of lists, which may be far larger than all the rest (token ids, vectors), those are
    read whose names are among `lists`, given in lower case.
    """
    suffix = path.suffix.lower()
    reader = partial(_parquet, lists=lists) if suffix == _PARQUET else _READERS.get(suffix)
    if reader is None:
        known = ", ".join(SUFFIXES)
        raise CorpusError(
            f"{path.name}: cannot read {path.suffix or 'a file without an ending'}. Use one of {known}."
        )
    table = reader(path, limit)
    if not table.columns:
        raise CorpusError(f"{path.name} is empty. It needs a header and at least one row.")
    if not len(table):
        raise CorpusError(f"{path.name} has a header but no rows. It needs at least one row.")
    return table


def _text(path: Path) -> str:
    """The file as text: UTF-8, with or without a byte-order mark."""
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise CorpusError(f"{path.name} is UTF-16. Save it as UTF-8.")
    if (position := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, position) + 1
        raise CorpusError(f"{path.name}, line {line}: there is a NUL byte, so this is not plain text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path.name}, line {line}: the byte 0x{data[error.start]:02x} is not valid UTF-8. "
            "Save the file as UTF-8."
        ) from error


def _csv(path: Path, limit: int | None) -> Table:
    return _delimited(path.name, _text(path), limit, delimiter=",")


def _tsv(path: Path, limit: int | None) -> Table:
    """Tab-separated, with the quoting of spreadsheets or with none.

    Both are common and a quote may open a field in either, so a file that breaks the rules of quoting
    is read by the plain rule instead: a line is a row, and a quote is just a character.
    """
    text = _text(path)
    try:
        return _delimited(path.name, text, limit, delimiter="\t")
    except CorpusError:
        return _delimited(path.name, text, limit, delimiter="\t", quoting=csv.QUOTE_NONE)


def _delimited(name: str, text: str, limit: int | None, **dialect: Any) -> Table:
    # The csv module refuses long fields unless told otherwise, and can be told for the process only.
    csv.field_size_limit(max(csv.field_size_limit(), min(sys.maxsize, 2**31 - 1)))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, **dialect)
    rows: list[list[str]] = []
    lines: list[int] = []
    end = 0
    try:
        header = _header(name, next((row for row in reader if row), []))
        end = reader.line_num
        for row in reader:
            start, end = end + 1, reader.line_num
            if not row:
                continue
            if len(rows) == limit:
                break
            lines.append(start)
            rows.append(row)
            if len(row) != len(header):
                hint = (
                    " Put quotes around a field that holds the separator." if len(row) > len(header) else ""
                )
                raise CorpusError(
                    f"{name}, line {lines[-1]}: {len(row)} fields where the header has {len(header)}.{hint}"
                )
    except csv.Error as error:
        raise CorpusError(
            f"{name}, line {end + 1} or after: the quotes do not match ({error}). Close each quoted field, "
            "and double a quote inside it."
        ) from error
    columns = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(header, ())
    return Table(columns, lambda row: f"line {lines[row]}")


def _header(name: str, cells: Sequence[str]) -> list[str]:
    """Column names, stripped; a nameless one (pandas' index, say) is called by its position."""
    return _unrepeated(name, [cell.strip() or f"column {at}" for at, cell in enumerate(cells, start=1)])


def _unrepeated(name: str, columns: list[str]) -> list[str]:
    twice = sorted({column for column in columns if columns.count(column) > 1})
    if twice:
        raise CorpusError(f"{name}: two columns are called {twice[0]!r}. Rename one of them.")
    return columns


def _jsonl(path: Path, limit: int | None) -> Table:
    rows: list[dict[str, object]] = []
    lines: list[int] = []
    for number, line in enumerate(io.StringIO(_text(path)), start=1):
        if limit is not None and len(rows) >= limit:
            break
        if line.strip():
            lines.append(number)
            rows.append(_object(_json(line, f"{path.name}, line {number}"), f"{path.name}, line {number}"))
    return Table(_columns_of(rows), lambda row: f"line {lines[row]}")


def _json_list(path: Path, limit: int | None) -> Table:
    text = _text(path)
    if not text.strip():
        return Table({}, str)
    value = _json(text, path.name)
    if not isinstance(value, list):
        raise CorpusError(
            f'{path.name}: expected a list of objects, as in [{{"text": "…", "label": "…"}}]. '
            "For one object a line, name the file .jsonl."
        )
    rows = [_object(row, f"{path.name}, item {at}") for at, row in enumerate(value[:limit], start=1)]
    return Table(_columns_of(rows), lambda row: f"item {row + 1}")


def _json(text: str, where: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        _unrepeated(where, [key for key, _ in pairs])
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise CorpusError(
            f"{where}: not valid JSON ({error.msg}, line {error.lineno}, column {error.colno})."
        ) from error
    except CorpusError:
        raise
    except (RecursionError, ValueError) as error:
        raise CorpusError(f"{where}: this JSON cannot be read ({error}).") from error


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise CorpusError(
            f'{where}: expected an object such as {{"text": "…", "label": "…"}}, not {value!r:.40}.'
        )
    return value


def _columns_of(rows: Sequence[Mapping[str, object]]) -> dict[str, list[object]]:
    """Rows to columns, in order of first appearance; what a row lacks is None."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _parquet(path: Path, limit: int | None, lists: Collection[str]) -> Table:
    import pyarrow
    from pyarrow import parquet

    try:
        schema = parquet.read_schema(path)
        names = _unrepeated(path.name, list(schema.names))
        kept = [
            name
            for name in names
            if _is_scalar(kind := schema.field(name).type)
            or (name.casefold() in lists and _is_list(kind) and _is_scalar(kind.value_type))
        ]
        table = parquet.read_table(path, columns=kept)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        raise CorpusError(f"{path.name} is not a Parquet file that can be read ({error}).") from error
    table = table.slice(0, limit)
    columns = {name: _values(table.column(name), f"{path.name}, column {name!r}") for name in kept}
    left_out = tuple(name for name in names if name not in columns)
    return Table(columns, lambda row: f"row {row + 1}", _class_names(schema.metadata or {}), left_out)


def _values(column: Any, where: str) -> list[object]:
    try:
        return list(column.to_pylist())
    except (UnicodeDecodeError, ValueError, OverflowError) as error:
        raise CorpusError(f"{where}: a value cannot be read ({error}).") from error


def _is_scalar(kind: Any) -> bool:
    """Whether a type is one text, number or date; lists, structures, pictures and the like are none."""
    from pyarrow import types

    kind = kind.value_type if types.is_dictionary(kind) else kind
    binary = types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind)
    return not types.is_nested(kind) and not binary


def _is_list(kind: Any) -> bool:
    from pyarrow import types

    return types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)


def _class_names(metadata: Mapping[bytes, bytes]) -> dict[str, Sequence[str]]:
    """The names of integer labels that the `datasets` library writes into a Parquet file's schema."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        each = {column: _without_list(feature) for column, feature in features.items()}
        return {
            column: tuple(str(name) for name in feature["names"])
            for column, feature in each.items()
            if feature.get("_type") == "ClassLabel" and feature.get("names")
        }
    except (LookupError, TypeError, AttributeError, ValueError):
        return {}


def _without_list(feature: Any) -> Any:
    """What a written feature's lists hold, in any of the ways that the library has written lists."""
    if isinstance(feature, list):
        return feature[0]
    return feature["feature"] if feature.get("_type") in ("Sequence", "List", "LargeList") else feature


_PARQUET = ".parquet"
_READERS: dict[str, Callable[[Path, int | None], Table]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _jsonl,
    ".json": _json_list,
}
#: The file endings that can be read.
SUFFIXES = tuple(sorted([*_READERS, _PARQUET]))


def is_missing(value: object) -> bool:
    """True for None, for not-a-number and for blank text."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and not value.strip())


def places(table: Table, rows: Iterable[int], shown: int = 5) -> str:
    """Where rows stand, for an error message: "line 3, line 8 and 12 more"."""
    rows = list(rows)
    named = ", ".join(table.place(row) for row in rows[:shown])
    return named if len(rows) <= shown else f"{named} and {len(rows) - shown} more"
