"""The one door for labelled data: bundled sets, files and hub data sets become a Corpus."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

from corpora import bundled, columns, hub, tables
from corpora.examples import PAIR_MARK, Corpus, CorpusError, Example, example_ids
from corpora.tables import Table

#: What a column of labels holds for each row.
Labelling = Literal["choice", "several", "number"]

_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
_PARTS = {"train", "training", "dev", "val", "valid", "validation", "eval", "test", "testing"}
_WHOLE_NUMBER = re.compile(r"-?\d{1,18}(\.0+)?", re.ASCII)


def load(
    reference: str,
    *,
    text_column: str | None = None,
    label_column: str | None = None,
    split: str | None = None,
    limit: int | None = None,
    labelled: Labelling = "choice",
    about: Sequence[str] = (),
) -> Corpus:
    """Load labelled data.

    `reference` is `bundled:reviews`, the path of a .csv, .tsv, .jsonl, .json or .parquet file, or a
    data set on the Hugging Face hub: `hub:owner/name`, `hub:owner/name:config` or a bare `owner/name`.

    Columns are found by their usual names unless given; `title+text` joins two columns with a space,
    `premise|hypothesis` makes each row a pair of texts.
    Labels become names: whole numbers and booleans "0", "1" and so on, hub class labels their names,
    texts without surrounding blanks, lists their names with | between them. Every other column is metadata,
    as text. `split` is for hub data (default: the first of test, validation, train whose labels are
    published). `limit` keeps the first rows only. `labelled` says what the label column holds: one name a
    row; "several", any number of names, which stay as they are written; or a "number" to be foretold, such
    as 2.5. The last two have no names to choose from, so `labels` is empty. `about` are the labels that are
    asked about: where each has a column of its name that says 0 or 1 (false or true, no or yes), and no other
    was named, a row's labels are those that hold.

    Raises CorpusError, which says what is wrong, where and what to do.
    """
    if limit is not None and limit < 1:
        raise CorpusError(f"The limit is {limit}; it must be at least 1.")
    reference = reference.strip()
    lists = {label_column.casefold()} if label_column else {*columns.LABEL_COLUMNS}
    name, table = _open(reference, split, limit, lists)
    own = columns.about(table.columns, about) if label_column is None else {}
    *others, asked = own.values() or [label_column]
    text_columns, between, label = columns.choose(
        [column for column in table.columns if column not in others],
        text_column,
        asked,
        name,
        table.left_out,
    )
    texts = _texts(table, text_columns, between, name)
    names, order = (_held(table, own, name), ()) if own else _READ[labelled](table, label, name)
    rest = [column for column in table.columns if column not in (label, *others, *text_columns)]
    metadata = [[_written(value) for value in table.columns[column]] for column in rest]
    details = zip(*metadata, strict=True) if rest else iter([()] * len(texts))
    examples = tuple(
        Example(id_, text, label_name, dict(zip(rest, values, strict=True)))
        for id_, text, label_name, values in zip(example_ids(texts), texts, names, details, strict=True)
    )
    return Corpus(name, reference, examples, order)


def _open(reference: str, split: str | None, limit: int | None, lists: Collection[str]) -> tuple[str, Table]:
    """A short name and the raw columns, of those that hold lists the ones that are named."""
    kind, _, rest = reference.partition(":")
    if kind == "hub":
        return hub.read(rest, split, limit, lists)
    if reference in bundled.names() and not _exists(Path(reference)):
        raise CorpusError(f"There is no file {reference}. The data set of that name is bundled:{reference}.")
    if kind != "bundled" and _is_hub_id(reference):
        return hub.read(reference, split, limit, lists)
    if split is not None:
        raise CorpusError(f"{reference}: only hub data sets have splits; leave out the split {split!r}.")
    if kind == "bundled":
        try:
            return rest, tables.read(bundled.path(rest), limit)
        except KeyError:
            known = ", ".join(f"bundled:{name}" for name in bundled.names())
            raise CorpusError(f"There is no bundled data set {rest!r}. There are {known}.") from None
    return _open_file(reference, limit, lists)


def _is_hub_id(reference: str) -> bool:
    """A bare hub id: like `owner/name` or `name`, nothing on disk, no file ending."""
    ending = Path(reference).suffix[1:]
    return bool(_HUB_ID.fullmatch(reference)) and not ending.isalpha() and not _exists(Path(reference))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _open_file(reference: str, limit: int | None, lists: Collection[str]) -> tuple[str, Table]:
    if not reference:
        raise CorpusError("No data was named. Give a file, bundled:reviews, or hub:owner/name.")
    try:
        path = Path(reference).expanduser()
        if path.is_dir():
            raise CorpusError(f"{path} is a folder. Name one file in it: {', '.join(tables.SUFFIXES)}.")
        if not _exists(path):
            raise CorpusError(
                f"There is no file {path}. Give the path of a file ({', '.join(tables.SUFFIXES)}), "
                "bundled:reviews, or hub:owner/name."
            )
        if not path.is_file():
            raise CorpusError(f"{path} is not a regular file.")
        return _name(path), tables.read(path, limit, lists)
    except (OSError, RuntimeError) as error:
        raise CorpusError(f"{reference:.200} cannot be opened ({error}).") from error


def _name(path: Path) -> str:
    """What a file's data are called: by its folder too where its own name says only which part it is."""
    folder = path.resolve().parent.name
    return f"{folder}/{path.stem}" if folder and path.stem.lower() in _PARTS else path.stem


