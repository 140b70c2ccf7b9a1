"""How an attack's search went: the best score against the texts asked about, and what each step tried."""

from collections.abc import Sequence
from typing import Any, Protocol

from views.numbers import grouped
from views.style import faded, palette, template
from views.tokens import quoted


class Step(Protocol):
    """What these views need to know of a step; `attacks.trace.Step` has it all."""

    @property
    def queries(self) -> int:
        """Texts asked about so far."""

    @property
    def candidates(self) -> int:
        """Texts asked about in this step."""

    @property
    def best_score(self) -> float:
        """The goal's score of the best text so far."""

    @property
    def tried(self) -> tuple[tuple[str, str], ...]:
        """The step's best candidates, best first: the words before and after."""

    @property
    def ranks(self) -> bool:
        """Whether the step only measures how much words matter."""


#: So many changes of a step are named, and so many steps are listed.
_NAMED, _LISTED = 5, 60

CSS = """<style>
.assay-steps{max-height:19rem;overflow:auto;font-size:.87rem;line-height:1.5;
  font-variant-numeric:tabular-nums}
.assay-steps table{border-collapse:collapse;width:100%}
.assay-steps th,.assay-steps td{text-align:start;vertical-align:top;padding:.3rem .9rem .3rem 0;
  border-bottom:1px solid var(--assay-border)}
.assay-steps th{font-weight:600;color:var(--assay-muted);position:sticky;top:0;
  background:var(--assay-background);white-space:nowrap}
.assay-steps .number{text-align:end;white-space:nowrap}
.assay-steps td:last-child{width:99%;overflow-wrap:anywhere;padding-right:0}
.assay-steps i{color:var(--assay-muted);font-style:normal}
</style>"""


def figure(steps: Sequence[Step], budget: int | None, dark: bool, start: float | None = None) -> Any:
    """The best score after each step, against the texts asked about; hollow where it only ranks words.

    `start` is the unchanged text's score, where it is known; the curve begins there.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    drawn = go.Figure()
    drawn.add_scatter(
        x=[*([] if start is None else [1]), *(step.queries for step in steps)],
        y=[*([] if start is None else [start]), *(max(start or 0.0, step.best_score) for step in steps)],
        mode="lines+markers",
        line={"color": colours.accent, "width": 2, "shape": "hv"},
        marker={
            "size": 7,
            "symbol": [
                *([] if start is None else ["circle"]),
                *("circle-open" if step.ranks else "circle" for step in steps),
            ],
            "color": colours.accent,
        },
        customdata=[
            *([] if start is None else ["the unchanged text"]),
            *(f"{step.candidates} asked about{', to rank words' if step.ranks else ''}" for step in steps),
        ],
        hovertemplate="%{x} queries, best score %{y:.3f}<br>%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    if budget and steps and budget <= 1.5 * steps[-1].queries:
        drawn.add_vline(x=budget, line={"color": faded(colours.text, 0.5), "width": 1, "dash": "dot"})
    drawn.update_layout(template=template(dark), height=320)
    drawn.update_xaxes(title="queries", rangemode="tozero")
    drawn.update_yaxes(title="best score", range=[-0.02, max([1.02, *(step.best_score for step in steps)])])
    return drawn


def table(steps: Sequence[Step], start: float | None = None) -> str:
    """The steps as a table of escaped HTML, the latest first: what each tried, the best score after it."""
    listed = list(reversed(steps))[:_LISTED]
    rows = "".join(
        f'<tr><td class="number">{grouped(step.queries)}</td>'
        f'<td class="number">{grouped(step.candidates)}</td>'
        f'<td class="number">{max(start or 0.0, step.best_score):.3f}</td><td>{_tried(step)}</td></tr>'
        for step in listed
    )
    rest = len(steps) - len(listed)
    more = f'<tr><td colspan="4"><i>and {rest} steps before</i></td></tr>' if rest else ""
    return (
        '<div class="assay-steps" role="region" aria-label="Steps of the search" tabindex="0">'
        '<table><thead><tr><th class="number">Queries</th><th class="number">Candidates</th>'
        '<th class="number">Best score</th>'
        f"<th>Tried, the best first</th></tr></thead><tbody>{rows}{more}</tbody></table></div>"
    )


def _tried(step: Step) -> str:
    """The step's best changes in words."""
    if not step.tried:
        return "<i>the unchanged text</i>" if step.candidates <= 1 else ""
    named = [_change(before, after) for before, after in step.tried[:_NAMED]]
    rest = step.candidates - len(named)
    more = f" <i>and {grouped(rest)} more</i>" if rest > 0 else ""
    return f"{'<i>which words matter:</i> ' if step.ranks else ''}{', '.join(named)}{more}"


def _change(before: str, after: str) -> str:
    """`old → new`, or what was put in or taken out."""
    if not before:
        return f"+ {quoted(after)}"
    return f"{quoted(before)} → {quoted(after)}" if after else f"− {quoted(before)}"
