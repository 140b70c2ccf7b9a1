"""Points that move: where texts were, where a change took them, and the line between two answers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from views.charts.projection import Amounts, colour_axis
from views.style import chart_text, faded, palette, template


def moves(
    before: NDArray[np.floating],
    after: NDArray[np.floating],
    flipped: NDArray[np.bool_],
    ids: Sequence[str],
    texts: Sequence[tuple[str, str]],
    *,
    sides: tuple[str, str] | None = None,
    shifts: Amounts | None = None,
    dark: bool = False,
) -> Any:
    """A Plotly figure: hollow where a text was, filled where it went, a line between; flips as crosses.

    `before` and `after` are (texts, 2), `texts` the two versions of each, untrusted, for hovering. With
    `sides` (left, right) the vertical line through 0 stands between two answers. With `shifts`, how far each
    answer moved, these are the colours in place of flips. Points carry their ids as customdata, for picking.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    drawn = go.Figure()
    groups = [
        ("answer kept", np.flatnonzero(~flipped).tolist(), colours.neutral, 0.55, "circle"),
        ("answer flipped", np.flatnonzero(flipped).tolist(), colours.failure, 1.0, "x"),
    ]
    if shifts is not None:
        groups = [(chart_text(shifts.title, 40), list(range(len(before))), colours.neutral, 0.55, "circle")]
    for name, rows, colour, opacity, symbol in groups:
        lines = np.full((3 * len(rows), 2), np.nan)  # the gap after every two points parts the lines
        lines[0::3], lines[1::3] = before[rows], after[rows]
        drawn.add_scatter(
            x=_numbers(lines[:, 0]),
            y=_numbers(lines[:, 1]),
            mode="lines",
            line={"color": faded(colour, 0.5 * opacity), "width": 1.2},
            hoverinfo="skip",
            showlegend=False,
        )
        for stage, points, marker in (
            (0, before, {"symbol": "circle-open", "size": 6, "color": colour, "opacity": opacity}),
            (1, after, {"symbol": symbol, "size": 8, "color": colour, "opacity": opacity}),
        ):
            drawn.add_scatter(
                x=_numbers(points[rows, 0]),
                y=_numbers(points[rows, 1]),
                mode="markers",
                name=name if stage else f"{name}, before",
                marker=marker,
                customdata=[ids[row] for row in rows],
                text=[chart_text(" ".join(texts[row][stage].split()), 90) for row in rows],
                hovertemplate="<b>%{fullData.name}</b><br>%{text}<extra></extra>",
                unselected={"marker": {"opacity": 0.25}},
            )
    if shifts is not None:
        moved = drawn.data[-1]
        moved.marker.update(color=_numbers(shifts.values), coloraxis="coloraxis", opacity=1.0, line_width=0.5)
        moved.marker.line.color = colours.border
        moved.hovertemplate = moved.hovertemplate.replace("</b>", ": %{marker.color:+.3~g}</b>")
        drawn.update_layout(coloraxis=colour_axis(shifts, colours), showlegend=False)
    if sides is not None:
        drawn.add_vline(x=0, line={"color": colours.text, "width": 1.5, "dash": "dot"})
        for name, anchor, shift in ((sides[0], "right", -8), (sides[1], "left", 8)):
            told = chart_text(name, 32)
            drawn.add_annotation(
                x=0,
                y=0,
                yref="paper",
                yanchor="bottom",
                xanchor=anchor,
                xshift=shift,
                showarrow=False,
                text=f"← {told}" if anchor == "right" else f"{told} →",
                font={"color": colours.muted, "size": 12},
            )
    quiet = {"showticklabels": False, "ticks": "", "zeroline": False, "gridcolor": faded(colours.text, 0.06)}
    drawn.update_layout(
        template=template(dark),
        height=480,
        margin={"l": 8, "r": 8, "t": 48, "b": 8},
        hovermode="closest",
        dragmode="pan",
        clickmode="event+select",
        legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "bottom"},
        xaxis=quiet,
        yaxis=quiet,
    )
    return drawn


def _numbers(values: NDArray[np.floating]) -> list[float | None]:
    """Four digits are more than a screen shows; a gap is None."""
    return [None if np.isnan(value) else round(float(value), 4) for value in values]
