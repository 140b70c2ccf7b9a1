"""Points on a plane or in space, one a text, coloured by a category or an amount.

What travels is small: 16 bits a coordinate, and a point's place in the list for its name. 50,000 points
are half a megabyte.
"""

import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from views.style import Palette, chart_text, faded, palette, template

MOST_HOVER_TEXTS = 2000
"""With more points than this no text is sent to the browser; selecting points shows their rows."""
_STEPS = 32_000
"""So many steps from the middle of the picture to its furthest point: finer than any screen."""
MOST_SVG_POINTS = 1000
"""Up to here points are drawn as vectors (sharp, also where there is no WebGL); beyond, with WebGL."""
MOST_CATEGORIES = 7
"""So many categories have a colour and a marker of their own; the rest share grey dots."""
OTHER = "other"
#: From the side of the longest direction, so that it lies across the picture.
_CAMERA = {"eye": {"x": 0.4, "y": -2.5, "z": 0.8}}
#: The markers that can be drawn in space, where they are letters of the browser's fonts.
_IN_SPACE = {
    "square": "square",
    "diamond": "diamond",
    "cross": "square-open",
    "circle-open": "circle-open",
    "x": "cross",
    "triangle-up": "circle-open",
    "star": "diamond-open",
    "triangle-down": "circle-open",
}
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
    """What to colour by: an amount for each point, on the sequential scale from `low` to `high`.

    It is a share, a number, or a difference; that one is on the diverging scale.
    """

    title: str
    values: NDArray[np.floating]
    low: float = 0.0
    high: float = 1.0
    kind: Literal["share", "number", "difference"] = "share"


