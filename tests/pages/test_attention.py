"""The Attention page for models whose labels hold each by itself, and for numbers."""

import re

import pytest

from pages import jobs, selection
from pages.heads.looked import said_to
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running
from tests.pages.test_layers import Shelf
from views.numbers import plain_number

TEXT, OTHER = "A dull film, and so <b>long</b>.", "A fine film, and so short."


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    monkeypatch.setattr(selection, "page_link", lambda to, **how: None)


def shown(**params: str) -> str:
    page = running.shown(running.opened("attention", **params))
    assert "so <b>long" not in page
    return re.sub("</?span[^>]*>", "", page)  # figures stand in some, to stay on one line


def test_the_heads_that_matter_to_one_of_several_labels():
    model = Shelf().get("several")
    chance = model.probabilities([TEXT])[0, 1]
    answer = "middle" if chance > 0.5 else "not middle"
    page = shown(model="several", text=TEXT, view="matter", label="middle")
    assert f"The model says “\u2068{answer}\u2069” ({max(chance, 1 - chance) * 100:.0f} %)" in page
    assert "the lead of" in page
    assert "The model says" in shown(model="several", text=TEXT, view="matter", without="1.1,2.3")
    assert "The answer " in shown(model="several", text=TEXT, view="compare", other=OTHER)


def test_a_number_has_every_view():
    assert "is no choice for View" not in shown(model="number", text=TEXT)
    page = shown(model="number", text=TEXT, view="matter", without="1.1,2.3")
    model = Shelf().get("number")
    own = plain_number(model.logits([TEXT])[0, 0])
    assert f"The model gives “\u2068{model.labels[0]}\u2069” {own}" in page
    assert f"Without 1.1, 2.3 the model gives {model.labels[0]}" in page
    several = Shelf().get("numbers")
    name, value = several.labels[2], several.logits([TEXT])[0, 2]
    page = shown(model="numbers", text=TEXT, view="matter", label=name)
    assert f"The model gives “\u2068{name}\u2069” {plain_number(value)}" in page
    (one, _), (other, _) = said_to(Shelf().get("number"), [TEXT, OTHER])
    page = shown(model="number", text=TEXT, view="compare", other=OTHER)
    assert f"The answer goes from “\u2068{one}\u2069” to “\u2068{other}\u2069”" in page


@pytest.mark.parametrize("kind", ["choice", "several", "number"])
def test_what_each_kind_of_head_says_to_two_texts(kind):
    model = tiny.classifier("bert", **Shelf.heads.get(kind, {}))
    answers = model.answers(model.logits([TEXT, OTHER]))
    said = said_to(model, [TEXT, OTHER])
    for row, (name, share) in zip(answers, said, strict=True):
        if kind == "number":
            assert float(name.replace("−", "-")) == pytest.approx(row[0], rel=0.01)
            assert share is None
        elif kind == "choice":
            assert (name, share) == (model.labels[row.argmax()], row.max())
        else:
            label = answers[0].argmax()
            assert name == ("not " if row[label] <= 0.5 else "") + model.labels[label]
            assert share == pytest.approx(max(row[label], 1 - row[label]))


def test_the_sentence_is_of_the_way_that_shades_the_words():
    assert "By rollout, what" in shown(model="number", text=TEXT, view="rollout")
    by_flow = shown(model="number", text=TEXT, view="rollout", way="flow")
    assert "By attention flow, what" in by_flow
    assert "By rollout, what" not in by_flow.partition("assay-lead")[2].partition("</p>")[0]
