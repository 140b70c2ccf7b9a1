"""One model on several data sets: how far each is from the first, and how often it is right there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from views.numbers import rate, share_ticks
from views.style import chart_text, faded, palette, template

#: Characters of a name that stand beside its dot.
_NAME = 22


@dataclass(frozen=True)
class Placed:
    """A data set: the AUC that tells it from the first, and the accuracy there, each with its interval.

    `lost` says whether accuracy is lost against the first beyond chance.
    """

    name: str
    auc: float
    auc_low: float
    auc_high: float
    accuracy: float
    low: float
    high: float
    count: int
    lost: bool


def figure(first: Placed, others: Sequence[Placed], dark: bool) -> Any:
    """A dot a data set with both intervals; the first one's accuracy as a band from side to side."""
    import plotly.graph_objects as go

    colours = palette(dark)
    drawn = go.Figure()
    drawn.add_hrect(
        y0=first.low, y1=first.high, fillcolor=faded(colours.accent, 0.16), line_width=0, layer="below"
    )
    drawn.add_hline(
        y=first.accuracy, line={"color": colours.accent, "width": 1.5, "dash": "dot"}, layer="below"
    )
    for placed in (first, *others):
        home = placed is first
        colour = colours.accent if home else colours.failure if placed.lost else colours.text
        drawn.add_scatter(
            x=[placed.auc],
            y=[placed.accuracy],
            mode="markers+text",
            text=[chart_text(placed.name, _NAME)],
            textposition="top right" if placed.auc < 0.75 else "top left",
            textfont={"color": colours.text, "size": 13},
            marker={
                "color": colour,
                "size": 11,
                "symbol": "diamond" if home else "x" if placed.lost else "circle",
            },
            error_x=None if home else _bar(placed.auc, placed.auc_low, placed.auc_high, colour),
            error_y=_bar(placed.accuracy, placed.low, placed.high, colour),
            customdata=[_told(placed, home)],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
            showlegend=False,
        )
    lowest = min(placed.low for placed in (first, *others))
    floor = max(0.0, lowest - 0.05)
    drawn.update_layout(template=template(dark), height=400, margin={"t": 20})
    drawn.update_xaxes(
        title="how well its texts are told from the first set's (AUC)",
        range=[min(0.47, *(placed.auc_low - 0.02 for placed in others)), 1.02],
        tickvals=[0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
        ticktext=["0.5 alike", "0.6", "0.7", "0.8", "0.9", "1.0 apart"],
    )
    drawn.update_yaxes(title="right answers", range=[floor, 1.02], **share_ticks(floor))
    return drawn


def _bar(value: float, low: float, high: float, colour: str) -> dict[str, Any]:
    """An interval as Plotly draws it: what it reaches above and below the value."""
    reach = {"array": [high - value], "arrayminus": [value - low]}
    return {"type": "data", "symmetric": False, "thickness": 1.5, "width": 0, "color": colour, **reach}


def _told(placed: Placed, home: bool) -> str:
    right = rate(placed.accuracy, placed.low, placed.high, placed.count)
    apart = "the reference" if home else f"AUC {placed.auc:.2f} [{placed.auc_low:.2f}, {placed.auc_high:.2f}]"
    return f"{chart_text(placed.name, 60)}<br>right in {right}<br>{apart}"
