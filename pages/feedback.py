"""How pages speak of waiting, emptiness and trouble."""

import logging
import re
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any, Literal

import streamlit as st

from pages import selection
from views.numbers import duration, grouped, kept_whole
from views.tables import to_csv

log = logging.getLogger(__name__)

#: Errors of these packages are messages to the user; any other one is our fault.
LAYERS = ("models", "corpora", "analysis", "attacks", "audits")

#: Whether the page was drawn in "light" or "dark" mode.
_THEME = "assay.theme"
#: Pixels of a figure before it scrolls inside itself.
TALLEST = 760


def follow_theme() -> None:
    """Draw the whole page in the screen's mode as it is now: to be called before anything is drawn."""
    st.session_state[_THEME] = st.context.theme.type


def is_dark() -> bool:
    """Whether the reader's screen is in dark mode, for `views.style.palette` and `template`.

    Where a part of a page is drawn alone after the mode has changed, the whole page is drawn anew instead.
    """
    now = st.context.theme.type
    if st.session_state.get(_THEME, now) != now:
        st.rerun()
    return now == "dark"


def notice(title: str, text: str = "", kind: str = "note") -> None:
    """A quiet block: `kind` is "note" or "failure". Both texts are escaped here."""
    body = f"<p>{escaped(text)}</p>" if text else ""
    role = "alert" if kind == "failure" else "status"
    st.html(f'<div class="assay-notice {kind}" role="{role}"><strong>{escaped(title)}</strong>{body}</div>')


def aside(text: str) -> None:
    """A quiet line that may quote labels, names or files: shown as it is, never read as Markdown."""
    st.html(f'<p class="assay-muted">{escaped(text)}</p>')


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


def no_text(title: str, text: str) -> None:
    """The empty state of a page about one text: what would stand here, and the click that takes a row."""
    # Without a text of one's own there would be a row here, if the data had any that fits.
    if empty(title, text, None if selection.current().text is None else "Take the first row of the data"):
        selection.choose()
        selection.write_address()  # a rerun reads the address first
        st.rerun()


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


def headline(sentence: str) -> None:
    """The answer at the top of a page: one sentence of escaped HTML, in which <b> marks what matters."""
    st.html(f'<p class="assay-lead">{kept_whole(sentence)}</p>')


def chart(
    figure: Any,
    *,
    key: str,
    title: str,
    alt: str,
    name: str | None = None,
    rows: Callable[[], Iterable[Mapping[str, object]]] | None = None,
    head: Any = None,
    on_click: Callable[[], None] | None = None,
) -> None:
    """A titled Plotly figure in the app's look, saved as SVG from its bar, the data behind it as CSV.

    `alt` says in words what the picture shows; `name` (else the title) names the saved files.
    `head` is a container for the title where something stands between it and the figure. `on_click` is
    called when the reader picks a point, which then stands in `st.session_state[key]`.
    """
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name or title).strip("-").lower()[:80] or "assay"
    with (head or st).container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.subheader(title, anchor=False, width="stretch")
        if rows is not None:
            download("CSV", lambda: to_csv(rows()), f"{stem}.csv", key=f"{key}.data")
    config = {
        "displaylogo": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "svg", "filename": stem},
    }
    st.plotly_chart(
        figure,
        key=key,
        theme=None,
        config=config,
        alt=alt,
        on_select=on_click or "ignore",
        selection_mode="points",
    )


def bounded(figure: Any) -> Any:
    """A container for a Plotly figure, in which a tall one scrolls."""
    return st.container(height=TALLEST if (figure.layout.height or 0) > TALLEST else "content", border=False)


def cancel_button(cancelled: bool, cancel: Callable[[], None], *, key: str) -> None:
    """Stops work under way; once clicked it says so until the work has stopped."""
    st.button(
        "Cancelling …" if cancelled else "Cancel",
        key=key,
        icon=":material/stop:",
        on_click=cancel,
        disabled=cancelled,
    )


def side_by_side(left: Callable[[], None], right: Callable[[], None], *, key: str) -> None:
    """Two blocks in two columns, one below the other where the window is narrow."""
    with st.container(key=f"assay-pair-{key}"):
        for column, draw in zip(st.columns(2, gap="large"), (left, right), strict=True):
            with column:
                draw()


def download(
    label: str,
    make: Callable[[], bytes],
    file_name: str,
    *,
    key: str,
    kind: Literal["primary", "tertiary"] = "tertiary",
) -> None:
    """A quiet button that makes its file when it is clicked, or one that stands out."""
    st.download_button(
        label,
        data=make,
        file_name=file_name,
        key=key,
        icon=":material/download:",
        type=kind,
        on_click="ignore",
        help=f"Download {file_name}",
    )


def made_from(*more: str) -> None:
    """One quiet line: the model, the data and whatever else this view was made from."""
    chosen = selection.current()
    parts = [chosen.model]
    try:
        parts[0] += f" ({selection.classifier().fingerprint[:12]})"
        parts.append(f"{chosen.data}, {grouped(len(selection.corpus()))} examples")
    except ValueError:
        pass
    aside(f"Made from {' · '.join([*parts, *more])}")
