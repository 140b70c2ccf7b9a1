"""Audits that run or could go on, on the page Audit: how far each has come, and what can be done about it."""

import os
from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from audits import run
from audits.progress import Progress
from audits.store import StoreError
from audits.tables import Audit
from pages import feedback, keeping, selection
from pages.auditing import store
from views.numbers import duration, grouped

#: The states in which a worker is on an audit, or about to be.
BUSY = ("waiting", "running")
#: Seconds between two looks at the audits.
LOOK_EVERY = 1.0
#: So many audits that could be resumed are listed unless all are asked for.
MOST_LISTED = 8
#: How many processes may share the work of an audit on this machine.
PROCESSES = range(1, (os.cpu_count() or 1) + 1)
ABOUT_PROCESSES = "They share the work, each with the model in memory. The rows are the same."
_WATCHED, _ALL = "assay.audit.watched", "assay.audit.all"


def draw() -> None:
    """Every audit under way, whoever began it, and those that could be resumed."""
    # A place of their own: one card more or less must not close what is open or being written further down.
    with st.container():
        st.fragment(look, run_every=LOOK_EVERY)(states())
        everything = store().audits()
        watch(*(audit.id for audit in everything if is_busy(audit)))
        left = [audit for audit in everything if audit.unfinished]
        shown = left if st.session_state.get(_ALL) else left[:MOST_LISTED]
        for audit in everything:
            ended = audit.state == "finished" and audit.id in watched()
            if is_busy(audit) or ended or audit in shown:
                with feedback.problems("Rows that were made are kept."), st.container(border=True):
                    card(audit)
        if len(shown) < len(left):
            st.button(
                f"Show {len(left) - len(shown)} more that could be resumed",
                key="assay.audit.more",
                type="tertiary",
                on_click=lambda: st.session_state.update({_ALL: True}),
            )


def watched() -> tuple[str, ...]:
    """The audits that ran while this visit looked on: they stay on the page when they have finished."""
    found: tuple[str, ...] = st.session_state.get(_WATCHED, ())
    return found


def watch(*audit_ids: str) -> None:
    """Keeps audits on this visit's page until the end."""
    st.session_state[_WATCHED] = tuple(dict.fromkeys((*watched(), *audit_ids)))


def states() -> list[tuple[str, str]]:
    """Every audit that has not finished, and the state that its card speaks of."""
    left = store().audits(finished=False)
    return [(audit.id, "busy" if is_busy(audit) else audit.state) for audit in left]


def look(drawn: list[tuple[str, str]]) -> None:
    """Draws the page anew when an audit began, stopped or ended: here, in another tab or in a terminal."""
    with suppress(StoreError):  # the cards say what is wrong
        if states() != drawn:
            st.rerun()


def is_busy(audit: Audit) -> bool:
    """Whether a worker is on it, or about to be."""
    return audit.state in BUSY


def card(audit: Audit) -> None:
    """One audit: what it is, what can be done about it, and how far it has come.

    The buttons stand outside the part that is drawn anew every second: a click would be lost in it
    when it meets a redraw that turns into a run of the whole page.
    """
    plan, busy = audit.plan, is_busy(audit)
    about = f"{selection.plain(plan.model, 60)} on {selection.plain(plan.data, 60)}"
    if audit.name:
        about = f"{selection.plain(audit.name, 60)}: {about}"
    known = audit.id if busy else f"{audit.id} · {state_of(audit)}"
    row = st.container(
        horizontal=True, vertical_alignment="center", gap="small", key=f"assay-underway-{audit.id}"
    )
    with row:
        st.html(
            f"<div style='overflow-wrap:anywhere'><b>{feedback.escaped(about)}</b> "
            f'<span class="assay-muted">{feedback.escaped(known)}</span></div>',
            width="stretch",
        )
        actions(audit)
    st.fragment(live, run_every=LOOK_EVERY if busy else None)(audit.id, busy)


def live(audit_id: str, busy: bool) -> None:
    """An audit's progress; `busy` says whether its card was drawn for one under way."""
    with feedback.problems("Rows that were made are kept."):
        now = run.progress(audit_id, store())
        if now.total:
            st.progress(min(1.0, now.share), text=told(now))
        elif busy:
            st.progress(0.0, text="Loading model and data …")
        if now.error:
            feedback.notice("This run ended with an error", now.error, "failure")


def state_of(audit: Audit) -> str:
    """The state of an audit that is not under way."""
    return "interrupted: its process ended" if audit.state == "interrupted" else audit.state


def told(now: Progress) -> str:
    """What stands at the bar: the test that runs, the rows, their rate, the time left."""
    parts = [f"{grouped(now.done)} of {grouped(now.total or 0)} rows"]
    if now.state == "running" and now.current:
        parts.insert(0, now.current.written)
        if now.rows_a_second:
            parts.append(f"{now.rows_a_second:.3g} rows/s")
        if now.workers > 1:
            parts.append(f"{now.workers} processes")
        if now.seconds_left:
            parts.append(f"about {duration(now.seconds_left)} left")
    return " · ".join(parts)


def actions(audit: Audit) -> None:
    """The buttons that fit an audit's state."""
    key = f"assay.audit.{audit.id}"
    if is_busy(audit):
        st.button(
            "Pause",
            key=f"{key}.pause",
            icon=":material/pause_circle:",
            on_click=act,
            args=(run.pause, audit.id),
            help="Stop within about a second, to go on some time; rows are kept",
        )
        st.button(
            "Cancel",
            key=f"{key}.cancel",
            icon=":material/stop_circle:",
            on_click=act,
            args=(run.cancel, audit.id),
            help="Stop within about a second; rows are kept",
        )
        return
    if audit.unfinished:
        workers = st.selectbox(
            "Processes",
            PROCESSES,
            key=f"{key}.workers",
            format_func=lambda count: f"{count} process{'es' if count > 1 else ''}",
            help=ABOUT_PROCESSES,
            label_visibility="collapsed",
            width=130,
        )
        st.button(
            "Resume",
            key=f"{key}.resume",
            icon=":material/play_arrow:",
            type="primary",
            on_click=act,
            args=(run.resume, audit.id, workers),
            help="Go on from the rows that are there",
        )
        keeping.again(audit, "Rerun")
        if st.button(
            "Delete",
            key=f"{key}.delete",
            icon=":material/delete:",
            help="Remove this audit and its rows for good, after asking",
        ):
            keeping.ask_to_delete(audit)
    else:
        st.page_link(
            "pages/reports.py",
            label="See the report",
            icon=":material/description:",
            query_params=selection.link_params("reports", audit=audit.id),
        )


def act(action: Callable[..., object], audit_id: str, *more: object) -> None:
    """Does what a button says; what goes wrong (somebody else was quicker) shows on top of the page."""
    try:
        action(audit_id, store(), *more)
    except ValueError as problem:
        st.toast(str(problem), icon=":material/error:")
