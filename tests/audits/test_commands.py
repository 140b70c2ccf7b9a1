import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from attacks.entry import Need
from attacks.noise import NOISES
from audits import commands, plan_file, run
from audits.store import Store
from models.classifier import ModelError
from tests.audits.doubles import KeywordClassifier, corpus, plan, work

ROOT = Path(__file__).parents[2]
RUN = ["run", "--model", "double:keywords", "--data", "double:films", "--seed", "7"]


@pytest.fixture(autouse=True)
def doubles(tmp_path, monkeypatch):
    """A store of its own, and the doubles in the place of the real model and data."""
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(run, "_load_classifier", lambda _: KeywordClassifier())
    monkeypatch.setattr(run, "_load_corpus", lambda *_: corpus())
    handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGINT, handlers[0])
    signal.signal(signal.SIGTERM, handlers[1])


def finished():
    store = Store()
    audit_id = store.create(plan())
    work(audit_id, store.url)
    return audit_id


def call(capsys, *arguments):
    """Exit code, stdout and stderr of a command."""
    code: object
    try:
        code = commands.main(arguments)
    except SystemExit as ended:
        code = ended.code
    return code, *capsys.readouterr()


def test_run_prints_drops_with_intervals_and_the_reports_path(capsys, tmp_path):
    report = tmp_path / "out.html"
    code, out, err = call(capsys, *RUN, "--tests", "keyboard-typos,casing@1", "--report", str(report))
    assert code == 0
    assert re.search(r"Keyboard typos, severity 3 +\d+\.\d % +\d+\.\d % +\d+\.\d points \[.+, .+\]", out)
    assert "40\u00a0×\u00a03" in out and "Each noise was drawn 3 times" in " ".join(out.split())
    assert f"Report: {report}" in out and report.read_text().startswith("<!doctype html>")
    assert "keyboard-typos@1: 160 of 760 rows, about 1 s left" in err
    assert "casing@1: 760 of 760 rows" in err


def test_many_noises_are_printed_a_line_each(capsys):
    code, out, _ = call(capsys, *RUN, "--tests", "noise@1,casing,gender", "--seeds", "1")
    assert code == 0
    assert re.search(r"Noise +@1 +@2 +@3 +@4 +@5 +Accuracy at worst +Changed", out)
    assert re.search(r"Keyboard typos +[−\d.]+\*? +– +– +– +– +\d+\.\d % \[.+\] +40 of 40", out)
    assert re.search(r"Random casing +[−\d.]+\*? +[−\d.]+", out)
    assert not re.search(r"^ *Keyboard typos, severity 1 {2,}", out, re.MULTILINE)
    assert re.search(r"Gendered words +\d+\.\d % ", out)


def test_run_says_which_tests_of_a_family_are_left_out(capsys, monkeypatch):
    missing = replace(NOISES["casing"].entry, needs=(Need("A dictionary", "Get it.", lambda: False),))
    monkeypatch.setattr(NOISES["casing"], "entry", missing, raising=False)
    code, _, err = call(capsys, *RUN, "--tests", "noise@1", "--examples", "4")
    assert code == 0
    assert "Left out, for they cannot run here: casing" in err.replace("\n", " ")
    assert "casing" in Store().audits()[0].plan.left_out


def test_list_show_and_report_read_the_same_store(capsys, tmp_path):
    assert call(capsys, "list")[:2] == (
        0,
        "There are no audits yet. `python -m audits run --help` tells how to make one.\n",
    )
    audit_id = finished()
    code, out, _ = call(capsys, "list")
    assert code == 0 and audit_id in out and "finished" in out and "120 of 120" in out
    code, out, _ = call(capsys, "show", audit_id[:4])
    assert code == 0 and "keywords is right in" in out and "Keyboard typos, severity 1" in out
    code, out, _ = call(capsys, "report", audit_id, "--format", "json", "--out", "-")
    assert code == 0 and json.loads(out)["summary"]["id"] == audit_id
    for form in ("html", "csv"):
        code, out, _ = call(capsys, "report", audit_id, "--format", form)
        assert code == 0 and out == f"Report: {tmp_path}/assay-{audit_id}.{form}\n"
        assert (tmp_path / f"assay-{audit_id}.{form}").stat().st_size > 1000


def test_cancel_and_resume(capsys, tmp_path):
    audit_id = Store().create(plan())
    assert call(capsys, "cancel", audit_id)[0] == 0
    assert Store().audit(audit_id).state == "cancelled"
    code, out, _ = call(capsys, "resume", audit_id, "--report", str(tmp_path / "r.html"))
    assert code == 0 and "Keyboard typos" in out
    assert Store().audit(audit_id).state == "finished"
    code, _, err = call(capsys, "resume", audit_id)
    assert code == 2 and "is finished" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["show", "zzz"], "There is no audit 'zzz'"),
        ([*RUN, "--tests", "keybord-typos"], "keyboard-typos"),
        ([*RUN, "--tests", "casing", "--examples", "0"], "examples: 0 cannot be used"),
        ([*RUN, "--tests", "casing", "--label-map", "neg"], "neg=negative"),
        ([*RUN, "--tests", "casing", "--report", "no/such/folder/r.html"], "there is no folder"),
        ([*RUN, "--tests", "casing", "--report", "."], "cannot be written (Is a directory)"),
    ],
)
def test_wrong_input_is_one_clear_line(capsys, arguments, words):
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert words in err and err.count("\n") == 1 and "Traceback" not in err
    assert out == ""
    assert Store().audits() == []


