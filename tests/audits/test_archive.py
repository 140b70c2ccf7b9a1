"""One audit as one file: what comes back is what went in, and a file that is not sound is not taken."""

import hashlib
import io
import json
import zipfile

import pytest

from audits import archive
from audits.store import Store, StoreError
from audits.validity import place
from tests.audits.doubles import corpus, plan, rows_of, work
from tests.audits.test_store import described, row


@pytest.fixture
def other(tmp_path):
    return Store(tmp_path / "other.db")


def whole(store):
    """A finished audit with a verdict, a name and tags."""
    audit_id = store.create(plan())
    work(audit_id, store.url, count=4)
    store.mark(audit_id, place(store.rows(audit_id)[5]), "label changed", "odd\x00")
    store.annotate(audit_id, name="of spring", tags=("release", "v2"))
    return audit_id


def test_an_audit_travels_whole(store, other):
    audit_id = whole(store)
    data = archive.pack(audit_id, store)
    assert archive.unpack(data, other) == audit_id
    assert other.audit(audit_id) == store.audit(audit_id)
    assert other.rows(audit_id) == store.rows(audit_id)
    assert other.examples(audit_id) == store.examples(audit_id)
    assert other.marks(audit_id) == store.marks(audit_id)
    assert archive.pack(audit_id, other) == data
    with pytest.raises(StoreError, match="is here already"):
        archive.unpack(data, other)
    store.delete(audit_id)
    assert archive.unpack(data, store) == audit_id
    assert store.rows(audit_id) == other.rows(audit_id)


def test_odd_texts_travel_too(store, other):
    audit_id = described(store)
    store.add(audit_id, [row(corpus(1).examples[0], similarity=0.1 + 0.2)])
    store.cancel(audit_id)
    archive.unpack(archive.pack(audit_id, store), other)
    assert other.rows(audit_id) == store.rows(audit_id)


def test_an_unfinished_audit_goes_on_where_it_was_taken_to(tmp_path, other):
    store = Store(tmp_path / "audits.db")
    undisturbed = store.create(plan())
    work(undisturbed, store.url)
    audit_id = store.create(plan())
    with pytest.raises(StoreError, match="is waiting"):
        archive.pack(audit_id, store)
    work(audit_id, store.url)
    cut = cutting(archive.pack(audit_id, store), "rows.jsonl", lambda lines: lines[:50])
    cut = cutting(cut, "audit.json", with_field(state="paused", finished=None))
    archive.unpack(cut, other)
    assert other.audit(audit_id).state == "paused"
    other.reopen(audit_id)
    work(audit_id, other.url)
    assert rows_of(other, audit_id) == rows_of(store, undisturbed)


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as file:
        for name, data in parts.items():
            file.writestr(name, data)
    return out.getvalue()


def cutting(data, name, change):
    """The file with a part's lines changed and its hash made to fit: what a forger would do."""
    parts = parts_of(data)
    lines = change(parts[name].decode().splitlines())
    parts[name] = "".join(f"{line}\n" for line in lines).encode()
    manifest = json.loads(parts["manifest.json"])
    manifest["sha256"][name] = hashlib.sha256(parts[name]).hexdigest()
    return packed(parts | {"manifest.json": json.dumps(manifest).encode()})


def with_field(**fields):
    return lambda lines: [json.dumps(json.loads(lines[0]) | fields), *lines[1:]]


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("sound") / "audits.db")
    return archive.pack(whole(store), store)


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("rows.jsonl", lambda lines: lines[:-1], "finished with 11 rows of 12; missing is "),
        ("rows.jsonl", lambda lines: [*lines, lines[0]], "a row stands there twice: clean, seed "),
        ("rows.jsonl", with_field(example="nobody"), "rows.jsonl, line 1, cannot be read: KeyError 'nobody'"),
        ("rows.jsonl", with_field(test="casing"), "a row is of no test of its plan"),
        ("rows.jsonl", with_field(probabilities=[1.0]), "a row answers other labels"),
        ("rows.jsonl", with_field(seconds="long"), "line 1, cannot be read: seconds: Input should be"),
        ("rows.jsonl", with_field(more=1), "a row has other fields"),
        ("rows.jsonl", lambda lines: ["[" * 100_000, *lines[1:]], "line 1, cannot be read"),
        ("examples.jsonl", lambda lines: [*lines, lines[0]], "an example stands there twice"),
        ("examples.jsonl", with_field(label="odd"), "an example has a label that is none"),
        ("marks.jsonl", with_field(example="nobody"), "a verdict is on no row"),
        ("marks.jsonl", with_field(verdict="perhaps"), "marks.jsonl, line 1, cannot be read: verdict"),
        ("audit.json", with_field(id="../../etc"), "audit.json, line 1, cannot be read: id"),
        ("audit.json", with_field(state="running"), "cannot be read: state"),
        ("audit.json", with_field(plan={"model": "x"}), "cannot be read: plan.data: Field required"),
        ("audit.json", lambda lines: [], "holds 0 audits"),
    ],
)
def test_a_file_that_contradicts_itself_is_not_taken(sound, other, name, change, words):
    with pytest.raises(StoreError) as raised:
        archive.unpack(cutting(sound, name, change), other)
    assert words in str(raised.value) and "\n" not in str(raised.value)
    assert other.audits() == []


def test_a_file_that_was_changed_or_is_another_is_not_taken(sound, other, monkeypatch):
    parts = parts_of(sound)
    changed = packed(parts | {"rows.jsonl": parts["rows.jsonl"].replace(b"perturbed", b"succeeded", 1)})
    manifest = json.loads(parts["manifest.json"])
    newer = packed(parts | {"manifest.json": json.dumps(manifest | {"version": 2}).encode()})
    foreign = packed(parts | {"manifest.json": b'{"format": "other"}'})
    for data, words in (
        (b"", "no audit of Assay's, or was cut"),
        (sound[: len(sound) // 2], "no audit of Assay's, or was cut"),
        (packed({"a.pickle": b"cos"}), "it should hold manifest.json"),
        (packed(parts | {"../../evil": b""}), "it should hold manifest.json"),
        (changed, "rows.jsonl in this file is not as it was written"),
        (newer, "A newer Assay wrote this file"),
        (foreign, "says something else"),
    ):
        with pytest.raises(StoreError, match=words):
            archive.unpack(data, other)
    for place_in_file in range(0, len(sound), 97):  # a bit that fell over anywhere
        damaged = bytearray(sound)
        damaged[place_in_file] ^= 0x10
        try:
            archive.unpack(bytes(damaged), other)
        except StoreError:
            assert other.audits() == []
        else:  # it fell where nothing is written, such as a date
            [audit] = other.audits()
            assert archive.pack(audit.id, other) == sound
            other.delete(audit.id)
    monkeypatch.setattr(archive, "LARGEST", 1000)
    with pytest.raises(StoreError, match="It is not read"):
        archive.unpack(sound, other)
