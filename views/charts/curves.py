"""Accuracy against severity: one line a noise with its interval band, for the screen and for paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from views.numbers import percent, rate
from views.style import chart_text, faded, palette, template


@dataclass(frozen=True)
class Point:
    """One test: `edited` is the mean share of characters really edited; accuracy with its interval, n."""

    edited: float
    accuracy: float
    low: float
    high: float
    count: int
    note: str


@dataclass(frozen=True)
class Curve:
    """One noise over its severities, from the unchanged texts on."""

    title: str
    points: tuple[Point, ...]
    name: str = ""


#: Lines are told apart by dash and marker as well as by colour.
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
MARKERS = ("circle", "square", "diamond", "triangle-up", "cross", "x")
_SVG_DASHES = ("", "7 4", "2 4", "8 4 2 4", "12 4", "12 4 2 4")


def figure(curves: Sequence[Curve], dark: bool) -> Any:
    """The Plotly figure; the accuracy axis begins where the lowest band does, never above one half."""
    import plotly.graph_objects as go

    colours = palette(dark)
    drawn = go.Figure()
    for place, curve in enumerate(curves):
        colour = colours.categories[place % len(colours.categories)]
        across = [100 * point.edited for point in curve.points]
        drawn.add_scatter(
            x=[*across, *reversed(across)],
            y=[
                *(100 * point.high for point in curve.points),
                *(100 * point.low for point in reversed(curve.points)),
            ],
            mode="lines",
            fill="toself",
            fillcolor=faded(colour, _shade(len(curves))),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            legendgroup=str(place),
        )
        drawn.add_scatter(
            x=across,
            y=[100 * point.accuracy for point in curve.points],
            name=chart_text(curve.title, 40),
            mode="lines+markers",
            cliponaxis=False,
            legendgroup=str(place),
            line={"color": colour, "width": 2, "dash": DASHES[place % len(DASHES)]},
            marker={"symbol": MARKERS[place % len(MARKERS)], "size": 8, "color": colour},
            customdata=[
                f"{chart_text(point.note)}<br>{rate(point.accuracy, point.low, point.high, point.count)}"
                f"<br>{percent(point.edited)} of characters edited"
                for point in curve.points
            ],
            hovertemplate="<b>%{fullData.name}</b><br>%{customdata}<extra></extra>",
        )
    low = lowest_accuracy(curves)
    drawn.update_layout(
        template=template(dark),
        height=380,
        margin={"t": 44},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    drawn.update_xaxes(title="characters really edited (mean share)", ticksuffix=" %", rangemode="tozero")
    drawn.update_yaxes(title="accuracy", ticksuffix=" %", range=[100 * low, 100])
    return drawn


def lowest_accuracy(curves: Sequence[Curve]) -> float:
    """Where the accuracy axis begins: a whole tenth below every band, one half at most; it ends at 1."""
    lowest = min((point.low for curve in curves for point in curve.points), default=0.0)
    return min(0.5, int(lowest * 10) / 10)


def svg(curves: Sequence[Curve], width: int = 600, height: int = 350) -> str:
    """The same picture as a static SVG element without scripts.

    Its line colours are CSS variables (`--series-0` to `--series-7`), so that it follows light, dark and
    print; the figures themselves stand in the `<desc>` for those who cannot see it.
    """
    left, right, top, bottom = 62, 14, 14, 58
    low, high = lowest_accuracy(curves), 1.0
    widest = max((point.edited for curve in curves for point in curve.points), default=0.0) or 0.1
    step = next(size for size in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 1e9) if widest / size <= 6)

    def x(edited: float) -> float:
        return round(left + edited / widest * (width - left - right - 8), 1)

    def y(accuracy: float) -> float:
        return round(top + (high - accuracy) / (high - low) * (height - top - bottom), 1)

    parts = []
    for tenth in range(round(low * 10), 11):
        level = y(tenth / 10)
        parts.append(f'<line x1="{left}" x2="{width - right}" y1="{level}" y2="{level}" class="grid"/>')
        parts.append(f'<text x="{left - 8}" y="{level + 4}" text-anchor="end">{tenth * 10} %</text>')
    ticks = int(widest / step + 1e-9) + 1
    floor = height - bottom + 20
    for tick in range(ticks):
        share = tick * step
        parts.append(f'<text x="{x(share)}" y="{floor}" text-anchor="middle">{percent(share, 0)}</text>')
    parts.append(
        f'<text x="{(left + width - right) / 2}" y="{height - 6}" text-anchor="middle">'
        "characters really edited (mean share)</text>"
    )
    shade = _shade(len(curves))
    parts += [_band(curve, place, x, y, shade) for place, curve in enumerate(curves)]
    parts += [_line(curve, place, x, y) for place, curve in enumerate(curves)]
    told = escape("; ".join(f"{curve.title}: {_told(curve)}" for curve in curves))
    return (
        f'<svg class="curves" viewBox="0 0 {width} {height}" role="img" aria-labelledby="curves-t curves-d">'
        '<title id="curves-t">Accuracy against the share of characters edited, by noise</title>'
        f'<desc id="curves-d">{told}</desc>{"".join(parts)}</svg>'
    )


def legend(curves: Sequence[Curve]) -> str:
    """Which line is which, as a list of escaped HTML with a stroke of each line."""
    items = "".join(
        f'<li><svg viewBox="0 0 34 10" width="34" height="10" aria-hidden="true">{_stroke(place, "1,5 33,5")}'
        f"</svg> {escape(curve.title)}</li>"
        for place, curve in enumerate(curves)
    )
    return f'<ul class="legend">{items}</ul>'


def _told(curve: Curve) -> str:
    return ", ".join(
        f"{point.note} ({percent(point.edited)} edited) {rate(point.accuracy, point.low, point.high)}"
        for point in curve.points
    )


def _shade(count: int) -> float:
    """How opaque a band is: many of them lie over each other, and the lines must stay in sight."""
    return round(max(0.03, min(0.13, 0.4 / max(1, count))), 3)


def _band(curve: Curve, place: int, x: Any, y: Any, shade: float) -> str:
    above = [f"{x(point.edited)},{y(point.high)}" for point in curve.points]
    below = [f"{x(point.edited)},{y(point.low)}" for point in reversed(curve.points)]
    colour = f"var(--series-{place % 8})"
    return f'<polygon points="{" ".join(above + below)}" fill="{colour}" fill-opacity="{shade}"/>'


def _line(curve: Curve, place: int, x: Any, y: Any) -> str:
    corners = " ".join(f"{x(point.edited)},{y(point.accuracy)}" for point in curve.points)
    dots = "".join(
        f'<circle cx="{x(point.edited)}" cy="{y(point.accuracy)}" r="3.5" fill="var(--series-{place % 8})">'
        f"<title>{escape(curve.title)}, {escape(point.note)}: "
        f"{rate(point.accuracy, point.low, point.high, point.count)}</title></circle>"
        for point in curve.points
    )
    return _stroke(place, corners) + dots


def _stroke(place: int, corners: str) -> str:
    dash = _SVG_DASHES[place % len(_SVG_DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    colour = f"var(--series-{place % 8})"
    return f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
