"""A report as one HTML file that needs nothing else."""

from audits import folding
from audits.reports import board
from audits.reports.fragments import most_harmful, values_of
from audits.reports.material import Material
from audits.reports.prose import facts, method
from audits.reports.rendering import render, styles, tables_css
from audits.summary import Flip, Summary, titled
from views import tokens
from views.charts import curves, multiples

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
        flips=_shown_flips(summary),
        errors=[row for row in material.rows if row.error][:20],
        styles=styles() + tokens.css(),
        css=tables_css(),
    )


def _shown_flips(summary: Summary) -> list[tuple[str, list[tuple[Flip, str, str]], int]]:
    """For each test that flipped something: some of its flips, their changes marked, and how many in all.

    With many tests a noise's severities share one place; the lowest, whose changes are the smallest, come
    first.
    """
    many = len(summary.tests) > folding.MANY
    of_test = {test.test: test for test in summary.tests}
    found: dict[str, list[Flip]] = {}
    for flip in sorted(summary.flips, key=lambda flip: of_test[flip.test].severity if many else 0):
        test = of_test[flip.test]
        found.setdefault(test.title if many else titled(test), []).append(flip)
    share = max(3, FLIPS_SHOWN // max(1, len(found)))
    order = dict.fromkeys(test.title if many else titled(test) for test in summary.tests)
    return [
        (
            title,
            [(flip, *tokens.marked_change(flip.text, flip.perturbed)) for flip in found[title][:share]],
            len(found[title]),
        )
        for title in order
        if title in found
    ]
