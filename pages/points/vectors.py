"""Which vectors of the texts are looked at: after which layer, and how a text's tokens become one."""

from typing import TYPE_CHECKING

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
    return selection.option(
        "pooling",
        tuple(POOLINGS),
        "mean",
        label="One vector a text",
        format_func=lambda name: POOLINGS[name],
        width=150,
        help="How the vectors of a text’s tokens become one. Special tokens count, padding does not.",
    )
