"""What brings data to a model: its columns, and which of the model's labels each of its own is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from corpora.examples import CorpusError
from pages.selection import loaded
from pages.selection.address import Selection
from pages.selection.controls import plain
from pages.selection.kept import Kept

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier

#: A data set with more label names than this gets no form to map them one by one.
MOST_MAPPED = 24


@dataclass(frozen=True)
class Tried:
    """What came of reading a data set for a model: its own labels if it can be read, and what is wrong."""

    labels: tuple[str, ...] = ()
    problem: str = ""


_TRIED = Kept(64)


def tried(selection: Selection, model: "TransformerClassifier", *, anew: bool = False) -> Tried:
    """Whether the selection's data can be used by a model that chooses one label.

    A data set is read for it once, unless a local file has changed or `anew` says so.
    """
    key = (selection.data_part, loaded.stamp(selection.data), model.labels)
    known = None if anew else _TRIED.get(key)
    if not isinstance(known, Tried):
        known = _try(selection, model)
        _TRIED.put(key, known)
    return known


def _try(selection: Selection, model: "TransformerClassifier") -> Tried:
    try:
        loaded.full_corpus(selection, model)
    except loaded.Mismatch as error:
        return Tried(error.data_labels, str(error))
    except (CorpusError, OSError) as error:
        return Tried(problem=str(error))
    return Tried(loaded.data_labels(selection, model))


def column_inputs(selection: Selection, key: str) -> Selection:
    """The fields for a data set's columns; the selection with what stands in them."""
    text = st.text_input(
        "Text column",
        selection.text_column or "",
        placeholder="guessed by name",
        help="`title+text` joins two columns; `premise|hypothesis` makes each row a pair of texts.",
        key=f"{key}.text.{selection.data}.{selection.text_column}",
    )
    label = st.text_input(
        "Label column",
        selection.label_column or "",
        placeholder="guessed by name",
        key=f"{key}.label.{selection.data}.{selection.label_column}",
    )
    return replace(selection, text_column=text.strip() or None, label_column=label.strip() or None)


def label_inputs(
    selection: Selection, theirs: Sequence[str], ours: Sequence[str], key: str
) -> tuple[tuple[str, str], ...]:
    """One box a label of the data; the pairs of its label and the model's that are picked."""
    known = dict(selection.label_map)
    st.html('<div class="assay-muted">Which of the model\'s labels is each label of the data?</div>')
    picks = []
    for position, label in enumerate(theirs):
        st.text(plain(label, 60))
        pick = st.selectbox(
            f"Label {position + 1}",
            ours,
            index=ours.index(known[label]) if known.get(label) in ours else None,
            key=f"{key}.{selection.data}.{position}",
            placeholder="the model's label",
            label_visibility="collapsed",
        )
        picks.append((label, pick))
    return tuple((label, pick) for label, pick in picks if pick is not None)
