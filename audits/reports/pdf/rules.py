"""The verdict on paper, and the rules that it rests on."""

from collections.abc import Sequence

from audits.policy import RuleVerdict, Verdict
from audits.reports.pdf.page import LEAD, LINE, SMALL, Paper, colour
from audits.reports.wording import demand
from views.numbers import grouped

TONES = {"pass": "accent", "fail": "failure", "inconclusive": "neutral"}
KINDS = {"pass": "met", "fail": "broken", "inconclusive": "open"}


def table(paper: Paper, verdict: Verdict) -> None:
    """The rules that are broken or open; those that are met are counted, and listed at the end."""
    decisive, met = [*verdict.of("fail"), *verdict.of("inconclusive")], verdict.of("pass")
    paper.heading("The rules")
    if decisive:
        listed(paper, decisive)
    if met:
        said = f"{grouped(len(met))} rule{'s are' if len(met) > 1 else ' is'} met"
        paper.paragraph(f"{said}: see “Rules that are met” near the end.", SMALL, "muted")


def listed(paper: Paper, rules: Sequence[RuleVerdict]) -> None:
    """A line a rule, in the order given."""
    paper.grid(
        ("Rule", "Verdict", "Found", "Examples to decide"),
        [
            (demand(one), KINDS[one.verdict], one.found, grouped(one.needed) if one.needed else "–")
            for one in rules
        ],
        (46, 12, 32, 14),
        bold=lambda line, column: column == 1 and rules[line].verdict == "fail",
    )


def box(paper: Paper, verdict: Verdict) -> None:
    """The verdict in a box of its own, with a bar whose colour no one needs to see."""
    top = paper.get_y()
    paper.set_x(paper.l_margin + 4)
    paper.type(LEAD, style="B")
    paper.set_y(top + 2)
    paper.set_x(paper.l_margin + 4)
    paper.multi_cell(paper.epw - 6, LEAD * LINE, paper.legible(verdict.sentence), align="L", new_x="LMARGIN")
    low = paper.get_y() + 2
    paper.set_fill_color(*colour(TONES[verdict.kind]))
    paper.rect(paper.l_margin, top, 1.4, low - top, style="F")
    paper.set_draw_color(*colour("border"))
    paper.set_line_width(0.2)
    paper.rect(paper.l_margin, top, paper.epw, low - top)
    paper.set_xy(paper.l_margin, low + 3)
