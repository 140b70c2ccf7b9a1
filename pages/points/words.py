"""The second view: a word's neighbours among the input embeddings."""

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages import feedback, pins, selection
from views.tables import to_csv

if TYPE_CHECKING:
    import pandas as pd

_FIRST = "terrible"
_COUNT = 15
_FIELD = "assay.embeddings.word"
_COLUMNS = {
    "Entry": st.column_config.TextColumn(width="medium"),
    "Cosine": st.column_config.ProgressColumn(format="%.2f", min_value=0, max_value=1, width="medium"),
}


def draw() -> None:
    """The word, its neighbours, and a click from each of them to its own."""
    from analysis.embeddings import nearest_words, word_pieces

    model = selection.classifier()
    word = selection.remembered("word", _FIRST) or ""
    head = st.container()

    def typed() -> None:
        selection.remember("word", st.session_state[_FIELD].strip())

    st.session_state[_FIELD] = word
    st.text_input("Word", key=_FIELD, on_change=typed, max_chars=80, width=280)
    selection.remember("word", word)
    with feedback.problems():
        pieces = word_pieces(model, word)
        found = nearest_words(model, word, _COUNT)
        with head:
            said = _lead(word, pieces, found)
        _table(found, f"assay-neighbours-of-{selection.text_fingerprint(word)}.csv")
        pins.beside(
            pins.made_from(f"neighbours of {pins.quoted(word)}", "input embeddings"),
            partial(_again, found, said),
        )
        feedback.made_from("input embeddings")


def _lead(word: str, pieces: tuple[str, ...], found: list[tuple[str, float]]) -> str:
    """The sentence on top, and how the word was read; returns the sentence, as HTML."""
    name, cosine = found[0]
    said = (
        f"Before any context, the model’s vocabulary has <b>{feedback.escaped(name)}</b> nearest to "
        f"<b>{feedback.escaped(word)}</b> (cosine {cosine:.2f})."
    )
    feedback.headline(said)
    note = "Cosines between rows of the table that turns tokens into vectors; no layer has read them yet."
    if len(pieces) > 1:
        note += f" “{word}” is written as {len(pieces)} pieces, {' '.join(pieces)}: "
        note += "their mean stands for it."
    if any(entry.startswith("##") for entry in (*pieces, *(entry for entry, _ in found))):
        note += " ## marks a piece that continues a word."
    feedback.aside(note)
    return said


def _again(found: list[tuple[str, float]], said: str, key: str) -> None:
    """Another word's or model's neighbours, below what they say."""
    st.html(f"<p>{said}</p>")
    st.dataframe(
        _frame(found),
        hide_index=True,
        width=480,
        height="content",
        key=f"{key}.table",
        column_config=_COLUMNS,
        alt="The nearest entries of the vocabulary with their cosines, as they were pinned.",
    )


def _frame(found: list[tuple[str, float]]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(found, columns=["Entry", "Cosine"])


def _table(found: list[tuple[str, float]], file_name: str) -> None:
    def look_up() -> None:
        click = st.session_state["assay.embeddings.look"]
        selection.remember("word", found[click["row"]][0].removeprefix("##"))

    st.dataframe(
        _frame(found).assign(look="Look up"),
        hide_index=True,
        width=560,
        height="content",
        key="assay.embeddings.words",
        column_config=_COLUMNS
        | {
            "look": st.column_config.ButtonColumn(
                "", type="tertiary", key="assay.embeddings.look", on_click=look_up
            ),
        },
        alt="The nearest entries of the vocabulary with their cosines.",
    )
    rows = [{"entry": name, "cosine": cosine} for name, cosine in found]
    feedback.download("CSV", lambda: to_csv(rows), file_name, key="assay.embeddings.words.data")
