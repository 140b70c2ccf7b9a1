import csv
import io
import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from statsmodels.stats.proportion import proportion_confint

from audits.rows import CLEAN
from audits.summary import summarise
from audits.validity import Mark, Thresholds, Validity, is_valid, place
from tests.audits.reports.doubles import written
from tests.audits.test_summary import audit, row
from views.numbers import percent

NONE = Thresholds(similarity=None, words=None, fluency=None)


def success(index, **changes):
    fields = {
        "status": "succeeded",
        "says": "negative",
        "similarity": 0.9,
        "words_edited": 0.2,
        "fluency": -0.3,
    }
    return row(index, "deepwordbug", **(fields | changes))


@pytest.mark.parametrize(
    ("changes", "thresholds", "valid"),
    [
        ({}, Thresholds(), True),
        ({"similarity": 0.8}, Thresholds(), True),
        ({"similarity": 0.79}, Thresholds(), False),
        ({"similarity": 0.79}, NONE, True),
        ({"similarity": -1.0, "words_edited": 1.0, "fluency": -20.0}, NONE, True),
        ({"similarity": None}, Thresholds(similarity=1.0), True),
        ({"words_edited": 0.5}, Thresholds(), True),
        ({"words_edited": 0.51}, Thresholds(), False),
        ({"fluency": -1.5}, Thresholds(), True),
        ({"fluency": -1.5}, Thresholds(fluency=1.5), True),
        ({"fluency": -1.51}, Thresholds(fluency=1.5), False),
        ({"fluency": 4.0}, Thresholds(fluency=0.0), True),
        ({"fluency": None}, Thresholds(fluency=0.0), True),
    ],
)
def test_thresholds_on_rows_made_by_hand(changes, thresholds, valid):
    assert is_valid(success(0, **changes), thresholds) is valid


def test_a_persons_verdict_outweighs_every_threshold():
    good, bad = success(0), success(1, similarity=0.0, words_edited=1.0)
    assert not is_valid(good, Thresholds(), Mark("label changed"))
    assert is_valid(bad, Thresholds(), Mark("label kept"))
    view = Validity(marks={place(bad): Mark("label kept")})
    assert view.valid(bad) and view.mark(good) is None
    assert view.of(bad, flips=True) is True and view.of(bad, flips=False) is None
    assert view.of(row(2, "deepwordbug", status="failed"), flips=True) is None


@pytest.mark.parametrize(
    "wrong", [{"similarity": 1.1}, {"words": -0.1}, {"fluency": -1.0}, {"words": float("nan")}]
)
def test_thresholds_out_of_range_are_refused(wrong):
    with pytest.raises(ValidationError):
        Thresholds(**wrong)


def test_thresholds_are_told_in_words():
    assert Thresholds().sentence == "similarity at least 0.80, at most 50 % of the words changed"
    assert (
        Thresholds(similarity=None, words=None, fluency=1).sentence
        == "fluency lower by at most 1.00 nats a token"
    )
    assert NONE.sentence == "no thresholds"


def valid_only(test):
    assert test.validity is not None
    return test.validity


@pytest.fixture(scope="module")
def rows():
    """50 examples of which 40 are right; 24 of these are turned, 6 of them by saying something else."""
    made = [row(index, CLEAN, says="positive" if index < 40 else "negative") for index in range(50)]
    made += [success(index, similarity=0.5 if index < 6 else 0.95) for index in range(24)]
    made += [row(index, "deepwordbug", status="failed", perturbed=f"text {index}") for index in range(24, 40)]
    made += [
        row(index, "deepwordbug", status="skipped", says="negative", perturbed=f"text {index}")
        for index in range(40, 50)
    ]
    made += [row(index, "input-reduction", status="succeeded", similarity=None) for index in range(40)]
    return made


def wilson(right, total):
    return (right / total, *proportion_confint(right, total, method="wilson"), total)


def numbers(estimate):
    return (estimate.value, estimate.low, estimate.high, estimate.count)


def test_success_and_accuracy_raw_and_valid_only(rows):
    attack, kept = summarise(audit(), rows).tests
    assert (attack.attacked, attack.succeeded, valid_only(attack).valid) == (40, 24, 18)
    assert numbers(attack.success) == pytest.approx(wilson(24, 40))
    assert numbers(valid_only(attack).success) == pytest.approx(wilson(18, 40))
    assert numbers(attack.accuracy) == pytest.approx(wilson(16, 50))
    assert numbers(valid_only(attack).accuracy) == pytest.approx(wilson(22, 50))
    assert kept.validity is None


def test_a_text_that_stands_twice_is_one_source(rows):
    """Copies of an example (ids that differ in their suffix) make no interval narrower."""
    copies = [replace(one, example=f"{one.example}-{copy}") for one in rows for copy in range(3)]
    alone, copied = (summarise(audit(), made).tests[0] for made in (rows, copies))
    for figure in (lambda test: valid_only(test).success, lambda test: valid_only(test).accuracy):
        assert numbers(figure(copied))[:3] == pytest.approx(numbers(figure(alone))[:3])
        assert figure(copied).count == 3 * figure(alone).count


