from collections.abc import Sequence
from functools import partial

import streamlit as st

from audits import report, run
from audits.summary import Flip, Summary, summarise, titled
from audits.tables import Audit
from pages import feedback, selection
from pages.auditing import plan_of, store
from pages.selection.address import Selection, to_params
from views import tokens
from views.charts import curves
from views.numbers import percent

#: Flipped examples shown at once, and how many more a click adds.
FLIPS_AT_ONCE = 10
#: The audit that one click on an empty page starts: done in a minute or two on a laptop.
FIRST_TESTS = "keyboard-typos,homoglyphs"
FIRST_EXAMPLES = 100
ALL_TESTS = "all"


def main() -> None:
    """One audit: its headline, its pictures, and the examples that flipped."""
    st.title("Reports")
    with feedback.problems("The audits are untouched."):
        audits = [audit for audit in store().audits() if audit.state == "finished" or has_rows(audit)]
        if not audits:
            nothing_yet()
            return
        audit = pick(audits)
        show(audit, summary_of(audit))


def has_rows(audit: Audit) -> bool:
    """Whether an audit that is not finished has something to show."""
    return bool(audit.model_fingerprint) and bool(store().done(audit.id))


def nothing_yet() -> None:
    """No audit has rows: offer the first one, or lead to the one that is being made."""
    running = any(audit.state in ("waiting", "running") for audit in store().audits())
    if running:
        clicked = feedback.empty("The first audit is being made", "Its report will stand here.", "Watch it")
    else:
        clicked = feedback.empty(
            "No audit yet",
            "Here stands what an audit found: accuracy lost to each test, with intervals, and the examples "
            f"that flipped. A first one takes minutes: typos and look-alikes on {FIRST_EXAMPLES} examples.",
            "Start a first audit",
            icon=":material/play_arrow:",
        )
    if clicked:
        if not running:
            run.start(plan_of(FIRST_TESTS, FIRST_EXAMPLES), store())
        selection.open_page("audit")


def pick(audits: Sequence[Audit]) -> Audit:
    """The audit to look at; the newest finished one unless the URL names another."""
    known = {audit.id: audit for audit in audits}
    finished = [audit.id for audit in audits if audit.state == "finished"]
    chosen = selection.option(
        "audit",
        list(known),
        (finished or list(known))[0],
        format_func=lambda name: caption(known[name]),
    )
    return known[chosen]


def caption(audit: Audit) -> str:
    """An audit in the list: model, data, when, and its state where it is not finished."""
    parts = [
        f"{selection.plain(audit.plan.model, 40)} on {selection.plain(audit.plan.data, 40)}",
        audit.created[:16].replace("T", " "),
        audit.id,
    ]
    return " · ".join(parts if audit.state == "finished" else [*parts, audit.state])


_SUMMARIES = selection.Kept(8)


def summary_of(audit: Audit) -> Summary:
    """The figures of an audit; computed once for as long as no row is added."""
    key = (
        str(store().path),
        audit.id,
        audit.state,
        sum(count for count, _ in store().done(audit.id).values()),
    )
    found = _SUMMARIES.get(key)
    if not isinstance(found, Summary):
        found = summarise(audit, store().rows(audit.id))
        _SUMMARIES.put(key, found)
    return found


def show(audit: Audit, summary: Summary) -> None:
    """Everything about one audit."""
    st.html(tokens.css() + report.css())
    first, *more = summary.headline
    feedback.headline(
        feedback.escaped(first) + " " + " ".join(f"<b>{feedback.escaped(s)}</b>" for s in more[:1])
    )
    for sentence in more[1:]:
        st.html(f'<p class="assay-muted">{feedback.escaped(sentence)}</p>')
    if audit.state != "finished":
        feedback.notice(
            f"This audit is {audit.state}",
            f"{summary.rows} of {summary.expected} rows are there; the figures may still move.",
        )
    downloads(audit)
    if summary.curves:
        feedback.chart(
            curves.figure(summary.curves, feedback.is_dark()),
            key="assay.reports.curves",
            title="Accuracy against severity",
            name=f"assay {audit.id} severity",
            alt=f"Accuracy against the share of edited characters. {summary.headline[0]}",
            rows=lambda: curve_rows(summary),
        )
    if summary.tests:
        st.subheader("What each test costs", anchor=False)
        st.html(report.drops_table(summary))
        attacks = report.attacks_table(summary)
        if attacks:
            st.subheader("Attacks", anchor=False)
            st.html(attacks)
        counterfactuals = report.counterfactuals_table(summary)
        if counterfactuals:
            st.subheader("Counterfactuals", anchor=False)
            st.html(counterfactuals)
    flipped(summary)
    made_of(summary)


