"""Reports of rows that no store holds."""

from audits import reports
from audits.reports import Material


def written(audit, rows, form="html", *view, **more):
    """The report as text, or as bytes where it is none."""
    made = reports.write(Material(audit, rows, *view, **more), form)
    return made.decode() if form in ("html", "json", "csv") else made
