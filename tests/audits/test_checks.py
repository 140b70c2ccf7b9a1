"""A suite on a model whose answers can be worked out by hand, and the command that runs it."""

import csv
import io
import json

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from attacks.answers import Cancelled
from attacks.entry import AttackError
from attacks.templates import load, parse
from audits import check_command, checks, commands
from tests.audits.doubles import KeywordClassifier

#: The double says positive (0.9) where a good word stands alone, and otherwise negative (0.8).
SUITE = parse(
    """
name: Own
labels: [neg, pos]
fillers: {good: [good, great, fine], thing: [film, play]}
tests:
- {name: Praise, capability: Words, type: MFT, label: pos, templates: ['so {good} a {thing}']}
- {name: Denial, capability: Negation, type: MFT, label: neg, templates: ['not {good} a {thing}']}
- {name: Stop, capability: Words, type: INV, templates: ['the {thing} is {good}'], add: ['.', '!']}
- {name: Vary, capability: Words, type: INV, vary: good, templates: ['{good} {thing}']}
- {name: Shout, capability: Words, type: INV, pairs: [['a {good} one', 'a {good}! one']]}
- {name: More, capability: Words, type: DIR, label: pos, must_not: fall, pairs: [[the film, the good film]]}
- {name: Less, capability: Words, type: DIR, label: pos, must_not: rise, pairs: [[the film, the good film]]}
- {name: Much, capability: Words, type: DIR, label: pos, must_not: rise, tolerance: 0.7,
   templates: ['the {thing}'], add: ['good']}
""",
    "own.yaml",
)
FAILURES = {
    "Praise": (0, 6),
    "Denial": (6, 6),
    "Stop": (0, 12),
    "Vary": (0, 6),
    "Shout": (3, 3),
    "More": (0, 1),
    "Less": (1, 1),
    "Much": (0, 2),
}


class Fragile(KeywordClassifier):
    """Cannot read plays."""

    def probabilities(self, texts):
        if any("play" in text for text in texts):
            raise RuntimeError("no plays")
        return super().probabilities(texts)


@pytest.fixture(scope="module")
def report():
    return checks.run(SUITE, KeywordClassifier(), model="keywords", seed=1)


def test_failures_are_those_that_the_rules_of_each_type_say(report):
    assert {test.name: (test.failures, test.cases) for test in report.tests} == FAILURES
    for test in report.tests:
        low, high = proportion_confint(test.failures, test.cases, method="wilson")
        assert (test.failure_rate.low, test.failure_rate.high) == pytest.approx((low, high), abs=1e-9)
    assert report.failures == 10 and report.answered == 37
    assert [one.capability for one in report.capabilities] == ["Words", "Negation"]
    assert [one.cases for one in report.capabilities] == [31, 6]
    assert report.headline.startswith("Fails 10 of 37 cases; worst: Negation, 100.0 % [61.0, 100.0].")


def test_cases_say_what_was_expected_and_got(report):
    (denied, *_) = report.failing("Denial")
    assert (denied.expected, denied.got) == ("negative", ("positive",))
    assert denied.probabilities == ((0.1, 0.9),)
    (shouted, *_) = report.failing("Shout")
    assert (shouted.expected, shouted.got) == ("the same label", ("positive", "negative"))
    assert report.failing("Less")[0].expected == "positive must not rise by more than 10 %"
    assert report.failing("Praise") == []


def test_the_same_seed_gives_the_same_report_and_another_other_cases(report):
    assert report == checks.run(SUITE, KeywordClassifier(), model="keywords", seed=1)
    few = [checks.run(SUITE, KeywordClassifier(), seed=seed, most=12).checked for seed in (1, 2)]
    assert few[0] != few[1] and len(few[0]) == len(few[1]) == 12


def test_a_text_that_crashes_the_model_is_an_error_of_its_case():
    report = checks.run(SUITE, Fragile())
    praise = report.tests[0]
    assert (praise.cases, praise.errors, praise.failures) == (3, 3, 0)
    assert {case.error for case in report.checked if case.error} == {"no plays"}
    assert report.answered == len(report.checked) - sum(test.errors for test in report.tests)


def test_labels_must_fit_and_a_run_can_be_cancelled():
    with pytest.raises(AttackError, match="speaks of World, Sports, Business, Sci/Tech; the model"):
        checks.run(load("topics"), KeywordClassifier())
    with pytest.raises(Cancelled):
        checks.run(SUITE, KeywordClassifier(), cancelled=lambda: True)


def test_progress_counts_the_texts_once():
    told = []
    model = KeywordClassifier()
    checks.run(SUITE, model, on_progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == model.asked


def test_json_and_csv_hold_every_case_and_the_csv_is_guarded():
    odd = parse(
        "name: Odd\nlabels: [neg, pos]\ntests:\n"
        "- {name: '=cmd()', capability: '@c', type: INV, pairs: [['-1+2', '+good']]}\n"
        "- {name: plain, capability: '@c', type: MFT, label: pos, templates: ['=1+1']}\n",
        "odd.yaml",
    )
    report = checks.run(odd, KeywordClassifier())
    written = json.loads(checks.as_json(report))
    assert written["schema"] == checks.SCHEMA and len(written["cases"]) == 2
    assert written["tests"][1]["failures"] == 1 and written["cases"][0]["texts"] == ["-1+2", "+good"]
    rows = list(csv.DictReader(io.StringIO(checks.as_csv(report))))
    assert [row["text"] for row in rows] == ["'-1+2", "'=1+1"]
    assert rows[0]["test"] == "'=cmd()" and rows[0]["text after"] == "'+good" and rows[1]["text after"] == ""
    np.testing.assert_allclose([float(row["p(positive)"]) for row in rows], 0.2)


@pytest.fixture
def doubles(monkeypatch, tmp_path):
    monkeypatch.setattr(check_command, "_load_classifier", lambda _: KeywordClassifier())
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("doubles")
def test_the_command_prints_a_table_and_writes_the_cases(capsys, tmp_path):
    asked = ["check", "--model", "double", "--suite", "sentiment", "--max-cases", "90"]
    assert commands.main([*asked, "--out", "cases.json"]) == 0
    out, _ = capsys.readouterr()
    written = json.loads((tmp_path / "cases.json").read_text())
    assert len(written["cases"]) == 90 and written["model"] == "double"
    assert written["headline"] in " ".join(out.split("\n"))
    assert "Negated positive words" in out and "One failing case of each test" in out
    assert commands.main([*asked, "--out", "cases.csv"]) == 0
    assert len((tmp_path / "cases.csv").read_text().splitlines()) == 91


@pytest.mark.usefixtures("doubles")
@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--suite", "nothing"], "There is no suite 'nothing'"),
        (["--suite", "topics"], "speaks of World"),
        (["--suite", "sentiment", "--max-cases", "0"], "max-cases"),
        (["--suite", "sentiment", "--out", "cases.txt"], "neither .json nor .csv"),
        (["--suite", "sentiment", "--out", "no/such/folder/cases.csv"], "there is no folder"),
    ],
)
def test_the_command_tells_wrong_usage_in_a_line(capsys, options, told):
    assert commands.main(["check", "--model", "double", *options]) == 2
    _, err = capsys.readouterr()
    assert told in err and len(err.splitlines()) == 1
