"""A model that gives several labels, one of them at a time: the way to a label, and the way back to all."""

import streamlit as st

from models.references import split
from pages import feedback, selection


def labels() -> tuple[str, ...]:
    """The labels of the whole model behind the one in use; none where it chooses one, or gives a number."""
    model = selection.classifier()
    return model.labels if model.answering == "several" else model.among


def box() -> None:
    """The sidebar's choice of one label, or all; nothing for models whose labels exclude one another."""
    names = labels()
    if not names:
        return
    whole, label = split(selection.current().model)
    key = "assay.box.label"

    def picked() -> None:
        place = st.session_state[key]
        selection.want(model=whole if not place else f"{whole}#{names[place - 1]}")

    # By their places, so that a label may have any name.
    st.session_state[key] = 0 if label is None else 1 + names.index(label)
    st.selectbox(
        "Label",
        range(len(names) + 1),
        key=key,
        on_change=picked,
        format_func=lambda place: selection.plain(names[place - 1], 40) if place else "All labels",
        help="Each label of this model holds or does not by itself. One alone is a model that chooses: it "
        "holds, or it does not. Attacks, audits and all pages take that.",
        filter_mode="contains",
    )


def choose(title: str) -> None:
    """The empty state of a page that is about one label, while the model in use gives several."""
    names = labels()
    feedback.empty(
        "Which label?",
        f"This model gives each text any number of its {len(names)} labels. {title} takes one of them at a "
        "time: does it hold, or does it not?",
    )
    key = "assay.one-label"
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="bottom"):
        label = st.selectbox(
            "Label",
            names,
            key=key,
            format_func=lambda name: selection.plain(name, 40),
            label_visibility="collapsed",
            width=260,
            filter_mode="contains",
        )
        if st.button("Ask about this label", key=f"{key}.use", type="primary"):
            selection.want(model=f"{split(selection.current().model)[0]}#{label}")
            st.rerun()
