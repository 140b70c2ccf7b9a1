"""The Explain page: an answer is computed once, can be stopped, and trouble leaves the page standing."""

from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import analysis.attribution
from pages.selection import loaded
from tests.analysis import tiny

LONG = "A dull film, but unforgettable! " * 15


def one_run() -> None:
    """The page as app.py runs it: a fresh module in every run."""
    import runpy

    from pages import selection

    selection.follow("explain")
    if not selection.is_settled():
        selection.settle()
    selection.write_address()
    runpy.run_path("pages/explain.py")
    selection.write_address()


class Shelf:
    """Holds tiny classifiers by family."""

    def get(self, reference, device="auto", dtype="auto"):
        family = "bert" if reference.startswith("bundled:") else reference
        return tiny.classifier(family, labels=2, max_length=128)


@pytest.fixture
def asked(monkeypatch) -> list[dict[str, Any]]:
    """What integrated gradients were asked for."""
    calls: list[dict[str, Any]] = []
    real = analysis.attribution.integrated_gradients

    def counting(classifier, text, **question):
        calls.append({"text": text, **question})
        return real(classifier, text, **question)

    monkeypatch.setattr(analysis.attribution, "integrated_gradients", counting)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    return calls


def opened(**params: str) -> AppTest:
    app = AppTest.from_function(one_run, default_timeout=60)
    for name, value in params.items():
        app.query_params[name] = value
    return ran(app)


def ran(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, app.exception
    return app


def shown(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_scores_are_computed_once_for_the_same_question(asked):
    app = opened(text="One dull film, once.")
    ran(app)
    assert len(asked) == 1
    opened(text="One dull film, once.")
    assert len(asked) == 1
    opened(text="One dull film, once.", baseline="mask")
    assert len(asked) == 2
    assert asked[1]["baseline"] == "mask"


def test_the_settings_of_a_link_are_the_question_asked(asked):
    opened(text="Asked in full.", target="low", contrast="-", baseline="zero", tolerance="0.05", steps="48")
    (question,) = asked
    assert question["target"] == 0
    assert question["contrast"] is None
    assert question["quantity"] == "logit"
    assert question["baseline"] == "zero"
    assert (question["tolerance"], question["max_steps"]) == (0.05, 48)


def test_what_is_stopped_stays_stopped_until_asked_again(asked, monkeypatch):
    real = analysis.attribution.integrated_gradients

    def interrupted(classifier, text, **question):
        st.stop()

    monkeypatch.setattr(analysis.attribution, "integrated_gradients", interrupted)
    app = opened(text=LONG)
    stop = next(button for button in app.button if button.label == "Stop computing")
    monkeypatch.setattr(analysis.attribution, "integrated_gradients", real)
    stop.click()
    ran(app)
    assert not asked
    assert "Stopped" in shown(app)
    next(button for button in app.button if button.label == "Compute them").click()
    ran(app)
    assert len(asked) == 1
    assert "assay-key" in shown(app)


def test_a_family_that_cannot_be_explained_still_answers(asked):
    app = opened(model="t5", text="A dull film.")
    assert "The model says" in shown(app)
    assert "does not answer to word embeddings" in shown(app)
    assert "Something in Assay broke" not in shown(app)


def test_a_cut_text_and_a_missed_tolerance_are_told(asked, monkeypatch):
    assert "Only the beginning was read" in shown(opened(text=LONG))
    real = analysis.attribution.integrated_gradients
    monkeypatch.setattr(
        analysis.attribution,
        "integrated_gradients",
        lambda *texts, **question: replace(real(*texts, **question), converged=False, relative_delta=0.3),
    )
    page = shown(opened(text="It does not add up."))
    assert "These scores do not add up yet" in page
    assert "by 30 %" in page
