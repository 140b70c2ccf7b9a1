"""The palette reads well, and the theme that Streamlit draws is the same one."""

import tomllib
from pathlib import Path

import pytest

from views import style
from views.style import DARK, LIGHT

ROOT = Path(__file__).parents[2]
THEME = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
PALETTES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def test_contrast_is_that_of_the_standard():
    assert style.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert style.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert style.contrast("#ffffff", "#777777") == style.contrast("#777777", "#ffffff")
    assert style.contrast("#123456", "#123456") == 1


@pytest.mark.parametrize("colours", PALETTES)
def test_text_colours_read_on_every_ground_they_stand_on(colours):
    theme = THEME["dark" if colours.dark else "light"]
    grounds = [
        colours.background,
        colours.surface,
        theme["secondaryBackgroundColor"],
        theme["sidebar"]["backgroundColor"],
        theme["sidebar"]["secondaryBackgroundColor"],
        theme["codeBackgroundColor"],
    ]
    for ground in grounds:
        for name in ("text", "muted", "accent", "supports", "against", "failure"):
            assert style.contrast(getattr(colours, name), ground) >= 4.5, (name, ground)
    assert style.contrast(colours.on_accent, colours.accent) >= 4.5


@pytest.mark.parametrize("colours", PALETTES)
def test_marks_stand_out_from_the_ground(colours):
    for colour in (*colours.categories, colours.neutral):
        assert style.contrast(colour, colours.background) >= 2.5, colour


@pytest.mark.parametrize("colours", PALETTES)
def test_the_sequential_scale_grows_evenly_away_from_the_ground(colours):
    distances = [style.contrast(step, colours.background) for step in colours.steps]
    assert distances == sorted(distances)
    assert distances[-1] > 6


def simulated(colour: str, kind: str) -> tuple[float, float, float]:
    """A colour as a dichromat sees it (Viénot, Brettel and Mollon 1999), linear RGB."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    ]
    red, green, blue = linear
    if kind == "protanopia":
        yellow = 0.11238 * red + 0.88762 * green
        return yellow, yellow, 0.00401 * red - 0.00401 * green + blue
    yellow = 0.29275 * red + 0.70725 * green
    return yellow, yellow, -0.02234 * red + 0.02234 * green + blue


@pytest.mark.parametrize("kind", ["protanopia", "deuteranopia"])
@pytest.mark.parametrize("colours", PALETTES)
def test_for_and_against_differ_for_the_colour_blind(colours, kind):
    first, second = simulated(colours.supports, kind), simulated(colours.against, kind)
    assert max(abs(a - b) for a, b in zip(first, second, strict=True)) > 0.25


@pytest.mark.parametrize("colours", PALETTES)
def test_the_theme_is_the_palette(colours):
    theme = THEME["dark" if colours.dark else "light"]
    assert theme["backgroundColor"] == colours.background
    assert theme["textColor"] == colours.text
    assert theme["primaryColor"] == colours.accent
    assert theme["borderColor"] == colours.border
    assert tuple(theme["chartCategoricalColors"]) == colours.categories


def test_every_font_named_is_there_and_licensed():
    for face in THEME["fontFaces"]:
        assert face["url"].startswith("app/static/")
        assert (ROOT / face["url"].removeprefix("app/")).is_file()
    licence = (ROOT / "static/fonts/LICENSE-IBM-Plex.txt").read_text()
    assert "SIL OPEN FONT LICENSE" in licence


@pytest.mark.parametrize("dark", [False, True])
def test_the_template_is_transparent_and_draws_in_the_palette(dark):
    layout = style.template(dark).layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
    assert layout.font.color == style.palette(dark).text
    assert "IBM Plex Sans" in layout.font.family


@pytest.mark.parametrize("dark", [False, True])
def test_the_style_sheet_loads_nothing_and_defines_what_it_uses(dark):
    import re

    sheet = style.css(dark)
    assert sheet.startswith("<style>") and sheet.endswith("</style>")
    assert "url(" not in sheet and "@import" not in sheet
    used = set(re.findall(r"var\((--assay-[a-z_]+)", sheet))
    assert used - {"--assay-tone"} <= set(re.findall(r"(--assay-[a-z_]+):", sheet))


def test_chart_text_is_plain():
    assert style.chart_text("<b>a</b> & <a href='x'>") == "&lt;b&gt;a&lt;/b&gt; &amp; &lt;a href='x'&gt;"
    assert style.chart_text("abcdef", 4) == "abc…"
    assert style.chart_text("\ud800x").encode() == b"?x"


def test_a_faded_colour_keeps_its_hue():
    assert style.faded("#ff8000", 0.5) == "rgba(255,128,0,0.5)"
