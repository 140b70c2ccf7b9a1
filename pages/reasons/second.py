"""The same question put a second time: to another method, or from another baseline."""

from html import escape
from typing import TYPE_CHECKING, cast

import streamlit as st

from pages import feedback, jobs, selection
from pages.reasons import attributions, drawing
from pages.reasons.choice import Choice, sensible_baselines
from views.explanation import agreement

if TYPE_CHECKING:
    from analysis.attribution import Attribution, Baseline
    from models.transformer import TransformerClassifier

NONE = "-"


def draw(
    model: "TransformerClassifier", found: "Attribution", choice: Choice, unusable: dict[str, str]
) -> None:
    """The choice of a second opinion, and the two side by side."""
    from analysis.attribution import METHODS, baseline_title

    baselines = [
        one for one in sensible_baselines(model)[0] if "baseline" in found.settings and one != choice.baseline
    ]
    methods = [name for name in METHODS if name not in unusable and name != choice.method]
    second = selection.option(
        "second",
        [NONE, *baselines, *methods],
        NONE,
        label="Compare with",
        format_func=lambda name: (
            "nothing"
            if name == NONE
            else METHODS[name].title
            if name in METHODS
            else f"the baseline {baseline_title(model, name)}"
        ),
        width=300,
    )
    if second == NONE:
        return
    other = choice.by(second) if second in METHODS else choice.from_baseline(cast("Baseline", second))
    job = attributions.job(model, found.text, other)
    answered = jobs.outcome(job, drawing.title(other.method), key="second")
    if answered is not None:
        _both(model, found, answered)


def _both(model: "TransformerClassifier", found: "Attribution", other: "Attribution") -> None:
    from analysis.faithfulness import compared

    same_scale = found.method == other.method
    scale = max(max(map(abs, drawing.shown_scores(one)), default=0.0) for one in (found, other)) or None

    def card(one: "Attribution") -> None:
        told = ", ".join([drawing.method_of(one).title, *drawing.settings(one, model)])
        st.html(
            f'<p class="assay-muted" style="margin:0 0 .4rem">{escape(told)}</p>'
            f"{drawing.passage(one.text, one, scale if same_scale else None)}"
            f'<p style="margin:.4rem 0 0">{drawing.legend(one, model.labels)}</p>'
        )

    feedback.side_by_side(lambda: card(found), lambda: card(other), key="second")
    alike = compared(found, other)
    st.html(f"<p>{agreement(alike.spearman, alike.shared, alike.top)}</p>")
    st.caption("Methods and baselines ask different questions; trust the words on which they agree.")
