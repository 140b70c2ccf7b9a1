"""A drop as a small bar with its interval, to stand beside the number in a table."""

WIDTH, HEIGHT = 132, 16


def interval_bar(value: float, low: float, high: float, least: float, most: float) -> str:
    """An SVG element: a line from `low` to `high`, a dot at `value`, and where nothing is lost a fine line.

    All are shares of one scale from `least` (at most 0) to `most`. It says nothing that the number beside it
    does not, and so hides from screen readers.
    """
    span = (most - least) or 1.0

    def x(share: float) -> float:
        return round(4 + (share - least) / span * (WIDTH - 8), 1)

    middle = HEIGHT / 2
    return (
        f'<svg class="interval" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'aria-hidden="true"><line x1="{x(0)}" x2="{x(0)}" y1="0" y2="{HEIGHT}" class="nothing"/>'
        f'<line x1="{x(low)}" x2="{x(high)}" y1="{middle}" y2="{middle}" class="range"/>'
        f'<circle cx="{x(value)}" cy="{middle}" r="4" class="dot"/></svg>'
    )
