"""The selection of one visit: what is asked for, what is in use, and keeping the URL true to it.

The URL is written at the start and the end of every run, because switching pages empties it. At the
start of a run a URL that this visit did not write itself (a link, the back button) is followed; else
the visit's own state stands. What cannot be loaded is told, and what was in use stays in use.
"""

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from corpora.examples import Corpus, CorpusError, Example
from models.classifier import ModelError
from pages.selection import loaded
from pages.selection.address import SHARED, Selection, from_params, to_params

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

log = logging.getLogger(__name__)

Place = Literal["model", "data", "page"]


@dataclass
class Visit:
    """Everything one browser tab has chosen."""

    selection: Selection = field(default_factory=Selection)
    wanted: Selection | None = None
    model_loaded: bool = False
    #: Data that was asked for and could be read, but whose labels do not match the model's.
    unmatched: Selection | None = None
    page: str = "overview"
    options: dict[str, dict[str, str]] = field(default_factory=dict)
    #: The options, by page and name, that a link brought and nobody has looked at yet.
    linked: set[tuple[str, str]] = field(default_factory=set)
    notices: dict[Place, str] = field(default_factory=dict)
    written: dict[str, str] | None = None


def visit() -> Visit:
    """This tab's state."""
    if "assay.visit" not in st.session_state:
        st.session_state["assay.visit"] = Visit()
    found: Visit = st.session_state["assay.visit"]
    return found


def follow(page: str) -> None:
    """Take what the URL asks for into `wanted`; call it first in every run, with the page about to run."""
    state = visit()
    stays, state.page = state.page == page, page
    url = st.query_params.to_dict()
    # What runs by itself, such as a search that ended, must not take away a word nobody has read yet.
    if url != state.written or to_params(state.selection) | state.options.get(page, {}) != state.written:
        state.notices.pop("page", None)
    if url and url != state.written:
        wanted, problems = from_params(url, state.selection)
        for problem in problems:
            complain(problem)
        if wanted != state.selection:
            state.wanted = wanted
        own = state.options.setdefault(page, {})
        if stays and "model" in url and "data" in url:
            own.clear()  # a whole address of the open page (the back button, a pin's link) says all of it
            # A page's link to itself brings its address to the script, and leaves the browser's as it was.
            state.written = None
        brought = {name: value for name, value in url.items() if name not in SHARED}
        own.update(brought)
        state.linked.update((page, name) for name in brought)


def want(**changes: Any) -> None:
    """Ask for another model, data set, row and so on; it comes into use in the run that follows."""
    state = visit()
    state.wanted = replace(state.wanted or state.selection, **changes)
    state.notices = {}


def complain(about: str) -> None:
    """Say on top of the page that the link asks for something in vain; once, however often it is found."""
    said = visit().notices.get("page", "")
    if about not in said:
        visit().notices["page"] = f"{said} {about}".strip()


def is_settled() -> bool:
    """True when the model is loaded and nothing else is asked for, so that a page can run at once."""
    state = visit()
    return state.model_loaded and state.wanted is None


def is_light_change() -> bool:
    """True when what is asked for needs no loading: another row or text of the same model and data."""
    state = visit()
    wanted = state.wanted or state.selection
    same_data = wanted.data_part == state.selection.data_part
    return state.model_loaded and same_data and wanted.model_part == state.selection.model_part


def settle() -> None:
    """Bring what is wanted into use: the model first, then the data. What fails is told, the rest stays."""
    state = visit()
    wanted, state.wanted = state.wanted or state.selection, None
    _settle_model(state, wanted)
    _settle_data(state, wanted)
    same_data = state.selection.data_part == wanted.data_part
    state.selection = replace(
        state.selection,
        row=wanted.row if same_data else state.selection.row,
        text=wanted.text,
        among=wanted.among if same_data else state.selection.among,
    )


def _settle_model(state: Visit, wanted: Selection) -> None:
    if state.model_loaded and wanted.model_part == state.selection.model_part:
        return
    try:
        loaded.model(wanted)
    except ModelError as error:
        message = str(error)
    except Exception as error:  # a library's own error: the model in use must survive it
        log.exception("Loading the model %r failed", wanted.model)
        message = f"{wanted.model} could not be loaded ({type(error).__name__}: {str(error)[:300]})."
    else:
        state.selection = state.selection.with_model_of(wanted)
        state.model_loaded = True
        state.notices.pop("model", None)
        return
    if not state.model_loaded and wanted.model_part != Selection().model_part:
        state.selection = state.selection.with_model_of(Selection())
        _settle_model(state, Selection())
    state.notices["model"] = message


