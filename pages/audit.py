from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from attacks.registry import Entry, entries
from audits import run
from audits.progress import Progress
from audits.store import Store
from audits.tables import Audit
from pages import feedback, selection
from pages.auditing import plan_of, store
from views.numbers import duration, grouped

#: Sizes of a sample on offer, and the usual one: small enough to be looked at within minutes on a laptop.
SIZES = (25, 50, 100, 200, 500, 1000, 2000, 5000)
USUAL_SIZE = 100
USUAL_ATTACK = "deepwordbug"
#: How many questions an attack asks about a text, roughly; for the estimate before anything is measured.
QUESTIONS = 30
LEVELS = "A target share of edited letters; what was really edited is measured on each row."
#: The states in which a worker is on an audit, or about to be.
BUSY = ("waiting", "running")
#: Seconds between two looks at a running audit.
LOOK_EVERY = 1.0
#: So many audits that are not finished are listed.
MOST_LISTED = 8


def main() -> None:
    """What runs or waits to be resumed, then the plan of a new audit."""
    st.title("Audit")
    st.caption("How much accuracy do typos, look-alike letters and attacks cost this model?")
    for audit in unfinished():
        with feedback.problems("Rows that were made are kept."), st.container(border=True):
            card(audit)
    with feedback.problems("No audit was started."):
        new_audit()


def is_busy(audit: Audit) -> bool:
    """Whether a worker is on it, or about to be."""
    return audit.state in BUSY


def unfinished() -> list[Audit]:
    """Audits that run or could be resumed, and those that ended while this visit looked on."""
    watched = st.session_state.setdefault("assay.audit.watched", [])
    found = [audit for audit in store().audits() if audit.state != "finished" or audit.id in watched]
    watched += [audit.id for audit in found if audit.state == "running" and audit.id not in watched]
    return found[:MOST_LISTED]


def card(audit: Audit) -> None:
    """One audit: what it is, what can be done about it, and how far it has come.

    The buttons stand outside the part that is drawn anew every second: a click would be lost in it
    when it meets a redraw that turns into a run of the whole page.
    """
    plan, busy = audit.plan, is_busy(audit)
    about = f"{selection.plain(plan.model, 60)} on {selection.plain(plan.data, 60)}"
    known = audit.id if busy else f"{audit.id} · {state_of(audit)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(
            f"<div><b>{feedback.escaped(about)}</b> "
            f'<span class="assay-muted">{feedback.escaped(known)}</span></div>',
            width="stretch",
        )
        actions(audit)
    st.fragment(live, run_every=LOOK_EVERY if busy else None)(audit.id, busy)


def live(audit_id: str, busy: bool) -> None:
    """An audit's progress; `busy` says whether its card was drawn for one under way."""
    with feedback.problems("Rows that were made are kept."):
        now = run.progress(audit_id, store())
        if (now.state in BUSY) != busy:
            st.rerun()  # other buttons fit it now
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
    """What stands at the bar: the test that runs, the rows, the time left."""
    parts = [f"{grouped(now.done)} of {grouped(now.total or 0)} rows"]
    if now.state == "running" and now.current:
        parts.insert(0, now.current.written)
        if now.seconds_left:
            parts.append(f"about {duration(now.seconds_left)} left")
    return " · ".join(parts)


def actions(audit: Audit) -> None:
    """The buttons that fit an audit's state."""
    key = f"assay.audit.{audit.id}"
    if is_busy(audit):
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
        st.button(
            "Resume",
            key=f"{key}.resume",
            icon=":material/play_arrow:",
            type="primary",
            on_click=act,
            args=(run.resume, audit.id),
            help="Go on from the rows that are there",
        )
        st.button(
            "Delete",
            key=f"{key}.delete",
            icon=":material/delete:",
            on_click=act,
            args=(delete, audit.id),
            help="Remove this audit and its rows for good",
        )
    else:
        st.page_link(
            "pages/reports.py",
            label="See the report",
            icon=":material/description:",
            query_params=selection.link_params("reports", audit=audit.id),
        )


def act(action: Callable[[str, Store], object], audit_id: str) -> None:
    """Does what a button says; what goes wrong (somebody else was quicker) shows on top of the page."""
    try:
        action(audit_id, store())
    except ValueError as problem:
        st.toast(str(problem), icon=":material/error:")


