"""Templates, filters and colours that every part of a report is drawn with."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from audits.plan import shortened
from audits.reports.wording import demand, evidence
from audits.summary import p_value, points, signed, titled
from views.charts import drops, multiples
from views.numbers import grouped, percent, rate, unbroken
from views.style import DARK, FONT, LIGHT, MONO, Palette


def render(name: str, **values: object) -> str:
    """A template, filled; what it shows is escaped."""
    return _environment().get_template(name).render(**values)


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # What is safe came escaped from `views`, and may quote texts: these stay as they are.
        finalize=lambda value: unbroken(value) if type(value) is str else value,
    )
    made.filters |= {
        "percent": percent,
        "grouped": grouped,
        "points": points,
        "signed": signed,
        "titled": titled,
        "evidence": lambda flip: evidence(flip, valid=flip.valid, mark=flip.mark),
        "demand": demand,
        "p": p_value,
        "shortened": lambda tests: ", ".join(shortened(tests)),
        "rate": lambda estimate: rate(estimate.value, estimate.low, estimate.high),
    }
    return made


def styles() -> str:
    """The colours of both modes, as CSS variables."""
    dark = f"@media (prefers-color-scheme: dark){{:root{{{_variables(DARK)}}}}}"
    # Paper is white, whatever the screen was.
    paper = f"@media print{{:root{{{_variables(LIGHT)}}}}}"
    return f"<style>:root{{--font:{FONT};--mono:{MONO};{_variables(LIGHT)}}}{dark}{paper}</style>"


def _variables(palette: Palette) -> str:
    names = (
        "background",
        "surface",
        "border",
        "text",
        "muted",
        "accent",
        "neutral",
        "failure",
        "supports",
        "against",
    )
    colours = [f"--assay-{name}:{getattr(palette, name)}" for name in names]
    series = [f"--series-{place}:{colour}" for place, colour in enumerate(palette.categories)]
    return ";".join(colours + series)


def css() -> str:
    """The `<style>` of the tables and of versions side by side, for pages that show parts of a report."""
    return f"<style>{render('tables.css', css=tables_css())}</style>"


def tables_css() -> str:
    """The rules of the charts that stand within tables."""
    return drops.CSS + multiples.CSS
