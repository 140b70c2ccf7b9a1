"""Points on a plane, one a text, coloured by a category or an amount."""

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from views.style import chart_text, faded, palette, template

MOST_HOVER_TEXTS = 2000
"""With more points than this no text is sent to the browser; selecting points shows their rows."""
MOST_SVG_POINTS = 1000
"""Up to here points are drawn as vectors (sharp, also where there is no WebGL); beyond, with WebGL."""
MOST_CATEGORIES = 7
"""So many categories have a colour and a marker of their own; the rest share grey dots."""
OTHER = "other"
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "triangle-down", "circle-open")


@dataclass(frozen=True)
class Categories:
    """What to colour by: a name for each point. `order` comes first in the legend, then the frequent ones.

    `failures` are drawn last, in the colour of failure, with a cross.
    """

    title: str
    values: Sequence[str]
    order: Sequence[str] = ()
    failures: Collection[str] = ()


@dataclass(frozen=True)
class Amounts:
    """What to colour by: a share for each point, on the sequential scale from `low` to `high`."""

    title: str
    values: NDArray[np.floating]
    low: float = 0.0
    high: float = 1.0


def projection(
    points: NDArray[np.floating],
    ids: Sequence[str],
    colour: Categories | Amounts,
    *,
    texts: Sequence[str] = (),
    axes: tuple[str, str] = ("", ""),
    selected: Collection[str] = (),
    marked: str | None = None,
    dark: bool = False,
) -> Any:
    """A Plotly figure of the points, their ids in `customdata`.

    Args:
        points: (points, 2).
        ids: one a point.
        colour: what the colour stands for.
        texts: one a point for the hover, shortened and escaped; not sent for more than 2,000 points.
        axes: titles of the axes; the axes carry no numbers, because the units mean nothing.
        selected: ids of the points to stand out; the others fade.
        marked: the id of one point to ring.
        dark: the colours of the dark mode.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    hovers = [_hover(text) for text in texts] if 0 < len(points) <= MOST_HOVER_TEXTS else []
    draw = go.Scatter if len(points) <= MOST_SVG_POINTS else go.Scattergl
    size = float(np.clip(26 / max(len(points), 1) ** 0.19, 4, 10))
    figure = go.Figure()
    chosen = set(selected)

    def add(rows: NDArray[np.intp], name: str, marker: dict[str, Any], rank: int = 0) -> None:
        own = [place for place, row in enumerate(rows) if ids[row] in chosen] if chosen else None
        label = "<br>%{text}" if hovers else ""
        figure.add_trace(
            draw(
                x=points[rows, 0],
                y=points[rows, 1],
                mode="markers",
                name=name,
                legendrank=rank + 1,
                customdata=[ids[row] for row in rows],
                text=[hovers[row] for row in rows] if hovers else None,
                hovertemplate=f"<b>%{{fullData.name}}</b>{label}<extra></extra>",
                marker={"size": size, "line": {"width": 0.5, "color": colours.background}} | marker,
                selectedpoints=own,
                selected={"marker": {"opacity": 1}},
                unselected={"marker": {"opacity": 0.18}},
            )
        )

    if isinstance(colour, Amounts):
        _add_amounts(figure, add, colour, colours)
    else:
        groups = _groups(colour, colours, size)
        # Grey lies beneath everything and failures above; the legend keeps its own order.
        layers = {colours.neutral: -1, colours.failure: 1}
        drawing = sorted(enumerate(groups), key=lambda group: layers.get(group[1][2]["color"], 0))
        for rank, (name, rows, marker) in drawing:
            add(rows, chart_text(name, 40) or "(empty)", marker, rank)
    if marked is not None and marked in ids:
        figure.add_trace(_ring(points[list(ids).index(marked)], size, colours))
    _lay_out(figure, chart_text(colour.title, 40), axes, dark)
    return figure


def _add_amounts(figure: Any, add: Any, colour: Amounts, colours: Any) -> None:
    add(
        np.arange(len(colour.values)),
        chart_text(colour.title, 40),
        {"color": 100 * colour.values, "coloraxis": "coloraxis", "opacity": 0.9},
    )
    # The palest steps of the scale would vanish on the page's ground.
    steps = colours.steps[2:]
    scale = [[place / (len(steps) - 1), step] for place, step in enumerate(steps)]
    figure.data[0].showlegend = False
    figure.data[0].hovertemplate = figure.data[0].hovertemplate.replace("</b>", ": %{marker.color:.0f} %</b>")
    bar = {
        "title": {"text": chart_text(colour.title, 40), "side": "top"},
        "orientation": "h",
        "thickness": 10,
        "len": 0.3,
        "x": 0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "ticksuffix": " %",
    }
    figure.update_layout(
        coloraxis={"cmin": 100 * colour.low, "cmax": 100 * colour.high, "colorscale": scale, "colorbar": bar}
    )


def _groups(
    colour: Categories, colours: Any, size: float
) -> list[tuple[str, NDArray[np.intp], dict[str, Any]]]:
    """Name, rows and marker of each category in the order of the legend, the rare ones as one at its end."""
    members: dict[str, list[int]] = {}
    for row, value in enumerate(colour.values):
        members.setdefault(value, []).append(row)
    known = [name for name in colour.order if name in members]
    frequent = sorted(members.keys() - set(known), key=lambda name: (-len(members[name]), name))
    ranked = known + frequent
    # One too many does not need a group of its own: it has the last marker to itself.
    most = MOST_CATEGORIES if len(ranked) > MOST_CATEGORIES + 1 else len(ranked)
    groups = []
    for place, name in enumerate(ranked[:most]):
        marker = {"color": colours.categories[place], "symbol": SYMBOLS[place], "opacity": 0.85}
        if name in colour.failures:
            marker = {"color": colours.failure, "symbol": "x", "size": size * 1.15, "opacity": 1.0}
        groups.append((name, np.array(members[name]), marker))
    rest = ranked[most:]
    if rest:
        rows = np.sort(np.concatenate([members[name] for name in rest]))
        marker = {"color": colours.neutral, "symbol": "circle", "opacity": 0.45}
        groups.append((f"{OTHER} ({len(rest)})", rows, marker))
    return groups


def _ring(point: NDArray[np.floating], size: float, colours: Any) -> Any:
    import plotly.graph_objects as go

    return go.Scatter(
        x=point[:1],
        y=point[1:],
        mode="markers",
        name="chosen row",
        hoverinfo="skip",
        marker={
            "size": size * 2.2,
            "symbol": "circle-open",
            "color": colours.text,
            "line": {"width": 2, "color": colours.text},
        },
        # A box drawn over it must not count as choosing one more point, nor fade it.
        unselected={"marker": {"opacity": 1}},
    )


def _lay_out(figure: Any, title: str, axes: tuple[str, str], dark: bool) -> None:
    colours = palette(dark)
    quiet = {"showticklabels": False, "ticks": "", "zeroline": False, "gridcolor": faded(colours.text, 0.06)}
    figure.update_layout(
        template=template(dark),
        height=470,
        margin={"l": 8, "r": 48, "t": 56, "b": 8},
        # Upright, beside the points: a long legend takes the whole width above them.
        modebar={"orientation": "v"},
        dragmode="select",
        hovermode="closest",
        uirevision="projection",
        legend={
            "title": {"text": f"{title}  ", "font": {"color": colours.muted}},
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.0,
            "yanchor": "bottom",
            "itemsizing": "constant",
        },
        newselection={"line": {"color": colours.accent, "width": 1.5, "dash": "dot"}},
        activeselection={"fillcolor": colours.accent, "opacity": 0.08},
        xaxis=quiet | {"title": {"text": chart_text(axes[0])}},
        # Equal scales: a distance means the same in both directions.
        yaxis=quiet | {"title": {"text": chart_text(axes[1])}, "scaleanchor": "x", "scaleratio": 1},
    )


def _hover(text: str) -> str:
    """At most three short lines, escaped after the cut, so that no entity is torn."""
    lines = textwrap.wrap(" ".join(text.split()), 56)
    if len(lines) > 3:
        lines = [*lines[:2], textwrap.shorten(" ".join(lines[2:]), 54, placeholder=" …")]
    return "<br>".join(chart_text(line) for line in lines)
