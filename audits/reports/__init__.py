"""The report of an audit: for people one HTML file that needs nothing else, for machines JSON and CSV."""

from audits.reports.fragments import (
    attacks_table,
    counterfactuals_table,
    drops_table,
    most_harmful,
    robustness_table,
    slices_table,
    validity_table,
    verdict_block,
)
from audits.reports.html import as_html
from audits.reports.records import as_csv, as_json
from audits.reports.rendering import css
from audits.reports.wording import evidence
from audits.reports.writing import write

__all__ = [
    "as_csv",
    "as_html",
    "as_json",
    "attacks_table",
    "counterfactuals_table",
    "css",
    "drops_table",
    "evidence",
    "most_harmful",
    "robustness_table",
    "slices_table",
    "validity_table",
    "verdict_block",
    "write",
]
