"""What the answer owes to each head: a picture, a table, and a sentence."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from views.attention.sentences import quoted
from views.numbers import percent, plain_number
from views.style import chart_text, palette, template


def head_name(layer: int, head: int) -> str:
    """A head (from 0) as a reader knows it."""
    return f"layer {layer + 1}, head {head + 1}"


def grid(
    fall: NDArray[np.float64], left: NDArray[np.float64], label: str, *, number: bool = False, dark: bool
) -> Any:
    """Layers down, heads across, coloured by what removal takes from the answer: a Plotly figure.

    `fall` and `left` are (layers, heads); what is left is a probability, or a `number` itself. `label` is
    untrusted and escaped.
    """
    import plotly.graph_objects as go

    layers, heads = fall.shape
    most = float(np.abs(fall).max(initial=0)) or 1.0
    what, shown = ("value lost", "%{customdata:.4g}") if number else ("lead lost", "%{customdata:.1f} %")
    figure = go.Figure(
        go.Heatmap(
            z=fall,
            x=list(range(1, heads + 1)),
            y=list(range(1, layers + 1)),
            customdata=left if number else 100 * left,
            colorscale=palette(dark).diverging,
            zmin=-most,
            zmax=most,
            xgap=2,
            ygap=2,
            colorbar={"title": {"text": what, "side": "top"}, "len": 0.9},
            hovertemplate=f"layer %{{y}}, head %{{x}}<br>{what} without it %{{z:.3g}}<br>"
            f"{chart_text(label, 24)} without it {shown}<extra></extra>",
        )
    )
    height = int(min(620, 90 + layers * max(16, min(34, 420 / heads))))
    figure.update_layout(template=template(dark), height=height, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_xaxes(title="head", side="top", dtick=1 if heads <= 16 else 4, showgrid=False)
    figure.update_yaxes(title="layer", autorange="reversed", dtick=1 if layers <= 16 else 4, showgrid=False)
    return figure


def rows(
    ranked: Sequence[tuple[int, int]],
    columns: dict[str, NDArray[np.float64]],
    does: Sequence[Sequence[str]],
) -> Iterator[dict[str, object]]:
    """One row a head in the given order: which, its figures by name of the column, and what it does."""
    for layer, head in ranked:
        figures = {name: round(float(values[layer, head]), 4) for name, values in columns.items()}
        yield {"layer": layer + 1, "head": head + 1, **figures, "what it does": does[layer][head]}


def lead(
    label: str,
    confidence: float,
    strongest: tuple[int, int],
    without: float,
    turned: Sequence[tuple[int, int]],
) -> str:
    """What the answer owes to single heads: `strongest` takes the answer to `without` when it is removed."""
    begins = f"The model says {quoted(label)} ({percent(confidence, 0)})."
    if not turned:
        return (
            f"{begins} No single head decides that: the one that matters most, {head_name(*strongest)}, "
            f"leaves {percent(without, 0)} when it is removed."
        )
    if len(turned) == 1:
        return f"{begins} Without {head_name(*turned[0])} it would say something else."
    return (
        f"{begins} Without any one of {len(turned)} heads it would say something else, most clearly without "
        f"{head_name(*strongest)} ({percent(without, 0)} left)."
    )


def lead_of_number(name: str, value: float, ends: Sequence[tuple[tuple[int, int], float]]) -> str:
    """What a value owes to single heads.

    `ends` are the one that raises it most and the one that lowers it most, each with the value without it.
    """
    begins = f"The model gives {quoted(name)} {plain_number(value)}."
    (up, without_up), (down, without_down) = ends
    told = []
    if without_up < value:
        told.append(f"{head_name(*up)}, which raises it most, {plain_number(without_up)}")
    if without_down > value:
        told.append(f"{head_name(*down)}, which lowers it most, {plain_number(without_down)}")
    return f"{begins} Without {'; without '.join(told)}." if told else f"{begins} No head moves it."
