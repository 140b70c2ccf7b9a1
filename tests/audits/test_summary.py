from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from audits.rows import CLEAN, Row
from audits.summary import Summary, points, signed, summarise
from audits.tables import Audit
from tests.audits.doubles import LABELS, plan

TESTS = ("casing@1", "casing@3", "keyboard-typos@2", "deepwordbug", "input-reduction")


def audit(**changes):
    fields: dict[str, Any] = {
        "id": "lusab-babad",
        "plan": plan().model_copy(update={"tests": TESTS}),
        "state": "finished",
        "created": "2026-01-02T03:04:05+00:00",
        "finished": "2026-01-02T03:05:05+00:00",
        "model_name": "keywords",
        "model_fingerprint": "abc",
        "corpus_name": "films",
        "corpus_fingerprint": "def",
        "labels": LABELS,
        "environment": {"python": "3.11"},
        "error": None,
        "pid": None,
    }
    return Audit(**(fields | changes))


def row(index, test, severity=0, *, label="positive", says="positive", **changes):
    """A row whose model says `says` with 0.8."""
    text = f"text {index}"
    fields: dict[str, Any] = {
        "key": f"{index}-{test}-{severity}",
        "example": f"id{index}",
        "text": text,
        "label": label,
        "test": test,
        "severity": severity,
        "seed": 7,
        "status": "clean" if test == CLEAN else "perturbed",
        "perturbed": text if test == CLEAN else text.upper(),
        "probabilities": (0.2, 0.8) if says == "positive" else (0.8, 0.2),
        "characters_edited": 0.0 if test == CLEAN else 0.1 * severity,
        "words_edited": 0.0 if test == CLEAN else 0.5,
    }
    return Row(**(fields | changes))


def verdicts(test, severity, right, **changes):
    """Rows of which those in `right` are answered right."""
    return [
        row(index, test, severity, says="positive" if flag else "negative", **changes)
        for index, flag in enumerate(right)
    ]


RNG = np.random.default_rng(5)
CLEAN_RIGHT = RNG.random(200) < 0.9
CASING_1 = CLEAN_RIGHT & (RNG.random(200) < 0.97)
CASING_3 = CLEAN_RIGHT & (RNG.random(200) < 0.7) | (~CLEAN_RIGHT & (RNG.random(200) < 0.3))
TYPOS = CLEAN_RIGHT & (RNG.random(200) < 0.9)


@pytest.fixture(scope="module")
def rows():
    return [
        *verdicts(CLEAN, 0, CLEAN_RIGHT),
        *verdicts("casing", 1, CASING_1),
        *verdicts("casing", 3, CASING_3),
        *verdicts("keyboard-typos", 2, TYPOS),
    ]


def test_accuracy_and_its_interval_are_sklearns_and_statsmodels(rows):
    summary = summarise(audit(), rows)
    clean = summary.clean_accuracy
    assert clean and clean.count == 200
    assert clean.value == accuracy_score(np.ones(200), CLEAN_RIGHT)
    assert (clean.low, clean.high) == pytest.approx(
        proportion_confint(CLEAN_RIGHT.sum(), 200, method="wilson")
    )
    strong = summary.tests[1]
    assert strong.test == "casing@3"
    assert strong.accuracy and strong.accuracy.value == CASING_3.mean()
    assert strong.drop and strong.drop.value == pytest.approx(CLEAN_RIGHT.mean() - CASING_3.mean())
    assert strong.drop.low < strong.drop.value < strong.drop.high
    assert (strong.lost, strong.gained) == (
        int((CLEAN_RIGHT & ~CASING_3).sum()),
        int((~CLEAN_RIGHT & CASING_3).sum()),
    )
    assert strong.characters_edited == pytest.approx(0.3)


def test_p_values_are_exact_and_corrected_over_all_tests(rows):
    summary = summarise(audit(), rows)
    expected = []
    for after in (CASING_1, CASING_3, TYPOS):
        table = [
            [int((CLEAN_RIGHT & after).sum()), int((CLEAN_RIGHT & ~after).sum())],
            [int((~CLEAN_RIGHT & after).sum()), int((~CLEAN_RIGHT & ~after).sum())],
        ]
        expected.append(mcnemar(table, exact=True).pvalue)
    assert [test.p_value for test in summary.tests] == pytest.approx(expected)
    assert [test.p_adjusted for test in summary.tests] == pytest.approx(
        list(multipletests(expected, method="holm")[1])
    )


def test_curves_start_at_the_clean_answer_and_go_by_what_was_edited(rows):
    casing, typos = summarise(audit(), rows).curves
    assert casing.title == "Random casing"
    assert [point.edited for point in casing.points] == pytest.approx([0.0, 0.1, 0.3])
    assert [point.accuracy for point in casing.points] == [
        CLEAN_RIGHT.mean(),
        CASING_1.mean(),
        CASING_3.mean(),
    ]
    assert [point.note for point in typos.points] == ["unchanged", "severity 2"]


