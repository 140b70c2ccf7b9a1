"""Pictures over a model's layers: the answer on its way, and how tokens' states move."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from views.numbers import plain_number, share_ticks
from views.probabilities import share
from views.style import chart_text, faded, palette, template

#: More names than this on an axis cannot be read.
MOST_TICKS = 40
#: A row of the map of changes, in pixels, and the largest height of all.
_ROW, _TALLEST = 26, 620
_DASHES = {"solid": "circle", "dash": "square"}


@dataclass(frozen=True)
class Line:
    """The probability of one label before the first layer and after each."""

    name: str
    values: Sequence[float]
    dash: Literal["solid", "dash"] = "solid"


def answers(
    lines: Sequence[Line],
    *,
    mark: tuple[int, str] | None,
    answering: Literal["choice", "several", "number"] = "choice",
    dark: bool,
) -> Any:
    """Probabilities over the layers, a line a label; `mark` is a layer with a word about it.

    Of `several` labels that may hold at once a line stands at the half, from which on they do; a `number`
    is no probability, and gets an axis of its own.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    written = plain_number if answering == "number" else share
    names = list(dict.fromkeys(line.name for line in lines))
    drawn = go.Figure()
    for line in lines:
        told = chart_text(line.name, 40)
        colour = (
            colours.categories[names.index(line.name) % len(colours.categories)]
            if len(names) > 1
            else colours.accent
        )
        drawn.add_scatter(
            x=list(range(len(line.values))),
            y=list(line.values),
            name=told,
            mode="lines+markers",
            cliponaxis=False,
            line={"color": colour, "width": 2, "dash": line.dash},
            marker={"symbol": _DASHES[line.dash], "size": 8, "color": colour},
            customdata=[[_place(index), written(value)] for index, value in enumerate(line.values)],
            hovertemplate=f"<b>{told}</b> %{{customdata[0]}}: %{{customdata[1]}}<extra></extra>",
        )
    if answering == "several":
        drawn.add_hline(y=0.5, line={"color": colours.muted, "width": 1, "dash": "dot"})
    count = max((len(line.values) for line in lines), default=1)
    if mark is not None:
        drawn.add_vline(
            x=mark[0],
            line={"color": colours.muted, "width": 1, "dash": "dot"},
            annotation={
                "text": chart_text(mark[1]),
                "font": {"color": colours.muted, "size": 12},
                "yref": "paper",
                "y": 1.0,
                "yanchor": "bottom",
                "xanchor": "left" if mark[0] < count / 2 else "right",
            },
        )
    drawn.update_layout(
        template=template(dark),
        height=340,
        margin={"t": 52, "l": 8, "r": 16, "b": 8},
        legend={"orientation": "h", "y": 1.09, "yanchor": "bottom", "x": 0},
        showlegend=len(lines) > 1,
    )
    drawn.update_xaxes(title="after layer", **_layer_ticks(count), range=[-0.3, count - 0.7], zeroline=False)
    if answering != "number":
        drawn.update_yaxes(range=[0, 1], **share_ticks(0.0), zeroline=False)
    return drawn


@dataclass(frozen=True)
class Probed:
    """One layer's probe: its accuracy or R² with interval, and that of the same probe on shuffled values."""

    value: float
    low: float
    high: float
    control: float


