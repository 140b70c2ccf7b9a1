"""Words and phrases over a whole data set as bars with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from views.charts.attribution import name_sides
from views.numbers import grouped
from views.style import chart_text, faded, palette, template
from views.tokens import signed

#: Pixels a bar.
_ROW = 26


@dataclass(frozen=True)
class Bar:
    """One word or phrase: its value with a 95 % interval, from so many texts; faint unless `sure`."""

    text: str
    value: float
    low: float
    high: float
    texts: int
    sure: bool = True


def driver_bars(
    bars: Sequence[Bar], *, for_label: str, against_label: str, unit: str, dark: bool = False
) -> Any:
    """The bars from top to bottom, to the right for one label and to the left for the other.

    A bar's name and its number of texts stand at its foot; hovering tells the interval. `unit` names
    the axis.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    places = list(range(len(bars)))
    largest = max((abs(bar.value) for bar in bars), default=0.0)
    tones = [colours.supports if bar.value > 0 else colours.against for bar in bars]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[bar.value for bar in bars],
            y=places,
            marker={
                "color": [
                    tone if bar.sure else faded(tone, 0.35) for tone, bar in zip(tones, bars, strict=True)
                ],
                # Stripes say "against" where colours do not.
                "pattern": {
                    "shape": ["" if bar.value > 0 else "/" for bar in bars],
                    "fillmode": "overlay",
                    "fgcolor": colours.background,
                    "size": 7,
                    "solidity": 0.15,
                },
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [bar.high - bar.value for bar in bars],
                "arrayminus": [bar.value - bar.low for bar in bars],
                "color": colours.muted,
                "thickness": 1.2,
                "width": 3,
            },
            customdata=[
                [
                    chart_text(bar.text, 60),
                    f"{signed(bar.value, largest)} "
                    f"[{signed(bar.low, largest)}, {signed(bar.high, largest)}], {grouped(bar.texts)} texts"
                    + ("" if bar.sure else ", which chance may explain"),
                ]
                for bar in bars
            ],
            hovertemplate="<b>%{customdata[0]}</b> %{customdata[1]}<extra></extra>",
        )
    )
    figure.update_layout(
        template=template(dark),
        height=_ROW * len(bars) + 80,
        margin={"l": 8, "r": 16, "t": 34, "b": 38},
        bargap=0.3,
        showlegend=False,
        clickmode="event+select",
        dragmode=False,
    )
    figure.update_xaxes(title={"text": unit}, zeroline=True)
    figure.update_yaxes(
        tickvals=places,
        ticktext=[
            f"{chart_text(bar.text, 28)} <span style='color:{colours.muted}'>{grouped(bar.texts)}</span>"
            for bar in bars
        ],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        tickfont={"color": colours.text, "size": 13},
    )
    name_sides(
        figure,
        for_label if any(bar.value > 0 for bar in bars) else "",
        against_label if any(bar.value < 0 for bar in bars) else "",
    )
    return figure