def test_only_examples_with_both_answers_are_paired():
    rows = [
        row(0, CLEAN),
        row(1, CLEAN, probabilities=(), error="odd", status="error"),
        row(2, CLEAN),
        row(0, "casing", 1, says="negative"),
        row(1, "casing", 1),
        row(2, "casing", 1, probabilities=(), error="odd", status="error"),
    ]
    summary = summarise(audit(), rows)
    assert (summary.examples, summary.clean_errors, summary.expected) == (3, 1, 18)
    (test,) = summary.tests
    assert (test.rows, test.errors, test.paired) == (3, 1, 1)
    assert test.drop and (test.drop.value, test.drop.count) == (1.0, 1)
    assert test.clean_accuracy and test.clean_accuracy.value == 1.0


def test_an_attack_is_judged_on_what_it_could_attack():
    statuses = ["succeeded"] * 5 + ["failed"] * 3 + ["skipped"] * 2
    rows = [row(index, CLEAN, says="negative" if index > 7 else "positive") for index in range(10)]
    rows += [
        row(
            index,
            "deepwordbug",
            status=status,
            says="positive" if status == "failed" else "negative",
            queries=10 * index,
        )
        for index, status in enumerate(statuses)
    ]
    (test,) = summarise(audit(), rows).tests
    assert (test.kind, test.attacked, test.succeeded, test.skipped) == ("attack", 8, 5, 2)
    assert test.success and test.success.count == 8
    interval = stats.binomtest(5, 8).proportion_ci(method="wilson")
    assert (test.success.low, test.success.high) == pytest.approx((interval.low, interval.high))
    assert test.queries == pytest.approx(np.mean([0, 10, 20, 30, 40, 50, 60, 70]))
    assert test.accuracy and test.accuracy.value == 0.3
    assert test.drop and test.drop.value == pytest.approx(0.5)


def test_a_test_that_keeps_the_answer_has_no_drop_and_no_flips():
    rows = [row(0, CLEAN), row(0, "input-reduction", status="succeeded", says="negative")]
    summary = summarise(audit(), rows)
    (test,) = summary.tests
    assert not test.flips
    assert test.drop is None and test.p_adjusted is None
    assert test.kept == "keeps the answer with 50 % of the words"
    assert test.success and test.success.value == 1.0
    assert summary.flips == ()
    assert summary.by_harm == []


def test_flips_are_right_before_and_wrong_after():
    rows = [
        row(0, CLEAN),
        row(1, CLEAN, says="negative"),
        row(2, CLEAN),
        *(row(index, "casing", 3, says="negative") for index in range(2)),
        row(2, "casing", 3),
    ]
    (flip,) = summarise(audit(), rows).flips
    assert (flip.example, flip.test, flip.label, flip.predicted) == (
        "id0",
        "casing@3",
        "positive",
        "negative",
    )
    assert (flip.confidence_before, flip.confidence_after) == (0.8, 0.8)


def test_the_headline_names_the_worst_test_and_claims_nothing_more(rows):
    told = " ".join(summarise(audit(), rows).headline)
    assert "keywords is right in" in told and "n = 200" in told
    assert "Random casing, severity 3 costs most" in told
    harmless = [*verdicts(CLEAN, 0, CLEAN_RIGHT), *verdicts("casing", 1, CLEAN_RIGHT)]
    assert "No test lowers the accuracy by more than chance" in " ".join(
        summarise(audit(), harmless).headline
    )
    assert summarise(audit(), []).headline == ["This audit has no answers yet."]


def test_figures_do_not_depend_on_the_rows_order_and_survive_json(rows):
    summary = summarise(audit(), rows)
    shuffled = [rows[index] for index in np.random.default_rng(1).permutation(len(rows))]
    assert summarise(audit(), shuffled).model_copy(update={"flips": summary.flips}) == summary
    assert Summary.model_validate_json(summary.model_dump_json()) == summary


def test_a_test_that_is_no_longer_known_still_has_figures():
    rows = [row(0, CLEAN), row(0, "long-gone", 2, says="negative")]
    gone = audit(plan=plan().model_copy(update={"tests": ("long-gone@2",)}))
    (test,) = summarise(gone, rows).tests
    assert (test.title, test.kind) == ("long-gone", "noise")


def test_numbers_are_written_with_a_true_minus():
    assert signed(-0.0123) == "\u22121.2"
    assert signed(-0.0001) == "0.0"
    from audits.statistics import Estimate

    assert points(Estimate(0.124, -0.01, 0.2, 9)) == "12.4 points [\u22121.0, 20.0]"
