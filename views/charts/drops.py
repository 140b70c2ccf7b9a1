"""A drop as a small bar with its interval, to stand beside the number in a table."""

#: The style of the bars. Made of plain boxes, for Streamlit lets no SVG through.
CSS = """
.assay-interval{position:relative;display:block;width:9rem;height:1rem}
.assay-interval i{position:absolute;display:block}
.assay-interval .nothing{top:0;bottom:0;width:1px;background:var(--assay-neutral)}
.assay-interval .range{top:calc(50% - 1px);height:2px;background:var(--assay-text)}
.assay-interval .dot{top:calc(50% - 4px);width:8px;height:8px;margin-left:-4px;border-radius:50%;
  background:var(--assay-text)}
"""


def interval_bar(value: float, low: float, high: float, least: float, most: float) -> str:
    """HTML: a line from `low` to `high`, a dot at `value`, and where nothing is lost a fine line.

    All are shares of one scale from `least` (at most 0) to `most`. It says nothing that the number beside it
    does not, and so hides from screen readers.
    """
    span = (most - least) or 1.0

    def place(share: float) -> float:
        """Percent of the width; a little is kept free at both ends for the dot."""
        return round(4 + 92 * (share - least) / span, 2)

    return (
        '<span class="assay-interval" aria-hidden="true">'
        f'<i class="nothing" style="left:{place(0)}%"></i>'
        f'<i class="range" style="left:{place(low)}%;width:{round(place(high) - place(low), 2)}%"></i>'
        f'<i class="dot" style="left:{place(value)}%"></i></span>'
    )
