"""One audit as one file: its plan, sample, rows and verdicts, to be kept elsewhere or read by another store.

The file is a ZIP of JSON: a manifest with the SHA-256 of every part, the audit, and a line each for examples,
rows and marks. Nothing in it is run or unpickled. The same audit gives the same bytes.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from audits import tables
from audits.costs import Cost, kept
from audits.plan import Plan, PlannedTest
from audits.rows import Row
from audits.store import Store, StoreError
from audits.tables import Audit
from audits.validity import Mark, Place, Verdict
from corpora.examples import Example

#: What the manifest says of the format.
FORMAT, VERSION = "assay-audit", 1
MANIFEST = "manifest.json"
PARTS = ("audit.json", "examples.jsonl", "rows.jsonl", "marks.jsonl")
#: The most bytes that a file's parts may have when they are unpacked: a small file can swell to any size.
LARGEST = 2**30
#: A ZIP's parts carry a date: always the same, for the same audit to give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)

Text = Annotated[str, Field(max_length=10_000_000)]
Short = Annotated[str, Field(max_length=10_000)]


class _Part(BaseModel):
    """Only what is known, nothing more."""

    model_config = ConfigDict(extra="forbid")


class _Audit(_Part):
    id: Annotated[str, Field(pattern=r"^[a-z]{5}-[a-z]{5}$")]
    plan: Plan
    state: Literal["interrupted", "paused", "cancelled", "failed", "finished"]
    created: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")]
    finished: Short | None
    model_name: Short
    model_fingerprint: Short
    corpus_name: Short
    corpus_fingerprint: Short
    labels: tuple[Short, ...]
    environment: dict[str, Short]
    error: Text | None
    name: Annotated[str, Field(max_length=tables.LONGEST_NAME)]
    tags: tuple[Annotated[str, Field(max_length=tables.LONGEST_TAG)], ...]
    cost: Annotated[Cost | None, BeforeValidator(kept)] = None


class _Example(_Part):
    id: Short
    text: Text
    label: Short
    metadata: dict[str, Any]


class _Mark(_Part):
    test: Short
    severity: int
    seed: int
    example: Short
    verdict: Verdict
    at: Short
    note: Text


_ROW = TypeAdapter(Row)


def pack(audit_id: str, store: Store) -> bytes:
    """An audit as the bytes of a file. Raises StoreError for one that is under way."""
    audit = store.audit(audit_id)
    if audit.state in ("waiting", "running"):
        raise StoreError(f"Audit {audit.id} is {audit.state}. Pause it or wait for its end, then export it.")
    parts = {
        "audit.json": [_of_audit(audit)],
        "examples.jsonl": [
            {"id": one.id, "text": one.text, "label": one.label, "metadata": dict(one.metadata)}
            for one in store.examples(audit.id)
        ],
        "rows.jsonl": [
            {name: getattr(row, name) for name in tables.ROW_FIELDS} for row in store.rows(audit.id)
        ],
        "marks.jsonl": [
            dict(zip(("test", "severity", "seed", "example"), where, strict=True))
            | {"verdict": mark.verdict, "at": mark.at, "note": mark.note}
            for where, mark in store.marks(audit.id).items()
        ],
    }
    written = {name: _lines(records) for name, records in parts.items()}
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}
    manifest = _lines([{"format": FORMAT, "version": VERSION, "audit": audit.id, "sha256": hashes}])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {MANIFEST: manifest, **written}.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack(data: bytes, store: Store) -> str:
    """Writes the audit in a file's bytes into a store and returns its id: all of it, or nothing.

    Raises StoreError for a file that is no audit, was changed or cut, contradicts itself, or whose audit is
    in the store already.
    """
    parts = _parts(data)
    audits = list(_read("audit.json", parts, _Audit.model_validate_json))
    if len(audits) != 1:
        raise StoreError(f"This file holds {len(audits)} audits. It should hold one.")
    [audit] = audits
    examples = [
        Example(one.id, one.text, one.label, one.metadata)
        for one in _read("examples.jsonl", parts, _Example.model_validate_json)
    ]
    by_id = {example.id: example for example in examples}

    def row(line: bytes) -> Row:
        fields = json.loads(line)
        if not isinstance(fields, dict) or set(fields) != set(tables.ROW_FIELDS):
            raise ValueError("a row has other fields")
        example = by_id[fields["example"]]
        return _ROW.validate_python(fields | {"text": example.text, "label": example.label})

    rows = list(_read("rows.jsonl", parts, row))
    marks: dict[Place, Mark] = {
        (mark.test, mark.severity, mark.seed, mark.example): Mark(mark.verdict, mark.at, mark.note)
        for mark in _read("marks.jsonl", parts, _Mark.model_validate_json)
    }
    _check(audit, examples, rows, marks)
    record = audit.model_dump() | {
        "plan": audit.plan.model_dump_json(),
        "labels": json.dumps(audit.labels),
        "environment": json.dumps(audit.environment),
        "tags": json.dumps(audit.tags),
        "cost": audit.cost.model_dump_json() if audit.cost else None,
    }
    store.restore(record, examples, rows, marks)
    return audit.id


def _of_audit(audit: Audit) -> dict[str, Any]:
    """An audit's own fields: nothing of who worked on it."""
    fields = {name: getattr(audit, name) for name in _Audit.model_fields}
    return fields | {
        "plan": audit.plan.model_dump(mode="json"),
        "environment": dict(audit.environment),
        "cost": audit.cost.model_dump() if audit.cost else None,
    }