def test_without_thresholds_and_marks_valid_is_raw(rows):
    attack = summarise(audit(), rows, Validity(NONE)).tests[0]
    assert valid_only(attack).success == attack.success
    assert valid_only(attack).accuracy == attack.accuracy
    assert "valid" not in " ".join(summarise(audit(), rows, Validity(NONE)).headline)
    assert f"({percent(0.44)} where only valid successes count)" in summarise(audit(), rows).headline[1]


def test_marks_move_the_valid_figures_and_no_others(rows):
    attack = [found for found in rows if found.test == "deepwordbug"]
    marks = {
        place(attack[0]): Mark("label kept"),  # against its similarity
        place(attack[1]): Mark("label changed"),  # as its similarity says
        place(attack[20]): Mark("label changed"),  # against its similarity
        place(attack[21]): Mark("label changed"),
    }
    plain, marked = summarise(audit(), rows), summarise(audit(), rows, Validity(marks=marks))
    found = valid_only(marked.tests[0])
    assert (found.valid, found.reviewed, found.overruled) == (18 + 1 - 2, 4, 3)
    assert numbers(found.success) == pytest.approx(wilson(17, 40))
    assert marked.reviewed == (4, 24) and plain.reviewed == (0, 24)
    apart = {"validity": None}
    for before, after in zip(plain.tests, marked.tests, strict=True):
        assert before.model_copy(update=apart) == after.model_copy(update=apart)
    assert [flip.mark for flip in marked.flips[:2]] == ["label kept", "label changed"]
    assert [flip.valid for flip in marked.flips] == [
        True,
        *[False] * 5,
        *[True] * 14,
        False,
        False,
        True,
        True,
    ]


def test_stricter_thresholds_never_leave_more(rows):
    draw = np.random.default_rng(3)
    mixed = [
        found
        if found.status != "succeeded"
        else success(number, similarity=draw.uniform(0, 1), words_edited=draw.uniform(0, 1))
        for number, found in enumerate(row for row in rows if row.test == "deepwordbug")
    ]
    made = [found for found in rows if found.test == CLEAN] + mixed
    steps = np.linspace(0, 1, 5)
    counts = {
        (least, most): valid_only(
            summarise(audit(), made, Validity(Thresholds(similarity=least, words=most))).tests[0]
        ).valid
        for least, most in itertools.product(steps, steps)
    }
    for (least, most), valid in counts.items():
        assert all(valid >= counts[other, most] for other in steps if other >= least)
        assert all(valid <= counts[least, other] for other in steps if other >= most)


def test_what_was_not_measured_is_counted_and_told(rows):
    lacking = [success(0, similarity=None), success(1, similarity=None), success(2, fluency=None), success(3)]
    made = [*rows[:50], *lacking]
    view = Validity(Thresholds(), {place(lacking[0]): Mark("label kept")})
    assert summarise(audit(), made, view).unmeasured == 1
    assert summarise(audit(), made, Validity(Thresholds(fluency=1.0))).unmeasured == 3
    assert summarise(audit(), made, Validity(NONE)).unmeasured == 0
    assert "1 of the others lack a measurement" in " ".join(written(audit(), made, "html", view).split())
    assert "lack a measurement" not in written(audit(), rows, "html")


def test_the_report_says_what_counts_and_why(rows):
    marks = {place(rows[50]): Mark("label kept", note="<b>fine</b>")}
    view = Validity(Thresholds(similarity=0.7), marks)
    html = written(audit(), rows, "html", view)
    text = " ".join(html.split())
    assert "similarity at least 0.70, at most 50 % of the words changed" in text
    assert "People have reviewed 1 of 24 successes" in text
    assert "19 of 24" in text
    assert (
        "similarity 0.50 · 20 % of the words changed · fluency \u22120.30 · valid · reviewed: label kept"
        in text
    )
    assert "· not valid" in text
    assert "Did the meaning stay?" not in written(audit(), rows[:50], "html", view)


def test_csv_and_json_carry_verdicts(rows):
    view = Validity(marks={place(rows[50]): Mark("label kept", "2026-01-02T03:04:05+00:00", "=note")})
    table = list(csv.DictReader(io.StringIO(written(audit(), rows, "csv", view), newline="")))
    assert [table[50][name] for name in ("similarity", "fluency", "valid", "mark")] == [
        "0.5",
        "-0.3",
        "yes",
        "label kept",
    ]
    assert (table[51]["valid"], table[51]["mark"]) == ("no", "")
    assert {cells["valid"] for cells in table if cells["test"] != "deepwordbug"} == {""}
    assert {cells["valid"] for cells in table if cells["status"] in ("failed", "skipped")} == {""}
    content = json.loads(written(audit(), rows, "json", view))
    assert content["summary"]["thresholds"] == {"similarity": 0.8, "words": 0.5, "fluency": None}
    assert content["marks"] == [
        {"test": "deepwordbug", "severity": 0, "seed": 7, "example": "id0", "verdict": "label kept"}
        | {"at": "2026-01-02T03:04:05+00:00", "note": "=note"}
    ]
