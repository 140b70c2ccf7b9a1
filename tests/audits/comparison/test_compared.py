import json
from dataclasses import replace

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar as theirs
from statsmodels.stats.multitest import multipletests

from audits import commands, comparison
from audits.comparison import ComparisonError, compare, headline
from audits.plan import make
from audits.reports import as_html, gather
from audits.reports.verification import verify
from audits.rows import CLEAN, Row
from audits.store import Store
from audits.tables import Audit
from corpora.examples import Example

LABELS = ("negative", "positive")


def audit(name="first", *, tests="keyboard-typos@1,keyboard-typos@3", labels=LABELS, **changes):
    plan = make(
        model="double:keywords", data="double:films", tests=tests, seed=changes.pop("seed", 7), seeds=1
    )
    fields = {
        "id": f"{name[:5]:a<5}-babad",
        "plan": plan,
        "state": "finished",
        "created": "2026-01-01T00:00:00+00:00",
        "finished": None,
        "model_name": name,
        "model_fingerprint": name,
        "corpus_name": "films",
        "corpus_fingerprint": "f",
        "labels": labels,
        "environment": {},
        "error": None,
    }
    return Audit(**fields | changes)


def rows(made, right, *, start=0, sure=0.9):
    """A row an example and test; `right` gets a test's place in the plan and the example's number."""
    found = []
    for place, column in enumerate(made.plan.columns):
        for number in range(start, start + 60):
            label = LABELS[number % 2]
            is_right = right(place, number)
            answer = made.labels.index(label if is_right else LABELS[1 - number % 2])
            attack = column.name == "deepwordbug"
            scores = [1 - sure, 1 - sure]
            scores[answer] = sure
            found.append(
                Row(
                    key="",
                    example=f"{number:04d}",
                    text=f"text {number}",
                    label=label,
                    test=column.name,
                    severity=column.severity,
                    seed=made.plan.seed,
                    status=("failed" if is_right else "succeeded") if attack else "perturbed",
                    perturbed=f"text {number} {column.written}",
                    probabilities=tuple(scores),
                    characters_edited=0.1 * column.severity,
                )
            )
    return found


def test_counts_tests_and_corrections_are_statsmodels_own():
    one, two = audit(), audit("second")
    first = rows(one, lambda place, number: number % 7 > 0)
    second = rows(two, lambda place, number: number % 7 > 0 and number % 3 > (place == 1) - 1)
    [found] = compare([(one, first), (two, second)]).against
    expected = []
    for place, test in enumerate(found.tests):
        before = np.array([number % 7 > 0 for number in range(60)])
        after = np.array([number % 7 > 0 and number % 3 > (place == 1) - 1 for number in range(60)])
        table = [
            [(before & after).sum(), (before & ~after).sum()],
            [(~before & after).sum(), (~before & ~after).sum()],
        ]
        assert (test.shared, test.lost, test.gained, test.other) == (60, table[0][1], table[1][0], 0)
        expected.append(theirs(table, exact=True).pvalue)
        assert test.accuracy and test.accuracy.difference.value == pytest.approx(after.mean() - before.mean())
    assert [test.p_value for test in found.tests] == pytest.approx(expected)
    assert [test.p_adjusted for test in found.tests] == pytest.approx(
        multipletests(expected, method="holm")[1]
    )
    assert [test.q_value for test in found.tests] == pytest.approx(
        multipletests(expected, method="fdr_bh")[1]
    )
    changed = [change for change in found.changes if change.test == "keyboard-typos@1"]
    assert len(changed) == found.tests[1].lost and {change.kind for change in changed} == {"right to wrong"}
    clean, typos = found.tests[:2]
    assert clean.accuracy and typos.accuracy and typos.drop
    assert typos.drop.difference.value == pytest.approx(-typos.accuracy.difference.value)
    assert found.robustness[0].score.first == pytest.approx(clean.accuracy.first)


def test_audits_that_overlap_in_part_are_compared_on_what_they_share():
    one = audit()
    two = audit("second", tests="keyboard-typos@1,casing@2")
    second = rows(two, lambda place, number: number % 4 > 0, start=20)
    second[0] = replace(second[0], probabilities=(), error="ModelError: broken")
    [found] = compare([(one, rows(one, lambda *_: True)), (two, second)]).against
    assert (found.examples, found.only_first, found.only_second) == (40, 20, 20)
    assert [test.test for test in found.tests] == [CLEAN, "keyboard-typos@1"]
    assert (found.tests_only_first, found.tests_only_second) == (("keyboard-typos@3",), ("casing@2",))
    clean = found.tests[0]
    assert (clean.shared, clean.unanswered, clean.only_first, clean.only_second) == (39, 1, 20, 20)
    said = comparison.shares(compare([(one, rows(one, lambda *_: True)), (two, second)]), found)
    assert "40 examples are in both, 20 only in first" in said
    assert "Only in first: Keyboard typos at severity 3." in said
    assert "Only in second: Random casing at severity 2." in said


def test_other_seeds_share_the_unchanged_texts_alone():
    one, two = audit(), audit("second", seed=8)
    [found] = compare([(one, rows(one, lambda *_: True)), (two, rows(two, lambda *_: True))]).against
    assert [test.shared for test in found.tests] == [60, 0, 0]
    assert any("other seeds" in note for note in found.notes)


