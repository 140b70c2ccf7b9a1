"""A label's probability as words are taken away: in an explanation's order, and at random."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from views.numbers import percent
from views.style import chart_text, faded, palette, template


@dataclass(frozen=True)
class Step:
    """So many words: the probability in the explanation's order, and at random with its interval."""

    words: int
    own: float
    random: float
    low: float
    high: float


def curve(steps: Sequence[Step], *, across: str, up: str, dark: bool) -> Any:
    """Two lines over the number of words, the random one dashed and in its band, with the axes' names."""
    import plotly.graph_objects as go

    colours = palette(dark)
    words = [step.words for step in steps]
    drawn = go.Figure()
    drawn.add_scatter(
        x=[*words, *reversed(words)],
        y=[100 * min(step.high, 1) for step in steps] + [100 * max(step.low, 0) for step in reversed(steps)],
        mode="lines",
        fill="toself",
        fillcolor=faded(colours.neutral, 0.2),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    lines = (
        ("random words", [step.random for step in steps], colours.neutral, "dash", "square"),
        ("its words", [step.own for step in steps], colours.accent, "solid", "circle"),
    )
    for name, values, colour, dash, marker in lines:
        drawn.add_scatter(
            x=words,
            y=[100 * value for value in values],
            name=name,
            mode="lines+markers",
            cliponaxis=False,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"symbol": marker, "size": 8, "color": colour},
            customdata=[percent(value) for value in values],
            hovertemplate="<b>%{fullData.name}</b>, %{x}: %{customdata}<extra></extra>",
        )
    drawn.update_layout(
        template=template(dark),
        height=300,
        margin={"t": 34, "l": 8, "r": 12},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    drawn.update_xaxes(title=across, rangemode="tozero", dtick=1 if words[-1] < 12 else None)
    drawn.update_yaxes(title=chart_text(up, 40), ticksuffix=" %", range=[0, 100], rangemode="tozero")
    return drawn
