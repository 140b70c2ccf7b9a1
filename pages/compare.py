"""Compare: what changed between two audits or more, on the rows that they share?"""

from collections.abc import Sequence

import streamlit as st

from audits import comparison, run
from audits.comparison import KINDS, Change, Comparison, Side
from audits.comparison.pairs import same_data, same_plan
from audits.plan import Plan
from audits.reports import comparing, css
from audits.rows import CLEAN
from audits.tables import Audit
from pages import feedback, selection
from pages.auditing import caption, has_rows, link, store
from views import tokens
from views.charts import differences
from views.numbers import grouped, percent

#: Changed examples shown at once, and how many more a click adds.
AT_ONCE = 10
ALL = "all"


def main() -> None:
    """Two audits or more: what changed, by how much, and in which examples."""
    st.title("Compare")
    with feedback.problems("The audits are untouched."):
        audits = [audit for audit in store().audits() if has_rows(audit)]
        audit = looked_at(audits)
        if audit is None or not (partners(audit, audits) or selection.remembered("reference")):
            nothing_yet(audit)
            return
        first, others = chosen(audit, audits)
        if not others:
            feedback.notice("Choose another audit", "A comparison needs at least one beside the reference.")
            return
        show(compared([first, *others]), [first, *others])


def nothing_yet(only: Audit | None) -> None:
    """No two audits to compare: offer the one click that makes the second, or the first."""
    if only is None:
        if feedback.empty(
            "No audits to compare yet",
            "Here stands what changed between two audits: accuracy, robustness, speed and memory, and the "
            "examples answered differently.",
            "Plan an audit",
        ):
            selection.open_page("audit")
        return
    what, dtype = ("the full model", "auto") if only.plan.dtype == "int8" else ("an int8 copy", "int8")
    if feedback.empty(
        "A second audit of the same data makes a comparison",
        f"Run the plan of {selection.plain(caption(only), 160)} on {what}, and see what compression costs.",
        f"Audit {what}",
        icon=":material/play_arrow:",
    ):
        run.start(only.plan.model_copy(update={"device": "cpu", "dtype": dtype}), store())
        selection.open_page("audit")


def looked_at(audits: Sequence[Audit]) -> Audit | None:
    """The audit that the URL names first, else the newest that can be compared, else the newest."""
    asked = (selection.remembered("with") or "").split(",")
    finished = [audit for audit in audits if audit.state == "finished"] or audits
    named = (one for name in asked for one in audits if one.id == name)
    paired = (one for one in finished if partners(one, audits))
    return next(named, None) or next(paired, None) or next(iter(finished), None)


def partners(audit: Audit, audits: Sequence[Audit]) -> list[Audit]:
    """The audits that one shares rows with: those of the same data and labels."""

    def asked(one: Audit) -> tuple[str, frozenset[str]]:
        return one.plan.data, frozenset(one.labels)

    return [one for one in audits if one.id != audit.id and asked(one) == asked(audit)]


def chosen(newest: Audit, audits: Sequence[Audit]) -> tuple[Audit, list[Audit]]:
    """The reference and the audits held against it; the newest and a sensible partner unless the URL says."""
    known = {audit.id: audit for audit in audits}
    others = [audit for audit in audits if audit.id != newest.id]
    reference = same_plan(newest, audits) or same_data(newest, audits)
    usual = reference or next(iter([*partners(newest, audits), *others]), newest)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first = selection.option(
            "reference",
            list(known),
            usual.id,
            label="Reference",
            format_func=lambda name: caption(known[name]),
            help="Every difference is the other's figure minus this one's. Type to search.",
        )
        fitting = [*partners(known[first], audits), *others] if newest.id == first else [newest]
        names = selection.choices(
            "with",
            [name for name in known if name != first],
            [one.id for one in fitting[:1]],
            label="Compared with it",
            format_func=lambda name: caption(known[name]),
            placeholder="Type to search",
        )
    selection.remember("with", ",".join(names))
    against = [known[name] for name in names]
    if against:
        offered(against[0], first, audits)
    return known[first], against


def offered(audit: Audit, first: str, audits: Sequence[Audit]) -> None:
    """Links to the references that make most sense for an audit, where they are not in use."""
    found = (
        ("The last audit of the same plan", same_plan(audit, audits)),
        ("The last audit of the same data by another model", same_data(audit, audits)),
    )
    with st.container(horizontal=True, gap="medium"):
        for label, one in found:
            if one and one.id != first:
                selection.page_link(
                    "compare", label=f"Reference: {label[0].lower()}{label[1:]}", reference=one.id,
                    **{"with": audit.id},
                )  # fmt: skip


_KEPT = selection.Kept(8)


def compared(audits: Sequence[Audit]) -> Comparison:
    """The comparison; computed once for as long as no row is added and no name is changed."""
    key = (
        store().url,
        *((one.id, one.state, one.name, sum(n for n, _ in store().done(one.id).values())) for one in audits),
    )
    found = _KEPT.get(key)
    if not isinstance(found, Comparison):
        with feedback.skeleton(320):
            found = comparison.of_store(store(), [audit.id for audit in audits])
        _KEPT.put(key, found)
    return found


