"""A changed text beside the one that it was: where to go on with it, and what becomes of it there."""

from collections.abc import Callable

import streamlit as st

from pages import selection
from pages.selection.address import LONGEST_LINKED_TEXT

_CAME = "assay.beside"


def links(changed: str, row: str | None = None, to: Callable[..., None] = selection.page_link) -> None:
    """Links to the pages that read a changed text; `row` is the example that it was, if not the chosen one.

    `to` draws one link: `pages.selection.page_link`, or `pages.auditing.link` for an audit's model and data.
    """
    to("explain", text=changed, label="Explain after")
    if len(changed) <= LONGEST_LINKED_TEXT:
        to("layers", row=row, beside=changed, label="Where the answer turns: Layers")
        to("attention", row=row, view="compare", other=changed, label="Where it looks now: Attention")
        to("embeddings", row=row, changed=changed, label="Where it lies now: Embeddings")


def second_text(option: str) -> str:
    """The page's second text, which `option` holds; one that a link brought for another row is given up."""
    said, chosen = selection.remembered(option) or "", selection.example()
    row = None if chosen is None else chosen.id
    came = f"{_CAME}.{option}"
    if selection.was_linked(option):
        st.session_state[came] = said, row
    brought, its_row = st.session_state.get(came, (None, None))
    if said == brought and None not in (row, its_row) and row != its_row:
        selection.forget(option)
        return ""
    return said