def probes(
    found: Sequence[Probed], floor: float, *, guess: str = "always the commonest value", dark: bool
) -> Any:
    """Accuracy, or R², over the layers with its band, the control dashed, and what a guess gives."""
    import plotly.graph_objects as go

    colours = palette(dark)
    places = list(range(len(found)))
    drawn = go.Figure()
    drawn.add_scatter(
        x=[*places, *reversed(places)],
        y=[*(one.high for one in found), *(one.low for one in reversed(found))],
        mode="lines",
        fill="toself",
        fillcolor=faded(colours.accent, 0.16),
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
    for name, values, colour, dash in (
        ("probe", [one.value for one in found], colours.accent, "solid"),
        ("probe on shuffled values", [one.control for one in found], colours.neutral, "dash"),
    ):
        drawn.add_scatter(
            x=places,
            y=values,
            name=name,
            mode="lines+markers",
            cliponaxis=False,
            line={"color": colour, "width": 2, "dash": dash},
            marker={"symbol": _DASHES[dash], "size": 8, "color": colour},
            customdata=[[_place(place), share(value)] for place, value in zip(places, values, strict=True)],
            hovertemplate=f"<b>{name}</b> %{{customdata[0]}}: %{{customdata[1]}}<extra></extra>",
        )
    drawn.add_scatter(
        x=[-0.3, len(found) - 0.7],
        y=[floor, floor],
        name=guess,
        mode="lines",
        line={"color": colours.muted, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )
    drawn.update_layout(
        template=template(dark),
        height=360,
        margin={"t": 44, "l": 8, "r": 16, "b": 8},
        legend={"orientation": "h", "y": 1.03, "yanchor": "bottom", "x": 0},
    )
    drawn.update_xaxes(
        title="after layer", **_layer_ticks(len(found)), range=[-0.3, len(found) - 0.7], zeroline=False
    )
    # R² falls below 0 where the mean of all would do better.
    least = min(0.0, *(min(one.low, one.control) for one in found)) if found else 0.0
    drawn.update_yaxes(range=[max(least, -1.0), 1], **share_ticks(0.0), zeroline=False)
    return drawn


def changes(
    values: NDArray[np.floating],
    names: Sequence[str],
    *,
    first: int,
    hover: Sequence[str],
    unit: str,
    dark: bool,
) -> Any:
    """A map of how far states move or lie apart: (layers, places), layers down and places across.

    `first` is the first row's layer (0: before the first one), `hover` what each place is called on
    hovering. NaN stays empty. Names are untrusted and escaped.
    """
    import plotly.graph_objects as go

    layers, count = values.shape
    # Four digits are what is told on hovering, and half of what the whole floats would take to send.
    rounded = [[None if np.isnan(value) else round(float(value), 4) for value in row] for row in values]
    shown = range(0, count, -(-count // MOST_TICKS)) if count else range(0)
    figure = go.Figure(
        go.Heatmap(
            z=rounded,
            x=list(range(count)),
            y=list(range(layers)),
            colorscale=palette(dark).sequential,
            zmin=0,
            zmax=max(float(np.nanmax(values)) if np.isfinite(values).any() else 0.0, 1e-4),
            xgap=1 if count <= 60 else 0,
            ygap=1,
            customdata=[
                [[_place(first + row), chart_text(name, 60)] for name in hover] for row in range(layers)
            ],
            hovertemplate="<b>%{customdata[1]}</b> %{customdata[0]}: %{z:.3f}<extra></extra>",
            hoverongaps=False,
            colorbar={"title": {"text": unit, "side": "right"}, "thickness": 10},
        )
    )
    colours = palette(dark)
    figure.update_layout(
        template=template(dark),
        height=min(_ROW * layers + 130, _TALLEST),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        plot_bgcolor=faded(colours.neutral, 0.08),
    )
    figure.update_xaxes(
        tickvals=list(shown),
        ticktext=[chart_text(names[index], 14) for index in shown],
        tickangle=-60,
        showgrid=False,
        zeroline=False,
    )
    figure.update_yaxes(
        **_layer_ticks(layers, first),
        title="after layer",
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    return figure


def _layer_ticks(count: int, first: int = 0) -> dict[str, Any]:
    """Ticks at the layers, before the first one "start"; thinned out where they are many."""
    step = -(-count // 26)
    places = list(range(0, count, step))
    return {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": ["start" if first + place == 0 else str(first + place) for place in places],
    }


def _place(layer: int) -> str:
    return f"after layer {layer}" if layer else "before the first layer"
