"""How well a classifier answers: confusion, reliability, slices and lengths."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from views.numbers import grouped, percent, rate, share_ticks
from views.style import chart_text, contrast, palette, template

#: With more labels than this the cells of a confusion matrix are too small for numbers.
MOST_WRITTEN = 12


@dataclass(frozen=True)
class Point:
    """A share with its interval (all 0 to 1) and the number of examples behind it."""

    name: str
    share: float
    low: float
    high: float
    count: int


def _figure(dark: bool, height: int) -> Any:
    import plotly.graph_objects as go

    return go.Figure(layout={"template": template(dark), "height": height})


def confusion(counts: NDArray[np.int64], labels: Sequence[str], dark: bool = False) -> Any:
    """A confusion matrix: `counts[true, predicted]`, coloured by the share of the true label's row."""
    import plotly.graph_objects as go

    colours = palette(dark)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = [chart_text(label, 18) for label in labels]
    places = list(range(len(labels)))
    figure = _figure(dark, height=max(300, min(40 * len(labels) + 120, 640)))
    full = [chart_text(label, 80) for label in labels]
    hover = [
        [
            f"{grouped(int(counts[true, answer]))} of {grouped(int(counts[true].sum()))} examples of "
            f"<b>{full[true]}</b><br>were answered <b>{full[answer]}</b>"
            for answer in places
        ]
        for true in places
    ]
    figure.add_trace(
        go.Heatmap(
            z=shares,
            x=places,
            y=places,
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            colorscale=colours.sequential,
            showscale=len(labels) > MOST_WRITTEN,
            customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
            colorbar={**share_ticks(0), "title": {"text": "share of the row"}},
        )
    )
    if len(labels) <= MOST_WRITTEN:
        for true in places:
            for answer in places:
                figure.add_annotation(
                    x=answer,
                    y=true,
                    text=f"<b>{grouped(int(counts[true, answer]))}</b><br>{percent(shares[true, answer], 0)}",
                    showarrow=False,
                    font={"color": _readable(colours.sequential, float(shares[true, answer])), "size": 13},
                )
    ticks = {"tickvals": places, "ticktext": names, "showgrid": False, "zeroline": False}
    figure.update_xaxes(title_text="the model's answer", side="top", **ticks)
    figure.update_yaxes(title_text="true label", autorange="reversed", **ticks)
    figure.update_layout(margin={"t": 8})
    return figure


def _readable(scale: list[tuple[float, str]], value: float) -> str:
    """The text colour that reads best on a cell of a sequential scale."""
    ground = scale[round(value * (len(scale) - 1))][1]
    return max(("#10201d", "#ffffff"), key=lambda colour: contrast(colour, ground))


