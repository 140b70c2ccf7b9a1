"""Attention as Plotly heatmaps that stay small at 512 tokens: one head, and a map of all heads."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from views.style import chart_text, faded, palette, template

#: More labels than this on an axis cannot be read.
MOST_TICKS = 32
#: The widths, in pixels, that the two figures are drawn for.
MAP_WIDTH, MATRIX_WIDTH = 400, 590
#: Weights are sent as whole ten-thousandths in 16 bits: 0.7 MB for one head at 512 tokens instead of
#: 1.4 MB as floats, exact to half a ten-thousandth.
_UNIT = 10_000
#: The pixels of a thumbnail, at most, of a row of them, and between two.
_THUMBNAIL, _ROW, _GAP = 24, 288, 3


def matrix(
    weights: NDArray[np.floating],
    tokens: Sequence[str],
    *,
    dark: bool,
    positions: Sequence[int] | None = None,
) -> Any:
    """One matrix of weights, (tokens, tokens), from (down) and to (across): a Plotly figure.

    Hovering names both tokens and the weight. `positions` number the tokens (from 0) where some were
    left out. Tokens are untrusted and escaped.
    """
    import plotly.graph_objects as go

    count = len(tokens)
    numbers = range(count) if positions is None else positions
    # Categories must differ, so each carries its position.
    names = [
        f"{chart_text(token, 24)} <i>{number + 1}</i>" for token, number in zip(tokens, numbers, strict=True)
    ]
    shown = list(range(0, count, -(-count // MOST_TICKS))) if count else []
    ticks = {
        "type": "category",
        "tickmode": "array",
        "tickvals": [names[i] for i in shown],
        "ticktext": [chart_text(tokens[i], 14) for i in shown],
        "showgrid": False,
        "constrain": "domain",
    }
    # Four digits after "0." is how the hover prints it, so that a full 1 reads 0.9999.
    levels = np.clip(np.round(weights * _UNIT), 0, _UNIT - 1).astype(np.uint16)
    largest = _brightest(levels)
    figure = go.Figure(
        go.Heatmap(
            z=levels,
            x=names,
            y=names,
            colorscale=palette(dark).sequential,
            zmin=0,
            zmax=largest,
            xgap=1 if count <= 40 else 0,
            ygap=1 if count <= 40 else 0,
            colorbar=_colorbar(largest, clipped=bool(levels.max(initial=0) > 1.02 * largest)),
            hovertemplate="from %{y}<br>to %{x}<br>weight 0.%{z:04d}<extra></extra>",
        )
    )
    figure.update_layout(template=template(dark), height=570, margin={"l": 8, "r": 8, "t": 12, "b": 8})
    figure.update_xaxes(**ticks, title="looks at", side="bottom", tickangle=-60, constraintoward="left")
    figure.update_yaxes(**ticks, title="from", autorange="reversed", scaleanchor="x", constraintoward="top")
    return figure


def head_map(
    weights: NDArray[np.float32], notes: Sequence[Sequence[str]], *, layer: int, head: int, dark: bool
) -> Any:
    """A thumbnail of every head, layers down and heads across: a Plotly figure.

    Each thumbnail is scaled to its own strongest weight. `weights` is (layers, heads, tokens, tokens),
    `notes[l][h]` is told on hovering, and (`layer`, `head`), from 0, is framed. Every head has a point
    whose customdata is its [layer, head], for picking.
    """
    import plotly.graph_objects as go

    layers, heads = weights.shape[:2]
    mosaic, side = _mosaic(weights)
    step = side + _GAP
    colours = palette(dark)
    centres = [(i, j) for i in range(layers) for j in range(heads)]
    figure = go.Figure(
        [
            go.Heatmap(
                z=mosaic,
                zmin=0,
                zmax=255,
                colorscale=_with_gaps(colours.sequential, colours.border),
                showscale=False,
                hoverinfo="skip",
            ),
            go.Scatter(
                x=[j * step + (side - 1) / 2 for _, j in centres],
                y=[i * step + (side - 1) / 2 for i, _ in centres],
                mode="markers",
                marker={"symbol": "square", "size": min(30, MAP_WIDTH / heads), "opacity": 0},
                selected={"marker": {"opacity": 0}},
                unselected={"marker": {"opacity": 0}},
                customdata=[[i, j] for i, j in centres],
                text=[chart_text(notes[i][j]) for i, j in centres],
                hovertemplate="%{text}<extra></extra>",
                showlegend=False,
            ),
        ]
    )
    left, top = head * step - 1.5, layer * step - 1.5
    figure.add_shape(
        type="rect",
        x0=left,
        x1=left + side + 2,
        y0=top,
        y1=top + side + 2,
        line={"color": colours.text, "width": 2},
    )
    figure.update_layout(
        template=template(dark),
        height=int(min(580, 64 + layers * max(14, MAP_WIDTH * 0.9 / heads))),
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
    )
    figure.update_xaxes(
        **_numbers("head", heads, step, side), side="top", range=[-_GAP, heads * step], constraintoward="left"
    )
    figure.update_yaxes(
        **_numbers("layer", layers, step, side),
        range=[layers * step, -_GAP],
        scaleanchor="x",
        constraintoward="top",
    )
    return figure


def _mosaic(weights: NDArray[np.float32]) -> tuple[NDArray[np.uint8], int]:
    """All thumbnails side by side as levels (0 a gap, 1 to 255 the weight), and a thumbnail's side."""
    layers, heads, count, _ = weights.shape
    side = max(min(count, _THUMBNAIL, _ROW // max(layers, heads)), 1)
    cuts = (np.arange(side) * count) // side
    # The largest weight of each block, so that a thin diagonal survives.
    small = np.maximum.reduceat(np.maximum.reduceat(weights, cuts, axis=2), cuts, axis=3)
    largest = small.max(axis=(2, 3), keepdims=True)
    levels = 1 + np.round(254 * small / np.where(largest > 0, largest, 1)).astype(np.uint8)
    padded = np.pad(levels, ((0, 0), (0, 0), (0, _GAP), (0, _GAP)))
    step = side + _GAP
    mosaic = padded.transpose(0, 2, 1, 3).reshape(layers * step, heads * step)
    return np.ascontiguousarray(mosaic[:-_GAP, :-_GAP]), side


def _with_gaps(scale: list[tuple[float, str]], border: str) -> list[tuple[float, str]]:
    """A colour scale whose lowest level, the gap between thumbnails, is a quiet line."""
    first = 1 / 255
    gap = faded(border, 0.55)
    return [(0.0, gap), (first, gap), *((first + at * (1 - first), colour) for at, colour in scale)]


def _numbers(title: str, count: int, step: int, side: int) -> dict[str, Any]:
    """An axis that numbers thumbnails from 1."""
    every = -(-count // 24)
    shown = range(0, count, every)
    return {
        "title": title,
        "tickmode": "array",
        "tickvals": [i * step + (side - 1) / 2 for i in shown],
        "ticktext": [str(i + 1) for i in shown],
        "showgrid": False,
        "zeroline": False,
        "constrain": "domain",
    }


def _brightest(levels: NDArray[np.uint16]) -> int:
    """The level that gets the strongest colour: the largest, or in long texts one that more cells reach.

    Hundreds of thousands of cells beside a few that reach 1 would all look empty.
    """
    count = len(levels)
    if count <= MOST_TICKS:
        return max(int(levels.max(initial=0)), 1)
    return max(int(np.partition(levels.ravel(), -count)[-count]), 1)


def _colorbar(largest: int, *, clipped: bool) -> dict[str, Any]:
    """Ticks of the colour bar as weights, not as the whole numbers that are sent."""
    values = [largest * share / 4 for share in range(5)]
    digits = 2 if largest >= _UNIT / 5 else 3 if largest >= _UNIT / 50 else 4
    texts = [f"{value / _UNIT:.{digits}f}" for value in values]
    return {
        "tickmode": "array",
        "tickvals": values,
        "ticktext": [*texts[:-1], f"≥ {texts[-1]}" if clipped else texts[-1]],
        "title": {"text": "weight", "side": "top"},
        "len": 0.7,
        "y": 1,
        "yanchor": "top",
    }
