"""Does a bundle say what its rows say? Every file against the manifest, every figure against the rows, and
the rows against their examples, plan and keys (`audits.reports.origins`).

The manifest's hashes tell of a file that was changed afterwards; recomputing tells of figures that never
were true, whoever wrote the manifest. Only a signature tells who made it (`audits.reports.signing`).
"""

import csv
import hashlib
import io
import json
import math
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from audits import archive
from audits.reports.bundle import AUDIT, DERIVED, FORMAT, MANIFEST, REPORT, SIGNATURE, VERSION
from audits.reports.explanations import Explanations
from audits.reports.material import Material, gather
from audits.reports.origins import unsound
from audits.reports.records import cells
from audits.reports.schema import report
from audits.store import Store, StoreError
from audits.validity import Thresholds
from views.numbers import grouped

#: Two figures are the same where they differ by no more than this, relatively: another machine may add up
#: the last bits otherwise. Far below any digit that is shown.
TOLERANCE = 1e-9
#: Texts in messages are cut after so many characters.
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that does not hold: in which file, and what."""

    file: str
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what does not hold; nothing is left out of `problems`."""

    audit: str
    files: int
    figures: int
    rows: int
    problems: tuple[Problem, ...]


def verify(folder: Path) -> Verified:
    """Checks a bundle. Raises StoreError where the folder is none."""
    manifest = _manifest(folder)
    problems = [*_files(folder, manifest)]
    figures = rows = 0
    with tempfile.TemporaryDirectory(prefix="assay-verify-") as place:
        store = Store(Path(place) / "audits.db")
        material = _material(folder, store, manifest, problems)
        if material is not None:
            rows = len(material.rows)
            problems += _origins(store, manifest)
            figures = _figures(folder, material, problems)
            problems += _derived(folder, material)
    return Verified(manifest["audit"], len(manifest["files"]), figures, rows, tuple(problems))


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        if manifest["format"] != FORMAT or not all(
            Path(name).name == name and isinstance(known["sha256"], str)
            for name, known in manifest["files"].items()
        ):
            raise ValueError
        version, audit = manifest["version"], manifest["audit"]
    except OSError as problem:
        raise StoreError(f"{folder} is no report: {MANIFEST} cannot be read ({problem.strerror}).") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise StoreError(f"{folder} is no report of Assay's: its {MANIFEST} says something else.") from None
    if version != VERSION or not isinstance(audit, str):
        raise StoreError(f"Another Assay wrote {folder} (format {version}; this one reads {VERSION}).")
    found: dict[str, Any] = manifest
    return found


