"""The report of an audit: one HTML file that needs nothing else, JSON for machines, tables of its rows,
and a bundle of all of them that anyone can check."""

from audits.reports.bundle import zipped
from audits.reports.forms import FORMS, write
from audits.reports.fragments import (
    asked_table,
    attacks_table,
    counterfactuals_table,
    drops_table,
    gaps_table,
    most_harmful,
    robustness_table,
    slices_table,
    validity_table,
    verdict_block,
)
from audits.reports.html import as_html
from audits.reports.material import Material, gather
from audits.reports.prose import facts
from audits.reports.rendering import css
from audits.reports.sections import Section, Table
from audits.reports.wording import evidence

__all__ = [
    "FORMS",
    "Material",
    "Section",
    "Table",
    "as_html",
    "asked_table",
    "attacks_table",
    "counterfactuals_table",
    "css",
    "drops_table",
    "evidence",
    "facts",
    "gaps_table",
    "gather",
    "most_harmful",
    "robustness_table",
    "slices_table",
    "validity_table",
    "verdict_block",
    "write",
    "zipped",
]
