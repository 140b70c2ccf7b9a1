from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from audits import reports
from audits.plan import Plan
from audits.rows import CLEAN, Row
from audits.summary import known
from audits.tables import Audit
from audits.validity import Mark, Validity, Verdict, place
from pages import beside, feedback, selection
from pages.auditing import (
    chosen_thresholds,
    has_rows,
    link,
    pick,
    store,
    threshold_controls,
    thresholds,
)
from views import tokens
from views.numbers import grouped, percent

ALL_TESTS = "all"
TO_REVIEW, REVIEWED, VALID, NOT_VALID, ALL = "to-review", "reviewed", "valid", "not-valid", "all"
SHOWN = {
    TO_REVIEW: "Not yet reviewed",
    REVIEWED: "Reviewed",
    VALID: "Valid by the thresholds",
    NOT_VALID: "Not valid by the thresholds",
    ALL: "All successes",
}
#: What is done on this page can be taken back, so many steps.
STEPS_BACK = 100


@dataclass(frozen=True, slots=True)
class Success:
    """A successful attack: its row, the attack's title, and the confidence in the label before."""

    row: Row
    title: str
    before: float | None

    @property
    def name(self) -> str:
        """What stands in the URL for it."""
        return f"{self.row.test}~{self.row.example}"


def main() -> None:
    """Successful attacks one at a time: did the label really change?"""
    st.html(tokens.css() + reports.css())
    st.title("Review")
    st.caption("Did an attack fool the model, or did it write a text that deserves the other label?")
    with feedback.problems("What was decided before is kept."):
        audits = [audit for audit in store().audits() if has_rows(audit) and attacks_answers(audit.plan)]
        if not audits:
            nothing_yet()
            return
        audit = pick(audits)
        found = successes_of(audit)
        if not found:
            feedback.notice(
                "Nothing to review",
                "No attack of this audit has succeeded" + (" yet." if audit.state != "finished" else "."),
            )
            return
        beneath(audit, found)


@st.fragment
def beneath(audit: Audit, found: Sequence[Success]) -> None:
    """All below the audit's choice: a verdict draws no more than this anew, so that keys wait for little."""
    with feedback.problems("What was decided before is kept."):
        review(audit, found)
    selection.write_address()


def attacks_answers(plan: Plan) -> bool:
    """Whether one of the plan's tests is an attack on the answer."""
    entries = [known(column.name) for column in plan.columns if column.name != CLEAN]
    return any(entry is not None and entry.kind == "attack" and entry.flips for entry in entries)


def nothing_yet() -> None:
    """No audit with an attack: say what would stand here, and lead to where one is planned."""
    if feedback.empty(
        "No attack to review yet",
        "Here stand the texts with which attacks turned the model's answer, one at a time, for a person to "
        "say whether the label still holds. Reports count those verdicts.",
        "Plan an audit with an attack",
    ):
        selection.open_page("audit")


_SUCCESSES = selection.Kept(4)


def successes_of(audit: Audit) -> list[Success]:
    """The audit's successful attacks on the answer, in the report's order; read once until rows are added."""
    key = (str(store().path), audit.id, sum(count for count, _ in store().done(audit.id).values()))
    found = _SUCCESSES.get(key)
    if not isinstance(found, list):
        rows = store().rows(audit.id)
        clean = {row.example: row for row in rows if row.test == CLEAN and row.probabilities}
        successes: list[Success] = []
        for row in rows:
            entry = known(row.test)
            if row.status == "succeeded" and entry is not None and entry.flips:
                sure = clean[row.example].probabilities if row.example in clean else ()
                before = sure[audit.labels.index(row.label)] if sure else None
                successes.append(Success(row, entry.title, before))
        _SUCCESSES.put(key, found := successes)
    return found


def review(audit: Audit, found: Sequence[Success]) -> None:
    """Progress, the choices, and the one text that is looked at."""
    view = Validity(thresholds(), store().marks(audit.id))
    progress(found, view)
    listed = filtered(found, view)
    if not listed:
        done = all(view.mark(success.row) for success in found)
        feedback.notice(
            "All are reviewed" if done else "None of this kind",
            "The report counts these verdicts." if done else "Choose another test or kind above.",
        )
    else:
        one(audit, listed, view)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        undo(audit)
        selection.page_link("reports", label="To the report", audit=audit.id, **chosen_thresholds())
    with st.expander("Thresholds: which successes are valid where nobody has looked"):
        threshold_controls()


def progress(found: Sequence[Success], view: Validity) -> None:
    """How far the review is, in one sentence and a bar."""
    verdicts = [mark.verdict for success in found if (mark := view.mark(success.row))]
    changed = verdicts.count("label changed")
    feedback.headline(
        f"<b>{grouped(len(verdicts))} of {grouped(len(found))}</b> successes are reviewed: the label still "
        f"holds in {grouped(len(verdicts) - changed)}, it really changed in {grouped(changed)}."
    )
    st.progress(len(verdicts) / len(found))


