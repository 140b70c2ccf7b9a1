"""Verdicts of people in the store."""

import sqlite3

import pytest

from audits import commands
from audits.store import SCHEMA_VERSION, Store, StoreError
from audits.validity import place
from tests.audits.doubles import LABELS, corpus, plan, work


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "audits.db")


@pytest.fixture
def audit_id(store):
    """An audit of one noise and one attack that was cancelled in its middle."""
    made = store.create(plan(tests="deepwordbug"))
    store.describe(
        made,
        model=("keywords", "abc"),
        corpus=("films", "def"),
        labels=LABELS,
        environment={},
        examples=corpus(4).examples,
    )
    return made


def attacked(store, audit_id):
    """Four successful attacks, straight into the store."""
    from tests.audits.test_store import row

    changes = {"test": "deepwordbug", "severity": 0, "status": "succeeded"}
    rows = [row(example, **changes) for example in corpus(4).examples]
    store.add(audit_id, rows)
    return rows


def test_a_mark_is_read_back_changed_and_taken_back(store, audit_id):
    first, second, *_ = attacked(store, audit_id)
    store.mark(audit_id, place(first), "label changed", "it says <b>nothing</b> now")
    store.mark(audit_id, place(second), "label kept")
    marks = Store(store.url).marks(audit_id)
    assert {where: (mark.verdict, mark.note) for where, mark in marks.items()} == {
        place(first): ("label changed", "it says <b>nothing</b> now"),
        place(second): ("label kept", ""),
    }
    assert all(mark.at.endswith("+00:00") for mark in marks.values())
    store.mark(audit_id, place(first), "label kept")
    store.mark(audit_id, place(second), None)
    store.mark(audit_id, place(second), None)
    assert {where: mark.verdict for where, mark in store.marks(audit_id).items()} == {
        place(first): "label kept"
    }


def test_only_rows_that_are_there_can_be_marked(store, audit_id):
    first, *_ = attacked(store, audit_id)
    with pytest.raises(StoreError, match="no row of example nobody"):
        store.mark(audit_id, (*place(first)[:3], "nobody"), "label kept")
    with pytest.raises(StoreError, match="'perhaps' was given"):
        store.mark(audit_id, place(first), "perhaps")
    other = store.create(plan())
    with pytest.raises(StoreError, match="no row"):
        store.mark(other, place(first), "label kept")
    assert store.marks(audit_id) == store.marks(other) == {}


def test_marks_go_with_their_audit_and_no_other(store, audit_id):
    rows = attacked(store, audit_id)
    store.mark(audit_id, place(rows[0]), "label kept")
    other = store.create(plan())
    store.delete(other)
    assert store.marks(audit_id)
    store.delete(audit_id)
    with sqlite3.connect(store.path) as plainly:
        assert plainly.execute("SELECT count(*) FROM marks").fetchone() == (0,)


def test_marks_survive_a_resume(store):
    audit_id = store.create(plan(tests="keyboard-typos@3"))
    work(audit_id, store.url)
    row = next(row for row in store.rows(audit_id) if row.test == "keyboard-typos")
    store.mark(audit_id, place(row), "label changed")
    with sqlite3.connect(store.path) as plainly:  # as if it had been stopped before its last rows
        plainly.execute("PRAGMA foreign_keys = ON")
        plainly.execute("DELETE FROM rows WHERE example <> ?", (row.example,))
        plainly.execute("UPDATE audits SET state = 'cancelled'")
    store.reopen(audit_id)
    work(audit_id, store.url)
    assert len(store.rows(audit_id)) == 80
    assert [mark.verdict for mark in store.marks(audit_id).values()] == ["label changed"]


def test_a_store_of_the_second_format_gets_its_table(store, audit_id):
    rows = attacked(store, audit_id)
    with sqlite3.connect(store.path) as old:
        old.execute("DROP TABLE marks")
        old.execute("PRAGMA user_version = 2")
    again = Store(store.url)
    assert again.rows(audit_id) == rows and again.marks(audit_id) == {}
    again.mark(audit_id, place(rows[0]), "label kept")
    assert len(again.marks(audit_id)) == 1
    with sqlite3.connect(store.path) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)


def test_show_and_report_take_thresholds_and_marks(store, audit_id, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    rows = attacked(store, audit_id)  # edited: no word at all, and nothing measured
    store.mark(audit_id, place(rows[0]), "label changed")
    assert commands.main(["show", audit_id, "--min-similarity", "0.65", "--max-words-changed", "none"]) == 0
    out = capsys.readouterr().out
    assert "A success is valid with similarity at least 0.65; reviewed: 1 of 4." in out
    assert "3 of 4" in out
    assert commands.main(["report", audit_id, "--max-fluency-loss", "2", "--out", "-"]) == 0
    assert "fluency lower by at most 2.00 nats a token" in capsys.readouterr().out
    assert commands.main(["show", audit_id, "--min-similarity", "3"]) == 2
    assert "threshold for similarity is out of range" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        commands.main(["show", audit_id, "--min-similarity", "much"])
