"""A comparison as a part of a report, as tables for a page, and as one HTML file that needs nothing else."""

from collections.abc import Callable

from audits import comparison
from audits.comparison import Against, Change, Comparison, Difference, costs
from audits.reports.rendering import render, styles, tables_css
from audits.reports.sections import Section, Table
from audits.statistics import Estimate
from audits.summary import p_value
from views import tokens
from views.charts import drops
from views.numbers import grouped, percent

#: So many changed examples of an audit stand in the file.
CHANGES_SHOWN = 60


def as_html(found: Comparison) -> str:
    """One file without scripts and without a reference to anything outside it."""
    return render(
        "comparison_page.html",
        comparison=found,
        headline=comparison.headline(found),
        parts=[(one, tables(found, one), _shown(one)) for one in found.against],
        styles=styles() + tokens.css(),
        css=tables_css(),
    )


def tables(found: Comparison, one: Against) -> str:
    """The tables of one audit against the first, as escaped HTML."""
    measured = [test.accuracy.difference for test in one.tests if test.accuracy]
    return render(
        "comparison.html",
        comparison=found,
        one=one,
        shares=comparison.shares(found, one),
        costs=costs.lines(found.first, one.second),
        cost_note=costs.note(found.first, one.second),
        bar=_bar(measured),
        difference=comparison.difference,
    )


def _bar(measured: list[Estimate]) -> Callable[[Estimate], str]:
    """Draws a difference on the one scale that all of the table share."""
    least = min([-0.02, *(one.low for one in measured)])
    most = max([0.02, *(one.high for one in measured)])
    return lambda one: drops.interval_bar(one.value, one.low, one.high, least, most)


def _shown(one: Against) -> list[tuple[Change, str, str]]:
    """The first changed examples, what each model was asked marked against the text."""
    return [
        (
            change,
            tokens.marked_change(change.text, change.before)[1],
            tokens.marked_change(change.text, change.after)[1],
        )
        for change in one.changes[:CHANGES_SHOWN]
    ]


def section(found: Comparison) -> Section:
    """A comparison as a part of the report of its last audit."""
    made: list[Table] = []
    sentences = comparison.headline(found)
    for one in found.against:
        sentences += [comparison.shares(found, one), *one.notes]
        made.append(
            Table(
                f"Accuracy of {one.second.title} minus that of {found.first.title}, in points",
                ("Test", "Shared rows", "Changed", "Right to wrong", "Wrong to right", "Before", "After",
                 "Difference", "p (Holm)"),
                tuple(
                    (
                        test.title,
                        grouped(test.shared),
                        *map(grouped, (test.changed, test.lost, test.gained)),
                        percent(test.accuracy.first),
                        percent(test.accuracy.second),
                        comparison.difference(test.accuracy.difference),
                        p_value(test.p_adjusted),
                    )
                    for test in one.tests
                    if test.accuracy
                ),
            )
        )  # fmt: skip
        made.append(
            Table(
                "Other differences, in points",
                ("Test", "Macro F1", "Calibration error", "Drop", "Attack's success"),
                tuple(
                    (
                        test.title,
                        *map(
                            _written,
                            (
                                test.macro_f1,
                                test.calibration_error,
                                test.drop,
                                test.attack.success if test.attack else None,
                            ),
                        ),
                    )
                    for test in one.tests
                ),
            )
        )
        if one.robustness:
            made.append(
                Table(
                    "Robustness over all severities",
                    ("Noise", "Texts", "Before", "After", "Difference in points"),
                    tuple(
                        (
                            noise.title,
                            grouped(noise.score.difference.count),
                            percent(noise.score.first),
                            percent(noise.score.second),
                            _written(noise.score),
                        )
                        for noise in one.robustness
                    ),
                )
            )
        if measured := costs.lines(found.first, one.second):
            made.append(Table("Cost", ("Measured", "Before", "After", "Ratio"), tuple(measured)))
        sentences += list(filter(None, [costs.note(found.first, one.second)]))
    return Section(
        name="comparison",
        title=f"Compared with {found.first.title}",
        sentences=tuple(sentences),
        tables=tuple(made),
        figures=found.model_dump(mode="json", exclude={"against": {"__all__": {"changes"}}}),
        audits=(found.first.id,),
    )


def _written(found: Difference | None) -> str:
    return comparison.difference(found.difference) if found else "–"
