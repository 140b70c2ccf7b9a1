"""A second text beside the first: one that came with a row goes with it, one that was typed stays."""

import pytest

from corpora.loading import load
from pages import jobs, selection
from pages.selection import loaded
from tests.pages.running import opened, ran
from tests.pages.test_pins import Shelf

PLACES = [("attention", "other", {"view": "compare"}), ("layers", "beside", {})]


@pytest.mark.parametrize(("page", "option", "how"), PLACES)
def test_a_second_text_goes_with_the_row_that_it_came_with(monkeypatch, page, option, how):
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    monkeypatch.setattr(selection, "page_link", lambda *to, **how: None)  # there are no other pages here
    rows = load("bundled:reviews").examples
    app = opened(page, model="bert", data="bundled:reviews", row=rows[3].id, **{option: "A dul film."}, **how)

    def second() -> str:
        return next((one.value or "" for one in app.text_area if one.label == "Second text"), "")

    assert second() == "A dul film."
    ran(app)
    assert second() == "A dul film."
    app.button(key="text.next").click()
    ran(app)
    assert second() == (rows[4].text if page == "attention" else "")
    assert option not in app.query_params
    if page == "layers":
        app.toggle[0].set_value(True)
        ran(app)
    next(one for one in app.text_area if one.label == "Second text").set_value("Another film.")
    ran(app)
    app.button(key="text.next").click()
    ran(app)
    assert second() == "Another film."
