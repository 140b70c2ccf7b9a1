"""The report of an audit: one HTML file that needs nothing else, JSON for machines, CSV of the rows."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audits import folding, policy
from audits.catalogue import KINDS
from audits.plan import shortened
from audits.rows import Row
from audits.slices import Metadata, Slice
from audits.statistics import Estimate
from audits.summary import Flip, Summary, TestFigures, known, p_value, points, signed, summarise, titled
from audits.tables import Audit
from audits.validity import PLAINLY, Validity, Verdict
from views import tokens
from views.charts import curves, drops, multiples
from views.charts.curves import Curve
from views.numbers import grouped, percent, rate
from views.style import DARK, FONT, LIGHT, MONO, Palette
from views.tables import to_csv

#: The version of the JSON's shape; it changes when a reader of the old one would stumble.
SCHEMA = "assay.report/1"

#: So many flipped examples stand in the HTML report, shared out between the tests.
FLIPS_SHOWN = 90

#: So many curves are told apart in one picture; of more the most harmful stand there, and all side by side.
CURVES_TOGETHER = 6

#: The largest loss of an audit gets so much of the accent under its number, in percent.
DARKEST = 46


def write(
    audit: Audit,
    rows: Sequence[Row],
    form: str,
    view: Validity = PLAINLY,
    verdict: policy.Verdict | None = None,
    *,
    metadata: Metadata | None = None,
) -> str:
    """The report as `html`, `json` or `csv`; `view` says which successful attacks are valid.

    `verdict` is that of the plan's policy, where it has one; the HTML report begins with it. `metadata`
    holds the data's other columns by example, for slices.
    """
    if form == "csv":
        return as_csv(audit, rows, view)
    summary = summarise(audit, rows, view, metadata)
    return as_json(summary, rows, view, metadata) if form == "json" else as_html(summary, rows, verdict)


def as_json(
    summary: Summary,
    rows: Sequence[Row],
    view: Validity = PLAINLY,
    metadata: Metadata | None = None,
) -> str:
    """Every figure, every row, what people said of rows, and the data's other columns by example."""
    places = ("test", "severity", "seed", "example")
    content = {
        "schema": SCHEMA,
        "headline": summary.headline,
        "summary": summary.model_dump(mode="json"),
        "rows": [asdict(row) for row in rows],
        "marks": [dict(zip(places, where, strict=True)) | asdict(mark) for where, mark in view.marks.items()],
        "metadata": {example: dict(columns) for example, columns in (metadata or {}).items()},
    }
    return json.dumps(content, ensure_ascii=True, indent=1)


def as_csv(audit: Audit, rows: Sequence[Row], view: Validity = PLAINLY) -> str:
    """The rows as a table; cells that a spreadsheet would run as a formula begin with an apostrophe."""
    return to_csv(map(partial(_cells, audit.labels, view), rows)).decode()


def _cells(labels: Sequence[str], view: Validity, row: Row) -> dict[str, object]:
    values = asdict(row)
    probabilities = values.pop("probabilities") or [None] * len(labels)
    values.pop("seconds")
    predicted = "" if row.predicted is None else labels[row.predicted]
    mark = view.mark(row)
    return (
        values
        | {"predicted": predicted, "valid": _counts(row, view), "mark": mark.verdict if mark else ""}
        | dict(zip((f"p({label})" for label in labels), probabilities, strict=True))
    )


def _counts(row: Row, view: Validity) -> str:
    """`yes` or `no` for a success of an attack on the answer, otherwise nothing."""
    found = known(row.test)
    counts = view.of(row, flips=found.flips if found else True)
    return "" if counts is None else "yes" if counts else "no"


def as_html(summary: Summary, rows: Sequence[Row], verdict: policy.Verdict | None = None) -> str:
    """One file without scripts and without a reference to anything outside it; the verdict comes first.

    The template escapes whatever it shows; what it marks as safe comes escaped from `views`.
    """
    worst = most_harmful(summary)
    return _render(
        "report.html",
        summary=summary,
        verdict=verdict,
        attacks=_attacks(summary),
        judged=_judged(summary),
        counterfactuals=_counterfactuals(summary),
        curves=curves.svg(worst) if worst else "",
        legend=curves.legend(worst),
        multiples=multiples.grid(summary.curves) if len(worst) < len(summary.curves) else "",
        **_drops(summary),
        **_robustness(summary),
        **_slices(summary),
        flips=_shown_flips(summary),
        errors=[row for row in rows if row.error][:20],
        styles=_styles() + tokens.css(),
        css=_css(),
    )


def robustness_table(summary: Summary) -> str:
    """Each noise in one number, as escaped HTML; empty where no noise has two severities."""
    return _render("robustness.html", **_robustness(summary)) if summary.robustness else ""


def _robustness(summary: Summary) -> dict[str, object]:
    """The noises by their scores, the lowest first."""
    ordered = sorted(summary.robustness, key=lambda noise: noise.score.value)
    return {"robustness": ordered, "worst": next(iter(ordered), None)}


def slices_table(summary: Summary) -> str:
    """The slices that are weak, and all that are known, as escaped HTML; empty for a small audit."""
    return _render("slices.html", **_slices(summary)) if summary.slices.known else ""


def _slices(summary: Summary) -> dict[str, object]:
    groups: dict[str, list[Slice]] = {}
    for one in summary.slices.known:
        groups.setdefault(one.by, []).append(one)
    return {"slices": summary.slices, "groups": groups}


