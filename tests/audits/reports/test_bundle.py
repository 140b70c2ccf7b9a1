"""A bundle holds every form of a report; what is changed in it afterwards is found and named."""

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from audits import archive, commands
from audits.reports import Section, Table, bundle, gather
from audits.reports.origins import unsound
from audits.reports.schema import canonical, json_schema, report
from audits.reports.verification import verify
from audits.store import Store, StoreError
from tests.audits import doubles
from tests.audits.doubles import LABELS

POLICY = [{"figure": "accuracy", "at_least": 0.5}, {"figure": "drop *", "at_most": 0.9}]
WITH_BASELINE = [{"figure": "accuracy", "worse_by_at_most": 0.1}]


def audited(store, path, **changes):
    audit_id = store.create(doubles.plan(**changes))
    doubles.work(audit_id, path)
    return audit_id


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with an audit that has a baseline, and its bundle."""
    place = tmp_path_factory.mktemp("bundle")
    store = Store(place / "audits.db")
    before = audited(store, place / "audits.db")
    now = audited(store, place / "audits.db", policy=POLICY + WITH_BASELINE, baseline=before)
    bundle.write(gather(store, now), store, place / "report")
    return store, now, place / "report"


@pytest.fixture
def folder(made, tmp_path):
    """A copy of the bundle that a test may spoil."""
    for path in made[2].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def signed_for(folder, name):
    """Writes a file's hash into the manifest, as whoever forges a report would."""
    manifest = json.loads((folder / bundle.MANIFEST).read_bytes())
    data = (folder / name).read_bytes()
    manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    (folder / bundle.MANIFEST).write_bytes(canonical(manifest))


