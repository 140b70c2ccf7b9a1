"""One audit as one folder: the report in every form, the rows it comes from, and a hash of each file.

    MANIFEST.json          SHA-256 and size of every other file; what `python -m audits sign` signs
    report.json            every figure, verdict and slice; its JSON Schema is docs/report.schema.json
    report.html, .pdf      the same for people
    MODEL_CARD.md          a model card with evaluation results, for the Hugging Face hub
    rows.csv, .parquet     the rows as tables
    audit.zip              the rows as they were made, which everything else comes from (`audits.archive`)
    other-ID.zip           another audit that this one is compared with, where there is one
    gate.xml, gate.sarif   the verdict for build servers, where the plan has a policy

Word scores of flipped examples take the model to make, so they stand in report.json as they were made;
everything else in it can be recomputed (`audits.reports.verification`).
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from audits import archive, gate
from audits.reports.card import model_card
from audits.reports.html import as_html
from audits.reports.material import Material
from audits.reports.pdf import as_pdf
from audits.reports.records import as_csv, as_parquet
from audits.reports.schema import SCHEMA, canonical, report
from audits.rules import Policy
from audits.store import Store, StoreError

FORMAT, VERSION = "assay-bundle", 1
MANIFEST, SIGNATURE = "MANIFEST.json", "MANIFEST.sig"
REPORT, AUDIT = "report.json", "audit.zip"


def _gate(material: Material, form: str) -> bytes | None:
    verdict, summary = material.verdict, material.summary
    if verdict is None:
        return None
    made = (
        gate.junit(summary, verdict)
        if form == "xml"
        else gate.sarif(summary, verdict, Policy(material.audit.plan.policy))
    )
    return made.encode()


#: The files that follow from the material alone, besides report.json; None where there is nothing to write.
DERIVED: Mapping[str, Callable[[Material], bytes | None]] = {
    "report.html": lambda material: as_html(material).encode("utf-8", "replace"),
    "report.pdf": as_pdf,
    "MODEL_CARD.md": model_card,
    "rows.csv": as_csv,
    "rows.parquet": as_parquet,
    "gate.xml": lambda material: _gate(material, "xml"),
    "gate.sarif": lambda material: _gate(material, "sarif"),
}


def files(material: Material, store: Store) -> Iterator[tuple[str, bytes]]:
    """The files of a bundle by name, the manifest last. Raises StoreError for an audit that is under way."""
    hashes: dict[str, Any] = {}
    for name, data in _content(material, store):
        hashes[name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        yield name, data
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "schema": SCHEMA,
        "audit": material.audit.id,
        "files": hashes,
    }
    yield MANIFEST, canonical(manifest)


def _content(material: Material, store: Store) -> Iterator[tuple[str, bytes]]:
    yield AUDIT, archive.pack(material.audit.id, store)
    for other in material.others:
        yield f"other-{other}.zip", archive.pack(other, store)
    yield REPORT, canonical(report(material))
    for name, make in DERIVED.items():
        data = make(material)
        if data is not None:
            yield name, data


def zipped(material: Material, store: Store) -> bytes:
    """A bundle as one ZIP file with the folder in it; the same audit gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files(material, store):
            entry = zipfile.ZipInfo(f"assay-{material.audit.id}/{name}", archive.DATE)
            packed.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write(material: Material, store: Store, folder: Path) -> list[Path]:
    """Writes a bundle and returns its files. Raises StoreError where it cannot be written.

    A folder that holds anything but an earlier bundle is left alone: its files would look signed for.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = {path.name for path in folder.iterdir()}
        if there and MANIFEST not in there:
            raise StoreError(f"{folder} holds other files. Name a new folder for the report.")
        for name in there & {*_named(folder), MANIFEST, SIGNATURE}:
            (folder / name).unlink()
        written = []
        for name, data in files(material, store):
            (folder / name).write_bytes(data)
            written.append(folder / name)
    except OSError as problem:
        raise StoreError(f"The report cannot be written to {folder}: {problem.strerror}.") from None
    return written


def _named(folder: Path) -> set[str]:
    """The files that an earlier bundle's manifest names; none where it cannot be read."""
    try:
        return set(json.loads((folder / MANIFEST).read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        return set()