def show(found: Comparison, audits: Sequence[Audit]) -> None:
    """Everything about one comparison."""
    st.html(tokens.css() + css())
    first, *more = comparison.headline(found)
    feedback.headline(f"<b>{feedback.escaped(first)}</b>")
    for sentence in more:
        feedback.aside(sentence)
    stem = "assay-compared-" + "-".join(audit.id for audit in audits)[:80]
    with st.container(horizontal=True, gap="small"):
        feedback.download(
            "HTML",
            lambda: comparing.as_html(found).encode("utf-8", "replace"),
            f"{stem}.html",
            key="assay.compare.html",
        )
        feedback.download(
            "JSON", lambda: found.model_dump_json(indent=1).encode(), f"{stem}.json", key="assay.compare.json"
        )
    lines = list(picture(found))
    if lines:
        feedback.chart(
            differences.figure(
                lines, feedback.is_dark(), f"accuracy minus that of {found.first.title}, points"
            ),
            key="assay.compare.chart",
            title="What changed, test by test",
            name=stem,
            alt=f"Differences in accuracy with intervals, by test. {first}",
            rows=lambda: rows(found),
        )
    for one in found.against:
        st.subheader(selection.plain(f"{one.second.title} against {found.first.title}", 160), anchor=False)
        st.html(comparing.tables(found, one))
    changed(found, {audit.id: audit.plan for audit in audits})


def picture(found: Comparison) -> Sequence[differences.Line]:
    """A line for each test of each audit."""
    return [
        differences.Line(
            title=test.title,
            group=one.second.title,
            value=test.accuracy.difference.value,
            low=test.accuracy.difference.low,
            high=test.accuracy.difference.high,
            note=f"{comparison.difference(test.accuracy.difference)}; changed: {comparison.counts(test)}",
            is_found=test.is_found,
        )
        for one in found.against
        for test in one.tests
        if test.accuracy
    ]


def rows(found: Comparison) -> list[dict[str, object]]:
    """The lines of the picture, for their CSV."""
    return [
        {
            "reference": found.first.id,
            "audit": one.second.id,
            "test": test.test,
            "shared": test.shared,
            "accuracy_reference": test.accuracy.first,
            "accuracy": test.accuracy.second,
            "difference": test.accuracy.difference.value,
            "low": test.accuracy.difference.low,
            "high": test.accuracy.difference.high,
            "right_to_wrong": test.lost,
            "wrong_to_right": test.gained,
            "p": test.p_value,
            "p_holm": test.p_adjusted,
            "q": test.q_value,
        }
        for one in found.against
        for test in one.tests
        if test.accuracy
    ]


def changed(found: Comparison, plans: dict[str, Plan]) -> None:
    """The examples that are answered differently, a few at a time."""
    st.subheader("Examples whose answer changed", anchor=False)
    every = [(one, change) for one in found.against for change in one.changes]
    if not every:
        st.caption("Every shared row has the same answer.")
        return
    titles = {test.test: test.title for one in found.against for test in one.tests}
    counts = {name: sum(change.test == name for _, change in every) for name in titles}
    with st.container(horizontal=True, gap="small"):
        test = selection.option(
            "test",
            [ALL, *(name for name in titles if counts[name])],
            ALL,
            label="Test",
            format_func=lambda name: (
                f"All ({len(every)})" if name == ALL else f"{titles[name]} ({counts[name]})"
            ),
            width=320,
        )
        kind = selection.option(
            "change", [ALL, *KINDS], ALL, label="Change", format_func=str.capitalize, width=240
        )
    shown_ones = [
        (one, change) for one, change in every if test in (ALL, change.test) and kind in (ALL, change.kind)
    ]
    key = f"assay.compare.shown.{test}.{kind}"
    most = st.session_state.setdefault(key, AT_ONCE)
    for place, (one, change) in enumerate(shown_ones[:most]):
        with st.container(border=True, key=f"assay-change-{place}"):
            one_change((found.first, one.second), change, titles[change.test], plans)
    if not shown_ones:
        st.caption("No answer changed in this way.")
    if most < len(shown_ones):

        def more() -> None:
            st.session_state[key] = most + AT_ONCE

        st.button(
            f"Show more ({grouped(len(shown_ones) - most)} left)", key="assay.compare.more", on_click=more
        )


def one_change(sides: tuple[Side, Side], change: Change, title: str, plans: dict[str, Plan]) -> None:
    """One example as both models answer it, and the ways to look closer."""
    asked = (change.before, change.after)
    answers = (change.answer_before, change.answer_after)
    sure = (change.confidence_before, change.confidence_after)
    said = [
        f"<h4>{feedback.escaped(f'{side.title}: {answer}, {percent(share, 0)}')}</h4>"
        for side, answer, share in zip(sides, answers, sure, strict=True)
    ]
    texts = [tokens.marked_change(change.text, text)[1] for text in asked]
    if asked[0] == asked[1]:
        st.html(f'<div class="versions">{"".join(said)}</div>{texts[0]}')
    else:
        blocks = "".join(f"<div>{one}{text}</div>" for one, text in zip(said, texts, strict=True))
        st.html(f'<div class="versions">{blocks}</div>')
    feedback.aside(f"{change.kind.capitalize()} · {title} · the label is {change.label}")
    with st.container(horizontal=True, gap="medium"):
        for side, text in zip(sides, asked, strict=True):
            where = {"row": change.example} if change.test == CLEAN else {"text": text}
            plan, name = plans[side.id], selection.plain(side.title, 40)
            if plan.dtype != "int8":  # which has no gradients to explain by
                link(plan, "explain", f"Explain {name}", **where)
            link(plan, "attack", f"Attack {name}", **where)


main()
