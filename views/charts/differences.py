"""Differences with their intervals, a line each: what is left and right of nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from views.style import chart_text, palette, template


@dataclass(frozen=True)
class Line:
    """One difference as shares; `group` tells whose it is, `note` what a reader sees on pointing at it.

    `is_found` says that chance hardly explains it.
    """

    title: str
    group: str
    value: float
    low: float
    high: float
    note: str
    is_found: bool


MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
#: Pixels of one line, and of what stands around all of them.
LINE, AROUND = 24, 120


def figure(lines: Sequence[Line], dark: bool, axis: str) -> Any:
    """The Plotly figure: full marks for what is beyond chance, hollow ones for the rest."""
    import plotly.graph_objects as go

    colours = palette(dark)
    drawn = go.Figure()
    titles = list(dict.fromkeys(line.title for line in lines))
    groups = list(dict.fromkeys(line.group for line in lines))
    for place, group in enumerate(groups):
        mine = [line for line in lines if line.group == group]
        colour = colours.categories[place % len(colours.categories)]
        symbol = MARKERS[place % len(MARKERS)]
        # Several audits stand side by side on the line of their test.
        aside = (place - (len(groups) - 1) / 2) * 0.6 / max(1, len(groups))
        drawn.add_scatter(
            x=[100 * line.value for line in mine],
            y=[titles.index(line.title) + aside for line in mine],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [100 * (line.high - line.value) for line in mine],
                "arrayminus": [100 * (line.value - line.low) for line in mine],
                "color": colour,
                "thickness": 2,
                "width": 0,
            },
            mode="markers",
            name=chart_text(group, 60),
            marker={
                "size": 9,
                "color": [colour if line.is_found else colours.background for line in mine],
                "symbol": symbol,
                "line": {"color": colour, "width": 2},
            },
            customdata=[[chart_text(line.title), chart_text(line.note)] for line in mine],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        )
    drawn.add_vline(x=0, line={"color": colours.muted, "width": 1})
    drawn.update_layout(
        template=template(dark),
        height=AROUND + LINE * len(titles) * max(1, round(len(groups) * 0.7)),
        margin={"t": 44 if len(groups) > 1 else 12},
        showlegend=len(groups) > 1,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    drawn.update_xaxes(title=axis, zeroline=False)
    drawn.update_yaxes(
        tickvals=list(range(len(titles))),
        ticktext=[chart_text(title, 44) for title in titles],
        range=[len(titles) - 0.4, -0.6],
        automargin=True,
        showgrid=False,
        zeroline=False,
    )
    return drawn
