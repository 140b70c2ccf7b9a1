"""The commands about reports: `report` writes one, `verify` checks one, `schema` describes one."""

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from audits.foreground import OK
from audits.reports.bundle import SIGNATURE
from audits.reports.verification import Problem, verify
from audits.store import Store, StoreError
from audits.validity import Thresholds
from views.numbers import grouped, memory

#: How `verify` ends where something does not hold; 3 as for a policy that is not met.
BROKEN = 3
#: So many findings are listed; the rest is counted.
MOST_TOLD = 40
BUNDLE = "bundle"
FORMATS = ("html", "pdf", "json", "csv", "parquet", "md", BUNDLE)

#: The forms that hold which words decided.
EXPLAINED = ("html", "pdf", "json", BUNDLE)

REPORTING = """\
`--out DIR` writes everything into one folder: the report as JSON, HTML and PDF, the rows as CSV and
Parquet, the verdict as JUnit XML and SARIF, the audit itself, and a manifest with a hash of each file.
`--out FILE.html` (.pdf, .md for the model card, .json, .csv, .parquet) writes one file.

examples:
  python -m audits report lusab --out release/1.4
  python -m audits verify release/1.4
  python -m audits report lusab --out report.html
  python -m audits report lusab --format csv --out - | head
"""
SIGNING = """\
The signature is over MANIFEST.json, which holds the hash of every file, and stands in MANIFEST.sig.

examples:
  ssh-keygen -t ed25519 -f release-key
  python -m audits sign release/1.4 --key release-key
  python -m audits verify release/1.4 --public-key release-key.pub
"""
VERIFYING = """\
Every file is held against the manifest, every figure of report.json is computed again from the rows in
audit.zip, and these are held against the plan (none missing, none twice), the sample's fingerprint, and what
each row's key was made of. What does not hold is named: the file, the row or the figure, what it says and
what the rows give.

exit codes: 0 everything holds, 2 no report, 3 something does not hold
"""


def add_commands(
    add: Callable[..., argparse.ArgumentParser],
    add_thresholds: Callable[[argparse.ArgumentParser], None],
    thresholds: Callable[[argparse.Namespace], Thresholds],
) -> None:
    """Adds the commands; `add` makes one from its name, its action and what it is about."""
    made = add(
        "report",
        lambda chosen: _report(chosen, thresholds(chosen)),
        "write the report of an audit",
        epilog=REPORTING,
    )
    made.add_argument("id", metavar="ID", help="the audit's id, or the beginning of it")
    made.add_argument(
        "--format", choices=FORMATS, help="default: as --out ends; bundle where that is a folder, else html"
    )
    made.add_argument(
        "--out", metavar="PATH", help="a folder or a file (default: assay-ID.html here; - for stdout)"
    )
    made.add_argument(
        "--no-attributions",
        action="store_true",
        help="do not load the model to find out which words of flipped examples decided",
    )
    add_thresholds(made)
    about = "check a report: every file, and every figure against the rows"
    made = add("verify", _verify, about, epilog=VERIFYING)
    made.add_argument("folder", type=Path, metavar="DIR")
    made.add_argument(
        "--public-key",
        type=Path,
        metavar="FILE",
        help="check that this key signed it: PEM, or OpenSSH's .pub",
    )
    made = add("sign", _sign, "sign a report with a key of your own (Ed25519)", epilog=SIGNING)
    made.add_argument("folder", type=Path, metavar="DIR")
    made.add_argument("--key", type=Path, required=True, metavar="FILE", help="a private key: PEM or OpenSSH")
    add("schema", _schema, "print the JSON Schema of report.json")


