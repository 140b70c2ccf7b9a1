"""Word scores: made by the model that was audited or not at all, and shown as they were kept."""

from dataclasses import replace

import pytest

from analysis.background import Cancelled
from audits.provenance import environment
from audits.reports import Material, as_html
from audits.reports.explaining import chosen, explain
from audits.reports.explanations import Explanations, Words
from audits.reports.flips import by_test
from audits.reports.schema import report
from audits.summary import summarise
from models import loading
from models.classifier import ModelError
from tests.audits.doubles import KeywordClassifier
from tests.audits.reports.doubles import written
from tests.audits.test_summary import audit, row

TEXT, CHANGED = "a lovely film", "a lxvely film"
ROWS = [row(0, "clean", text=TEXT, perturbed=TEXT)]
ROWS += [row(0, "casing", 3, text=TEXT, perturbed=CHANGED, says="negative")]


def words(text, *spans):
    return Words(text=text, target="positive", contrast="negative", spans=spans)


def test_the_bundled_model_says_which_words_decided():
    classifier = loading.load("bundled:sentiment")
    summary = summarise(audit(model_fingerprint=classifier.fingerprint), ROWS)
    made = explain(summary, lambda plan: classifier)
    assert [one.text for one in made.texts] == [TEXT, CHANGED] and not made.missing
    before, after = made.of(summary.flips[0]) or (None, None)
    assert before and after and before.converged
    scores = {TEXT[start:end]: score for start, end, score in before.spans}
    assert max(scores, key=scores.__getitem__) == "lovely" and scores["lovely"] > 0
    told = []
    assert explain(summary, lambda plan: classifier, lambda done, total: told.append((done, total))) == made
    assert told[0] == (0, 2) and told == sorted(told) and told[-1] == (2, 2)
    # What was tested is named by its hashes.
    made_with = environment(classifier)
    assert made_with["weights"].replace(", ", "") == classifier.weights and len(made_with["tokenizer"]) == 64
    assert len(made_with["lexicons"]) == 12


def test_another_model_or_none_is_told_and_not_explained():
    summary = summarise(audit(), ROWS)

    def gone(plan):
        raise ModelError("There is no folder\nof that name.")

    assert explain(summary, gone) == Explanations(missing="There is no folder of that name.")

    def cancel(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):  # before the model is loaded
        explain(summary, gone, cancel)
    assert "another model now" in explain(summary, lambda plan: KeywordClassifier()).missing
    known = summarise(audit(model_fingerprint=KeywordClassifier.fingerprint), ROWS)
    assert "cannot be looked into" in explain(known, lambda plan: KeywordClassifier()).missing
    assert explain(summarise(audit(), ROWS[:1]), gone).missing == "No example flipped."


def test_kept_words_are_shown_and_missing_ones_told():
    scores = Explanations(
        title="a method", texts=(words(TEXT, (2, 8, 1.5)), words(CHANGED, (2, 8, -1.0))), missing=""
    )
    html = written(audit(), ROWS, explanations=scores)
    assert '<mark class="for strong"' in html and '<mark class="against strong"' in html
    assert "(a method; the score" in html
    plain = written(audit(), ROWS, explanations=Explanations(missing="the <model> is gone"))
    assert "the &lt;model&gt; is gone" in plain and "<mark" not in plain
    # What is kept is part of the report, for people and machines.
    assert report(Material(audit(), ROWS, explanations=scores))["explanations"]["texts"][0]["text"] == TEXT


def test_every_test_has_some_of_its_flips_explained():
    many = [replace(made, example=f"id{place}") for place in range(40) for made in ROWS]
    summary = summarise(audit(), many)
    assert len(chosen(summary)) == 24
    assert as_html(Material(audit(), many)).count("<article>") == 40


def test_of_an_attacks_successes_those_that_prove_most_come_first():
    flips = [
        flip.model_copy(update={"test": "deepwordbug", "example": str(place), "valid": valid})
        for place, valid in enumerate((False, True, False, True))
        for flip in summarise(audit(), ROWS).flips
    ]
    shown = summarise(audit(), [*ROWS, row(0, "deepwordbug", status="succeeded", text=TEXT, says="negative")])
    found = by_test(shown.model_copy(update={"flips": tuple(flips)}))
    assert [flip.example for flip in found["DeepWordBug"]] == ["1", "3", "0", "2"]