def projection(
    points: NDArray[np.floating],
    colour: Categories | Amounts,
    *,
    texts: Sequence[str] = (),
    axes: Sequence[str] = (),
    selected: Collection[int] = (),
    marked: int | None = None,
    changed: NDArray[np.floating] | None = None,
    dark: bool = False,
    quantise: bool = True,
) -> Any:
    """A Plotly figure of the points, the number of each in `customdata`.

    Args:
        points: (points, 2 or 3).
        colour: what the colour stands for.
        texts: one a point for the hover, shortened and escaped; not sent for more than 2,000 points.
        axes: titles of the axes; the axes carry no numbers, because the units mean nothing.
        selected: numbers of the points to stand out; the others fade (on a plane only).
        marked: the number of one point to ring.
        changed: where one more text lies, which is no point to choose: a star, with a line from `marked`.
        dark: the colours of the dark mode.
        quantise: False where the points are what `quantised` gave.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    every = points if changed is None else np.vstack([points, changed])
    places = quantised(every) if quantise else every
    star = None if changed is None else places[-1]
    places = places[: len(points)]
    deep = places.shape[1] == 3
    hovers = [_hover(text) for text in texts] if 0 < len(points) <= MOST_HOVER_TEXTS else []
    draw = go.Scatter3d if deep else go.Scatter if len(points) <= MOST_SVG_POINTS else go.Scattergl
    size = float(np.clip(26 / max(len(points), 1) ** 0.19, 4, 10)) * (0.6 if deep else 1)
    figure = go.Figure()
    chosen = np.zeros(len(points), np.bool_)
    chosen[list(selected)] = True
    # The narrowest type that can number all points.
    number = np.uint16 if len(points) < 2**16 else np.uint32

    def add(rows: NDArray[np.intp], name: str, marker: dict[str, Any], rank: int = 0) -> None:
        label = "<br>%{text}" if hovers else ""
        fading: dict[str, Any] = {}
        if deep:
            # Edges, and some of the markers, are not drawn in space.
            marker = marker | {"symbol": _IN_SPACE.get(marker.get("symbol", "circle"), "circle")}
            fading = {"z": places[rows, 2]}
        else:
            marker = {"line": {"width": 0.5, "color": colours.background}} | marker
            fading = {
                "selectedpoints": np.flatnonzero(chosen[rows]).tolist() if chosen.any() else None,
                "selected": {"marker": {"opacity": 1}},
                "unselected": {"marker": {"opacity": 0.18}},
            }
        figure.add_trace(
            draw(
                x=places[rows, 0],
                y=places[rows, 1],
                mode="markers",
                name=name,
                legendrank=rank + 1,
                customdata=rows.astype(number),
                text=[hovers[row] for row in rows] if hovers else None,
                hovertemplate=f"<b>%{{fullData.name}}</b>{label}<extra></extra>",
                marker={"size": size} | marker,
                **fading,
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
    if marked is not None:
        figure.add_trace(_ring(places[marked], size, colours))
    if star is not None:
        figure.add_traces(_star(star, None if marked is None else places[marked], size, colours))
    _lay_out(figure, chart_text(colour.title, 40), axes, dark, deep)
    if isinstance(colour, Amounts):  # the bar stands where the legend would
        figure.update_layout(legend={"title": {"text": ""}, "x": 1, "xanchor": "right"})
    return figure


def quantised(points: NDArray[np.floating]) -> NDArray[np.int16]:
    """The points in whole steps from their middle, equal in all directions: two bytes a coordinate."""
    if not len(points):
        return np.zeros(points.shape, np.int16)
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    furthest = np.abs(points - middle).max()
    return np.round((points - middle) * (_STEPS / (furthest or 1))).astype(np.int16)


def _add_amounts(figure: Any, add: Any, colour: Amounts, colours: Any) -> None:
    percent = colour.kind == "share"
    # In percent: one byte a point.
    amounts = np.round(100 * colour.values).astype(np.uint8) if percent else colour.values.astype(np.float32)
    add(
        np.arange(len(colour.values)),
        chart_text(colour.title, 40),
        {"color": amounts, "coloraxis": "coloraxis", "opacity": 0.9},
    )
    shown = ": %{marker.color:.0f} %</b>" if percent else ": %{marker.color:.3~g}</b>"
    figure.data[0].showlegend = False
    figure.data[0].hovertemplate = figure.data[0].hovertemplate.replace("</b>", shown)
    figure.update_layout(coloraxis=colour_axis(colour, colours))


def colour_axis(colour: Amounts, colours: Palette) -> dict[str, Any]:
    """The colours of amounts, in percent where they are shares, and the bar above the picture."""
    percent = colour.kind == "share"
    # The palest steps of the scales would vanish on the page's ground.
    steps = colours.steps[2:]
    if colour.kind == "difference":
        steps = (colours.against, colours.border, colours.supports)
    scale = [[place / (len(steps) - 1), step] for place, step in enumerate(steps)]
    bar = {
        "title": {"text": chart_text(colour.title, 40), "side": "top"},
        "orientation": "h",
        "thickness": 10,
        "len": 0.3,
        "x": 0,
        "xanchor": "left",
        "y": 1.0,
        "yanchor": "bottom",
        "ticksuffix": " %" if percent else "",
        "nticks": 6,
    }
    low, high = (100 * colour.low, 100 * colour.high) if percent else (colour.low, colour.high)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return {"cmin": low, "cmax": high, "colorscale": scale, "colorbar": bar}


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


def _ring(point: NDArray[Any], size: float, colours: Any) -> Any:
    import plotly.graph_objects as go

    where = {axis: [int(value)] for axis, value in zip("xyz", point, strict=False)}
    draw = go.Scatter3d if len(point) == 3 else go.Scatter
    return draw(
        **where,
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
        **({} if len(point) == 3 else {"unselected": {"marker": {"opacity": 1}}}),
    )


def _star(place: NDArray[Any], start: NDArray[Any] | None, size: float, colours: Any) -> list[Any]:
    import plotly.graph_objects as go

    deep = len(place) == 3
    draw = go.Scatter3d if deep else go.Scatter

    def where(*stops: NDArray[Any]) -> dict[str, list[int]]:
        return {axis: [int(stop[at]) for stop in stops] for at, axis in enumerate("xyz"[: len(place)])}

    star = draw(
        **where(place),
        mode="markers",
        name="changed text",
        hoverinfo="skip",
        marker={
            "size": size * 2.2,
            "symbol": "diamond" if deep else "star",
            "color": colours.text,
            "line": {"width": 1.5, "color": colours.background},
        },
        **({} if deep else {"unselected": {"marker": {"opacity": 1}}}),
    )
    if start is None:
        return [star]
    line = {"width": 4 if deep else 2, "color": colours.text}
    return [
        draw(**where(start, place), mode="lines", hoverinfo="skip", showlegend=False, line=line),
        star,
    ]


def _lay_out(figure: Any, title: str, axes: Sequence[str], dark: bool, deep: bool) -> None:
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
    )
    titles = [*(chart_text(axis) for axis in axes), "", "", ""]
    # Equal scales: a distance means the same in all directions.
    if deep:
        ground: dict[str, object] = {
            "showbackground": False,
            "showspikes": False,
            "zeroline": False,
            "showticklabels": False,
        }
        ground["gridcolor"] = colours.border
        font = {"size": 12, "color": colours.muted}
        named = {
            f"{name}axis": ground | {"title": {"text": titles[at], "font": font}}
            for at, name in enumerate("xyz")
        }
        figure.update_layout(
            scene={"aspectmode": "data", "dragmode": "orbit", "camera": _CAMERA, **named}, dragmode="orbit"
        )
    else:
        figure.update_xaxes(quiet | {"title": {"text": titles[0]}})
        figure.update_yaxes(quiet | {"title": {"text": titles[1]}, "scaleanchor": "x", "scaleratio": 1})


def _hover(text: str) -> str:
    """At most three short lines, escaped after the cut, so that no entity is torn."""
    lines = textwrap.wrap(" ".join(text.split()), 56)
    if len(lines) > 3:
        lines = [*lines[:2], textwrap.shorten(" ".join(lines[2:]), 54, placeholder=" …")]
    return "<br>".join(chart_text(line) for line in lines)
