"""A classifier's probabilities as small bars with their numbers, as escaped HTML."""

from collections.abc import Sequence
from html import escape

from views.numbers import percent

#: Labels shown one by one; the rest share a line.
MOST_SHOWN = 8

_CSS = """<style>
.assay-probabilities{display:grid;grid-template-columns:fit-content(50%) minmax(2rem,1fr) max-content;
  gap:.35rem .7rem;align-items:center;margin:0;padding:0!important;font-size:.92rem;line-height:1.35}
.assay-probabilities dt{margin:0;overflow-wrap:anywhere;color:var(--assay-text)}
.assay-probabilities dd{margin:0;display:contents;color:var(--assay-text)}
.assay-probabilities i{display:block;height:.7rem;border-radius:3px;
  background:color-mix(in srgb,var(--assay-neutral) 22%,transparent);overflow:hidden}
.assay-probabilities i b{display:block;height:100%;background:var(--assay-neutral);border-radius:3px}
.assay-probabilities .first{font-weight:600}
.assay-probabilities .first i b{background:var(--assay-accent)}
.assay-probabilities span{font-variant-numeric:tabular-nums;text-align:end}
</style>"""


def css() -> str:
    """The `<style>` element for the bars; its colours are the variables of `views.style.css`."""
    return _CSS


def share(probability: float) -> str:
    """A probability in percent; one that is not quite 0 or 1 is never written as if it were."""
    if probability > 0.9995:
        return "> 99.9 %"
    if probability < 0.0005:
        return "< 0.1 %"
    return percent(probability, 1 if probability > 0.985 or probability < 0.015 else 0)


def bars(labels: Sequence[str], probabilities: Sequence[float], *, apart: bool = False) -> str:
    """One bar a label, the most likely first and marked; long lists end in one line for the rest.

    Probabilities of labels that hold each by itself (`apart`) are not added up in that line: it shows the
    largest.
    """
    order = sorted(range(len(labels)), key=lambda index: -probabilities[index])
    rows = [(labels[index], float(probabilities[index])) for index in order]
    if len(rows) > MOST_SHOWN:
        rest = rows[MOST_SHOWN - 1 :]
        left = [value for _, value in rest]
        others = f"{len(rest)} others, at most" if apart else f"{len(rest)} others"
        rows = [*rows[: MOST_SHOWN - 1], (others, max(left) if apart else sum(left))]
    parts = []
    for position, (label, value) in enumerate(rows):
        mark = ' class="first"' if position == 0 else ""
        width = 100 * min(max(value, 0.0), 1.0)
        name = escape(label.encode("utf-8", "replace").decode())
        parts.append(
            f'<dt{mark} dir="auto">{name}</dt><dd{mark}><i aria-hidden="true"><b style="width:{width:.1f}%">'
            f"</b></i><span>{escape(share(value))}</span></dd>"
        )
    return f'<dl class="assay-probabilities">{"".join(parts)}</dl>'
