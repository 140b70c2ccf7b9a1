"""The scores of a text's words as bars."""

from collections.abc import Sequence
from typing import Any, Literal

from views.numbers import percent
from views.style import chart_text, palette, template
from views.tokens import signed

Order = Literal["strength", "position"]

#: Pixels a bar, and the bars of the strongest words that are drawn.
_ROW, MOST_BARS = 24, 40


def word_bars(
    words: Sequence[str],
    scores: Sequence[float],
    *,
    for_label: str,
    against_label: str,
    order: Order = "strength",
    unit: str = "logits",
    magnitude: bool = False,
    dark: bool = False,
) -> Any:
    """One bar a word, to the right where it speaks for the label, to the left where it speaks against it.

    Ordered by strength it draws the `MOST_BARS` strongest words, ordered by position all of them.
    Scores are in `unit`. With `magnitude` they are shares for nothing and against nothing: one colour.
    """
    import plotly.graph_objects as go

    colours = palette(dark)
    rows = list(zip(words, map(float, scores), strict=True))
    if order == "strength":
        rows = sorted(rows, key=lambda row: -abs(row[1]))[:MOST_BARS]
    places = list(range(len(rows)))
    largest = max((abs(score) for _, score in rows), default=0.0)
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[score for _, score in rows],
            y=places,
            text=[percent(score) if magnitude else signed(score, largest) for _, score in rows],
            textposition="outside",
            cliponaxis=False,
            textfont={"color": colours.text, "size": 12},
            marker={
                "color": [
                    colours.accent if magnitude else colours.supports if score > 0 else colours.against
                    for _, score in rows
                ],
                # Stripes say "against" where colours do not.
                "pattern": {
                    "shape": ["" if score > 0 else "/" for _, score in rows],
                    "fillmode": "overlay",
                    "fgcolor": colours.background,
                    "size": 7,
                    "solidity": 0.15,
                },
            },
            customdata=[[chart_text(word, 60)] for word, _ in rows],
            hovertemplate="<b>%{customdata[0]}</b> %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        template=template(dark),
        height=_ROW * len(rows) + 76,
        margin={"l": 8, "r": 16, "t": 34, "b": 34},
        bargap=0.32,
        showlegend=False,
    )
    left, right = (
        min((score for _, score in rows), default=0.0),
        max((score for _, score in rows), default=0.0),
    )
    left, right = min(left, 0.0), max(right, 0.0)
    room = 0.14 * (right - left) or 1.0  # for the numbers at the bars' ends
    hair = 0.02 * (right - left)  # a side with no more than that has no room for its label
    figure.update_xaxes(
        range=[left - (room if left else 0.2 * room), right + room],
        title={"text": "share" if magnitude else f"score in {unit}"},
        tickformat=".0%" if magnitude else None,
        zeroline=True,
    )
    figure.update_yaxes(
        tickvals=places,
        ticktext=[chart_text(word, 24) for word, _ in rows],
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        tickfont={"color": colours.text, "size": 13},
    )
    if not magnitude:
        name_sides(figure, for_label if right > hair else "", against_label if -left > hair else "")
    return figure


def name_sides(figure: Any, for_label: str, against_label: str) -> None:
    """Say above horizontal bars what those to the right and to the left of zero speak for, unless ""."""
    muted = figure.layout.template.layout.xaxis.tickfont.color
    for label, anchor in ((against_label, "right"), (for_label, "left")):
        if label:
            arrow = f"← {chart_text(label, 32)}" if anchor == "right" else f"{chart_text(label, 32)} →"
            figure.add_annotation(
                x=0,
                y=1,
                yref="paper",
                yanchor="bottom",
                xanchor=anchor,
                xshift=-6 if anchor == "right" else 6,
                text=arrow,
                showarrow=False,
                font={"color": muted, "size": 12},
            )
