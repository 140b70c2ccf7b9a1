from collections.abc import Sequence
from functools import partial

import streamlit as st

from audits import reports, run
from audits.rows import CLEAN
from audits.slices import members, metadata_of
from audits.summary import Flip, Summary, titled
from audits.tables import Audit
from audits.validity import Validity
from pages import beside, downloads, feedback, keeping, selection
from pages.auditing import (
    chosen_thresholds,
    has_rows,
    link,
    pick,
    plan_of,
    store,
    threshold_controls,
    thresholds,
)
from pages.selection import slices
from pages.summaries import summary_of, verdict_of
from views import tokens
from views.charts import curves
from views.numbers import grouped, percent

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
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            audit = pick(audits)
            selection.page_link("compare", **{"with": audit.id})
            keeping.manage(audit)
        view = Validity(thresholds(), store().marks(audit.id))
        show(audit, summary_of(audit, view), view)


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


def show(audit: Audit, summary: Summary, view: Validity) -> None:
    """Everything about one audit."""
    st.html(tokens.css() + reports.css())
    verdict = verdict_of(audit, summary)
    if verdict:
        st.html(reports.verdict_block(verdict))
    first, *more = summary.headline
    feedback.headline(
        feedback.escaped(first) + " " + " ".join(f"<b>{feedback.escaped(s)}</b>" for s in more[:1])
    )
    for sentence in more[1:]:
        feedback.aside(sentence)
    if audit.state != "finished":
        feedback.notice(
            f"This audit is {audit.state}",
            f"{summary.rows} of {summary.expected} rows are there; the figures may still move.",
        )
    downloads.draw(audit, summary, view)
    asked = reports.asked_table(summary)
    if asked:
        st.subheader("The figures asked for", anchor=False)
        st.html(asked)
    if summary.curves:
        severity(audit, summary)
    if summary.tests:
        st.subheader("What each test costs", anchor=False)
        st.html(reports.drops_table(summary))
        if summary.redrawn:
            feedback.aside(summary.redrawn)
        weak = reports.slices_table(summary)
        if weak:
            st.subheader("Where it is weak", anchor=False)
            st.html(weak)
            open_slice(audit, summary)
        gaps = reports.gaps_table(summary)
        if gaps:
            st.subheader("Does noise widen gaps between groups?", anchor=False)
            st.html(gaps)
        attacks = reports.attacks_table(summary)
        if attacks:
            st.subheader("Attacks", anchor=False)
            st.html(attacks)
        meaning(summary)
        counterfactuals = reports.counterfactuals_table(summary)
        if counterfactuals:
            st.subheader("Counterfactuals", anchor=False)
            st.html(counterfactuals)
    flipped(summary)
    made_of(summary)


def meaning(summary: Summary) -> None:
    """The attacks' successes raw and valid only, the thresholds that decide, and the way to the review."""
    table = reports.validity_table(summary)
    if not table:
        return
    st.subheader("Did the meaning stay?", anchor=False)
    threshold_controls()
    st.html(table)
    if summary.reviewed[1]:
        selection.page_link("review", label="Review the successes", audit=summary.id, **chosen_thresholds())


def severity(audit: Audit, summary: Summary) -> None:
    """The curves: all together where they are few; of many the worst, or those chosen."""
    shown = summary.curves
    head = st.container()
    worst = reports.most_harmful(summary)
    if len(worst) < len(shown):
        titles = {curve.name: curve.title for curve in shown}
        chosen = selection.choices(
            "curves",
            list(titles),
            [curve.name for curve in worst],
            label="Noises in the picture",
            format_func=lambda name: titles[name],
            help="The noises that cost most, unless you choose others. Type to search.",
            placeholder="None: type to search",
        )
        shown = tuple(curve for curve in shown if curve.name in chosen)
    if shown:
        feedback.chart(
            curves.figure(shown, feedback.is_dark()),
            key="assay.reports.curves",
            title="Accuracy against severity",
            name=f"assay {audit.id} severity",
            alt=f"Accuracy against the share of edited characters. {summary.headline[0]}",
            rows=lambda: curve_rows(summary),
            head=head,
        )
    if summary.robustness:
        st.html(reports.robustness_table(summary))


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


def open_slice(audit: Audit, summary: Summary) -> None:
    """Any of the slices that the report tells of, opened on the pages that look inside a model."""
    named = {one.slice: (one.slice,) for one in summary.sliced if one.test == CLEAN}
    found = {" and ".join(one.conditions): one.conditions for one in summary.slices.confirmed}
    known = {one.written: (one.written,) for one in summary.slices.known}
    offered = named | found | known
    if not offered:
        return
    nothing = "none"
    chosen = selection.option(
        "slice",
        [nothing, *offered],
        nothing,
        label="Look into a slice",
        format_func=lambda name: selection.plain(name, 60),
        width=360,
    )
    if chosen == nothing:
        return
    clean = [row for row in store().rows(audit.id) if row.test == CLEAN and not row.error]
    metadata = metadata_of(store().examples(audit.id))
    inside = members(offered[chosen], clean, metadata, audit.plan.asked_slices)
    if inside:
        step_through(summary, inside)


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
    step_through(summary, [flip.example for flip in chosen])
    key = f"assay.reports.shown.{summary.id}.{test}"
    shown = st.session_state.setdefault(key, FLIPS_AT_ONCE)
    for place, flip in enumerate(chosen[:shown]):
        one_flip(summary, flip, place)
    if shown < len(chosen):

        def more() -> None:
            st.session_state[key] = shown + FLIPS_AT_ONCE

        st.button(f"Show more ({len(chosen) - shown} left)", key="assay.reports.more", on_click=more)


def step_through(summary: Summary, examples: Sequence[str]) -> None:
    """Links that open some examples as a slice, which every page steps through."""
    among = tuple(dict.fromkeys(examples))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        many = f"Step through these {grouped(len(among))} examples:"
        st.caption(many if len(among) > 1 else "Open this example:", width="content")
        for page in ("explain", "attention", "layers", "drivers", "embeddings"):
            title = selection.PAGES[page][0]
            link(summary.plan, page, title, row=among[0], among=slices.written(among))


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
        if flip.valid is not None:
            said = reports.evidence(flip, valid=flip.valid, mark=flip.mark)
            feedback.aside(said)
        with st.container(horizontal=True, gap="medium"):
            link(summary.plan, "explain", "Explain before", row=flip.example)
            beside.links(flip.perturbed, flip.example, partial(link, summary.plan))
            name, _, severity = flip.test.partition("@")
            if severity:
                drawn = {"noise": name, "severity": severity, "seed": str(flip.seed)}
                link(summary.plan, "noise", "Noise", row=flip.example, **drawn)
            else:
                link(summary.plan, "attack", "Attack", row=flip.example, test=name)


def made_of(summary: Summary) -> None:
    """What was tested and with what, folded away."""
    with st.expander("What was tested, and with what"):
        lines = "".join(
            f"<dt>{feedback.escaped(name)}</dt><dd>{feedback.escaped(value)}</dd>"
            for name, value in reports.facts(summary)
        )
        st.html(f'<dl class="assay-facts">{lines}</dl>')


main()