def _settle_data(state: Visit, wanted: Selection) -> None:
    if not state.model_loaded:
        return
    try:
        loaded.full_corpus(wanted, classifier())
    except loaded.Mismatch as error:
        in_use_fits = wanted.data_part != state.selection.data_part and loaded.fits(
            state.selection, classifier()
        )
        state.unmatched = wanted
        if not in_use_fits:
            state.selection = state.selection.with_data_of(wanted)
        state.notices["data"] = str(error)
        return
    except CorpusError as error:
        message = str(error)
    except Exception as error:  # a library's own error: the data in use must survive it
        log.exception("Loading the data %r failed", wanted.data)
        message = f"{wanted.data} could not be read ({type(error).__name__}: {str(error)[:300]})."
    else:
        state.selection = state.selection.with_data_of(wanted)
        state.unmatched = None
        state.notices.pop("data", None)
        return
    state.notices["data"] = message


def write_address(options: bool = True) -> None:
    """Make the URL say what is in use, with the page's own options."""
    state = visit()
    params = to_params(state.selection)
    if options:
        params |= state.options.get(state.page, {})
    if st.query_params.to_dict() != params or state.written is None:
        st.query_params.from_dict(params)
    state.written = params


def current() -> Selection:
    """The selection in use."""
    return visit().selection


def classifier() -> "TransformerClassifier":
    """The model in use. Raises ModelError when it cannot be loaded (again)."""
    return loaded.model(current())


def corpus() -> Corpus:
    """The examples in use, under the model's label names. Raises CorpusError, `Mismatch` among them."""
    return loaded.used_corpus(current(), classifier())


def whole_corpus() -> Corpus:
    """All examples of the data in use, also where `corpus()` is a sample of them."""
    return loaded.full_corpus(current(), classifier())


def predictions() -> NDArray[np.float64]:
    """The model's probabilities for each example of `corpus()`, shape (examples, labels); shows progress."""
    from pages import feedback

    model, data = classifier(), corpus()
    slow = len(data) > 2 * loaded.CHUNK
    with feedback.progress("Reading the examples") if slow else nullcontext() as report:
        return loaded.predictions(model, data, report)


def example() -> Example | None:
    """The chosen example: the row's, else the first one; None while a text of one's own is looked at."""
    chosen = current()
    if chosen.text is not None:
        return None
    try:
        whole = whole_corpus()
        rows = loaded.rows_by_id(whole)
        if chosen.row is not None:
            if chosen.row in rows:
                return whole.examples[rows[chosen.row]]
            complain(f"The data has no row “{chosen.row[:40]}” (any more); the first row is shown instead.")
        used = slice_rows() or corpus().examples
    except CorpusError:
        return None
    return used[0] if used else None


def text() -> str:
    """The text that pages look at: the user's own, else the chosen row's; empty when there is neither."""
    chosen = current()
    if chosen.text is not None:
        return chosen.text
    found = example()
    return found.text if found else ""


def choose(row: str | None = None, text: str | None = None) -> None:
    """Look at another row, or at a text of one's own; takes effect from the next run on."""
    state = visit()
    state.selection = replace(state.selection, row=None if text is not None else row, text=text)
    if state.wanted is not None:
        state.wanted = replace(state.wanted, row=state.selection.row, text=text)


def narrow(ids: Sequence[str]) -> None:
    """Look at a slice of the data: pages step through these rows only, through all where none is named."""
    state = visit()
    state.selection = replace(state.selection, among=tuple(dict.fromkeys(ids)))
    if state.wanted is not None:
        state.wanted = replace(state.wanted, among=state.selection.among)


def slice_rows() -> tuple[Example, ...]:
    """The rows of the slice that is looked at, in the data's order, if there is one. Raises CorpusError."""
    asked = set(current().among)
    if not asked:
        return ()
    return tuple(example for example in whole_corpus().examples if example.id in asked)


def remember(key: str, value: object) -> None:
    """Keep an option of this page in the URL."""
    _options(key)[key] = str(value)


def remembered(key: str, default: str | None = None) -> str | None:
    """An option of this page as it stands in the URL: untrusted text, to be checked by the page."""
    return _options(key).get(key, default)


def was_linked(key: str) -> bool:
    """Whether a link brought an option of this page; true once, for a choice outlives the data it was for."""
    state = visit()
    name = (state.page, key)
    found = name in state.linked
    state.linked.discard(name)
    return found


def forget(key: str) -> None:
    """Take an option of this page out of the URL."""
    _options(key).pop(key, None)


def _options(key: str) -> dict[str, str]:
    """The options of this page, for one of them. Raises KeyError for a name that all pages share."""
    if key in SHARED:
        raise KeyError(f"{key!r} belongs to the shared selection")
    state = visit()
    return state.options.setdefault(state.page, {})
