"""A picture kept beside the next ones: of another text, another model, or other settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import streamlit as st

from pages import feedback, selection
from views.numbers import kept_whole

_PINS, _DRAWN = "assay.pins", "assay.pins.drawn"

#: Draws a picture anew; the keys of its elements begin with what it is given.
Draw = Callable[[str], object]


@dataclass(frozen=True)
class Pin:
    """A picture as it was: what it was made from, the link that makes it again, and how to draw it."""

    about: str
    address: dict[str, str] | None
    draw: Draw


def made_from(*parts: str) -> str:
    """What a picture was made from: the model in use, and whatever else (a text in quotation marks)."""
    model = selection.classifier()
    return " · ".join([f"{model.name} ({model.fingerprint[:12]})", *parts])


def quoted(text: str) -> str:
    """A text, shortened, for `made_from`; one that runs from right to left turns nothing else around."""
    return f"“\u2068{selection.plain(text, 70)}\u2069”"


def chart(figure: Callable[..., Any], says: str = "", width: int | Literal["stretch"] = "stretch") -> Draw:
    """How a Plotly figure is drawn anew: `figure(dark=...)` makes it, `says` is what it says, as HTML."""
    return partial(_chart, figure, says, width)


def _chart(figure: Callable[..., Any], says: str, width: int | Literal["stretch"], key: str) -> None:
    if says:
        st.html(f"<p>{kept_whole(says)}</p>")
    drawn = figure(dark=feedback.is_dark())
    with feedback.bounded(drawn):
        config = {"displayModeBar": False}
        st.plotly_chart(drawn, key=f"{key}.chart", theme=None, width=width, config=config)


@contextmanager
def staying() -> Iterator[None]:
    """Around all that a page draws: its pins stand on it even where nothing can be held against them.

    That is while the next picture is under way, in a view without one, and after an error.
    """
    st.session_state[_DRAWN] = set()
    yield
    alone()


def alone() -> None:
    """The pins that are not on the page yet, where there is no picture to call `beside` for."""
    drawn: set[str] = st.session_state[_DRAWN]
    for place, pin in _pins().items():
        if place not in drawn:
            drawn.add(place)
            _card(place, pin)


def beside(about: str, draw: Draw, place: str = "") -> None:
    """The way to pin the picture above, which `draw` draws anew anywhere; and the one that is pinned.

    `about` says what the picture was made from, and names it. A page keeps one pin, through all views,
    models and rows, until it is taken off; one with several pictures keeps one in each `place`. What `draw`
    holds is held as long, so it should be a picture, not a model. Call it inside `staying`.
    """
    st.session_state[_DRAWN].add(place)
    pins = _pins()
    pinned = pins.get(place)
    if pinned is None or pinned.about != about:
        st.button(
            "Pin this" if pinned is None else "Pin this instead",
            key=f"assay.pin.{_name(place)}",
            icon=":material/keep:",
            type="tertiary",
            on_click=lambda: pins.update({place: Pin(about, _address(), draw)}),
            help="Keep this picture here while you look at another text, model or view",
        )
    if pinned is None:
        return
    if pinned.about != about:
        _card(place, pinned)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Pinned: it stays here while you look at another text, model or view.", width="content")
        _unpin(place)


def _pins() -> dict[str, Pin]:
    """The pins of this page, by their places."""
    pages: dict[str, dict[str, Pin]] = st.session_state.setdefault(_PINS, {})
    return pages.setdefault(selection.visit().page, {})


def _name(place: str) -> str:
    page = selection.visit().page
    return f"{page}-{place}" if place else page


def _address() -> dict[str, str] | None:
    """The link that makes the page's picture again; None for a text that is too long for one."""
    address = selection.link_params(selection.visit().page)
    return None if selection.current().text is not None and "text" not in address else address


def _unpin(place: str) -> None:
    st.button(
        "Unpin",
        key=f"assay.unpin.{_name(place)}",
        type="tertiary",
        on_click=partial(_pins().__delitem__, place),
    )


def _card(place: str, pin: Pin) -> None:
    """A pinned picture with what it was made from."""
    with st.container(border=True, gap="xsmall", key=f"assay-pinned-{_name(place)}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader("Pinned", anchor=False, width="stretch")
            if pin.address is not None:
                st.page_link(f"pages/{selection.visit().page}.py", label="Open it", query_params=pin.address)
            _unpin(place)
        feedback.aside(pin.about)
        pin.draw(f"assay.pinned.{_name(place)}")