def delete(audit_id: str, from_store: Store) -> None:
    """Removes an audit."""
    from_store.delete(audit_id)


def new_audit() -> None:
    """The plan: data as picked in the sidebar, tests, size, seed; what it will cost; and the start."""
    st.subheader("A new audit", anchor=False)
    chosen = selection.current()
    available = len(selection.whole_corpus())
    noises = {entry.name: entry for entry in entries() if entry.kind == "noise" and entry.available}
    attacks = {entry.name: entry for entry in entries() if entry.kind == "attack" and entry.available}
    picked_noises = several("noises", "Noises", titles(noises), list(noises), descriptions(noises))
    picked_attacks = several("attacks", "Attacks", titles(attacks), [USUAL_ATTACK], descriptions(attacks))
    levels = [
        str(level) for level in sorted({level for entry in noises.values() for level in entry.severities})
    ]
    with st.container(horizontal=True, gap="large"):
        severities = several(
            "severities", "Severities", dict(zip(levels, levels, strict=True)), levels, LEVELS
        )
        size = size_of(available)
        seed = selection.seed_input(
            "assay.audit.seed", "The same plan with the same seed gives the same rows."
        )
    tests = [
        f"{name}@{level}"
        for name in picked_noises
        for level in noises[name].severities
        if str(level) in severities
    ]
    tests += picked_attacks
    examples = size or available
    cost(chosen, examples, len(tests), len(picked_attacks))
    started = st.button(
        "Start the audit",
        type="primary",
        icon=":material/play_arrow:",
        key="assay.audit.start",
        disabled=not tests,
        help=None if tests else "Choose a noise with a severity, or an attack",
    )
    if started:
        watched = st.session_state.setdefault("assay.audit.watched", [])
        watched.append(run.start(plan_of(tests, size, seed), store()))
        st.rerun()


def cost(chosen: selection.Selection, examples: int, tests: int, attacks: int) -> None:
    """What will be made, in one sentence, before anything starts."""
    rows = examples * (tests + 1)
    sentence = (
        f"<b>{grouped(rows)} rows</b>: {grouped(examples)} examples of {feedback.escaped(chosen.data)}, "
        f"each unchanged and under {tests} test{'s' if tests != 1 else ''}, "
        f"answered by {feedback.escaped(chosen.model)}."
    )
    if attacks:
        questions = grouped(attacks * examples * QUESTIONS)
        sentence += f" The attack{'s' if attacks > 1 else ''} will ask the model some {questions} questions."
    st.html(f'<p class="assay-muted">{sentence}</p>')


def titles(found: Mapping[str, Entry]) -> dict[str, str]:
    """What stands on the buttons."""
    return {name: entry.title for name, entry in found.items()}


def descriptions(found: Mapping[str, Entry]) -> str:
    """What each test does, for the tooltip."""
    return "\n".join(f"- **{entry.title}**: {entry.description}" for entry in found.values())


def several(key: str, label: str, titles: Mapping[str, str], default: Sequence[str], told: str) -> list[str]:
    """Any number of choices by name, kept in the URL; names that are not known are told and left out."""
    asked = selection.remembered(key)
    named = default if asked is None else [name for name in asked.split(",") if name]
    names = [name for name in named if name in titles]
    for name in sorted(set(named) - set(names)):
        selection.complain(f"“{name[:40]}” is none of the {label.lower()} here; it is left out.")
    if len(names) < len(named):
        selection.remember(key, ",".join(names))
    widget = f"assay.audit.{key}"
    st.session_state[widget] = names
    st.pills(
        label,
        list(titles),
        key=widget,
        selection_mode="multi",
        format_func=lambda name: titles[name],
        help=told,
        wrap=True,
        on_change=lambda: selection.remember(key, ",".join(st.session_state[widget])),
    )
    return names


def size_of(available: int) -> int | None:
    """How many examples; None for all there are."""
    sizes = [size for size in SIZES if size < available]
    everything = f"All {grouped(available)}"
    choices = [*map(str, sizes), everything]
    usual = str(USUAL_SIZE) if USUAL_SIZE in sizes else everything
    picked = selection.option("size", choices, usual, label="Examples", width=180)
    return None if picked == everything else int(picked)


main()