def _texts(table: Table, text_columns: Sequence[str], between: str, name: str) -> list[str]:
    """The texts exactly as they stand, or the parts of joined columns, stripped, `between` in between."""
    for column in text_columns:
        values = table.columns[column]
        odd = [row for row, value in enumerate(values) if not (value is None or isinstance(value, str))]
        if odd:
            kind = type(values[odd[0]]).__name__
            raise CorpusError(
                f"{name}: the text column {column!r} holds a value of type {kind} at "
                f"{tables.places(table, odd)}. Choose a column of texts."
            )
    parts = [[str(value or "") for value in table.columns[column]] for column in text_columns]
    if len(parts) == 1:
        texts = parts[0]
    else:
        texts = [between.join(filter(None, map(str.strip, row))) for row in zip(*parts, strict=True)]
    half = between == PAIR_MARK
    if empty := [
        row for row, text in enumerate(texts) if not text.strip() or (half and PAIR_MARK not in text)
    ]:
        raise CorpusError(
            f"{name}: the text is empty at {tables.places(table, empty)}. Fill these rows or take them out."
        )
    if broken := [row for row, text in enumerate(texts) if not _encodes(text)]:
        raise CorpusError(
            f"{name}: the text holds half a character (a lone surrogate) at "
            f"{tables.places(table, broken)}. Write these characters out whole."
        )
    return texts


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _labels(table: Table, column: str, name: str) -> tuple[list[str], tuple[str, ...]]:
    """Each row's label name, and the names in use: numbers by size, class labels in their order."""
    values = table.columns[column]
    classes = table.class_names.get(column)
    missing = [
        row
        for row, value in enumerate(values)
        if tables.is_missing(value) or value == [] or (classes and value == -1)
    ]
    if missing:
        raise _missing(table, missing, column, name)
    names = []
    for row, value in enumerate(values):
        label = _label_name(value, classes)
        if label is None or not _encodes(label):
            raise _no_name(table, row, column, name)
        names.append(label)
    if all(_WHOLE_NUMBER.fullmatch(label) for label in set(names)):
        names = [label.partition(".")[0] for label in names]
        return names, tuple(sorted(set(names), key=lambda label: (int(label), label)))
    used = set(names)
    known = [label for label in classes or () if label in used]
    return names, (*known, *sorted(used.difference(known)))


def _no_name(table: Table, row: int, column: str, name: str) -> CorpusError:
    value = table.columns[column][row]
    found = f"{name}, {table.place(row)}: {value!r:.60} in the label column {column!r} is not "
    if isinstance(value, list):
        return CorpusError(
            f"{found}a list of classes. Give the names or whole numbers of those that hold, each once "
            "(not a 0 or 1 for every class)."
        )
    return CorpusError(f"{found}the name of a class. Choose a column of class names or whole numbers.")


def _several(table: Table, column: str, name: str) -> tuple[list[str], tuple[str, ...]]:
    """Each row's labels as they are written, empty where it has none."""
    found = []
    for row, value in enumerate(table.columns[column]):
        empty = tables.is_missing(value) or value == []
        label = "" if empty else _label_name(value, table.class_names.get(column))
        if label is None or not _encodes(label):
            raise _no_name(table, row, column, name)
        found.append(label)
    return found, ()


def _held(table: Table, own: Mapping[str, str], name: str) -> list[str]:
    """Each row's labels, of which each has a column that says whether it holds."""
    for column in own.values():
        if missing := [row for row, value in enumerate(table.columns[column]) if tables.is_missing(value)]:
            raise _missing(table, missing, column, name)
    rows = zip(*(map(columns.holds, table.columns[column]) for column in own.values()), strict=True)
    return ["|".join(label for label, holds in zip(own, row, strict=True) if holds) for row in rows]


def _missing(table: Table, rows: Sequence[int], column: str, name: str) -> CorpusError:
    return CorpusError(
        f"{name}: the label ({column!r}) is missing at {tables.places(table, rows)}. "
        "Fill these rows or take them out."
    )


def _numbers(table: Table, column: str, name: str) -> tuple[list[str], tuple[str, ...]]:
    """Each row's number as it is written; there are no names."""
    written = ["" if value is None else str(value).strip() for value in table.columns[column]]
    odd = [row for row, value in enumerate(written) if not _is_number(value)]
    if odd:
        raise CorpusError(
            f"{name}: the label ({column!r}) is no number at {tables.places(table, odd)}. "
            "The model gives numbers; choose a column of numbers."
        )
    return written, ()


def _is_number(written: str) -> bool:
    try:
        return math.isfinite(float(written))
    except ValueError:
        return False


def _label_name(value: object, classes: Sequence[str] | None) -> str | None:
    """The label's name; None for what cannot be one (0.7, a class number without a name).

    A list's are its names with | between them; no class may stand in it twice.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        names = [None if isinstance(each, list) else _label_name(each, classes) for each in value]
        return "|".join(filter(None, names)) if all(names) and len({*names}) == len(names) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int):
        return None
    if classes is not None:
        return classes[value] if 0 <= value < len(classes) else None
    return str(int(value))


def _written(value: object) -> str:
    """A metadata value as text; what is missing is empty, half characters become question marks."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else str(value)
    return text if _encodes(text) else text.encode("utf-8", "replace").decode()


_READ: Mapping[Labelling, Callable[[Table, str, str], tuple[list[str], tuple[str, ...]]]] = {
    "choice": _labels,
    "several": _several,
    "number": _numbers,
}