def filtered(found: Sequence[Success], view: Validity) -> list[Success]:
    """The successes of the chosen test and kind."""
    titles = {success.row.test: success.title for success in found}
    with st.container(horizontal=True, vertical_alignment="bottom", key="assay-review-choices"):
        test = selection.option(
            "test",
            [ALL_TESTS, *titles],
            ALL_TESTS,
            label="Attack",
            format_func=lambda name: f"All attacks ({len(found)})" if name == ALL_TESTS else titles[name],
            width=260,
        )
        kind = selection.option(
            "show", list(SHOWN), TO_REVIEW, label="Show", format_func=SHOWN.__getitem__, width=260
        )
    wanted = {
        TO_REVIEW: lambda row: view.mark(row) is None,
        REVIEWED: lambda row: view.mark(row) is not None,
        VALID: Validity(view.thresholds).valid,
        NOT_VALID: lambda row: not Validity(view.thresholds).valid(row),
        ALL: lambda row: True,
    }[kind]
    return [success for success in found if test in (ALL_TESTS, success.row.test) and wanted(success.row)]


def one(audit: Audit, listed: Sequence[Success], view: Validity) -> None:
    """One success: the text before and after, what was measured, and the question."""
    names = [success.name for success in listed]
    asked = selection.remembered("at")
    at = names.index(asked) if asked in names else 0
    selection.remember("at", names[at])
    success = listed[at]
    row, mark = success.row, view.mark(success.row)
    says = "" if row.predicted is None else audit.labels[row.predicted]
    before, after = tokens.marked_change(row.text, row.perturbed)
    sure = "" if success.before is None else f", {percent(success.before, 0)}"
    heads = [
        feedback.escaped(f"Before: {row.label}{sure}"),
        feedback.escaped(f"After {success.title}: {says}, {percent(max(row.probabilities), 0)}"),
    ]
    with st.container(border=True, key="assay-review-card"):
        st.html(
            '<div class="versions">'
            f"<div><h4>{heads[0]}</h4>{before}</div><div><h4>{heads[1]}</h4>{after}</div></div>"
        )
        said = reports.evidence(row, valid=view.valid(row), mark=mark.verdict if mark else None)
        feedback.aside(said)
        st.html(
            f"<p>Does the label <b><bdi>{feedback.escaped(row.label)}</bdi></b> still hold for the text "
            "after?</p>"
        )
        decide(audit, success, names, at, mark)
    st.caption(f"{at + 1} of {len(listed)} shown · keys: H holds, X changed, S skip, B back, U undo")
    with st.container(horizontal=True, gap="medium"):
        link(audit.plan, "explain", "Explain before", row=row.example)
        beside.links(row.perturbed, row.example, partial(link, audit.plan))
        link(audit.plan, "attack", "Attack", row=row.example, test=row.test)


def decide(audit: Audit, success: Success, names: Sequence[str], at: int, mark: Mark | None) -> None:
    """The buttons of one success, and a note."""
    following = names[(at + 1) % len(names)]
    note_key = f"assay.review.note.{audit.id}.{success.name}"
    st.session_state.setdefault(note_key, mark.note if mark else "")

    def say(verdict: Verdict) -> None:
        if selection.remembered("at") != success.name:
            return  # a key that was hit twice: the second time belongs to a text that nobody has seen yet
        steps = st.session_state.setdefault(f"assay.review.steps.{audit.id}", [])
        steps.append((success, mark))
        del steps[:-STEPS_BACK]
        store().mark(audit.id, place(success.row), verdict, st.session_state.get(note_key, "").strip())
        selection.remember("at", following)

    def go(by: int) -> None:
        now = selection.remembered("at") or ""  # further than drawn where keys are hit faster than drawn
        selection.remember("at", names[((names.index(now) if now in names else at) + by) % len(names)])

    with st.container(horizontal=True, gap="small", key="assay-review-buttons"):
        chosen = mark.verdict if mark else None
        st.button(
            "Label still holds",
            key="assay.review.kept",
            type="primary" if chosen == "label kept" else "secondary",
            icon=":material/check:",
            shortcut="H",
            on_click=say,
            args=("label kept",),
        )
        st.button(
            "Label really changed",
            key="assay.review.changed",
            type="primary" if chosen == "label changed" else "secondary",
            icon=":material/swap_horiz:",
            shortcut="X",
            on_click=say,
            args=("label changed",),
        )
        st.button("Skip", key="assay.review.skip", shortcut="S", on_click=go, args=(1,))
        st.button("Back", key="assay.review.back", shortcut="B", on_click=go, args=(-1,))
    st.text_input("Note", key=note_key, placeholder="A note, if there is something to say", max_chars=500)


def undo(audit: Audit) -> None:
    """Takes back the last verdict given here, and shows that text again."""
    steps: list[tuple[Success, Mark | None]] = st.session_state.get(f"assay.review.steps.{audit.id}", [])

    def back() -> None:
        success, earlier = steps.pop()
        verdict, note = (earlier.verdict, earlier.note) if earlier else (None, "")
        store().mark(audit.id, place(success.row), verdict, note)
        selection.remember("at", success.name)

    st.button(
        "Undo",
        key="assay.review.undo",
        icon=":material/undo:",
        shortcut="U",
        disabled=not steps,
        on_click=back,
    )


main()