def reliability(bins: Sequence[Point], confidences: Sequence[float], dark: bool = False) -> Any:
    """Accuracy against confidence, one point a bin with its interval; on the diagonal confidence is earned.

    `confidences` are the bins' mean confidences, in the order of `bins`. Point size tells the bin's size.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    most = max((point.count for point in bins), default=1)
    start = max(0.0, min([*confidences, *(point.low for point in bins), 0.5]) - 0.05)
    figure = _figure(dark, height=300)
    figure.add_trace(
        go.Scatter(
            x=[start, 1],
            y=[start, 1],
            mode="lines",
            line={"color": colours.neutral, "dash": "dot", "width": 1.5},
            hoverinfo="skip",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=list(confidences),
            y=[point.share for point in bins],
            mode="lines+markers",
            line={"color": colours.accent, "width": 1.5},
            marker={
                "color": colours.accent,
                "size": [7 + 9 * (point.count / most) ** 0.5 for point in bins],
                "line": {"width": 0},
            },
            error_y=_bars(bins, colours.accent),
            customdata=[
                [percent(confidence), rate(point.share, point.low, point.high, point.count)]
                for confidence, point in zip(confidences, bins, strict=True)
            ],
            hovertemplate="confidence %{customdata[0]}<br>accuracy %{customdata[1]}<extra></extra>",
        )
    )
    figure.update_xaxes(
        title_text="mean confidence", **share_ticks(start), range=[start, 1.02], zeroline=False
    )
    figure.update_yaxes(title_text="accuracy", **share_ticks(start), range=[start, 1.03], zeroline=False)
    figure.update_layout(showlegend=False, margin={"t": 8})
    return figure


def _bars(points: Sequence[Point], colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [point.high - point.share for point in points],
        "arrayminus": [point.share - point.low for point in points],
        "thickness": 1.2,
        "width": 4,
        "color": colour,
    }


def slices(points: Sequence[Point], overall: Point, dark: bool = False) -> Any:
    """Accuracy of each slice with its interval, the worst on top, against the accuracy overall."""
    import plotly.graph_objects as go

    colours = palette(dark)
    ordered = sorted(points, key=lambda point: (point.share, point.name))
    names = [f"{chart_text(point.name, 28)}  <i>n = {grouped(point.count)}</i>" for point in ordered]
    places = list(range(len(ordered)))
    figure = _figure(dark, height=max(180, 30 * len(ordered) + 80))
    figure.add_vrect(
        x0=overall.low, x1=overall.high, fillcolor=colours.accent, opacity=0.10, line_width=0, layer="below"
    )
    figure.add_vline(x=overall.share, line={"color": colours.neutral, "dash": "dot", "width": 1.5})
    figure.add_trace(
        go.Scatter(
            x=[point.share for point in ordered],
            y=places,
            mode="markers",
            marker={"color": colours.accent, "size": 9},
            error_x=_bars(ordered, colours.accent),
            customdata=[
                [chart_text(point.name, 80), rate(point.share, point.low, point.high, point.count)]
                for point in ordered
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
        )
    )
    start = max(0.0, min(point.low for point in [*ordered, overall]) - 0.03)
    figure.update_xaxes(title_text="accuracy", **share_ticks(start), range=[start, 1.01], zeroline=False)
    figure.update_yaxes(
        tickvals=places,
        ticktext=names,
        range=[len(ordered) - 0.4, -0.6],
        showgrid=False,
        zeroline=False,
        tickfont={"color": colours.text, "size": 13},
    )
    figure.update_layout(showlegend=False, margin={"t": 8})
    return figure


def lengths(tokens: ArrayLike, limit: int | None = None, dark: bool = False) -> Any:
    """A histogram of text lengths in tokens; the model's own limit is marked where it is near."""
    import plotly.graph_objects as go

    colours = palette(dark)
    values = np.asarray(tokens)
    least, most = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    step = -(-(most - least + 1) // 30)
    counts, edges = np.histogram(values, bins=np.arange(least - 0.5, most + step + 0.5, step))
    figure = _figure(dark, height=190)
    figure.add_trace(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts,
            width=np.diff(edges) * 0.92,
            marker={"color": colours.accent, "line": {"width": 0}},
            customdata=np.stack([np.ceil(edges[:-1]), np.floor(edges[1:])], axis=1),
            hovertemplate="%{customdata[0]:d}–%{customdata[1]:d} tokens: %{y} examples<extra></extra>",
        )
    )
    if limit is not None and most > 0.7 * limit:
        figure.add_vline(
            x=limit,
            line={"color": colours.neutral, "dash": "dot"},
            annotation={"text": "the model's limit", "font": {"color": colours.muted, "size": 11}},
        )
    margin = max(0, 5 - (most - least)) / 2
    figure.update_xaxes(
        title_text="tokens", showgrid=False, tickformat="d", range=[edges[0] - margin, edges[-1] + margin]
    )
    figure.update_yaxes(title_text="examples", nticks=4)
    figure.update_layout(showlegend=False, margin={"t": 8}, bargap=0)
    return figure
