"""One label of a model that gives several goes through an audit as any model that chooses."""

import json
import signal

import numpy as np
import pytest

from audits import commands
from audits.store import Store
from models.loading import load
from tests.models import tiny

LABELS = ("insult", "threat")
ROWS = [
    ("the film was not dull", "threat|insult"),
    ("a great and bright story", ""),
    ("boring bad plot", "insult"),
]


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """The arguments that name a label of a tiny model, and rows of several labels."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    folder = tiny.save(tmp_path / "model", labels=LABELS, problem_type="multi_label_classification")
    rows = tmp_path / "rows.jsonl"
    rows.write_text("\n".join(json.dumps({"text": text, "label": label}) for text, label in ROWS))
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    yield f"{folder}#threat", str(rows)
    signal.signal(signal.SIGINT, handlers[0])
    signal.signal(signal.SIGTERM, handlers[1])


def test_an_audit_of_one_label_from_the_command_line(asked, capsys, tmp_path):
    model, rows = asked
    report = tmp_path / "report.html"
    tests = ["--tests", "casing@3,deepwordbug", "--seeds", "1"]
    assert commands.main(["run", "--model", model, "--data", rows, *tests, "--report", str(report)]) == 0
    (audit,) = Store().audits()
    assert audit.plan.model == model
    assert "model#threat" in report.read_text()
    classifier = load(model, device="cpu")
    assert audit.model_fingerprint == classifier.fingerprint
    kept = [row for row in Store().rows(audit.id) if row.test == "clean"]
    assert {row.text: row.label for row in kept} == {
        text: "threat" if "threat" in label else "not threat" for text, label in ROWS
    }
    chances = classifier.probabilities([row.text for row in kept])
    np.testing.assert_allclose([row.probabilities for row in kept], chances, atol=1e-6)
    assert "100.0 % [" in capsys.readouterr().out


def test_without_a_label_the_audit_says_which_there_are(asked, capsys):
    model, rows = asked
    assert (
        commands.main(["run", "--model", model.partition("#")[0], "--data", rows, "--tests", "casing"]) == 2
    )
    assert "Put it behind the model:" in (said := " ".join(capsys.readouterr().err.split()))
    assert "Its labels are insult, threat." in said
