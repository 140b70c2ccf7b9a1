"""Which vectors of the texts are looked at: after which layer, and how a text's tokens become one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import streamlit as st

from pages import selection

if TYPE_CHECKING:
    from analysis.embeddings import Pooling
    from models.transformer import TransformerClassifier

POOLINGS: "dict[Pooling, str]" = {
    "cls": "First token",
    "mean": "Mean",
    "last": "Last token",
    "max": "Maximum",
}
#: Stands among the poolings, and is none: one word of the text in place of the whole.
WORD = "word"
COLUMN = "data: "
"""Stands before a metadata column's name among the colours, so that a column may be called `label`."""


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


def value_input(model: "TransformerClassifier") -> int | None:
    """Which of the model's numbers is looked at, a control where there are several; None of labels."""
    if model.answering != "number":
        return None
    if len(model.labels) == 1:
        return 0
    named = selection.current().label_column
    return selection.option(
        "value",
        range(len(model.labels)),
        model.labels.index(named) if named in model.labels else 0,
        label="Value",
        format_func=lambda index: selection.plain(model.labels[index], 30),
        width=150,
        help="Which of the model’s numbers is held against the data’s.",
    )


def colour_input(key: str, names: Sequence[str], columns: Sequence[str]) -> str:
    """The control for what the points are coloured by: one of the names, the first usual, or a column."""
    return selection.option(
        key,
        (*names, *(f"{COLUMN}{column}" for column in columns)),
        names[0],
        label="Colour",
        format_func=lambda name: selection.plain(name.removeprefix(COLUMN), 30).capitalize(),
        width=180,
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
