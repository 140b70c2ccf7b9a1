"""How pages speak of waiting, emptiness and trouble."""

import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape

import streamlit as st

from pages import selection
from views.numbers import duration, grouped

log = logging.getLogger(__name__)

#: Errors of these packages are messages to the user; any other one is our fault.
LAYERS = ("models", "corpora", "analysis", "attacks", "audits")


def is_dark() -> bool:
    """Whether the reader's screen is in dark mode, for `views.style.palette` and `template`."""
    return st.context.theme.type == "dark"


def notice(title: str, text: str = "", kind: str = "note") -> None:
    """A quiet block: `kind` is "note" or "failure". Both texts are escaped here."""
    body = f"<p>{escaped(text)}</p>" if text else ""
    role = "alert" if kind == "failure" else "status"
    st.html(f'<div class="assay-notice {kind}" role="{role}"><strong>{escaped(title)}</strong>{body}</div>')


def escaped(text: str) -> str:
    """Untrusted text for HTML, line breaks kept."""
    plain = text.encode("utf-8", "replace").decode()
    return escape(plain).replace("\n", "<br>")


@contextmanager
def problems(safe: str = "Nothing was changed; the other pages still work.") -> Iterator[None]:
    """Turn an error inside into a block that says what happened, what is safe and what to do.

    The layers' own errors carry their message; of anything else the type is shown, the traceback is
    logged and folded away for copying.
    """
    try:
        yield
    except selection.Mismatch as error:
        mismatch(error)
    except Exception as error:  # Streamlit's own control flow is no Exception and passes through
        if isinstance(error, ValueError) and type(error).__module__.split(".")[0] in (*LAYERS, "pages"):
            notice("This could not be done", f"{error}\n{safe}", "failure")
        else:
            unexpected(error, safe)


def unexpected(error: Exception, safe: str) -> None:
    """An error that is our fault: short on screen, whole in the log, and ready to be copied."""
    log.error("Unexpected error on a page", exc_info=error)
    notice(
        "Something in Assay broke",
        f"{type(error).__name__}: {str(error)[:300]}\n{safe} "
        "Please try again; if it comes back, report the details below.",
        "failure",
    )
    with st.expander("Details to copy"):
        st.code("".join(traceback.format_exception(error))[-8000:], language="text")


def mismatch(error: selection.Mismatch) -> None:
    """Model and data speak of different labels: say so, and offer the data that fits."""
    notice(
        "The model and the data speak of different labels",
        f"{error}\nThe model is loaded and can be tried on a text of your own.",
    )
    offer_fitting_data("page")


def offer_fitting_data(place: str) -> None:
    """One button for each bundled set whose labels are the model's."""
    for reference in selection.fitting_data():
        st.button(
            f"Use {reference}",
            key=f"assay.use.{place}.{reference}",
            type="primary",
            on_click=selection.want,
            kwargs=selection.data_choice(reference),
        )


def empty(
    title: str, text: str, action: str | None = None, *, key: str = "assay.empty", icon: str | None = None
) -> bool:
    """An empty state: what would stand here, and the one click that fills it. True when it was clicked."""
    st.html(f'<div class="assay-empty"><strong>{escaped(title)}</strong>{escaped(text)}</div>')
    if action is None:
        return False
    with st.container(horizontal=True, horizontal_alignment="center"):
        return st.button(action, key=key, type="primary", icon=icon)


@contextmanager
def skeleton(height: int = 240) -> Iterator[None]:
    """A grey placeholder while the block runs; what the block draws stands in its place afterwards."""
    with st.skeleton(height=height):
        yield


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """A bar with count and time left; yields `report(done, total)`. Gone when the block ends."""
    bar = st.empty()
    begun = time.monotonic()
    bar.progress(0.0, text=f"{label} …")

    def report(done: int, total: int) -> None:
        spent = time.monotonic() - begun
        left = f" · about {duration(spent / done * (total - done))} left" if 0 < done < total else ""
        bar.progress(
            min(done / max(total, 1), 1.0), text=f"{label}: {grouped(done)} of {grouped(total)}{left}"
        )

    try:
        yield report
    finally:
        bar.empty()