def test_usage_errors_are_argparses_own(capsys):
    assert call(capsys, "run")[0] == 2
    assert call(capsys, "no-such-command")[0] == 2


def test_a_model_that_cannot_be_loaded_is_one_line_and_leaves_no_audit(capsys, monkeypatch):
    def load(_):
        raise ModelError("There is no bundled model 'x'.")

    monkeypatch.setattr(run, "_load_classifier", load)
    code, _, err = call(capsys, *RUN, "--tests", "casing")
    assert code == 2 and err.endswith("python -m audits: There is no bundled model 'x'.\n")
    assert Store().audits() == []  # a slip of the pen leaves nothing behind


def test_a_crash_is_one_line_with_the_details_in_a_file(capsys, monkeypatch):
    def load(_):
        raise RuntimeError("boom\nand more")

    monkeypatch.setattr(run, "_load_classifier", load)
    code, _, err = call(capsys, *RUN, "--tests", "casing")
    assert code == 1
    last = err.splitlines()[-1]
    assert last.startswith("python -m audits: RuntimeError: boom (the details are in ")
    log = Path(last.rpartition(" in ")[2].rstrip(")"))
    assert "Traceback" in log.read_text()


def test_ctrl_c_keeps_the_rows_and_says_how_to_go_on(capsys, monkeypatch):
    class Interrupted(KeywordClassifier):
        def probabilities(self, texts):
            if self.asked > 100:
                signal.raise_signal(signal.SIGINT)
            return super().probabilities(texts)

    monkeypatch.setattr(run, "_load_classifier", lambda _: Interrupted())
    code, _, err = call(capsys, *RUN, "--tests", "keyboard-typos")
    audit = Store().audits()[0]
    assert code == 130
    assert f"python -m audits resume {audit.id}" in err
    assert audit.state == "interrupted" and Store().rows(audit.id)


def test_help_needs_no_manual(capsys):
    code, out, _ = call(capsys, "--help")
    assert code == 0 and "examples:" in out and "exit codes:" in out and "work" not in out.split()
    code, out, _ = call(capsys, "tests")
    assert code == 0 and "keyboard-typos@1…5" in out and "input-reduction" in out
    code, out, _ = call(capsys, "run", "--help")
    assert code == 0
    for name in (
        "keyboard-typos@2",
        "deepwordbug",
        "python -m audits tests",
        "--query-budget",
        "--max-words",
        "attacks:fast",
    ):
        assert name in out


def test_init_writes_a_plan_and_overwrites_nothing(capsys, tmp_path):
    code, out, _ = call(capsys, "init", "my plan.yaml")
    assert code == 0 and "python -m audits run 'my plan.yaml'" in out
    assert plan_file.load(tmp_path / "my plan.yaml").model == "bundled:sentiment"
    code, _, err = call(capsys, "init", "my plan.yaml")
    assert code == 2 and "there is my plan.yaml already" in err
    assert call(capsys, "init", "no/such/folder/plan.yaml")[0] == 2
    assert call(capsys, "init", "-")[1] == plan_file.starter()


def test_the_starter_runs_the_whole_way_in_a_process_of_its_own(capsys, tmp_path):
    report = tmp_path / "out.html"
    assert call(capsys, "init")[0] == 0
    arguments = ["plan.yaml", "--examples", "6"]
    arguments += ["--tests", "keyboard-typos@2,deepwordbug", "--query-budget", "8", "--report", str(report)]
    arguments += ["--metrics", "recall *"]
    done = subprocess.run(
        [sys.executable, "-m", "audits", "run", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "recall positive" in done.stdout
    assert "DeepWordBug" in done.stdout and f"Report: {report}" in done.stdout
    html = report.read_text()
    assert "bundled:sentiment" in html and "transformers" in html
    audit = Store().audits()[0]
    assert audit.state == "finished"
    assert len(Store().rows(audit.id)) == 6 * (1 + 3 + 1)


def test_a_started_audit_runs_in_the_background_and_ends_on_sigterm():
    audit_id = run.start(
        plan().model_copy(
            update={"model": "bundled:sentiment", "data": "bundled:reviews", "tests": ("pruthi",)}
        )
    )
    deadline = time.monotonic() + 120
    store = Store()
    while not store.rows(audit_id):
        assert time.monotonic() < deadline and not store.audit(audit_id).error, store.audit(audit_id)
        time.sleep(0.05)
    pid = store.audit(audit_id).pid
    assert pid and pid != os.getpid()
    os.kill(pid, signal.SIGTERM)
    while store.audit(audit_id).state == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert store.audit(audit_id).state == "interrupted"
    while not (log := run.log_file(audit_id).read_text()).endswith("is interrupted\n"):
        assert time.monotonic() < deadline, log
        time.sleep(0.05)
