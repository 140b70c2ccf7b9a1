"""The two pictures of a report on paper: every drop with its interval, and accuracy against severity."""

from collections.abc import Sequence

from audits.reports.pdf.page import SMALL, Paper, colour
from audits.summary import TestFigures, points, titled
from views.charts.curves import Curve
from views.style import LIGHT

#: Millimetres of one line of the first picture, and of its column of names and of numbers.
ROW, NAMES, NUMBERS = 4.6, 62.0, 46.0
#: Height of the curves in millimetres.
CURVES = 68.0


def drops(paper: Paper, tests: Sequence[TestFigures]) -> None:
    """A line a test: its drop as a dot, its interval as a bar, on one scale; what chance explains is grey."""
    shown = [(test, test.drop) for test in tests if test.drop]
    if not shown:
        return
    least = min([0.0, *(drop.low for _, drop in shown)])
    most = max([0.05, *(drop.high for _, drop in shown)])
    left, width = paper.l_margin + NAMES, paper.epw - NAMES - NUMBERS
    for test, drop in shown:
        if paper.will_page_break(ROW):
            paper.add_page()
        top = paper.get_y()
        tone = "text" if test.is_lost else "muted"
        paper.type(SMALL, tone, "B" if test.is_lost else "")
        paper.set_xy(paper.l_margin, top)
        paper.cell(NAMES - 2, ROW, paper.cut(titled(test), NAMES - 3))
        middle = top + ROW / 2

        def place(share: float) -> float:
            return left + 2 + (width - 4) * (share - least) / (most - least)

        paper.set_line_width(0.2)
        paper.set_draw_color(*colour("neutral"))
        paper.line(place(0), top, place(0), top + ROW)
        paper.set_draw_color(*colour(tone))
        paper.set_fill_color(*colour(tone))
        paper.set_line_width(0.5)
        paper.line(place(drop.low), middle, place(drop.high), middle)
        paper.circle(place(drop.value), middle, 0.9, style="F")
        paper.set_xy(left + width, top)
        paper.cell(NUMBERS, ROW, points(drop), align="R")
        paper.set_xy(paper.l_margin, top + ROW)
    paper.ln(1.5)


def height(shown: Sequence[Curve]) -> float:
    """The millimetres that the curves take with their legend."""
    return CURVES + 12 + 4 * len(shown)


def curves(paper: Paper, shown: Sequence[Curve]) -> None:
    """Accuracy over the share of characters edited, a line a noise with the band of its intervals."""
    if paper.will_page_break(height(shown)):
        paper.add_page()
    left, top, width = paper.l_margin + 12, paper.get_y() + 2, paper.epw - 14
    most = max(point.edited for curve in shown for point in curve.points) or 0.01
    lowest = min(point.low for curve in shown for point in curve.points)
    floor = 0.1 * int(10 * max(0.0, lowest))

    def x(edited: float) -> float:
        return left + width * edited / most

    def y(accuracy: float) -> float:
        return top + CURVES * (1 - (accuracy - floor) / (1 - floor))

    paper.type(SMALL, "muted")
    paper.set_draw_color(*colour("border"))
    paper.set_line_width(0.15)
    for tenth in range(round(10 * floor), 11):
        if len(range(round(10 * floor), 11)) > 6 and tenth % 2:
            continue
        paper.line(left, y(tenth / 10), left + width, y(tenth / 10))
        paper.set_xy(paper.l_margin, y(tenth / 10) - 2)
        paper.cell(11, 4, f"{10 * tenth} %", align="R")
    step = next((size for size in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if most / size <= 6), most / 4)
    for tick in range(int(most / step + 1e-9) + 1):
        paper.set_xy(x(tick * step) - 8, top + CURVES + 0.5)
        paper.cell(16, 4, f"{100 * tick * step:.0f} %", align="C")
    paper.set_line_width(0.6)
    for place, curve in enumerate(shown):
        tone = LIGHT.categories[place % len(LIGHT.categories)]
        band = [(x(point.edited), y(point.high)) for point in curve.points]
        band += [(x(point.edited), y(point.low)) for point in reversed(curve.points)]
        paper.set_fill_color(*colour(tone))
        with paper.local_context(fill_opacity=0.12 if len(shown) < 4 else 0.07):
            paper.polygon(band, style="F")
        paper.set_draw_color(*colour(tone))
        _dash(paper, place)
        paper.polyline([(x(point.edited), y(point.accuracy)) for point in curve.points])
        paper.set_dash_pattern()
        for point in curve.points:
            _marker(paper, place, x(point.edited), y(point.accuracy))
    paper.set_xy(paper.l_margin, top + CURVES + 6)
    for place, curve in enumerate(shown):
        here = paper.get_y()
        paper.set_draw_color(*colour(LIGHT.categories[place % len(LIGHT.categories)]))
        paper.set_fill_color(*colour(LIGHT.categories[place % len(LIGHT.categories)]))
        _dash(paper, place)
        paper.line(left, here + 2, left + 8, here + 2)
        paper.set_dash_pattern()
        _marker(paper, place, left + 4, here + 2)
        paper.type(SMALL)
        paper.set_xy(left + 10, here)
        ends = (
            f"{100 * curve.points[0].accuracy:.1f} % unchanged, {100 * curve.points[-1].accuracy:.1f} % "
            "at the highest severity"
        )
        paper.cell(0, 4, paper.cut(f"{curve.title}: {ends}", width - 12))
        paper.set_xy(paper.l_margin, here + 4)
    paper.ln(2)


def _dash(paper: Paper, place: int) -> None:
    """Lines beyond the third, whose markers come again, are dashed."""
    if place >= 3:
        paper.set_dash_pattern(dash=2.2, gap=1.2)


def _marker(paper: Paper, place: int, x: float, y: float) -> None:
    """A shape of its own for each line: colour alone tells too few people apart."""
    size = 0.9
    if place % 3 == 0:
        paper.circle(x, y, size, style="F")
    elif place % 3 == 1:
        paper.rect(x - size, y - size, 2 * size, 2 * size, style="F")
    else:
        paper.polygon([(x, y - 1.2 * size), (x + size, y + size), (x - size, y + size)], style="F")