def css() -> str:
    """The `<style>` of the tables and of versions side by side, for pages that show parts of a report."""
    return f"<style>{_render('tables.css', css=_css())}</style>"


def _css() -> str:
    return drops.CSS + multiples.CSS


def drops_table(summary: Summary) -> str:
    """The report's tables of drops alone, as escaped HTML."""
    return _render("drops.html", summary=summary, **_drops(summary))


def most_harmful(summary: Summary) -> tuple[Curve, ...]:
    """The noises whose curves fit into one picture: all, or those that take most accuracy."""
    if len(summary.curves) <= CURVES_TOGETHER:
        return summary.curves
    return tuple(multiples.by_harm(summary.curves)[:CURVES_TOGETHER])


def _drops(summary: Summary) -> dict[str, object]:
    """What the tables of drops are made from: noises by family, the other tests by kind."""
    by_kind = [
        (heading, [test for test in summary.tests if test.kind == kind])
        for kind, heading in KINDS.items()
        if kind != "noise"
    ]
    return {
        "noises": folding.noises(summary.tests),
        "levels": folding.severities(summary.tests),
        "others": [(heading, tests) for heading, tests in by_kind if tests],
        "many": len(summary.tests) > folding.MANY,
        "bar": _bar(summary),
        "directions": [test for test in summary.tests if test.drop],
        "scored": [test for test in summary.tests if test.quality],
        "much": _much(summary),
    }


def _much(summary: Summary) -> Callable[[Estimate], int]:
    """How much of the accent a drop's cell gets, in percent: none for no loss, most for the largest."""
    most = max([0.05, *(test.drop.value for test in summary.tests if test.drop)])
    return lambda drop: round(DARKEST * max(0.0, drop.value) / most)


def verdict_block(verdict: policy.Verdict) -> str:
    """The report's verdict alone, as escaped HTML."""
    return _render("verdict.html", verdict=verdict)


def attacks_table(summary: Summary) -> str:
    """The report's table of attacks alone, as escaped HTML; empty where there are none."""
    attacks = _attacks(summary)
    return _render("attacks.html", attacks=attacks) if attacks else ""


def validity_table(summary: Summary) -> str:
    """What is left of the attacks when only valid successes count, as escaped HTML; empty without attacks."""
    judged = _judged(summary)
    return _render("validity.html", summary=summary, judged=judged) if judged else ""


def _judged(summary: Summary) -> list[TestFigures]:
    return [test for test in summary.tests if test.validity]


def evidence(shown: Flip | Row, *, valid: bool | None, mark: Verdict | None) -> str:
    """What was measured on a successful attack, and whether it counts, in one line."""
    parts = [] if shown.similarity is None else [f"similarity {shown.similarity:.2f}"]
    parts.append(f"{percent(shown.words_edited, 0)} of the words changed")
    if shown.fluency is not None:
        parts.append(f"fluency {shown.fluency:+.2f}".replace("-", "\u2212"))
    parts.append("valid" if valid else "not valid")
    if mark:
        parts.append(f"reviewed: {mark}")
    return " · ".join(parts)


def counterfactuals_table(summary: Summary) -> str:
    """The report's tables of counterfactuals alone, as escaped HTML; empty where there are none."""
    tests = _counterfactuals(summary)
    return _render("counterfactuals.html", counterfactuals=tests) if tests else ""


def _counterfactuals(summary: Summary) -> list[TestFigures]:
    return [test for test in summary.tests if test.kind == "counterfactual"]


def _attacks(summary: Summary) -> list[TestFigures]:
    return [test for test in summary.tests if test.kind == "attack"]


def _bar(summary: Summary) -> Callable[[Estimate], str]:
    """Draws a drop on the one scale that all drops of the audit share."""
    found = [test.drop for test in summary.tests if test.drop]
    least = min([0.0, *(drop.low for drop in found)])
    most = max([0.05, *(drop.high for drop in found)])
    return lambda drop: drops.interval_bar(drop.value, drop.low, drop.high, least, most)


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


def _render(name: str, **values: object) -> str:
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "percent": percent,
        "grouped": grouped,
        "points": points,
        "signed": signed,
        "titled": titled,
        "evidence": lambda flip: evidence(flip, valid=flip.valid, mark=flip.mark),
        "p": p_value,
        "shortened": lambda tests: ", ".join(shortened(tests)),
        "rate": lambda estimate: rate(estimate.value, estimate.low, estimate.high),
    }
    return made


def _styles() -> str:
    """The colours of both modes, as CSS variables."""
    dark = f"@media (prefers-color-scheme: dark){{:root{{{_variables(DARK)}}}}}"
    # Paper is white, whatever the screen was.
    paper = f"@media print{{:root{{{_variables(LIGHT)}}}}}"
    return f"<style>:root{{--font:{FONT};--mono:{MONO};{_variables(LIGHT)}}}{dark}{paper}</style>"


def _variables(palette: Palette) -> str:
    names = ("background", "surface", "border", "text", "muted", "accent", "neutral", "failure")
    colours = [f"--assay-{name}:{getattr(palette, name)}" for name in names]
    series = [f"--series-{place}:{colour}" for place, colour in enumerate(palette.categories)]
    return ";".join(colours + series)
