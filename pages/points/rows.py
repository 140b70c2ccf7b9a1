"""The points selected in the picture as a table; from each row one click leads to another page."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages import feedback, selection
from pages.points.scene import Scene
from pages.points.vectors import COLUMN
from views.numbers import grouped

MOST_SHOWN = 500
NEXT_PAGES = ("explain", "attention", "layers", "attack")
_PICKED = "assay.embeddings.picked"


@dataclass
class Picked:
    """What one visitor has selected: the slice of the data that all pages share.

    `drawn` are the ids that the picture on screen was drawn with. A selection made in the picture
    itself leaves them alone: another figure would lose the zoom and could not be unselected by a
    double click. `revision` counts the figures that had to be drawn for a selection's sake.
    """

    ids: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    picture: Hashable = None
    revision: int = 0


def picked() -> Picked:
    """This visitor's selection, brought up to date where another page chose another slice."""
    found = st.session_state.get(_PICKED)
    if not isinstance(found, Picked):
        found = Picked()
        st.session_state[_PICKED] = found
    among = selection.current().among
    if found.ids != among:
        found.ids = found.drawn = among
        found.revision += 1
    return found


def pick(ids: Sequence[str], in_picture: bool = False) -> None:
    """Select these rows, for every page, until others are selected or the data changes."""
    state = picked()
    selection.narrow(ids)
    state.ids = selection.current().among
    if not in_picture:
        state.drawn = state.ids
        state.revision += 1


def to_draw(picture: Hashable) -> Picked:
    """The selection, with `drawn` brought up to date where another picture than before will show it."""
    state = picked()
    if state.picture != picture:
        state.picture, state.drawn = picture, state.ids
    return state


def draw(scene: Scene) -> None:
    """The table, or what would stand in its place."""
    chosen = set(picked().ids)
    rows = [row for row, example in enumerate(scene.corpus.examples) if example.id in chosen]
    if not rows:
        _nothing(scene)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(f"{grouped(len(rows))} selected", anchor=False, width="content")
        st.caption("Every page steps through them until you clear this.", width="stretch")
        st.button("Clear", key="assay.embeddings.clear", type="tertiary", on_click=pick, args=((),))
    if len(rows) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} are listed; the CSV file of the picture has them all.")
    _table(scene, rows[:MOST_SHOWN])


def _nothing(scene: Scene) -> None:
    first, what = scene.told.worth_reading
    if feedback.empty(
        "No points selected",
        "Draw a box or a lasso around some points, or pan and click one: their rows appear here.",
        f"Select the {what}" if first else None,
        key="assay.embeddings.wrong",
    ):
        pick([scene.corpus.examples[row].id for row in first])
        st.rerun()


def _table(scene: Scene, rows: Sequence[int]) -> None:
    import pandas as pd

    examples = [scene.corpus.examples[row] for row in rows]
    own = {
        **{page: [" ".join(selection.PAGES[page][::-1])] * len(rows) for page in NEXT_PAGES},
        "Text": [selection.plain(example.text, 400) for example in examples],
        **scene.told.table(rows),
    }
    metadata = {
        f"{COLUMN}{name}" if name in own else name: [example.metadata.get(name, "") for example in examples]
        for name in scene.corpus.metadata_columns
    }
    frame = pd.DataFrame(own | metadata)
    go = {
        page: st.column_config.ButtonColumn("", type="tertiary", width=104, key=f"assay.embeddings.go.{page}")
        for page in NEXT_PAGES
    }
    st.dataframe(
        frame,
        hide_index=True,
        key="assay.embeddings.rows",
        column_config={
            **go,
            "Text": st.column_config.TextColumn(width="large"),
            **{
                name: st.column_config.NumberColumn(format=written, width="small")
                for name, written in scene.told.formats.items()
            },
        },
        alt=f"{len(rows)} selected texts with what is given and what the model answers.",
    )
    for page in NEXT_PAGES:
        click = st.session_state.get(f"assay.embeddings.go.{page}")
        if click is not None and click["row"] < len(rows):
            selection.open_page(page, row=examples[click["row"]].id)
