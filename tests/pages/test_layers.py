"""The Layers page for models of any head: a choice, labels that hold each by itself, a number."""

from functools import partial
from typing import Any, ClassVar

import pytest
from streamlit.testing.v1 import AppTest

from pages import jobs, selection
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running

opened = partial(running.opened, "layers")

TEXT, OTHER = "A dull film, and so <b>long</b>.", "A fine film, and so short."


class Shelf:
    """Holds tiny classifiers by their kind of head."""

    heads: ClassVar[dict[str, dict[str, Any]]] = {
        "several": {"problem": "multi_label_classification"},
        "number": {"problem": "regression", "labels": 1},
        "numbers": {"problem": "regression"},
    }

    def get(self, reference, device="auto", dtype="auto"):
        return tiny.classifier("bert", **self.heads.get(reference, {}))


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    links: list[dict[str, object]] = []
    monkeypatch.setattr(selection, "page_link", lambda to, **how: links.append({"to": to, **how}))
    return links


def shown(app: AppTest) -> str:
    return running.shown(app).replace("&#x27;", "'")


def test_one_of_several_labels_is_followed_alone_and_beside_another_text(shelf):
    model = Shelf().get("several")
    page = shown(opened(model="several", text=TEXT, label="middle"))
    holds = model.probabilities([TEXT])[0, 1] > 0.5
    assert f": <b><bdi>{'middle' if holds else 'not middle'}</bdi></b>" in page
    assert "the model's own logit: " in page
    assert shelf[0] == {"to": "explain", "label": "Which words: Explain", "target": "middle"}
    assert [link["to"] for link in shelf] == ["explain", "attention"]
    both = shown(opened(model="several", text=TEXT, beside=OTHER, label="high"))
    assert "not high" in both
    assert "the change of the model's own logit: " in both
    for beside in ("", OTHER):
        app = opened(model="several", text=TEXT, beside=beside)
        (label,) = [box for box in app.selectbox if box.label == "Follow"]
        assert label.value == "*"


@pytest.mark.parametrize("model", ["number", "numbers"])
def test_a_number_comes_half_its_way_and_two_come_apart(model):
    value = Shelf().get(model).logits([TEXT])[0].max()
    page = shown(opened(model=model, text=TEXT))
    assert f"to <b>{value:.3g}</b>".replace("-", "−") in page
    assert "Half its way: " in page
    assert "<bdi>a higher " in page or "<bdi>a lower " in page
    both = shown(opened(model=model, text=TEXT, beside=OTHER))
    assert "half as far apart as in the end" in both
    assert "logits" not in both


def test_a_choice_is_followed_as_it_is():
    app = opened(model="choice", text=TEXT, label="middle")
    assert not [box for box in app.selectbox if box.label == "Follow"]
    page = shown(app)
    assert "the model's own difference: " in page
    assert "so <b>long" not in page
    assert "at least half of its final lead" in page
