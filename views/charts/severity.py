"""One text under one noise at rising severity, drawn several times: the probability of its first answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from views.numbers import percent, share_ticks
from views.style import chart_text, faded, palette, template


@dataclass(frozen=True)
class Drawn:
    """One draw: severity, seed, share of characters really edited, the probability, whether it flips."""

    severity: int
    seed: int
    edited: float
    probability: float
    flips: bool


def figure(label: str, before: float, draws: Sequence[Drawn], dark: bool) -> Any:
    """A thin line a seed from the unchanged text on, a thick one through the means; flips are crosses."""
    import plotly.graph_objects as go

    colours = palette(dark)
    drawn = go.Figure()
    for seed in dict.fromkeys(draw.seed for draw in draws):
        mine = [draw for draw in draws if draw.seed == seed]
        drawn.add_scatter(
            x=[0.0, *(100 * draw.edited for draw in mine)],
            y=[before, *(draw.probability for draw in mine)],
            mode="lines+markers",
            line={"color": faded(colours.neutral, 0.55), "width": 1},
            marker={
                "size": [7, *(9 if draw.flips else 6 for draw in mine)],
                "symbol": ["circle", *("x" if draw.flips else "circle" for draw in mine)],
                "color": [
                    colours.neutral,
                    *(colours.failure if draw.flips else colours.neutral for draw in mine),
                ],
            },
            customdata=["unchanged", *(_told(draw) for draw in mine)],
            hovertemplate="%{customdata}<br>%{y:.1%}<extra></extra>",
            cliponaxis=False,
            showlegend=False,
        )
    means = [_mean(draws, severity) for severity in dict.fromkeys(draw.severity for draw in draws)]
    drawn.add_scatter(
        x=[0.0, *(100 * edited for edited, _ in means)],
        y=[before, *(probability for _, probability in means)],
        mode="lines",
        line={"color": colours.accent, "width": 2.5},
        hoverinfo="skip",
        showlegend=False,
    )
    drawn.update_layout(template=template(dark), height=340)
    drawn.update_xaxes(title="characters really edited", ticksuffix=" %", rangemode="tozero")
    drawn.update_yaxes(
        title=f"probability of {chart_text(label, 40)}", range=[-0.02, 1.02], **share_ticks(0.0)
    )
    return drawn


def _told(draw: Drawn) -> str:
    flips = ", flips" if draw.flips else ""
    return f"severity {draw.severity}, seed {draw.seed}{flips}<br>{percent(draw.edited)} of characters edited"


def _mean(draws: Sequence[Drawn], severity: int) -> tuple[float, float]:
    mine = [draw for draw in draws if draw.severity == severity]
    return (
        sum(draw.edited for draw in mine) / len(mine),
        sum(draw.probability for draw in mine) / len(mine),
    )
