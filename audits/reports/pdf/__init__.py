"""A report as PDF, drawn by fpdf2 alone: no browser, no system library, fonts that travel with Assay."""

from audits.reports.pdf.document import as_pdf

__all__ = ["as_pdf"]
