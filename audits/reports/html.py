"""A report as one HTML file that needs nothing else."""

from dataclasses import dataclass

from audits.reports import board
from audits.reports.explanations import Explanations
from audits.reports.flips import by_test
from audits.reports.fragments import most_harmful, values_of
from audits.reports.material import Material
from audits.reports.prose import facts, method
from audits.reports.rendering import render, styles, tables_css
from audits.summary import Flip
from views import tokens
from views.charts import curves, multiples

#: A longer text is cut, one longer than the second has no coloured words: the file stays small.
LONGEST, LONGEST_COLOURED = 4_000, 2_000
#: Words with less than this share of the strongest score stay uncoloured; no eye would see it.
FAINT = 0.04

#: So many flipped examples stand in the HTML report, shared out between the tests.
FLIPS_SHOWN = 90


def as_html(material: Material) -> str:
    """One file without scripts and without a reference to anything outside it; the verdict comes first.

    The template escapes whatever it shows; what it marks as safe comes escaped from `views`.
    """
    summary = material.summary
    worst = most_harmful(summary)
    return render(
        "report.html",
        verdict=material.verdict,
        board=board.findings(summary, material.verdict),
        sections=material.sections,
        method=method(summary),
        facts=facts(summary),
        curves=curves.svg(worst) if worst else "",
        legend=curves.legend(worst),
        multiples=multiples.grid(summary.curves) if len(worst) < len(summary.curves) else "",
        **values_of(summary),
        flips=_shown_flips(material),
        explanations=material.explanations,
        errors=[row for row in material.rows if row.error][:20],
        styles=styles() + tokens.css(),
        css=tables_css(),
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A flip as HTML: its changes marked, and the words that spoke for either answer where they are known."""

    flip: Flip
    before: str
    after: str
    words: tuple[str, str] | None


def _shown_flips(material: Material) -> list[tuple[str, list[_Shown], int]]:
    """For each test that flipped something: some of its flips, and how many there are in all."""
    found = by_test(material.summary)
    share = max(3, FLIPS_SHOWN // max(1, len(found)))
    return [
        (title, [_shown(flip, material.explanations) for flip in flips[:share]], len(flips))
        for title, flips in found.items()
    ]


def _shown(flip: Flip, explanations: Explanations) -> _Shown:
    words = explanations.of(flip) if max(len(flip.text), len(flip.perturbed)) <= LONGEST_COLOURED else None
    full = max((abs(score) for one in words or () for *_, score in one.spans), default=0.0)
    marked = [
        tokens.highlight(
            one.text, [span for span in one.spans if abs(span[2]) >= FAINT * full], scale=full or None
        )
        for one in words or ()
    ]
    changed = tokens.marked_change(_cut(flip.text), _cut(flip.perturbed))
    return _Shown(flip, *changed, (marked[0], marked[1]) if marked else None)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} […]"
