"""The Attention page's one picture: a matrix on a canvas, beside thumbnails of all heads."""

import io
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages import feedback, selection
from pages.heads.looked import Looked, file_name
from views.attention import canvas
from views.attention.table import rows
from views.tables import to_csv

KEY = "attention.map"
#: How the layer and head of a second picture, and of what moved between two texts, begin in the URL.
SECOND, MOVED = "second_", "moved_"
#: Longer tables go as numbers alone.
_MOST_IN_TABLE = 1024

_draw = st.components.v2.component(
    "assay.attention", html=canvas.HTML, css=canvas.STYLE, js=canvas.SCRIPT, isolate_styles=True
)


def pick_layer(looked: Looked, row: Any, whose: str = "") -> int:
    """The chosen layer, from 0; at first the one with the head that is clearest to read."""
    with row:
        first = looked.found.clearest()[0] + 1
        layers = range(1, looked.attention.layers + 1)
        return selection.option(f"{whose}layer", layers, first, label="Layer", width=100) - 1


def pick_head(looked: Looked, row: Any, whose: str = "") -> int:
    """The chosen head, from 0; at first the one that is clearest to read."""
    with row:
        first = looked.found.clearest()[1] + 1
        heads = range(1, looked.attention.heads + 1)
        return selection.option(f"{whose}head", heads, first, label="Head", width=100) - 1


def tokens_kept(looked: Looked, row: Any) -> list[int]:
    """The positions to draw: all, or all but the special tokens, which outshine the rest."""
    with row:
        special = selection.option(
            "special",
            ["shown", "hidden"],
            "shown",
            st.segmented_control,
            label="Special tokens",
            format_func=str.capitalize,
            required=True,
        )
    return [i for i, added in enumerate(looked.attention.special) if special == "shown" or not added]


def matrix(
    looked: Looked,
    weights: NDArray[np.floating],
    kept: Sequence[int],
    *,
    title: str,
    alt: str,
    chosen: canvas.Chosen | None = None,
    whose: str = "",
    **how: Any,
) -> bytes:
    """Draw one matrix of the text's tokens, those `kept`, and offer it as a table; returns the message drawn.

    Each of two pictures on the page picks a layer and a head of its own: `whose` begins their names.
    """
    attention = looked.attention
    # A decoder's place holds the token before; its first place, the start, is always shown.
    rows_kept = [0, *(i + 1 for i in kept if i + 1 < len(weights))] if attention.readers else kept
    part = weights if len(kept) == len(weights) == len(rows_kept) else weights[np.ix_(rows_kept, kept)]
    names = [attention.tokens[i] for i in kept]
    readers = [(attention.readers or attention.tokens)[i] for i in rows_kept]
    file = f"{looked.stem}-{file_name(title)}".lower()
    message = canvas.picture(
        part,
        readers,
        columns=names if attention.readers else None,
        numbers=[i + 1 for i in rows_kept],
        title=title,
        alt=alt,
        file=file,
        dark=feedback.is_dark(),
        chosen=chosen,
        around=_around(len(kept)),
        **how,
    )
    key = f"{KEY}.{whose}" if whose else KEY
    _place(key, message, whose)
    if len(kept) <= _MOST_IN_TABLE:
        make = partial(_table, part, names, kept, readers)
        feedback.download("These weights (CSV)", make, f"{file}.csv", key=f"{key}.data")
    else:
        feedback.download("These weights (NumPy)", partial(_numbers, part), f"{file}.npy", key=f"{key}.data")
    return message


def hidden(looked: Looked, kept: Sequence[int]) -> str:
    """A word for what a picture was made from, where the special tokens were left out."""
    return ", special tokens hidden" if len(kept) < len(looked.attention.tokens) else ""


def again(message: bytes, says: str, key: str) -> None:
    """A picture that was drawn before, with what it says."""
    feedback.aside(says)
    _draw(key=key, data=canvas.still(message, feedback.is_dark()))


def again_below(html: str, message: bytes, says: str, key: str) -> None:
    """The same below its text or texts, which are HTML."""
    st.html(html)
    again(message, says, key)


def words(
    weights: NDArray[np.floating],
    down: Sequence[str],
    across: Sequence[str],
    *,
    title: str,
    alt: str,
    file: str,
    chosen: canvas.Chosen,
) -> bytes:
    """Draw a matrix of differences between words, its head the `MOVED` one; returns the message drawn."""
    message = canvas.picture(
        weights,
        down,
        columns=across,
        title=title,
        alt=alt,
        file=file,
        dark=feedback.is_dark(),
        chosen=chosen,
        signed=True,
    )
    _place(KEY, message, MOVED)
    make = partial(_table, weights, across, range(len(across)), down)
    feedback.download("These differences (CSV)", make, f"{file}.csv", key=f"{KEY}.data")
    return message


def _place(key: str, message: bytes, whose: str) -> None:
    """A picture on the page, with what follows from clicks in it."""
    _draw(
        key=key,
        data=message,
        on_pick_change=partial(_picked, key, whose),
        on_zoom_change=partial(_zoomed, key),
    )


def _table(
    weights: NDArray[np.floating], names: Sequence[str], kept: Sequence[int], readers: Sequence[str]
) -> bytes:
    return to_csv(rows(weights, names, kept, readers))


def _numbers(weights: NDArray[np.floating]) -> bytes:
    out = io.BytesIO()
    np.save(out, weights.astype(np.float16), allow_pickle=False)
    return out.getvalue()


def _around(count: int) -> tuple[int, int] | None:
    """Where the reader looks closer, in a text too long to send all weights of a head."""
    asked = (selection.remembered("around") or "").split("-")
    if count <= canvas.MOST_CELLS or len(asked) != 2:
        return None
    row, column = (int(part) if part.isdecimal() and len(part) < 7 else 0 for part in asked)
    return min(row, count - 1), min(column, count - 1)


def _picked(key: str, whose: str) -> None:
    """A click on a head opens it."""
    chosen = st.session_state[key]["pick"]
    if chosen:
        selection.remember(f"{whose}layer", int(chosen["layer"]))
        selection.remember(f"{whose}head", int(chosen["head"]))


def _zoomed(key: str) -> None:
    """A click in a long text's matrix asks for the exact weights around it."""
    asked = st.session_state[key]["zoom"]
    if asked:
        whole = asked["row"] is None
        selection.remember("around", "" if whole else f"{int(asked['row'])}-{int(asked['column'])}")
