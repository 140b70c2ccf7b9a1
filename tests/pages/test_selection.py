"""What a visit has chosen: links, switches, failures that leave what is in use, and the text picker."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from corpora.examples import Corpus, Example
from corpora.loading import load
from pages.selection import loaded
from pages.selection.kept import Kept
from tests.pages.doubles import Double, Shelf


def one_run() -> None:
    """A page as app.py runs it, with everything on it that the tests look at."""
    import streamlit as st

    from pages import feedback, selection

    selection.follow("explain")
    if not selection.is_settled():
        selection.settle()
    selection.write_address()
    with feedback.problems():
        selection.text_input("text")
        layer = selection.option("layer", [1, 2, 3], 2)
        st.text(f"layer {layer}")
    st.session_state["text now"] = selection.text()
    st.session_state["now"] = selection.current()
    st.session_state["notices"] = dict(selection.visit().notices)
    selection.write_address()


@pytest.fixture
def shelf(monkeypatch) -> Shelf:
    double = Shelf()
    monkeypatch.setattr(loaded, "shelf", lambda: double)
    return double


@pytest.fixture
def app(shelf) -> AppTest:
    return AppTest.from_function(one_run, default_timeout=60)


def opened(app: AppTest, **params: str) -> AppTest:
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app


def url(app: AppTest) -> dict[str, str]:
    """The URL after a run; AppTest gives a value as it was set, or as a list when the script set it."""
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


@pytest.fixture(scope="module")
def reviews() -> Corpus:
    return load("bundled:reviews")


def test_nothing_asked_gives_the_bundled_pair_and_its_first_row(app, reviews):
    opened(app)
    assert app.session_state["now"].model == "bundled:sentiment"
    assert app.session_state["text now"] == reviews.examples[0].text
    assert url(app) == {"model": "bundled:sentiment", "data": "bundled:reviews", "layer": "2"}


def test_a_link_is_followed_and_options_come_with_it(app, reviews):
    row = reviews.examples[7]
    opened(app, row=row.id, layer="3")
    assert app.session_state["text now"] == row.text
    assert app.text[0].value == "layer 3"
    app.query_params.clear()  # what Streamlit does on a change of page
    opened(app)
    assert url(app)["row"] == row.id
    assert url(app)["layer"] == "3"


def test_an_option_that_is_none_is_told_and_replaced(app):
    opened(app, layer="99<b>")
    assert "99<b>" in app.session_state["notices"]["page"]
    assert url(app)["layer"] == "2"


def test_an_option_that_other_data_leave_behind_gives_way_without_a_word(app):
    app.run()
    app.session_state["assay.visit"].options["explain"]["layer"] = "9"  # as chosen with a larger model
    app.run()
    assert app.text[0].value == "layer 2"
    assert "page" not in app.session_state["notices"]


def test_a_whole_address_of_the_open_page_says_all_of_it(app):
    app.run()
    app.session_state["assay.visit"].options["explain"]["beside"] = "as chosen meanwhile"
    app.run()
    whole = url(app)
    assert whole.pop("beside") == "as chosen meanwhile"
    app.query_params.clear()
    opened(app, **whole | {"layer": "3"})  # back, or a pin's link
    assert "beside" not in url(app)
    app.session_state["assay.visit"].options["explain"]["beside"] = "as chosen meanwhile"
    app.run()
    opened(app, layer="1")
    app.query_params.clear()
    opened(app, row="5")  # part of an address: the rest stands
    assert url(app)["beside"] == "as chosen meanwhile"


def test_choosing_an_option_puts_it_into_the_url(app):
    opened(app)
    app.selectbox(key="assay.option.explain.layer").set_value(1).run()
    assert url(app)["layer"] == "1"


@pytest.mark.parametrize("wrong", ["no/model", "breaks"])
def test_a_wrong_model_leaves_the_one_in_use(app, wrong):
    opened(app, model="bundled:topics", data="bundled:headlines")
    app.query_params["model"] = wrong
    opened(app)
    assert app.session_state["now"].model == "bundled:topics"
    assert app.session_state["notices"]["model"]
    assert url(app)["model"] == "bundled:topics"


def test_a_wrong_model_in_the_first_link_gives_the_usual_one(app):
    opened(app, model="no/model", device="rocket")
    assert app.session_state["now"].model_part == ("bundled:sentiment", "auto", "auto")
    assert "no/model" in app.session_state["notices"]["model"]


def test_data_that_cannot_be_read_leaves_the_data_in_use(app, reviews):
    row = reviews.examples[3].id
    opened(app, row=row)
    app.query_params["data"] = "/no/such/file.csv"
    opened(app)
    assert app.session_state["now"].data == "bundled:reviews"
    assert app.session_state["now"].row == row
    assert app.session_state["notices"]["data"]


def test_a_model_that_does_not_fit_the_data_still_takes_a_text(app):
    opened(app, model="bundled:topics")
    assert app.session_state["now"].model == "bundled:topics"
    assert app.session_state["text now"] == ""
    app.text_area[0].set_value("Shares fell in late trading.").run()
    assert app.session_state["text now"] == "Shares fell in late trading."
    assert url(app)["text"] == "Shares fell in late trading."


def test_rows_of_several_labels_are_for_models_that_give_several(app, shelf, tmp_path):
    file = tmp_path / "feelings.csv"
    file.write_text("text,label\nwhat a day,positive|negative\nquiet,\n")
    shelf.held["feelings"] = Double("feelings", ("joy", "surprise", "anger"), answering="several")
    opened(app, model="feelings", data=str(file))
    assert app.session_state["text now"] == "what a day"
    app.button(key="text.next").click().run()
    assert app.session_state["text now"] == "quiet"
    assert not app.session_state["notices"]
    opened(app, model="bundled:sentiment", data=str(file))
    assert "is missing at line 3" in app.session_state["notices"]["data"]
    full = tmp_path / "full.csv"
    full.write_text("text,label\nwhat a day,positive|negative\n")
    opened(app, model="bundled:sentiment", data=str(full))
    assert "1 of 1 rows have several labels" in app.session_state["notices"]["data"]


def test_data_with_other_labels_waits_for_a_map(app, tmp_path):
    file = tmp_path / "stars.csv"
    file.write_text("text,label\nlovely,***\ndull,*\n")
    opened(app, data=str(file))
    assert app.session_state["now"].data == "bundled:reviews"
    assert "***" in app.session_state["notices"]["data"]
    app.query_params["data"] = str(file)
    app.query_params["label_map"] = "%2A=negative&%2A%2A%2A=positive"
    opened(app)
    assert app.session_state["now"].data == str(file)
    assert app.session_state["text now"] == "lovely"
    assert "data" not in app.session_state["notices"]


def test_rows_are_walked_through_in_a_circle(app, reviews):
    opened(app)
    app.button(key="text.previous").click().run()
    assert app.session_state["text now"] == reviews.examples[-1].text
    app.button(key="text.next").click().run()
    app.button(key="text.next").click().run()
    assert app.session_state["text now"] == reviews.examples[1].text
    app.selectbox(key="text.pick").set_value(5).run()
    assert url(app)["row"] == reviews.examples[5].id


def test_a_row_can_be_taken_into_the_text_field_and_back(app, reviews):
    row = reviews.examples[4]
    opened(app, row=row.id)
    app.segmented_control[0].set_value("Own text").run()
    assert app.text_area[0].value == row.text
    assert url(app)["text"] == row.text
    app.segmented_control[0].set_value("Row of the data").run()
    assert url(app)["row"] == row.id


def test_a_row_that_is_gone_is_told(app, reviews):
    opened(app, row="<b>gone</b>")
    assert app.session_state["text now"] == reviews.examples[0].text
    assert "<b>gone</b>" in app.session_state["notices"]["page"]


def test_the_chosen_row_can_be_outside_the_sample(app, reviews):
    chosen = reviews.examples[-1]
    opened(app, row=chosen.id, examples="20")
    assert app.session_state["text now"] == chosen.text
    assert len(app.selectbox(key="text.pick").options) in (20, 21)


def test_an_edited_file_is_read_again(app, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("text,label\nfirst,negative\nother,positive\n")
    opened(app, data=str(file))
    assert app.session_state["text now"] == "first"
    file.write_text("text,label\nsecond version,negative\nother,positive\n")
    app.run()
    assert app.session_state["text now"] == "second version"


def test_predictions_survive_an_interruption_and_are_kept():
    model: Any = Double("interrupted")
    data = Corpus(
        "d",
        "d",
        tuple(Example(str(i), "x" * (i % 80), "negative") for i in range(300)),
        ("negative", "positive"),
    )

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loaded.predictions(model, data, stop)
    steps = []
    whole = loaded.predictions(model, data, lambda done, total: steps.append((done, total)))
    assert model.asked == [loaded.CHUNK, loaded.CHUNK, 300 - 2 * loaded.CHUNK]
    assert steps == [(256, 300), (300, 300)]
    assert np.array_equal(whole, Double("same").probabilities(data.texts))
    assert loaded.predictions(model, data) is not None
    assert sum(model.asked) == 300


def test_what_is_kept_is_bounded_and_the_oldest_goes():
    kept = Kept(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (1, None, 3)