def downloads(audit: Audit) -> None:
    """The report as one HTML file, all figures and rows as JSON, the rows as CSV."""
    with st.container(horizontal=True, gap="small", key="assay-reports-downloads"):
        for label, form in (("HTML report", "html"), ("JSON", "json"), ("CSV of the rows", "csv")):
            feedback.download(
                label,
                partial(written, audit, form),
                f"assay-{audit.id}.{form}",
                key=f"assay.reports.{form}",
            )


def written(audit: Audit, form: str) -> bytes:
    """The report of an audit as the bytes of a file."""
    return report.write(audit, store().rows(audit.id), form).encode()


def curve_rows(summary: Summary) -> list[dict[str, object]]:
    """The points of the curves, for their CSV."""
    return [
        {
            "noise": curve.title,
            "severity": point.note,
            "characters_edited": point.edited,
            "accuracy": point.accuracy,
            "low": point.low,
            "high": point.high,
            "n": point.count,
        }
        for curve in summary.curves
        for point in curve.points
    ]


def flipped(summary: Summary) -> None:
    """The examples that were right and became wrong, by test, a few at a time."""
    st.subheader("Examples that flipped", anchor=False)
    if not summary.flips:
        st.caption("No example that was answered right became wrong.")
        return
    counts: dict[str, int] = {}
    for flip in summary.flips:
        counts[flip.test] = counts.get(flip.test, 0) + 1
    titles = {test.test: titled(test) for test in summary.tests}
    test = selection.option(
        "test",
        [ALL_TESTS, *counts],
        ALL_TESTS,
        label="Test",
        format_func=lambda name: (
            f"All tests ({len(summary.flips)})" if name == ALL_TESTS else f"{titles[name]} ({counts[name]})"
        ),
        width=360,
    )
    chosen = [flip for flip in summary.flips if test in (ALL_TESTS, flip.test)]
    key = f"assay.reports.shown.{summary.id}.{test}"
    shown = st.session_state.setdefault(key, FLIPS_AT_ONCE)
    for place, flip in enumerate(chosen[:shown]):
        one_flip(summary, flip, place)
    if shown < len(chosen):

        def more() -> None:
            st.session_state[key] = shown + FLIPS_AT_ONCE

        st.button(f"Show more ({len(chosen) - shown} left)", key="assay.reports.more", on_click=more)


def one_flip(summary: Summary, flip: Flip, place: int) -> None:
    """One example before and after, and the ways to look closer."""
    before, after = tokens.marked_change(flip.text, flip.perturbed)
    titles = [
        feedback.escaped(f"Before: {flip.label}, {percent(flip.confidence_before, 0)}"),
        feedback.escaped(f"After {flip.title}: {flip.predicted}, {percent(flip.confidence_after, 0)}"),
    ]
    with st.container(border=True, key=f"assay-flip-{place}"):
        st.html(
            '<div class="versions">'
            f"<div><h4>{titles[0]}</h4>{before}</div><div><h4>{titles[1]}</h4>{after}</div></div>"
        )
        with st.container(horizontal=True, gap="medium"):
            link(summary, "explain", "Explain before", row=flip.example)
            link(summary, "explain", "Explain after", text=flip.perturbed)
            name, _, severity = flip.test.partition("@")
            if severity:
                link(summary, "noise", "Noise", row=flip.example, noise=name, severity=severity)
            else:
                link(summary, "attack", "Attack", row=flip.example, test=name)


def link(
    summary: Summary, page: str, label: str, row: str | None = None, text: str | None = None, **options: str
) -> None:
    """A link that opens a page on the audit's own model and data, whatever is in use now."""
    plan = summary.plan
    looked_at = Selection(
        model=plan.model,
        data=plan.data,
        row=row,
        text=text,
        device=plan.device,
        dtype=plan.dtype,
        text_column=plan.text_column,
        label_column=plan.label_column,
        label_map=tuple(plan.label_map.items()),
    )
    st.page_link(
        f"pages/{page}.py",
        label=label,
        icon=selection.PAGES[page][1],
        query_params=to_params(looked_at) | options,
    )


def made_of(summary: Summary) -> None:
    """What was tested and with what, folded away."""
    plan = summary.plan
    facts = {
        "Model": plan.model,
        "Model's fingerprint": summary.model_fingerprint,
        "Data": plan.data,
        "Sample's fingerprint": summary.corpus_fingerprint,
        "Examples": f"{summary.examples}",
        "Tests": ", ".join(plan.tests),
        "Seed": str(plan.seed),
        "Query budget": str(plan.query_budget or "none"),
        "Begun": summary.created,
        "Finished": summary.finished or "not yet",
        **summary.environment,
    }
    with st.expander("What was tested, and with what"):
        lines = "".join(
            f"<dt>{feedback.escaped(name)}</dt><dd>{feedback.escaped(value)}</dd>"
            for name, value in facts.items()
        )
        st.html(f'<dl class="assay-facts">{lines}</dl>')


main()
