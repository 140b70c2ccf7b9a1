"""The selection and its URL say the same."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.selection import state
from pages.selection.address import LONGEST_LINKED_TEXT, SHARED, Selection, from_params, to_params

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).map(str.strip).filter(bool)
maybe = st.none() | words
selections = st.builds(
    Selection,
    model=words,
    data=words,
    row=maybe,
    device=st.sampled_from(["auto", "cpu", "cuda:1"]),
    dtype=st.sampled_from(["auto", "bfloat16"]),
    text_column=maybe,
    label_column=maybe,
    label_map=st.lists(st.tuples(words, words), max_size=3).map(tuple),
    examples=st.integers(0, 10**8),
    among=st.lists(st.text("0123456789abcdef-", min_size=1, max_size=15), max_size=4, unique=True).map(tuple),
)


@given(selections, selections)
def test_a_link_brings_the_same_selection_back_whatever_was_in_use(linked, in_use):
    assert from_params(to_params(linked), in_use) == (linked, [])


@given(selections, st.text(st.characters(exclude_categories=["Cs"]), max_size=50))
def test_a_text_of_ones_own_takes_the_rows_place(selection, text):
    params = to_params(replace(selection, text=text))
    assert "row" not in params
    found, problems = from_params(params, Selection())
    assert (found.text, found.row, problems) == (text, None, [])


def test_a_slice_too_long_for_a_link_has_a_name_there():
    rows = tuple(f"{row:012x}" for row in range(5000))
    params = to_params(Selection(among=rows))
    assert len(params["among"]) < 40
    assert from_params(params, Selection()) == (Selection(among=rows), [])
    forgotten = params | {"among": params["among"][:-1]}
    found, problems = from_params(forgotten, Selection())
    assert found.among == () and "no longer kept" in problems[0]


def test_a_long_text_stays_out_of_the_link():
    params = to_params(Selection(text="x" * (LONGEST_LINKED_TEXT + 1)))
    assert not {"text", "row"} & set(params)


@given(selections, st.dictionaries(words.filter(lambda name: name not in SHARED), words, max_size=3))
def test_a_link_without_shared_names_changes_nothing(selection, params):
    assert from_params(params, selection) == (selection, [])


@given(st.dictionaries(st.sampled_from(SHARED), st.text(max_size=30)))
def test_no_link_raises(params):
    found, _ = from_params(params, Selection())
    to_params(found)


def test_a_link_that_names_a_model_speaks_for_its_device_too():
    in_use = Selection(device="cuda", dtype="bfloat16", text_column="body", label_map=(("a", "b"),))
    found, _ = from_params({"model": "other"}, in_use)
    assert (found.model, found.device, found.dtype) == ("other", "auto", "auto")
    assert found.data_part == in_use.data_part
    found, _ = from_params({"data": "other.csv"}, in_use)
    assert (found.data, found.text_column, found.label_map) == ("other.csv", None, ())
    assert found.model_part == in_use.model_part


def test_a_number_that_is_none_is_told():
    for wrong in ("many", "-1", "1e9", "²", "9" * 30):
        found, problems = from_params({"examples": wrong}, Selection())
        assert found.examples == Selection().examples
        assert problems and wrong[:9] in problems[0]


#: The functions of `pages.selection` whose first argument names an option of the page in the URL.
DECLARING = ("option", "choices", "other_model", "remember", "remembered", "forget")
PAGES = sorted((Path(__file__).parents[2] / "pages").rglob("*.py"))


def own_names(code: str) -> set[str]:
    """The options that a page's code names outright."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and node.args]
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in DECLARING
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def test_no_page_calls_an_option_of_its_own_like_a_shared_one():
    found = {path.name: own_names(path.read_text()) for path in PAGES}
    taken = {name: sorted(own & {*SHARED}) for name, own in found.items() if own & {*SHARED}}
    assert not taken, f"these names belong to the shared selection: {taken}"
    assert len(set().union(*found.values())) > 40  # they are found at all


@pytest.mark.parametrize("ask", [state.remembered, state.forget, lambda key: state.remember(key, "x")])
def test_a_shared_name_is_refused_even_where_it_is_only_asked_for(ask):
    with pytest.raises(KeyError, match="among"):
        ask("among")
