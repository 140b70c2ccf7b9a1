from argparse import Namespace

from benchmarks import compression


def test_every_copy_is_audited_and_measured(monkeypatch):
    monkeypatch.setattr("audits.costs.SECONDS", 0.05)
    monkeypatch.setattr("audits.costs.TEXTS", 6)
    said: list[str] = []
    options = Namespace(
        sets="bundled:sentiment=bundled:reviews",
        text_column=None,
        examples=12,
        tests="casing@1",
        rounds=1,
        seed=0,
    )
    written = compression.run(options, said.append)
    assert "### bundled:sentiment on bundled:reviews" in written
    table = [line for line in written.splitlines() if line.startswith("| ")]
    assert any(line.startswith("| Unchanged texts | ") and line.count(" of 12 ") == 2 for line in table)
    assert [line.split(" |")[0] for line in table[-3:]] == ["| float32", "| bfloat16", "| int8"]
    assert "58.6 MB" in table[-1] and table[-3].endswith("| 1.00 | 1.00 |")
