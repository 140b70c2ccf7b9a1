"""One of several labels: from the page that asks which, to its data, and back to all of them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.selection import loaded
from tests.pages.doubles import Double, Shelf
from tests.pages.running import ran, shown

ROOT = Path(__file__).parents[2]
LABELS = ("joy", "<b>surprise", "anger")


def one_run() -> None:
    """A page that is about one label, with the sidebar's box, as app.py runs both."""
    import streamlit as st

    from pages import feedback, one_label, selection

    selection.follow("attack")
    if not selection.is_settled():
        selection.settle()
    selection.write_address()
    with st.sidebar:
        one_label.box()
    if selection.classifier().answering == "several":
        one_label.choose("Attack")
    else:
        with feedback.problems():
            st.session_state["labels"] = [example.label for example in selection.corpus().examples]
    st.session_state["notices"] = dict(selection.visit().notices)
    st.session_state["model"] = selection.current().model
    selection.write_address()


@pytest.fixture(autouse=True)
def data(monkeypatch, tmp_path) -> str:
    """Doubles of a model of several labels, of each alone, and of one that gives a number; rows for them."""
    shelf = Shelf()
    shelf.held["moods"] = Double("moods", LABELS, answering="several")
    shelf.held["degrees"] = Double("degrees", ("value",), answering="number")
    for label in LABELS:
        reference = f"moods#{label}"
        shelf.held[reference] = Double(reference, (f"not {label}", label), among=LABELS)
    monkeypatch.setattr(loaded, "shelf", lambda: shelf)
    file = tmp_path / "moods.csv"
    file.write_text("text,label\nwhat a day,joy|anger\nquiet,\noh,anger\n")
    return str(file)


@pytest.fixture
def app(data) -> AppTest:
    opened = AppTest.from_function(one_run, default_timeout=60)
    opened.query_params["model"], opened.query_params["data"] = "moods", data
    return ran(opened)


def test_the_label_is_asked_for_and_its_data_are_read_by_it(app):
    assert "any number of its 3 labels. Attack takes one of them at a time" in shown(app)
    app.selectbox(key="assay.one-label").set_value("anger")
    app.button(key="assay.one-label.use").click()
    assert ran(app).session_state["model"] == "moods#anger"
    assert app.session_state["labels"] == ["anger", "not anger", "anger"]
    assert "moods#anger" in app.query_params["model"]  # a list where the script set it
    assert "Which label?" not in shown(app)


@pytest.mark.parametrize(
    ("model", "words"),
    [("moods", "Which label?"), ("degrees", "Overview needs a model that gives labels")],
)
def test_the_app_puts_it_in_the_place_of_a_page_about_a_choice(data, model, words):
    opened = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    opened.query_params["model"], opened.query_params["data"] = model, data
    assert words in shown(ran(opened))
    assert [title.value for title in opened.title] == ["Overview"]
    asked = [button.label for button in opened.main.button]
    assert asked == (["Ask about this label"] if model == "moods" else [])


def test_the_sidebar_leads_to_a_label_to_another_and_back(app):
    def box():
        return app.sidebar.selectbox(key="assay.box.label")

    assert box().options == ["All labels", *LABELS]
    box().set_value(2)
    assert ran(app).session_state["model"] == "moods#<b>surprise"
    box().set_value(1)
    assert ran(app).session_state["model"] == "moods#joy"
    assert app.session_state["labels"] == ["joy", "not joy", "not joy"]
    box().set_value(0)
    assert ran(app).session_state["model"] == "moods"
    assert "Which label?" in shown(app)


def test_a_model_that_chooses_has_no_such_box(app):
    app.query_params["model"] = "bundled:sentiment"
    assert not ran(app).sidebar.selectbox


def test_data_with_other_names_are_named_beside_all_of_the_models(app):
    app.query_params["model"], app.query_params["data"] = "moods#joy", "bundled:reviews"
    assert "The model has 'joy', '<b>surprise', 'anger'" in ran(app).session_state["notices"]["data"]
    assert app.session_state["labels"] == ["joy", "not joy", "not joy"]  # the data in use stay
