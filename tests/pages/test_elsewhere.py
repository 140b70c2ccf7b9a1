"""How the page Other data reads each data set: columns and labels asked for on the page, kept in its link."""

import csv
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from analysis.shift import ShiftError
from audits import generalisation
from pages.selection import loaded
from tests.pages import running
from tests.pages.doubles import Shelf
from tests.pages.running import shown

opened = partial(running.opened, "elsewhere")


@pytest.fixture
def measured(monkeypatch) -> list[Any]:
    """The data sets that were measured, none of which is really read by a model."""
    asked: list[Any] = []

    def measure(classifier, corpora, **settings):
        asked.extend(corpora)
        raise ShiftError("enough for the test")

    monkeypatch.setattr(loaded, "shelf", Shelf)
    monkeypatch.setattr(generalisation, "measure", measure)
    return asked


@pytest.fixture
def other(tmp_path) -> str:
    file = tmp_path / "other.csv"
    with file.open("w") as out:
        written = csv.writer(out)
        written.writerow(("said", "stars"))
        written.writerows((f"text {place}", ("one", "*five*")[place % 2]) for place in range(8))
    return str(file)


def clicked(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception, app.exception
    return app


def test_columns_then_labels_are_asked_for_and_kept_in_the_link(measured, other):
    app = opened(others=f"bundled:reviews\n{other}")
    run = next(button for button in app.button if button.label == "Run")
    assert run.disabled
    second = [field for field in app.text_input if field.label == "Text column"][1]
    second.set_value("said")
    next(field for field in reversed(app.text_input) if field.label == "Label column").set_value("stars")
    next(button for button in reversed(app.button) if button.label == "Read it so").click()
    app.run()
    assert "do not match" in shown(app)
    for box, label in zip(app.selectbox[-2:], ("positive", "negative"), strict=True):
        box.select(label)
    next(button for button in reversed(app.button) if button.label == "Read it so").click()
    app.run()
    written = app.query_params["others"]
    link = written if isinstance(written, str) else written[0]
    reviews, mapped = link.split("\n")
    assert reviews == "bundled:reviews"
    assert mapped.startswith(f"{other}\ttext_column=said&label_column=stars&label_map=")
    clicked(app, "Run")
    assert "enough for the test" in shown(app)
    # Another visitor opens the link: the same sets, read in the same way.
    app = clicked(opened(others=link), "Run")
    before, after = ({one.text: one.label for one in measured[place].examples} for place in (2, 5))
    own = dict(zip(sorted(("one", "*five*")), ("positive", "negative"), strict=True))
    assert before == {f"text {place}": own[("one", "*five*")[place % 2]] for place in range(8)}
    assert before == after
    assert len(measured) == 6


def test_what_cannot_be_read_says_so_beside_its_name(measured):
    app = opened(others="/no/such.csv")
    assert "There is no file /no/such.csv" in shown(app)
    assert next(button for button in app.button if button.label == "Run").disabled
    assert measured == []
