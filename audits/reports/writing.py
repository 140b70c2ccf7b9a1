"""A report in one form."""

from collections.abc import Sequence

from audits import policy
from audits.reports.html import as_html
from audits.reports.records import as_csv, as_json
from audits.rows import Row
from audits.slices import Metadata
from audits.summary import summarise
from audits.tables import Audit
from audits.validity import PLAINLY, Validity


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
