import json
import shlex
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema  # type: ignore[import-untyped]
import numpy as np
import pytest
import yaml

from audits import commands, gate, reports, rules, statistics
from audits.pairing import Answered, paired
from audits.policy import decide
from audits.rows import CLEAN
from audits.run import run
from audits.slices import by_name
from audits.store import Store
from audits.summary import Summary, summarise
from tests.audits.doubles import LABELS, KeywordClassifier, corpus, plan
from tests.audits.test_store import row

#: What SARIF 2.1.0 demands of the parts that are written here (sections 3.13 to 3.19, 3.27, 3.28, 3.49).
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
RESULT = {
    "type": "object",
    "required": ["message", "ruleId", "kind", "level", "locations"],
    "properties": {
        "message": TEXT,
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "kind": {"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "locations": {
            "items": {
                "properties": {
                    "physicalLocation": {
                        "required": ["artifactLocation"],
                        "properties": {
                            "artifactLocation": {"required": ["uri"]},
                            "region": {"properties": {"startLine": {"type": "integer", "minimum": 1}}},
                        },
                    }
                }
            }
        },
    },
    # Section 3.27.10: what is no failure has no level.
    "if": {"properties": {"kind": {"const": "fail"}}},
    "else": {"properties": {"level": {"const": "none"}}},
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {"rules": {"items": {"required": ["id"], "properties": {"shortDescription": TEXT}}}},
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool"],
                "properties": {
                    "tool": {"required": ["driver"], "properties": {"driver": DRIVER}},
                    "invocations": {"items": {"required": ["executionSuccessful"]}},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}
POLICY = """\
rules:
- figure: accuracy
  at_least: {least}
- figure: drop *
  at_most: 90 %
"""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


class Deaf(KeywordClassifier):
    """Knows one good word less."""

    fingerprint = "deaf"

    def probabilities(self, texts):
        return super().probabilities([text.replace("fine", "dreadful") for text in texts])


def audited(model=KeywordClassifier, count=40, **changes):
    store = Store()
    audit_id = store.create(plan(**({"tests": "casing@1"} | changes)))
    run(audit_id, store, load_classifier=lambda _: model(), load_corpus=lambda *_: corpus(count))
    return audit_id


def gated(capsys, *arguments):
    code = commands.main(["gate", *arguments])
    return code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("least", "code", "kind", "words"),
    [
        (0.5, 0, "pass", "Passed: all 2 rules are met."),
        (0.99, 3, "fail", "Failed: 1 of 2 rules is broken."),
        (0.88, 4, "open", "Inconclusive: 1 of 2 rules cannot be decided on these examples; about"),
    ],
)
def test_the_exit_code_is_the_verdict(capsys, least, code, kind, words):
    audit_id = audited()
    Path("policy.yaml").write_text(POLICY.format(least=least))
    for name in (audit_id[:5], "last"):
        ended, out, _ = gated(capsys, name, "--policy", "policy.yaml")
        assert ended == code and words in out and "drop casing@1" in out
    files = "--junit", "gate.xml", "--sarif", "gate.sarif"
    assert gated(capsys, audit_id, "--policy", "policy.yaml", *files)[0] == code
    suite = ET.parse("gate.xml").getroot().find("testsuite")
    assert suite is not None and len(suite.findall("testcase")) == 2
    assert suite.get("failures") == str(int(code == 3)) and suite.get("errors") == str(int(code == 4))
    log = json.loads(Path("gate.sarif").read_text())
    jsonschema.validate(log, SARIF)
    results = log["runs"][0]["results"]
    assert [result["kind"] for result in results] == [kind, "pass"]
    places = [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in results]
    assert places == [2, 4]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["zzz"], "no audit 'zzz'"),
        (["last"], "has no policy"),
        (["last", "--policy", "gone.yaml"], "gone.yaml: this file cannot be read"),
        (["last", "--policy", "policy.yaml"], "this audit has no figure 'drop keyboard-typos@2'"),
        (["last", "--policy", "against.yaml"], "--baseline"),
        (["last", "--policy", "against.yaml", "--baseline", "last"], "no audit 'last'"),
        (["last", "--policy", "policy.yaml", "--junit", "no/folder/x.xml"], "there is no folder"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(capsys, tmp_path, arguments, words):
    audited(count=8)
    (tmp_path / "policy.yaml").write_text("rules: [{figure: drop keyboard-typos@2, at_most: 0.1}]\n")
    (tmp_path / "against.yaml").write_text("rules: [{figure: accuracy, worse_by_at_most: 0.1}]\n")
    code, out, err = gated(capsys, *arguments)
    assert code == 2 and words in err and err.count("\n") == 1 and out == ""


def test_a_gate_waits_for_the_end_of_the_audit(capsys):
    rule = [{"figure": "accuracy", "at_least": 0.5}]
    waiting = Store().create(plan(policy=rule))
    code, _, err = gated(capsys, waiting)
    assert code == 2 and "is waiting" in err
    assert gated(capsys, "last")[0] == 2
    done = audited(policy=rule)
    assert gated(capsys, "last")[0] == 0  # the plan's own policy
    code, _, err = gated(capsys, done, "--policy", "policy.yaml")
    assert code == 2


def test_a_baseline_is_paired_over_what_both_have(capsys, tmp_path):
    before, now = audited(count=100), audited(Deaf, count=100)
    (tmp_path / "policy.yaml").write_text("rules: [{figure: accuracy, worse_by_at_most: 2 %}]\n")
    code, out, _ = gated(capsys, now, "--policy", "policy.yaml", "--baseline", before)
    assert code == 3 and f"against audit {before}" in out
    assert gated(capsys, before, "--policy", "policy.yaml", "--baseline", now)[0] == 0
    code, _, err = gated(capsys, now, "--policy", "policy.yaml", "--baseline", now)
    assert code == 2 and "no baseline for itself" in err
    store = Store()
    figures = ["accuracy", "accuracy casing@1", "drop casing@1", "queries deepwordbug", "macro_f1 casing@1"]
    pairs = paired(figures, answered(store, now), answered(store, before))
    assert set(pairs) == set(figures) - {"queries deepwordbug"}

    def right(audit_id, test):
        labels = store.audit(audit_id).labels
        rows = sorted((row for row in store.rows(audit_id) if row.test == test), key=lambda row: row.example)
        return np.array([labels[row.predicted or 0] == row.label for row in rows])

    expected = statistics.drop(right(now, CLEAN), right(before, CLEAN))
    assert pairs["accuracy"].estimate == expected and expected.value < 0
    assert pairs["accuracy"].more == (right(now, CLEAN) & ~right(before, CLEAN)).mean()
    assert pairs["accuracy"].less == (~right(now, CLEAN) & right(before, CLEAN)).mean()
    change = (
        right(now, CLEAN).astype(int) - right(now, "casing") - right(before, CLEAN) + right(before, "casing")
    )
    assert pairs["drop casing@1"].estimate.value == pytest.approx(change.mean())


def answered(store, audit_id, **more):
    return Answered(store.audit(audit_id), store.rows(audit_id), **more)


def attacked(**limits):
    """A finished audit whose attack, as it is written down, turned nothing."""
    store = Store()
    audit_id = store.create(plan(tests="deepwordbug", **limits))
    lease, examples = store.claim(audit_id), corpus(8).examples
    names = ("keywords", "k"), ("films", "f")
    store.describe(
        audit_id, model=names[0], corpus=names[1], labels=LABELS, environment={}, examples=examples
    )
    for test, status in ((CLEAN, "clean"), ("deepwordbug", "failed")):
        fields = {"test": test, "severity": 0, "status": status, "probabilities": (0.1, 0.9)}
        store.add(audit_id, [row(one, perturbed=one.text, **fields) for one in examples])
    store.release(audit_id, lease, "finished")
    return audit_id


def test_an_attack_with_other_limits_is_no_baseline(capsys, tmp_path):
    """Twenty questions turn fewer texts than a search without end: that is no progress of the model."""
    free, also_free, bound = attacked(), attacked(), attacked(query_budget=20)
    (tmp_path / "policy.yaml").write_text("rules: [{figure: success *, worse_by_at_most: 1}]\n")
    options = "--policy", "policy.yaml", "--baseline"
    code, _, err = gated(capsys, bound, *options, free)
    assert code == 2 and "other limits" in err and "(none)" in err and "(20 queries)" in err
    assert gated(capsys, also_free, *options, free)[0] == 0
    (tmp_path / "policy.yaml").write_text("rules: [{figure: accuracy, worse_by_at_most: 1}]\n")
    assert gated(capsys, bound, *options, free)[0] == 0  # no limit bears on the unchanged texts


def test_too_few_shared_examples_are_not_paired():
    store, before, now = Store(), audited(count=40), audited(Deaf, count=90)
    figures = ["accuracy", "macro_f1", "drop casing@1"]
    sides = answered(store, now), answered(store, before)
    assert set(paired(figures, *sides)) == set(figures)
    examples = sorted({row.example for row in sides[1].rows})
    few = [row for row in sides[0].rows if row.example not in examples[:30]]
    assert paired(figures, replace(sides[0], rows=few), sides[1]) == {}


def test_a_slice_is_paired_where_it_holds_the_same_examples():
    store, before, now = Store(), audited(count=60), audited(Deaf, count=60)
    sides = [answered(store, one) for one in (now, before)]
    clean = [[row for row in side.rows if row.test == CLEAN] for side in sides]
    sides = [replace(side, slices=by_name(rows, {}, ())) for side, rows in zip(sides, clean, strict=True)]
    label = store.audit(now).labels[0]
    figures = [f"accuracy [label={label}]", f"drop casing@1 [label={label}]", f"recall {label}"]
    found = paired(figures, *sides)
    assert set(found) == set(figures)
    labels = store.audit(now).labels
    inside = [
        [
            labels[row.predicted] == label
            for row in sorted(rows, key=lambda row: row.example)
            if row.label == label
        ]
        for rows in clean
    ]
    assert found[figures[0]].estimate == statistics.drop(inside[0], inside[1]) == found[figures[2]].estimate
    # Another model is as sure of other examples.
    other = frozenset(sorted(sides[1].slices[f"label={label}"])[1:])
    moved = replace(sides[1], slices={f"label={label}": other})
    assert set(paired(figures, sides[0], moved)) == {f"recall {label}"}
    assert set(paired(figures, sides[0], replace(sides[1], slices={}))) == {f"recall {label}"}


def test_no_text_breaks_the_xml():
    summary = Summary.model_construct(
        id="x",
        model_fingerprint="x",
        corpus_fingerprint="x",
        model_name='a\x00b<&>"\ud800\ufffe\u202e',
        corpus_name="c\x1bd\r\n",
        plan=plan(model="\x0b]]>"),
        examples=1,
        finished=None,
        clean_accuracy=statistics.accuracy([True]),
        clean_errors=0,
        tests=(),
    )
    policy = rules.Policy((rules.Rule(figure="accuracy", at_least=0.5),))
    verdict = decide(policy, summary)
    suite = ET.fromstring(gate.junit(summary, verdict)).find("testsuite")
    assert suite is not None and suite.get("name") == 'a\\x00b<&>"\\xd800\\xfffe\u202e on c\\x1bd\r\n'
    log = json.loads(gate.sarif(summary, verdict, replace(policy, source="a b.yaml", lines=(1,))).encode())
    jsonschema.validate(log, SARIF)


def test_the_report_opens_with_the_verdict_of_the_plans_policy(capsys):
    audit_id = audited(
        policy=[{"figure": "accuracy", "at_least": 0.99}, {"figure": "drop *", "at_most": 0.9}]
    )
    assert commands.main(["report", audit_id, "--out", "-"]) == 0
    html = capsys.readouterr().out
    verdict = html.index("Failed: 1 of 2 rules is broken.")
    assert html.index("</h1>") < verdict < html.index("On the unchanged texts")
    assert (
        html.index("Accuracy: at least 99.0")
        < html.index("1 rule met")
        < html.index("Drop, Random casing, severity 1: at most")
    )
    assert commands.main(["show", audit_id]) == 0
    assert "Failed: 1 of 2 rules is broken." in capsys.readouterr().out
    assert 'class="verdict' not in reports.as_html(reports.gather(Store(), audited()))


def test_a_baseline_that_is_gone_is_told_in_the_report(capsys):
    before = audited()
    now = audited(Deaf, policy=[{"figure": "accuracy", "worse_by_at_most": 0.01}], baseline=before)
    Store().delete(before)
    assert commands.main(["report", now, "--out", "-"]) == 0
    assert f"Not judged: There is no audit &#39;{before}&#39;" in capsys.readouterr().out
    assert gated(capsys, now)[0] == 2


def _plain():
    store = Store()
    audit_id = audited()
    rows = store.rows(audit_id)
    audit = store.audit(audit_id)
    summary = summarise(audit, rows)
    return summary, rows, gate.verdict_of(store, audit, rows, summary)


def test_the_worked_build_file_has_commands_that_there_are():
    file = Path(__file__).parents[2] / "docs" / "ci" / "github-actions.yml"
    steps = yaml.safe_load(file.read_text())["jobs"]["gate"]["steps"]
    words = [shlex.split(step["run"]) for step in steps if "-m audits" in step.get("run", "")]
    assert [line[4] for line in words] == ["import", "run", "gate"]
    for line in words:
        assert line[:4] == ["python", "-P", "-m", "audits"]
        commands.parser().parse_args(line[4:])
