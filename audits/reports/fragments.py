"""The tables of a report one by one, as escaped HTML: pages show them as the report does."""

from collections.abc import Callable

from audits import folding, policy
from audits.catalogue import KINDS
from audits.reports.rendering import render
from audits.reports.sections import asked_for
from audits.rows import CLEAN
from audits.slices import Slice
from audits.statistics import Estimate
from audits.summary import Summary, TestFigures, titled
from views.charts import drops, multiples
from views.charts.curves import Curve

#: So many curves are told apart in one picture; of more the most harmful stand there, and all side by side.
CURVES_TOGETHER = 6


#: The largest loss of an audit gets so much of the accent under its number, in percent.
DARKEST = 46


def most_harmful(summary: Summary) -> tuple[Curve, ...]:
    """The noises whose curves fit into one picture: all, or those that take most accuracy."""
    if len(summary.curves) <= CURVES_TOGETHER:
        return summary.curves
    return tuple(multiples.by_harm(summary.curves)[:CURVES_TOGETHER])


def drops_table(summary: Summary) -> str:
    """The report's tables of drops alone, as escaped HTML."""
    return render("drops.html", summary=summary, **_drops(summary))


def asked_table(summary: Summary) -> str:
    """The figures that the plan's metrics name, as escaped HTML; empty where it names none that there are."""
    tables = [table for section in asked_for(summary) for table in section.tables]
    return render("plain_table.html", table=tables[0]) if tables else ""


def robustness_table(summary: Summary) -> str:
    """Each noise in one number, as escaped HTML; empty where no noise has two severities."""
    return render("robustness.html", **_robustness(summary)) if summary.robustness else ""


def slices_table(summary: Summary) -> str:
    """The slices that are weak, and all that are known, as escaped HTML; empty for a small audit."""
    return render("slices.html", **_slices(summary)) if summary.slices.known or summary.sliced else ""


def verdict_block(verdict: policy.Verdict) -> str:
    """The report's verdict alone, as escaped HTML."""
    return render("verdict.html", verdict=verdict)


def attacks_table(summary: Summary) -> str:
    """The report's table of attacks alone, as escaped HTML; empty where there are none."""
    attacks = _attacks(summary)
    return render("attacks.html", attacks=attacks) if attacks else ""


def validity_table(summary: Summary) -> str:
    """What is left of the attacks when only valid successes count, as escaped HTML; empty without attacks."""
    judged = _judged(summary)
    return render("validity.html", summary=summary, judged=judged) if judged else ""


def counterfactuals_table(summary: Summary) -> str:
    """The report's tables of counterfactuals alone, as escaped HTML; empty where there are none."""
    tests = _counterfactuals(summary)
    return render("counterfactuals.html", counterfactuals=tests) if tests else ""


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


def _robustness(summary: Summary) -> dict[str, object]:
    """The noises by their scores, the lowest first."""
    ordered = sorted(summary.robustness, key=lambda noise: noise.score.value)
    return {"robustness": ordered, "worst": next(iter(ordered), None)}


def _slices(summary: Summary) -> dict[str, object]:
    groups: dict[str, list[Slice]] = {}
    for one in summary.slices.known:
        groups.setdefault(one.by, []).append(one)
    titles = {test.test: titled(test) for test in summary.tests}
    worst = [(one, summary.worst_in(one.slice)) for one in summary.sliced if one.test == CLEAN]
    parts = [(one, there, titles[there.test] if there else "") for one, there in worst]
    return {"slices": summary.slices, "groups": groups, "parts": parts}


def gaps_table(summary: Summary) -> str:
    """What noise does to the gaps between groups, as escaped HTML; empty where there are no groups."""
    return render("gaps.html", summary=summary) if summary.unequal else ""


def _judged(summary: Summary) -> list[TestFigures]:
    return [test for test in summary.tests if test.validity]


def _counterfactuals(summary: Summary) -> list[TestFigures]:
    return [test for test in summary.tests if test.kind == "counterfactual"]


def _attacks(summary: Summary) -> list[TestFigures]:
    return [test for test in summary.tests if test.kind == "attack"]


def _much(summary: Summary) -> Callable[[Estimate], int]:
    """How much of the accent a drop's cell gets, in percent: none for no loss, most for the largest."""
    most = max([0.05, *(test.drop.value for test in summary.tests if test.drop)])
    return lambda drop: round(DARKEST * max(0.0, drop.value) / most)


def _bar(summary: Summary) -> Callable[[Estimate], str]:
    """Draws a drop on the one scale that all drops of the audit share."""
    found = [test.drop for test in summary.tests if test.drop]
    least = min([0.0, *(drop.low for drop in found)])
    most = max([0.05, *(drop.high for drop in found)])
    return lambda drop: drops.interval_bar(drop.value, drop.low, drop.high, least, most)


def values_of(summary: Summary) -> dict[str, object]:
    """What the templates of all the tables are filled with."""
    return {
        "summary": summary,
        "attacks": _attacks(summary),
        "judged": _judged(summary),
        "counterfactuals": _counterfactuals(summary),
        **_drops(summary),
        **_robustness(summary),
        **_slices(summary),
    }