def forge(folder, name, change):
    """Changes the records of a part of the audit, with all hashes that tell of it."""
    with zipfile.ZipFile(folder / "audit.zip") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    records = change([json.loads(line) for line in parts[name].splitlines()])
    parts[name] = b"".join(json.dumps(record).encode() + b"\n" for record in records)
    manifest = json.loads(parts["manifest.json"])
    manifest["sha256"][name] = hashlib.sha256(parts[name]).hexdigest()
    parts["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(folder / "audit.zip", "w") as packed:
        for part, data in parts.items():
            packed.writestr(part, data)
    signed_for(folder, "audit.zip")


def test_a_bundle_holds_every_form_and_holds(made):
    store, audit_id, folder = made
    names = {path.name for path in folder.iterdir()}
    other = store.audit(audit_id).plan.baseline
    assert names >= {"report.json", "report.html", "rows.csv", "rows.parquet", "audit.zip", "gate.xml",
                     "gate.sarif", "MANIFEST.json", f"other-{other}.zip"}  # fmt: skip
    found = verify(folder)
    assert found.problems == () and found.rows == 120 and found.figures > 100


def test_the_same_rows_give_the_same_bytes(made, tmp_path):
    store, audit_id, folder = made
    bundle.write(gather(store, audit_id), store, tmp_path / "again")
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_json_is_canonical_and_of_the_published_schema(made):
    content = (made[2] / "report.json").read_bytes()
    told = json.loads(content)
    assert canonical(told) == content
    schema = json.loads(Path("docs/report.schema.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told, schema)
    store, audit_id, _ = made
    jsonschema.validate(json.loads(canonical(report(gather(store, audit_id), with_rows=True))), schema)
    assert told["verdict"]["kind"] and len(told["board"]) == 3 and told["rows"] is None
    told["summary"]["examples"] = "many"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told, schema)


def test_the_published_schema_is_current():
    published = Path("docs/report.schema.json").read_bytes()
    assert published == json_schema(), "run: python -m audits schema > docs/report.schema.json"


def test_parquet_keeps_types_and_every_row(made):
    store, audit_id, folder = made
    table = pq.read_table(folder / "rows.parquet")
    rows = store.rows(audit_id)
    assert table.num_rows == len(rows)
    assert [str(table.schema.field(name).type) for name in ("p(positive)", "seed", "perturbed")] == [
        "double", "int64", "string"]  # fmt: skip
    assert table.column("p(positive)").to_pylist() == [row.probabilities[1] for row in rows]


@pytest.mark.parametrize("forged", [False, True])
def test_a_changed_number_is_named(folder, forged):
    content = json.loads((folder / "report.json").read_bytes())
    test = content["summary"]["tests"][1]
    test["drop"]["value"] += 0.01
    (folder / "report.json").write_bytes(canonical(content))
    if forged:
        signed_for(folder, "report.json")
    said = [problem.what for problem in verify(folder).problems]
    assert any(what.startswith("summary.tests[keyboard-typos@3].drop.value is ") for what in said)
    assert any("SHA-256" in what for what in said) is not forged
    assert len(said) == (1 if forged else 2)


def test_a_changed_row_is_named_in_every_table(folder):
    lines = (folder / "rows.csv").read_text().splitlines(keepends=True)
    lines[5] = lines[5].replace("negative", "positive").replace("positive", "negative", 1)
    (folder / "rows.csv").write_text("".join(lines))
    signed_for(folder, "rows.csv")
    table = pq.read_table(folder / "rows.parquet")
    values = table.column("p(positive)").to_pylist()
    values[7] = 0.123
    place = table.schema.get_field_index("p(positive)")
    pq.write_table(table.set_column(place, "p(positive)", [values]), folder / "rows.parquet")
    signed_for(folder, "rows.parquet")
    said = {problem.file: problem.what for problem in verify(folder).problems}
    assert said["rows.csv"].startswith("row 5 (clean, example ")
    assert (
        said["rows.parquet"].startswith("row 8 (clean, example ")
        and "p(positive) is 0.123" in said["rows.parquet"]
    )
    assert set(said) == {"rows.csv", "rows.parquet"}


def test_rows_that_were_forged_with_all_their_hashes_betray_the_figures(folder):
    with zipfile.ZipFile(folder / "audit.zip") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    lines = parts["rows.jsonl"].splitlines()
    row = json.loads(lines[0])
    row["probabilities"] = row["probabilities"][::-1]
    parts["rows.jsonl"] = b"\n".join([json.dumps(row, sort_keys=True).encode(), *lines[1:]]) + b"\n"
    with zipfile.ZipFile(folder / "audit.zip", "w") as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    found = [(problem.file, problem.what) for problem in verify(folder).problems]
    assert ("report.json", "cannot be recomputed without its rows") in found
    assert any(
        file == "audit.zip" and "rows.jsonl in this file is not as it was written" in what
        for file, what in found
    )
    forge(folder, "rows.jsonl", lambda rows: rows)
    problems = verify(folder).problems
    assert any(one.what.startswith("summary.clean_accuracy.value is ") for one in problems)
    assert any(one.file == "rows.csv" and one.what.startswith("row 1 (clean") for one in problems)
    assert {"report.html", "rows.parquet"} <= {one.file for one in problems}


@pytest.mark.parametrize("names", [("report.html", "rows.csv"), ("audit.zip", "report.json")])
def test_missing_files_are_named(folder, names):
    for name in names:
        (folder / name).unlink()
    said = [(one.file, one.what) for one in verify(folder).problems]
    assert {(name, "is missing, or cannot be read") for name in names} <= set(said)


def test_the_command_says_what_holds_and_ends_with_a_code(folder, capsys):
    assert commands.main(["verify", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("Holds: audit ")
    (folder / "notes.txt").write_text("mine")
    (folder / "report.html").write_text("better")
    assert commands.main(["verify", str(folder)]) == 3
    out = capsys.readouterr().out
    assert "✗ notes.txt: is not named in MANIFEST.json" in out and "✗ report.html: was changed" in out
    assert commands.main(["verify", str(folder / "none")]) == 2
    (folder / "MANIFEST.json").write_text('{"format": "assay-bundle", "files": {"../x": {"sha256": ""}}}')
    assert commands.main(["verify", str(folder)]) == 2


def test_a_folder_with_other_files_is_left_alone(made, tmp_path):
    store, audit_id, _ = made
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(StoreError, match="holds other files"):
        bundle.write(gather(store, audit_id), store, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_section_of_another_part_stands_in_html_and_json(made):
    store, audit_id, _ = made
    material = gather(store, audit_id)
    table = Table("Against <b>yesterday</b>", ("Figure", "Difference"), (("accuracy", "+1.0 points"),))
    section = Section(
        "comparison", "Compared", ("Nothing changed.",), (table,), {"accuracy": 0.01}, ("other",)
    )
    more = replace(material, sections=(section,))
    html = bundle.DERIVED["report.html"](more)
    assert html and b"Against &lt;b&gt;yesterday" in html and b"Nothing changed." in html
    assert report(more)["sections"] == {"comparison": {"accuracy": 0.01}} and "other" in more.others


def test_the_figures_that_a_plan_asks_for_open_every_form(tmp_path):
    store = Store(tmp_path / "audits.db")
    asked = "recall positive,drop *,accuracy"
    audit_id = audited(store, tmp_path / "audits.db", metrics=asked)
    material = gather(store, audit_id)
    found = report(material)["sections"]["metrics"]
    named = ["recall positive", "drop keyboard-typos@1", "drop keyboard-typos@3", "accuracy"]
    assert list(found) == named
    clean = [row for row in material.rows if row.test == "clean"]
    assert found["recall positive"]["count"] == sum(row.label == "positive" for row in clean)
    assert found["accuracy"]["value"] == sum(row.predicted == LABELS.index(row.label) for row in clean) / len(
        clean
    )
    html = (bundle.DERIVED["report.html"](material) or b"").decode()
    at = [html.index(f'<th scope="row">{name}</th>') for name in named]
    assert at == sorted(at) and at[-1] < html.index('id="drops"')
    bundle.write(material, store, tmp_path / "report")
    assert not verify(tmp_path / "report").problems


def unsound_in(folder):
    """What does not hold of the bundle's audit, and its first example."""
    store = Store(folder.parent / "again.db")
    audit = store.audit(archive.unpack((folder / "audit.zip").read_bytes(), store))
    examples, rows = store.examples(audit.id), store.rows(audit.id)
    store.delete(audit.id)
    return [what.partition(" another")[0] for what in unsound(audit, examples, rows)], examples[0]


def test_examples_and_rows_are_held_against_their_names(folder):
    said, example = unsound_in(folder)
    assert said == []
    forge(folder, "examples.jsonl", lambda examples: [examples[0] | {"text": "a film"}, *examples[1:]])
    said = [one.what for one in verify(folder).problems if one.file == "audit.zip"]
    assert said[0] == f"1 example has another text than the id says: {example.id}"
    assert said[1].startswith("the examples are not the sample: their fingerprint is ")
    assert [what.partition(" has ")[0] for what in said[2:]] == [
        "clean: 1 row", "keyboard-typos@1: 1 row", "keyboard-typos@3: 1 row"]  # fmt: skip
    assert all(what.endswith(f": example {example.id}") for what in said[2:])
    forge(folder, "examples.jsonl", lambda examples: [examples[0] | {"text": example.text}, *examples[1:]])
    assert unsound_in(folder)[0] == []


def exchanged(rows):
    """The first two rows with each other's answers."""
    one, other = rows[0]["example"], rows[1]["example"]
    return [rows[0] | {"example": other}, rows[1] | {"example": one}, *rows[2:]]


def with_other_lists(audits):
    return [audits[0] | {"environment": audits[0]["environment"] | {"lexicons": "0"}}]


ALL = [f"{test}: 40 rows have" for test in ("clean", "keyboard-typos@1", "keyboard-typos@3")]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("rows.jsonl", exchanged, ["clean: 2 rows have"]),
        ("audit.json", lambda audits: [audits[0] | {"model_fingerprint": "f" * 64}], ALL),
        ("audit.json", with_other_lists, ALL),
    ],
)
def test_rows_betray_what_they_were_not_made_from(folder, name, change, said):
    forge(folder, name, change)
    assert unsound_in(folder)[0] == said