def _lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    """A line of JSON each, in ASCII: half a character is written as it is.

    Names keep their order, which reports show: that of label maps, and of what a run was made with.
    """
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


def _parts(data: bytes) -> dict[str, bytes]:
    """The parts of a file, their hashes checked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            if sorted(sizes) != sorted((MANIFEST, *PARTS)) or len(archive.infolist()) != len(sizes):
                raise StoreError(
                    f"This file is no audit of Assay's: it should hold {MANIFEST} and its parts."
                )
            if sum(sizes.values()) > LARGEST:
                raise StoreError(f"This file unpacks to more than {LARGEST // 2**20} MB. It is not read.")
            parts = {name: archive.read(name) for name in sizes}
    except StoreError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError) as problem:
        raise StoreError(f"This file is no audit of Assay's, or was cut: {problem}.") from None
    try:
        manifest = json.loads(parts[MANIFEST])
        version, hashes = manifest["version"], dict(manifest["sha256"])
        if manifest["format"] != FORMAT or not isinstance(version, int):
            raise ValueError("another format")
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"This file is no audit of Assay's: its {MANIFEST} says something else.") from None
    if version != VERSION:
        raise StoreError(
            f"A newer Assay wrote this file (format {version}; this one reads {VERSION}). "
            "Bring Assay up to date."
        )
    for name in PARTS:
        if hashlib.sha256(parts[name]).hexdigest() != hashes.get(name):
            raise StoreError(f"{name} in this file is not as it was written. Take a sound copy of the file.")
    return parts


def _read(name: str, parts: Mapping[str, bytes], one: Callable[[bytes], Any]) -> Iterator[Any]:
    """The records of a part. Raises StoreError with the line of the first that cannot be read."""
    for number, line in enumerate(parts[name].splitlines(), start=1):
        try:
            yield one(line)
        except ValidationError as problem:
            first = problem.errors()[0]
            what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        except (ValueError, KeyError, RecursionError) as problem:
            what = f"{type(problem).__name__} {problem}"
        else:
            continue
        what = " ".join(what.split())[:200]
        raise StoreError(f"{name}, line {number}, cannot be read: {what}.")


def _check(
    audit: _Audit, examples: Sequence[Example], rows: Sequence[Row], marks: Mapping[Place, Mark]
) -> None:
    """Raises StoreError where the parts do not fit each other."""
    columns = {
        (column.name, column.severity, seed)
        for column in audit.plan.columns
        for seed in audit.plan.seeds_of(column)
    }
    places = Counter((row.test, row.severity, row.seed, row.example) for row in rows)
    doubled = ", ".join(_written(place) for place, count in places.most_common(1) if count > 1)
    labels = set(audit.labels)
    for wrong, what in (
        (len({example.id for example in examples}) < len(examples), "an example stands there twice"),
        (any(example.label not in labels for example in examples), "an example has a label that is none"),
        (len(places) < len(rows), f"a row stands there twice: {doubled}"),
        (any(where[:3] not in columns for where in places), "a row is of no test of its plan"),
        (any(len(row.probabilities) not in (0, len(labels)) for row in rows), "a row answers other labels"),
        (not marks.keys() <= places.keys(), "a verdict is on no row"),
        (
            audit.state == "finished" and len(rows) != len(columns) * len(examples),
            f"it is finished with {len(rows)} rows of {len(columns) * len(examples)}; missing is "
            f"{_missing(columns, examples, places)}",
        ),
    ):
        if wrong:
            raise StoreError(f"Audit {audit.id} in this file contradicts itself: {what}. It is not taken.")


def _missing(
    columns: Set[tuple[str, int, int]], examples: Sequence[Example], places: Container[Place]
) -> str:
    """The first row that a plan asks for and nobody has."""
    wanted = ((*column, one.id) for column in sorted(columns) for one in examples)
    return next((_written(place) for place in wanted if place not in places), "")


def _written(place: Place) -> str:
    test, severity, seed, example = place
    return f"{PlannedTest(test, severity).written}, seed {seed}, example {example:.40}"