def write(
    audit_id: str,
    form: str,
    target: str,
    store: Store,
    thresholds: Thresholds | None = None,
    *,
    explained: bool = False,
) -> None:
    """Writes a report to a file, a folder, or to stdout for `-`, and says where it is. Raises StoreError.

    `explained` loads the model for the word scores of flipped examples, which no row holds.
    """
    from audits.reports import bundle, gather
    from audits.reports import write as written
    from audits.reports.explaining import explain

    material = gather(store, audit_id, thresholds)
    if explained and form in EXPLAINED:
        sys.stderr.write("Asking the model which words of flipped examples decided …\n")
        material = replace(material, explanations=explain(material.summary))
    path = Path(target).absolute()
    if form == BUNDLE:
        files = bundle.write(material, store, path)
        sizes = (f"  {file.name}  {memory(file.stat().st_size)}\n" for file in files)
        sys.stdout.write(f"Report: {path}\n{''.join(sizes)}")
        return
    data = written(material, form)
    if target == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    try:
        path.write_bytes(data)
    except OSError as problem:
        raise StoreError(f"The report cannot be written to {path}: {problem.strerror}.") from problem
    sys.stdout.write(f"Report: {path}\n")


def _form(chosen: argparse.Namespace) -> str:
    """What is asked for: by name, else by how the path ends."""
    if chosen.format or chosen.out in (None, "-"):
        return chosen.format or "html"
    ending = Path(chosen.out).suffix[1:].lower()
    return ending if ending in FORMATS and not Path(chosen.out).is_dir() else BUNDLE


def _report(chosen: argparse.Namespace, thresholds: Thresholds) -> int:
    store, form = Store(), _form(chosen)
    audit_id = store.audit(chosen.id).id
    if form == BUNDLE and chosen.out == "-":
        raise StoreError("A bundle is a folder. Name it with --out DIR.")
    target = chosen.out or (f"assay-{audit_id}" if form == BUNDLE else f"assay-{audit_id}.{form}")
    write(audit_id, form, target, store, thresholds, explained=not chosen.no_attributions)
    return OK


def _verify(chosen: argparse.Namespace) -> int:
    found = verify(chosen.folder)
    signature, signed = _signature(chosen.folder, chosen.public_key)
    found = replace(found, problems=(*signature, *found.problems))
    for problem in found.problems[:MOST_TOLD]:
        sys.stdout.write(f"✗ {problem.file}: {problem.what}\n")
    if len(found.problems) > MOST_TOLD:
        sys.stdout.write(f"… and {len(found.problems) - MOST_TOLD} more\n")
    about = f"audit {found.audit}: {found.files} files, {grouped(found.rows)} rows"
    if found.problems:
        count = len(found.problems)
        sys.stdout.write(f"Does not hold: {count} finding{'s' if count > 1 else ''} in {about}.\n")
        return BROKEN
    sys.stdout.write(f"Holds: {about}, {grouped(found.figures)} numbers computed again.\n{signed}\n")
    return OK


def _signature(folder: Path, key: Path | None) -> tuple[list[Problem], str]:
    """What is wrong with the signature, and what there is to say of it."""
    from audits.reports import signing

    wanted = signing.public_key(key) if key else None
    try:
        signer = signing.signer(folder)
    except StoreError as problem:
        return [Problem(SIGNATURE, str(problem))], ""
    if signer is None:
        missing = [Problem(SIGNATURE, "is missing: nobody signed this report")] if wanted else []
        return missing, "It is not signed."
    if wanted is None:
        return [], f"Signed by {signer}, which says nothing of who that is: give --public-key."
    if signer != wanted:
        return [Problem(SIGNATURE, f"is by another key than that in {key}")], ""
    return [], f"Signed with the key in {key}."


def _sign(chosen: argparse.Namespace) -> int:
    from audits.reports import signing

    ask = (lambda: getpass.getpass(f"Passphrase of {chosen.key}: ").encode()) if sys.stdin.isatty() else None
    public = signing.sign(chosen.folder, chosen.key, ask)
    sys.stdout.write(f"Signed: {(chosen.folder / SIGNATURE).absolute()}\nPublic key: {public}\n")
    return OK


def _schema(chosen: argparse.Namespace) -> int:
    from audits.reports.schema import json_schema

    sys.stdout.write(json_schema().decode())
    return OK