def _files(folder: Path, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Files that are missing, changed, or not named."""
    for name, known in sorted(manifest["files"].items()):
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError:
            yield Problem(name, "is missing, or cannot be read")
            continue
        if found != known["sha256"]:
            yield Problem(name, f"was changed: its SHA-256 is {found[:12]}…, the manifest says "
                          f"{known['sha256'][:12]}…")  # fmt: skip
    named = {*manifest["files"], MANIFEST, SIGNATURE}
    for path in sorted(folder.iterdir()):
        if path.name not in named:
            yield Problem(path.name, f"is not named in {MANIFEST}")
    for name in (AUDIT, REPORT):
        if name not in manifest["files"]:
            yield Problem(name, f"is not named in {MANIFEST}")


def _material(
    folder: Path, store: Store, manifest: Mapping[str, Any], problems: list[Problem]
) -> Material | None:
    """The bundle's audits in a store of their own; None where they cannot be read."""
    sound = True
    for name in (AUDIT, *sorted(name for name in manifest["files"] if name.startswith("other-"))):
        try:
            archive.unpack((folder / name).read_bytes(), store)
        except OSError:
            sound = False  # told among the files
        except StoreError as problem:
            problems.append(Problem(name, str(problem)))
            sound = False
    if not sound:
        problems.append(Problem(REPORT, "cannot be recomputed without its rows"))
        return None
    try:
        content = json.loads((folder / REPORT).read_bytes())
        thresholds = Thresholds.model_validate(content["summary"]["thresholds"])
        explanations = Explanations.model_validate(content["explanations"])
    except OSError:
        thresholds, explanations = Thresholds(), Explanations()
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        problems.append(Problem(REPORT, "is not of the schema"))
        thresholds, explanations = Thresholds(), Explanations()
    try:
        return gather(store, manifest["audit"], thresholds, explanations)
    except StoreError as problem:
        problems.append(Problem(AUDIT, str(problem)))
        return None


def _origins(store: Store, manifest: Mapping[str, Any]) -> Iterator[Problem]:
    """Rows and examples of the audit, and of those that it rests on, that are not what they say they are."""
    for audit in store.audits():
        name = AUDIT if audit.id == manifest["audit"] else f"other-{audit.id}.zip"
        for what in unsound(audit, store.examples(audit.id), store.rows(audit.id)):
            yield Problem(name, what)


def _figures(folder: Path, material: Material, problems: list[Problem]) -> int:
    """Holds every value of the JSON against the rows; returns how many numbers there are."""
    try:
        told = json.loads((folder / REPORT).read_bytes())
    except (OSError, ValueError, RecursionError):
        return 0  # told before
    given = report(material)
    problems += [Problem(REPORT, what) for what in differences(told, json.loads(json.dumps(given)))]
    return _numbers(given)


def _numbers(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_numbers(one) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(_numbers(one) for one in value)
    return isinstance(value, int | float) and not isinstance(value, bool)


def differences(told: Any, given: Any, where: str = "") -> Iterator[str]:
    """Where two JSON values differ, each in words: what the file says and what the rows give."""
    if isinstance(told, dict) and isinstance(given, dict):
        for name in sorted(told.keys() | given.keys()):
            place = f"{where}.{name}" if where else name
            if name not in told:
                yield f"{place} is missing; the rows give {_short(given[name])}"
            elif name not in given:
                yield f"{place} is {_short(told[name])}, which nothing here gives"
            else:
                yield from differences(told[name], given[name], place)
    elif isinstance(told, list) and isinstance(given, list):
        if len(told) != len(given):
            yield f"{where} has {len(told)} entries; the rows give {len(given)}"
        for place, (one, other) in enumerate(zip(told, given, strict=False)):
            yield from differences(one, other, f"{where}[{_called(one, place)}]")
    elif not _same(told, given):
        yield f"{where} is {_short(told)}; the rows give {_short(given)}"


def _called(entry: Any, place: int) -> str:
    """An entry by its name where it has one: `tests[casing@1]`."""
    keys = ("test", "name", "figure", "group") if isinstance(entry, dict) else ()
    names = [entry.get(key) for key in keys]
    return next((name for name in names if isinstance(name, str) and name), str(place))


def _same(told: Any, given: Any) -> bool:
    numbers = (int, float)
    if isinstance(told, numbers) and isinstance(given, numbers) and bool not in (type(told), type(given)):
        return math.isclose(told, given, rel_tol=TOLERANCE, abs_tol=1e-12)
    return type(told) is type(given) and bool(told == given)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _derived(folder: Path, material: Material) -> Iterator[Problem]:
    """Files that are not what the rows give; those that are missing were told before."""
    for name, make in DERIVED.items():
        try:
            found = (folder / name).read_bytes()
        except OSError:
            continue
        if name == "rows.parquet":
            yield from _parquet(name, found, material)
        elif found != (given := make(material)):
            if name == "rows.csv" and given is not None:
                yield from _csv(name, found, given)
            else:
                yield Problem(name, "is not what these rows give with this version of Assay")


def _csv(name: str, found: bytes, given: bytes) -> Iterator[Problem]:
    told, right = (
        list(csv.DictReader(io.StringIO(data.decode("utf-8", "replace"), newline="")))
        for data in (found, given)
    )
    yield from _lines(name, told, right)


def _parquet(name: str, found: bytes, material: Material) -> Iterator[Problem]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        told = pq.read_table(io.BytesIO(found)).to_pylist()
    except (pa.ArrowException, OSError, ValueError):
        yield Problem(name, "is no Parquet file that can be read")
        return
    right = [
        {
            key.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
            if isinstance(value, str)
            else value
            for key, value in line.items()
        }
        for line in cells(material)
    ]
    yield from _lines(name, told, right)


def _lines(name: str, told: list[dict[str, Any]], right: list[dict[str, Any]]) -> Iterator[Problem]:
    """The cells of a table that say something else than the rows."""
    if len(told) != len(right):
        yield Problem(name, f"has {grouped(len(told))} rows; {AUDIT} has {grouped(len(right))}")
    for number, (one, other) in enumerate(zip(told, right, strict=False), start=1):
        for column in one.keys() | other.keys():
            if not _same(one.get(column), other.get(column)):
                place = f"row {number} ({other.get('test')}, example {other.get('example')})"
                said, given = _short(one.get(column)), _short(other.get(column))
                yield Problem(name, f"{place}: {column} is {said}; {AUDIT} says {given}")
