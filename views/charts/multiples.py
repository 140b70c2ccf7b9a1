"""Many noises in small pictures beside each other, all on the same axes."""

from collections.abc import Sequence
from html import escape

from views.charts.curves import Curve, lowest_accuracy
from views.numbers import percent, rate

#: The size of one picture, in the units of its view box.
_WIDTH, _HEIGHT = 150, 78

#: The style of the grid; its colours are the variables of `views.style` and of reports.
CSS = """
.multiples{list-style:none;display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));
  gap:1rem 1.2rem;align-items:end;padding:0;margin:.6rem 0}
.multiples li{margin:0;font-size:.84rem;line-height:1.35;min-width:0}
.multiples b{display:block;font-weight:600;overflow-wrap:anywhere}
.multiples span{color:var(--assay-muted);font-variant-numeric:tabular-nums}
.multiples svg{display:block;width:100%;height:auto;margin:.25rem 0 .15rem}
.multiples .grid{stroke:var(--assay-border);stroke-width:1}
"""


def harm(curve: Curve) -> float:
    """How much accuracy the noise takes at its worst severity, as a share."""
    return curve.points[0].accuracy - min(point.accuracy for point in curve.points)


def by_harm(curves: Sequence[Curve]) -> list[Curve]:
    """The noises that take most accuracy first."""
    return sorted(curves, key=lambda curve: -harm(curve))


def grid(curves: Sequence[Curve]) -> str:
    """A list of escaped HTML, the most harmful noise first: title, curve with band, worst accuracy.

    A noise that edited nothing has no curve.
    """
    curves = [curve for curve in curves if any(point.edited for point in curve.points)]
    low = lowest_accuracy(curves)
    widest = max((point.edited for curve in curves for point in curve.points), default=0.0) or 0.1
    return f'<ul class="multiples">{"".join(_item(curve, low, widest) for curve in by_harm(curves))}</ul>'


def _item(curve: Curve, low: float, widest: float) -> str:
    def place(edited: float, accuracy: float) -> str:
        across = 3 + edited / widest * (_WIDTH - 6)
        down = 3 + (1 - accuracy) / (1 - low) * (_HEIGHT - 6)
        return f"{across:.1f},{down:.1f}"

    above = [place(point.edited, point.high) for point in curve.points]
    below = [place(point.edited, point.low) for point in reversed(curve.points)]
    line = [place(point.edited, point.accuracy) for point in curve.points]
    worst = min(curve.points, key=lambda point: point.accuracy)
    told = "; ".join(
        f"{point.note} ({percent(point.edited)} edited) {rate(point.accuracy, point.low, point.high)}"
        for point in curve.points
    )
    floor = place(0, low).split(",")[1]
    return (
        f"<li><b>{escape(curve.title)}</b>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"><title>{escape(f"{curve.title}: {told}")}</title>'
        f'<line class="grid" x1="0" x2="{_WIDTH}" y1="3" y2="3"/>'
        f'<line class="grid" x1="0" x2="{_WIDTH}" y1="{floor}" y2="{floor}"/>'
        f'<polygon points="{" ".join(above + below)}" fill="var(--assay-accent)" fill-opacity="0.16"/>'
        f'<polyline points="{" ".join(line)}" fill="none" stroke="var(--assay-accent)" stroke-width="2"/>'
        "</svg>"
        f"<span>{percent(curve.points[0].accuracy, 0)} → {percent(worst.accuracy, 0)}</span></li>"
    )
