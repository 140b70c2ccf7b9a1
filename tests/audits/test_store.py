import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from audits.rows import Row
from audits.store import Store, StoreError
from tests.audits.doubles import corpus, plan


def described(store):
    audit_id = store.create(plan())
    store.describe(
        audit_id,
        model=("keywords", "abc"),
        corpus=("films", "def"),
        labels=("negative", "positive"),
        environment={"python": "3.11"},
        examples=corpus(4).examples,
    )
    return audit_id


def row(example, **changes):
    fields = {
        "key": "k",
        "example": example.id,
        "text": example.text,
        "label": example.label,
        "test": "keyboard-typos",
        "severity": 1,
        "seed": 7,
        "status": "perturbed",
        "perturbed": 'odd \x00 "text"\u202e \x1a\x1a0 \\0',
        "probabilities": (0.1, 0.9000000000000001),
        "characters_edited": 0.1,
        "seconds": 0.5,
    }
    return Row(**(fields | changes))


def test_what_is_written_is_read_back(store):
    audit_id = described(store)
    examples = corpus(4).examples
    rows = [row(examples[1]), row(examples[0]), row(examples[2], error="odd", probabilities=())]
    store.add(audit_id, rows)
    assert store.examples(audit_id) == list(examples)
    assert store.rows(audit_id) == [rows[1], rows[0], rows[2]]
    assert store.done(audit_id) == {("keyboard-typos", 1): (3, 1.5)}
    audit = store.audit(audit_id)
    assert (audit.plan, audit.labels, audit.model_fingerprint) == (plan(), ("negative", "positive"), "abc")
    assert Store(store.url).rows(audit_id) == store.rows(audit_id)


def test_a_row_that_is_there_stays_as_it_is(store):
    audit_id = described(store)
    example = corpus(1).examples[0]
    store.add(audit_id, [row(example)])
    store.add(audit_id, [row(example, perturbed="other"), row(example, severity=3)])
    assert [(found.severity, found.perturbed) for found in store.rows(audit_id)] == [
        (1, row(example).perturbed),
        (3, row(example).perturbed),
    ]


def test_rows_come_in_the_plans_order(store):
    audit_id = described(store)
    example = corpus(1).examples[0]
    store.add(audit_id, [row(example, severity=3), row(example), row(example, test="clean", severity=0)])
    assert [found.severity for found in store.rows(audit_id)] == [0, 1, 3]


def test_ids_can_be_said_and_shortened(store):
    audit_id = store.create(plan())
    assert len(audit_id) == 11
    assert store.audit(audit_id[:3]).id == audit_id
    with pytest.raises(StoreError, match="no audit 'zzzz'"):
        store.audit("zzzz")
    with pytest.raises(StoreError, match="no audit '%'"):
        store.audit("%")
    ids = [audit_id, *(store.create(plan()) for _ in range(40))]
    shared = next(letter for letter in "bdfghjklmnprstvz" if sum(name[0] == letter for name in ids) > 1)
    with pytest.raises(StoreError, match="several audits"):
        store.audit(shared)


def test_deleting_takes_the_rows_along(store):
    audit_id = described(store)
    store.add(audit_id, [row(corpus(1).examples[0])])
    store.cancel(audit_id)
    store.delete(audit_id)
    with sa.create_engine(store.url).connect() as connection:
        for table in ("rows", "examples", "workers"):
            assert connection.execute(sa.text(f"select count(*) from {table}")).scalar_one() == 0


def test_half_a_character_is_refused_plainly(store):
    audit_id = described(store)
    with pytest.raises(StoreError, match="half a character"):
        store.add(audit_id, [row(corpus(1).examples[0], perturbed="\ud800")])
    assert store.rows(audit_id) == []


def test_the_place_of_the_store_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_STORE", str(tmp_path / "here.db"))
    assert Store().path == tmp_path / "here.db"
    assert Store(Store().url).path == tmp_path / "here.db"
    monkeypatch.setenv("ASSAY_STORE", "mysql://root:secret@host/audits")
    with pytest.raises(StoreError, match="SQLite or PostgreSQL, not in mysql") as raised:
        Store()
    assert "secret" not in str(raised.value)


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match="Check that the server runs") as raised:
        Store(f"postgresql://assay:secret@/audits?host={tmp_path}")
    assert "secret" not in str(raised.value)


def test_a_newer_store_and_a_file_that_is_none_are_refused(tmp_path):
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer Assay"):
        Store(newer)
    broken = tmp_path / "broken.db"
    broken.write_text("this is no database, only a text that is long enough to be taken for one" * 20)
    with pytest.raises(StoreError, match="cannot be read or written"):
        Store(broken)


def test_a_store_of_the_first_format_gets_what_it_lacks(tmp_path):
    path = tmp_path / "audits.db"
    Store(path)
    added = ("applicable", "group_before", "group_after", "stopped", "similarity", "fluency")
    with sqlite3.connect(path) as old:
        for column in added:
            old.execute(f"ALTER TABLE rows DROP COLUMN {column}")
        for column in ("name", "tags"):
            old.execute(f"ALTER TABLE audits DROP COLUMN {column}")
        for column in ("lease TEXT", "host TEXT", "pid INTEGER"):
            old.execute(f"ALTER TABLE audits ADD COLUMN {column}")
        old.execute("DROP TABLE workers")
        old.execute(
            "INSERT INTO audits (id, plan, state, created, lease, host, pid, heartbeat) "
            "VALUES ('old', ?, 'running', '', 'x', 'h', 1, 5.5)",
            (plan().model_dump_json(),),
        )
        old.execute(
            "INSERT INTO rows (audit, test, severity, seed, example, key, status, perturbed, probabilities, "
            "queries, characters_edited, words_edited, seconds) "
            "VALUES ('old', 'casing', 1, 0, 'x', 'k', 'perturbed', 'A', '[1, 0]', 0, 0, 0, 0)"
        )
        old.execute("PRAGMA user_version = 1")
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(Store, [path] * 4))
    with sqlite3.connect(path) as new:
        kept = new.execute(f"SELECT perturbed, {', '.join(added)} FROM rows").fetchone()
    assert kept == ("A", 1, "", "", "", None, None)
    audit = opened[0].audit("old")
    assert (audit.state, audit.name, audit.tags) == ("interrupted", "", ())
    opened[0].reopen("old")
    assert opened[1].claim("old")
