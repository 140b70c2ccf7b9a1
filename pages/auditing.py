"""What the pages about audits share: the store, plans, the audit that is looked at, which successes count."""

from collections.abc import Sequence

import streamlit as st

from audits.plan import Plan, make
from audits.store import Store
from audits.tables import Audit
from audits.validity import Thresholds
from pages import selection
from pages.selection.address import Selection, to_params

#: What stands in the URL for a threshold that is switched off.
OFF = "none"
USUAL = Thresholds()
#: Each threshold's name in the URL and on the page, and the values offered.
CHOICES = {
    "similarity": ("min_similarity", "Similarity, at least", tuple(f"{step / 20:.2f}" for step in range(20))),
    "words": ("max_words", "Words changed, at most", tuple(f"{step / 20:.2f}" for step in range(1, 20))),
    "fluency": ("max_fluency_loss", "Fluency lost, at most", ("0.10", "0.25", "0.50", "1.00", "2.00")),
}


@st.cache_resource
def store() -> Store:
    """The store of this server."""
    return Store()


def plan_of(tests: str | Sequence[str], examples: int | None, seed: int = 0, **more: object) -> Plan:
    """The plan that puts the model and the data in use through tests; `more` are limits. Raises PlanError."""
    chosen = selection.current()
    return make(
        model=chosen.model,
        data=chosen.data,
        device=chosen.device,
        dtype=chosen.dtype,
        text_column=chosen.text_column,
        label_column=chosen.label_column,
        label_map=dict(chosen.label_map),
        tests=tests,
        examples=examples,
        seed=seed,
        **more,
    )


def pick(audits: Sequence[Audit]) -> Audit:
    """The audit to look at; the newest finished one unless the URL names another."""
    known = {audit.id: audit for audit in audits}
    finished = [audit.id for audit in audits if audit.state == "finished"]
    chosen = selection.option(
        "audit",
        list(known),
        (finished or list(known))[0],
        format_func=lambda name: caption(known[name]),
        help="Type to search: names, tags, models, data, dates",
    )
    return known[chosen]


def caption(audit: Audit) -> str:
    """An audit in the list: name and tags, model and its copy, data, when, and its state before the end.

    Whatever stands here can be typed to find it.
    """
    named = [selection.plain(" ".join((audit.name, *(f"#{tag}" for tag in audit.tags))).strip(), 80)]
    copy = "" if audit.plan.dtype == "auto" else f" ({selection.plain(audit.plan.dtype, 20)})"
    parts = [
        *filter(None, named),
        f"{selection.plain(audit.plan.model, 40)}{copy} on {selection.plain(ending(audit.plan.data), 40)}",
        audit.created[:16].replace("T", " "),
        audit.id,
    ]
    return " · ".join(parts if audit.state == "finished" else [*parts, audit.state])


def ending(reference: str) -> str:
    """The end of a path, by which people tell files apart; any other reference as it is."""
    parts = reference.split("/")
    return "/".join(parts[-2:]) if len(parts) > 2 else reference


def has_rows(audit: Audit) -> bool:
    """Whether an audit has something to show."""
    return bool(audit.model_fingerprint) and bool(store().done(audit.id))


def link(
    plan: Plan, page: str, label: str, row: str | None = None, text: str | None = None, **options: str
) -> None:
    """A link that opens a page on a plan's own model and data, whatever is in use now."""
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


def thresholds() -> Thresholds:
    """Which successful attacks are valid, as the URL has it; what is no choice counts as not said."""
    found: dict[str, float | None] = {}
    for name, (key, _, offered) in CHOICES.items():
        asked = selection.remembered(key)
        if asked in (OFF, *offered):
            found[name] = None if asked == OFF else float(asked or 0)
    return Thresholds(**found)


def threshold_controls() -> None:
    """One list for each threshold; a change takes effect on the whole page."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for name, (key, label, offered) in CHOICES.items():
            usual = getattr(USUAL, name)
            selection.option(
                key,
                [OFF, *offered],
                OFF if usual is None else f"{usual:.2f}",
                label=label,
                format_func=_share if name == "words" else _plainly,
                width=200,
            )


def _share(choice: str) -> str:
    return "no limit" if choice == OFF else f"{100 * float(choice):.0f} %"


def _plainly(choice: str) -> str:
    return "no limit" if choice == OFF else choice


def chosen_thresholds() -> dict[str, str]:
    """The thresholds of this page as options for a link to another."""
    return {key: asked for key, *_ in CHOICES.values() if (asked := selection.remembered(key))}
