"""The Explain page: an answer is computed once, can be stopped, and trouble leaves the page standing."""

import re
import threading
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

import analysis.attribution
import analysis.faithfulness
from pages import jobs
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running
from tests.pages.running import ran, shown

opened = partial(running.opened, "explain")

PROBE = "a few words, to see whether it works"
LONG = "A dull film, but unforgettable! " * 15


class Shelf:
    """Holds tiny classifiers by family."""

    def get(self, reference, device="auto", dtype="auto"):
        family = "bert" if reference.startswith("bundled:") else reference
        return tiny.classifier(family, labels=2, max_length=128)


@pytest.fixture
def asked(monkeypatch) -> list[dict[str, Any]]:
    """What was asked of attributions, but for the quick first picture."""
    calls: list[dict[str, Any]] = []
    real = analysis.attribution.attribute

    def counting(classifier, text, method="integrated-gradients", **question):
        if text != PROBE:
            calls.append({"text": text, "method": method, **question})
        return real(classifier, text, method, **question)

    monkeypatch.setattr(analysis.attribution, "attribute", counting)
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    return calls


def test_scores_are_computed_once_for_the_same_question(asked):
    def integrated():
        return [one for one in asked if one["method"] == "integrated-gradients"]

    app = opened(text="One dull film, once.")
    ran(app)
    assert len(integrated()) == 1
    opened(text="One dull film, once.")
    assert len(integrated()) == 1
    opened(text="One dull film, once.", baseline="mask")
    assert len(integrated()) == 2
    assert integrated()[1]["settings"].baseline == "mask"


def test_the_settings_of_a_link_are_the_question_asked(asked):
    opened(text="Asked in full.", target="low", contrast="-", baseline="zero", tolerance="0.05", steps="36")
    question = asked[0]
    assert question["method"] == "integrated-gradients"
    assert question["target"] == 0
    assert question["contrast"] is None
    assert question["quantity"] == "logit"
    settings = question["settings"]
    assert (settings.baseline, settings.tolerance, settings.max_steps) == ("zero", 0.05, 36)
    opened(text="Asked by LIME.", method="lime", contrast="-p", removal="delete", samples="50", seed="7")
    question = next(one for one in asked if one["method"] == "lime")
    assert question["quantity"] == "probability"
    settings = question["settings"]
    assert (settings.removal, settings.samples, settings.seed) == ("delete", 50, 7)


def test_a_row_of_several_labels_is_explained_for_any_label(asked, monkeypatch, tmp_path):
    class Several:
        def get(self, reference, device="auto", dtype="auto"):
            return tiny.classifier("bert", max_length=128, problem="multi_label_classification")

    monkeypatch.setattr(loaded, "shelf", Several)
    file = tmp_path / "rows.csv"
    file.write_text("text,label\nA dull film.,low|high\nNone of these.,\n")
    for number, label in enumerate(("low", "middle", "high")):
        page = opened(data=str(file), target=label, method="gradient-input")
        assert (asked[-1]["text"], asked[-1]["target"]) == ("A dull film.", number)
        assert f"for {label}" in shown(page)


def test_a_slow_method_shows_a_first_picture_and_can_be_cancelled(asked, monkeypatch):
    counting = analysis.attribution.attribute
    released = threading.Event()

    def slow(classifier, text, method="integrated-gradients", **question):
        if method == "lime":
            question["on_progress"](1, 4)
            released.wait(60)
            question["on_progress"](2, 4)
        return counting(classifier, text, method, **question)

    monkeypatch.setattr(jobs, "PATIENCE", 0.2)
    monkeypatch.setattr(analysis.attribution, "attribute", slow)
    app = opened(text="A slow film.", method="lime")
    assert "assay-key much" in shown(app)  # the first picture
    next(button for button in app.button if button.label == "Cancel").click()
    ran(app)
    released.set()
    assert "LIME was stopped" in shown(app)
    assert "assay-key for" not in shown(app)
    assert not any(one["method"] == "lime" for one in asked)
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    next(button for button in app.button if button.label == "Compute it").click()
    ran(app)
    assert sum(one["method"] == "lime" for one in asked) == 1
    assert "assay-key for" in shown(app)


def test_a_family_without_gradients_says_so_and_offers_what_is_left(asked):
    app = opened(model="canine", text="A dull film.")
    page = shown(app)
    assert "The model says" in page
    assert "Not for this model: attention relevance" in page
    assert "gradient × input" in page.partition("Not for this model")[2].partition(".")[0]
    assert "does not answer to word embeddings" in page
    assert "Kernel SHAP (Lundberg" in page
    assert "Something in Assay broke" not in page


@pytest.mark.parametrize("method", analysis.attribution.METHODS)
def test_every_method_draws_its_page(asked, method):
    page = shown(opened(text="A dull film, but unforgettable.", method=method, second="occlusion"))
    assert "Something in Assay broke" not in page
    assert "could not be done" not in page
    signed = analysis.attribution.METHODS[method].signed
    assert ("assay-key for" if signed else "assay-key much") in page
    assert (method == "occlusion") == ("rank correlation" not in page)


def test_a_cut_text_and_a_missed_tolerance_are_told(asked, monkeypatch):
    assert "Only the beginning was read" in shown(opened(text=LONG))
    counting = analysis.attribution.attribute
    monkeypatch.setattr(
        analysis.attribution,
        "attribute",
        lambda *given, **question: replace(counting(*given, **question), converged=False, relative_delta=0.3),
    )
    page = shown(opened(text="It does not add up."))
    assert "These scores do not add up yet" in page
    assert "by 30 %" in page


def test_the_panel_says_how_far_to_believe_it_and_measures_once(asked, monkeypatch):
    measured = []
    real = analysis.faithfulness.measure

    def counting(*given, **more):
        measured.append(given)
        return real(*given, **more)

    monkeypatch.setattr(analysis.faithfulness, "measure", counting)
    text = "A dull film, but believable."
    page = shown(opened(text=text, method="occlusion"))
    assert "How far to believe it" in page
    assert "random words" in page
    assert "Comprehensiveness" in page
    app = opened(text=text, method="occlusion")
    assert len(measured) == 1
    next(button for button in app.button if button.label == "Compare with shuffled weights").click()
    ran(app)
    assert "weights shuffled (3 times)" in shown(app)
    next(button for button in app.button if button.label == "Change the text slightly").click()
    ran(app)
    assert re.search(r"copies of the text with a typo|no small change to compare with", shown(app))
    assert "The method draws nothing" in shown(app)


def test_a_text_of_one_word_says_why_there_is_no_evidence(asked):
    page = shown(opened(text="dull", method="occlusion"))
    assert "A text of one word has no evidence" in page
    assert "How far to believe it" not in page


def test_a_panel_that_fails_leaves_the_scores(asked, monkeypatch):
    def fail(*given, **more):
        raise analysis.attribution.AttributionError("No measuring today.")

    monkeypatch.setattr(analysis.faithfulness, "measure", fail)
    page = shown(opened(text="A film without a panel.", method="occlusion"))
    assert "No measuring today." in page
    assert "The scores stand as they are." in page
    assert "assay-key for" in page
    assert "What the answer loses without each word" in page