def test_labels_may_stand_in_another_order():
    one, two = audit(), audit("second", labels=LABELS[::-1])
    [found] = compare([(one, rows(one, lambda *_: True)), (two, rows(two, lambda *_: True))]).against
    assert found.clean and found.clean.changed == 0
    assert found.clean.macro_f1 and found.clean.macro_f1.difference.value == 0


def test_what_cannot_be_compared_is_a_clear_error():
    one, two = audit(), audit("second")
    right = rows(one, lambda *_: True)
    with pytest.raises(ComparisonError, match="share nothing"):
        compare([(one, right), (two, rows(two, lambda *_: True, start=100))])
    with pytest.raises(ComparisonError, match="two audits or more"):
        compare([(one, right)])
    with pytest.raises(ComparisonError, match="stands there twice"):
        compare([(one, right), (one, right)])
    other = replace(two, labels=("no", "yes"))
    with pytest.raises(ComparisonError, match="no answer of the one is right or wrong"):
        compare([(one, right), (other, right)])


def test_attacks_count_among_what_each_could_attack():
    one, two = audit(tests="deepwordbug"), audit("second", tests="deepwordbug")
    first = rows(one, lambda place, number: place == 0 or number % 3 > 0)
    second = [
        replace(row, status="skipped") if row.test != CLEAN and row.example < "0010" else row
        for row in rows(two, lambda place, number: place == 0 or number % 2 > 0)
    ]
    [found] = compare([(one, first), (two, second)]).against
    attack = found.tests[1].attack
    assert attack
    assert (attack.attacked_first, attack.succeeded_first) == (60, 20)
    assert (attack.attacked_second, attack.succeeded_second) == (50, 25)
    assert attack.success.difference.value == pytest.approx(0.5 - 1 / 3)
    assert attack.success.difference.low < attack.success.difference.value < attack.success.difference.high


def test_three_audits_are_corrected_together_and_told_apart():
    one, two, three = (
        audit(),
        audit("second"),
        audit("second", id="third-babad", environment={"dtype": "int8"}),
    )
    made = compare(
        [
            (one, rows(one, lambda *_: True)),
            (two, rows(two, lambda place, number: number % 9 > 0)),
            (three, rows(three, lambda place, number: number % 4 > 0)),
        ]
    )
    assert [side.title for side in made.sides] == ["first", "second, auto", "second, int8"]
    values = [test.p_value for against in made.against for test in against.tests]
    adjusted = [test.p_adjusted for against in made.against for test in against.tests]
    assert adjusted == pytest.approx(multipletests(values, method="holm")[1])
    assert headline(made)[2].startswith("second, int8 is 25.0 points less accurate than first [−")


@pytest.fixture
def two_ids(tmp_path, monkeypatch):
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path))
    store, ids = Store(), []
    for share in (7, 3):
        made = audit()
        ids.append(store.create(made.plan))
        lease = store.claim(ids[-1])
        found = rows(made, lambda place, number, share=share: number % share > 0)
        examples = [Example(row.example, row.text, row.label) for row in found[:60]]
        store.describe(
            ids[-1], model=(f"model {share}", str(share)), corpus=("films", "f"), labels=LABELS,
            environment={}, examples=examples,
        )  # fmt: skip
        store.add(ids[-1], found)
        store.release(ids[-1], lease, "finished")
    return ids


def test_the_command_shows_and_writes(two_ids, capsys, tmp_path):
    file = tmp_path / "compared.json"
    assert commands.main(["compare", *two_ids, "--json", str(file)]) == 0
    out = capsys.readouterr().out
    assert "model 3 is" in out and "less accurate than model 7" in out
    assert "Keyboard typos, severity 3" in out and "60 examples are in both" in out
    assert comparison.Comparison.model_validate_json(file.read_text()).first.id == two_ids[0]
    assert json.loads(file.read_text())["against"][0]["tests"][0]["shared"] == 60
    assert commands.main(["compare", two_ids[0]]) == 2
    assert "two audits or more" in capsys.readouterr().err


def test_a_report_of_an_audit_with_a_baseline_has_the_comparison(two_ids, tmp_path):
    store = Store()
    first = store.audit(two_ids[0])
    examples, made = store.examples(two_ids[1]), store.rows(two_ids[1])
    last = store.create(first.plan.model_copy(update={"baseline": two_ids[0]}))
    lease = store.claim(last)
    store.describe(
        last, model=("new", "n"), corpus=("films", "f"), labels=LABELS, environment={}, examples=examples
    )
    store.add(last, made)
    store.release(last, lease, "finished")
    page = as_html(gather(store, last))
    assert "Compared with model 7" in page and "60 examples are in both" in page
    assert commands.main(["report", last, "--out", str(tmp_path / "bundle")]) == 0
    # These rows are made up, which is found in both audits; every figure follows from them all the same.
    found = verify(tmp_path / "bundle")
    assert {problem.file for problem in found.problems} == {"audit.zip", f"other-{first.id}.zip"}
    assert found.figures > 100


def test_the_html_file_needs_nothing_else(two_ids, tmp_path):
    file = tmp_path / "compared.html"
    assert commands.main(["compare", *two_ids, "--html", str(file)]) == 0
    page = file.read_text()
    assert (
        "<script" not in page
        and "http:" not in page
        and "https:" not in page
        and "Examples whose answer changed" in page
    )
