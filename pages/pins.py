"""A picture kept beside the next ones: of another text, another model, or other settings."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages import feedback, selection

_PINS = "assay.pins"


@dataclass(frozen=True)
class Pin:
    """A picture as it was: what it was made from, the link that makes it again, and how to draw it."""

    about: str
    address: dict[str, str]
    draw: Callable[[], object]


def made_from(*parts: str) -> str:
    """What a picture was made from: the model in use, and whatever else (a text in quotation marks)."""
    model = selection.classifier()
    return " · ".join([f"{model.name} ({model.fingerprint[:12]})", *parts])


def quoted(text: str) -> str:
    """A text, shortened, for `made_from`."""
    return f"“{selection.plain(text, 70)}”"


def beside(about: str, draw: Callable[[], object]) -> None:
    """The way to pin the picture above, which `draw` draws anew anywhere; and the one that is pinned.

    `about` says what the picture was made from, and names it. A page keeps one pin, through all models and
    rows, until it is taken off. What `draw` holds is held as long, so it should be a picture, not a model.
    """
    page = selection.visit().page
    pins: dict[str, Pin] = st.session_state.setdefault(_PINS, {})
    pinned = pins.get(page)

    def pin() -> None:
        pins[page] = Pin(about, selection.link_params(page), draw)

    def unpin() -> None:
        pins.pop(page, None)

    if pinned is None or pinned.about != about:
        st.button(
            "Pin this" if pinned is None else "Pin this instead",
            key=f"assay.pin.{page}",
            icon=":material/keep:",
            type="tertiary",
            on_click=pin,
            help="Keep this picture here while you look at another text or model",
        )
    if pinned is None:
        return
    if pinned.about == about:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Pinned: it stays here while you look at another text or model.", width="content")
            st.button("Unpin", key=f"assay.unpin.{page}", type="tertiary", on_click=unpin)
        return
    with st.container(border=True, key=f"assay-pinned-{page}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader("Pinned", anchor=False, width="stretch")
            st.page_link(f"pages/{page}.py", label="Open it", query_params=pinned.address)
            st.button("Unpin", key=f"assay.unpin.{page}", type="tertiary", on_click=unpin)
        feedback.aside(pinned.about)
        pinned.draw()
