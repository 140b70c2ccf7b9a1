"""A report as PDF, drawn by fpdf2 alone: no browser, no system library, fonts that travel with Assay.

For whoever reads it by ear: all text is text, language and title are named, the outline leads to every
heading, and each picture's figures stand beside it in words. It is not tagged: fpdf2 tags images and links
alone (its issues 355 and 792), and half a structure would hide the rest from a screen reader.
"""

from audits.reports.pdf.document import as_pdf

__all__ = ["as_pdf"]
