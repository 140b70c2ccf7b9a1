"""Deleting, naming, tagging, finding, exporting and importing audits."""

import io
import sys

import pytest

from audits import commands
from audits.store import Store, StoreError
from tests.audits.doubles import plan, work
from tests.audits.test_store import described


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def call(capsys, *arguments):
    code = commands.main(arguments)
    return code, *capsys.readouterr()


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_delete_asks_first(capsys, monkeypatch):
    store = Store()
    audit_id = store.create(plan())
    work(audit_id, store.url)
    store.annotate(audit_id, name="of spring")
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, _, err = call(capsys, "delete", audit_id)
    assert code == 2 and "Nobody can be asked" in err and "--yes" in err
    monkeypatch.setattr(sys, "stdin", Terminal("\n"))
    code, out, err = call(capsys, "delete", audit_id)
    assert code == 2 and out == "Nothing was deleted.\n"
    assert f"Delete audit {audit_id} “of spring” (double:keywords on double:films, 120 rows)" in err
    assert Store().audits()
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    code, out, _ = call(capsys, "delete", audit_id[:5])
    assert code == 0 and out.startswith(f"Deleted audit {audit_id}")
    assert Store().audits() == []
    running = store.create(plan())
    store.claim(running)
    code, _, err = call(capsys, "delete", running, "--yes")
    assert code == 2 and "is running. Cancel it first" in err


def test_names_tags_and_the_search_for_them(capsys):
    store = Store()
    first, second = store.create(plan()), store.create(plan(model="double:other"))
    store.cancel(second)
    assert call(capsys, "rename", first, " Before\nthe  release ")[1] == (
        f"Audit {first} is called “Before the release”.\n"
    )
    assert call(capsys, "tag", first, "v2", "nightly")[1] == f"Audit {first} has the tags nightly, v2.\n"
    assert call(capsys, "tag", first, "nightly-", "odd-")[1] == f"Audit {first} has the tags v2.\n"
    assert call(capsys, "tag", second)[1] == f"Audit {second} has no tags.\n"
    for words, found in (
        (["RELEASE"], [first]),
        (["v2", "keywords"], [first]),
        (["v2", "other"], []),
        (["keyboard-typos@3"], [first, second]),
        (["cancelled"], [second]),
    ):
        code, out, _ = call(capsys, "list", *words)
        assert code == 0
        assert [each for each in (first, second) if each in out] == found
    assert "No audit has v2, other" in call(capsys, "list", "v2", "other")[1]
    out = call(capsys, "list")[1]
    assert "Name" in out and "Before the release" in out and "Tags" in out
    assert call(capsys, "rename", first, "")[1] == f"Audit {first} has no name.\n"
    assert "“" not in call(capsys, "list")[1]


@pytest.mark.parametrize(
    "wrong", [{"name": "x" * 101}, {"tags": ["a b"]}, {"tags": ["a,b"]}, {"tags": ["x" * 31]}]
)
def test_names_and_tags_have_bounds(store, wrong):
    audit_id = described(store)
    store.annotate(audit_id, name="kept", tags=["kept"])
    with pytest.raises(StoreError, match="at most"):
        store.annotate(audit_id, **wrong)
    assert (store.audit(audit_id).name, store.audit(audit_id).tags) == ("kept", ("kept",))
    with pytest.raises(StoreError, match="no audit"):
        store.annotate("nobody", name="x")


def test_pause_export_and_import(capsys, tmp_path, monkeypatch):
    store = Store()
    audit_id = store.create(plan())
    code, out, _ = call(capsys, "pause", audit_id)
    assert code == 0 and f"resume {audit_id}" in out and store.audit(audit_id).state == "paused"
    code, out, _ = call(capsys, "export", audit_id)
    assert code == 0 and out == f"Audit {audit_id}: {tmp_path}/assay-{audit_id}.zip\n"
    assert call(capsys, "export", audit_id, "--out", "no/such/place")[0] == 2
    code, _, err = call(capsys, "import", f"assay-{audit_id}.zip")
    assert code == 2 and "is here already" in err
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "elsewhere"))
    code, out, _ = call(capsys, "import", f"assay-{audit_id}.zip")
    assert code == 0 and f"show {audit_id}" in out
    assert Store().audit(audit_id).state == "paused"
    code, _, err = call(capsys, "import", "nothing.zip")
    assert code == 2 and "nothing.zip cannot be read: No such file" in err
