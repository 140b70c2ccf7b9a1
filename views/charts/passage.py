"""Points that wander from layer to layer, with a slider and a button to play them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from views.charts.projection import Amounts, Categories, projection, quantised
from views.style import chart_text, palette

#: Milliseconds that a layer stands, and that the points take to the next one.
_STANDS, _MOVES = 1100, 700


def passage(
    points: NDArray[np.floating],
    colour: Categories | Amounts,
    *,
    notes: Sequence[str],
    texts: Sequence[str],
    marked: int | None = None,
    dark: bool = False,
) -> Any:
    """A Plotly figure whose frames are the layers, the first of them the embeddings.

    Args:
        points: (layers + 1, points, 2), all layers on one scale.
        colour: what the colours stand for.
        notes: one a layer, in as many lines as it has, shown on the picture while it stands.
        texts: one a point for the hover.
        marked: the number of one point to ring.
        dark: the colours of the dark mode.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    layers, count, _ = points.shape
    places = quantised(points.reshape(-1, 2)).reshape(layers, count, 2)
    figure = projection(places[0], colour, texts=texts, marked=marked, dark=dark, quantise=False)
    # The trace without numbers is the ring.
    rows = [
        np.asarray([marked] if trace.customdata is None else trace.customdata, np.intp)
        for trace in figure.data
    ]

    def said(layer: int) -> dict[str, Any]:
        return {
            "text": "<br>".join(chart_text(line) for line in notes[layer].split("\n")),
            "align": "left",
            "showarrow": False,
            "xref": "paper",
            "yref": "paper",
            "x": 0,
            "y": 0.01,
            "xanchor": "left",
            "yanchor": "bottom",
            "font": {"color": colours.muted, "size": 12.5},
        }

    figure.frames = [
        go.Frame(
            name=str(layer),
            traces=list(range(len(rows))),
            data=[{"x": places[layer, own, 0], "y": places[layer, own, 1]} for own in rows],
            layout={"annotations": [said(layer)]},
        )
        for layer in range(layers)
    ]
    how = {
        "frame": {"duration": _STANDS, "redraw": True},
        "transition": {"duration": _MOVES, "easing": "cubic-in-out"},
        "mode": "immediate",
    }
    steps = [
        {
            "label": "embeddings" if layer == 0 else str(layer),
            "method": "animate",
            "args": [[str(layer)], how],
        }
        for layer in range(layers)
    ]
    play = {"label": "▶ Play", "method": "animate", "args": [None, how | {"fromcurrent": True}]}
    stop = {"label": "❚❚ Pause", "method": "animate", "args": [[None], {"mode": "immediate"}]}
    # The widest that the points ever lie, so that no layer leaves the picture.
    reach = 1.06 * float(np.abs(places).max(initial=1))
    figure.update_layout(
        annotations=[said(0)],
        height=590,
        margin={"b": 8},
        dragmode="pan",
        xaxis={"range": [-reach, reach], "title": {"text": ""}},
        yaxis={"range": [-reach, reach]},
        sliders=[
            {
                "active": 0,
                "steps": steps,
                "x": 0.05,
                "len": 0.93,
                "y": 0,
                "pad": {"t": 22, "b": 4},
                "currentvalue": {"visible": False},
                "font": {"color": colours.muted},
                "bgcolor": colours.border,
                "activebgcolor": colours.accent,
                "bordercolor": colours.border,
            }
        ],
        updatemenus=[
            {
                "type": "buttons",
                "direction": "left",
                "showactive": False,
                "x": 0,
                "xanchor": "left",
                "y": 0,
                "yanchor": "top",
                "pad": {"t": 78},  # below the slider: beside it they would meet in a narrow window
                "buttons": [play, stop],
                "bgcolor": colours.background,
                "bordercolor": colours.border,
                "font": {"color": colours.text},
            }
        ],
    )
    return figure
