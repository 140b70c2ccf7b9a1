"""A report in every form that one file can have; all from the same material."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from audits.reports.card import model_card
from audits.reports.html import as_html
from audits.reports.material import Material
from audits.reports.pdf import as_pdf
from audits.reports.records import as_csv, as_parquet
from audits.reports.schema import canonical, report


def _html(material: Material) -> bytes:
    return as_html(material).encode("utf-8", "replace")


def _json(material: Material) -> bytes:
    return canonical(report(material, with_rows=True))


#: What makes the bytes of a file, by the file's ending.
FORMS: Mapping[str, Callable[[Material], bytes]] = MappingProxyType(
    {"html": _html, "json": _json, "pdf": as_pdf, "md": model_card, "csv": as_csv, "parquet": as_parquet}
)


def write(material: Material, form: str) -> bytes:
    """The report in one of `FORMS`, as the bytes of a file."""
    return FORMS[form](material)
