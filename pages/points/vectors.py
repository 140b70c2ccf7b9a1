"""Which vectors of the texts are looked at: after which layer, and how a text's tokens become one."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from pages import selection

if TYPE_CHECKING:
    from analysis.embeddings import Pooling

POOLINGS: "dict[Pooling, str]" = {
    "cls": "First token",
    "mean": "Mean",
    "last": "Last token",
    "max": "Maximum",
}
#: Stands among the poolings, and is none: one word of the text in place of the whole.
WORD = "word"


def layer_input(layers: int) -> int:
    """The control for a layer, 0 being the embeddings; the last one is usual."""
    return selection.option(
        "layer",
        range(layers + 1),
        layers,
        st.select_slider,
        label="Layer",
        format_func=lambda number: "embeddings" if number == 0 else str(number),
        width=240,
    )


def pooling_input() -> "Pooling":
    """The control for the pooling."""
    return cast("Pooling", _choice(POOLINGS))


def pooling_or_word() -> "Pooling | None":
    """The same with one word in its context as another choice, which is None."""
    asked = _choice({**POOLINGS, WORD: "A word in context"})
    return None if asked == WORD else cast("Pooling", asked)


def _choice(names: "Mapping[Any, str]") -> str:
    return selection.option(
        "pooling",
        tuple(names),
        "mean",
        label="One vector a text",
        format_func=lambda name: names[name],
        width=150 if WORD not in names else 185,
        help="How the vectors of a text’s tokens become one. Special tokens count, padding does not."
        + (" Or that of one word, where it stands in each text." if WORD in names else ""),
    )
