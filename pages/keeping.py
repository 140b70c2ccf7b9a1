"""Keeping audits in order: names, tags, deleting after a question, one file in and out, and running again."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from audits import archive
from audits.store import StoreError
from audits.tables import LONGEST_NAME, Audit
from pages import feedback, selection
from pages.auditing import link, store
from views.numbers import grouped


def manage(audit: Audit) -> None:
    """All that can be done with an audit but reading it, behind one button."""
    key = f"assay.keeping.{audit.id}"
    with st.popover("Manage", icon=":material/more_vert:", key=f"{key}.open"):
        with st.form(f"{key}.names", border=False):
            name = st.text_input("Name", audit.name, max_chars=LONGEST_NAME, key=f"{key}.name")
            tags = st.text_input(
                "Tags", ", ".join(audit.tags), key=f"{key}.tags", help="Words with commas: release, v2"
            )
            if st.form_submit_button("Save", icon=":material/label:"):
                renamed(audit, name, tags.split(","))
        if audit.state not in ("waiting", "running"):
            feedback.download(
                "Export as one file",
                partial(archive.pack, audit.id, store()),
                f"assay-{audit.id}.zip",
                key=f"{key}.export",
            )
            again(audit)
            if st.button("Delete …", key=f"{key}.delete", icon=":material/delete:", type="tertiary"):
                ask_to_delete(audit)
        st.divider()
        take_in()


def renamed(audit: Audit, name: str, tags: Sequence[str]) -> None:
    """Writes what the form says; what cannot be written is told beside it."""
    try:
        store().annotate(audit.id, name=name, tags=tags)
    except StoreError as problem:
        feedback.notice("Not saved", str(problem), "failure")
    else:
        st.rerun()


@st.dialog("Delete this audit?")
def ask_to_delete(audit: Audit) -> None:
    """The question before an audit goes for good."""
    rows = sum(count for count, _ in store().done(audit.id).values())
    called = f"“{audit.name}”, " if audit.name else ""
    about = f"{audit.id}: {called}{audit.plan.model} on {audit.plan.data}."
    feedback.aside(
        f"{about} Its {grouped(rows)} rows, and the verdicts on them, go for good. "
        "Export it first to keep a copy."
    )
    with st.container(horizontal=True, gap="small"):
        if st.button("Delete for good", type="primary", key=f"assay.keeping.{audit.id}.sure"):
            try:
                store().delete(audit.id)
            except StoreError as problem:
                feedback.notice("Not deleted", str(problem), "failure")
            else:
                st.rerun()
        if st.button("Keep it", key=f"assay.keeping.{audit.id}.keep"):
            st.rerun()


def again(audit: Audit, label: str = "Run again with changes") -> None:
    """A link to the Audit page with this audit's whole plan in its controls, ready to be changed."""
    link(audit.plan, "audit", label, again=audit.id)


def take_in() -> None:
    """Takes an audit from a file that was exported."""
    uploaded = st.file_uploader("Import an audit from a file", type=["zip"], key="assay.keeping.import")
    if uploaded is None:
        return
    if st.session_state.get("assay.keeping.taken") == uploaded.file_id:
        return
    try:
        audit_id = archive.unpack(uploaded.getvalue(), store())
    except StoreError as problem:
        feedback.notice("This file was not taken", str(problem), "failure")
        return
    st.session_state["assay.keeping.taken"] = uploaded.file_id
    selection.open_page("reports", audit=audit_id)
