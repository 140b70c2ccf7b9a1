"""Colour, type and spacing: one palette for light and one for dark, the Plotly template, and the app's CSS.

Colour has one meaning everywhere: blue speaks for the shown label and orange against it (safe for the
colour-blind), the green scale is magnitude, red is failure only. Text colours keep a contrast of at
least 4.5 : 1 on every background they stand on (WCAG 2.2, 1.4.3).
"""

from dataclasses import dataclass
from html import escape
from typing import Any

FONT = "'IBM Plex Sans', 'Helvetica Neue', Arial, sans-serif"
MONO = "'IBM Plex Mono', ui-monospace, Menlo, Consolas, monospace"


@dataclass(frozen=True)
class Palette:
    """Colours of one mode, as #rrggbb; `categories` for unordered groups, `steps` from little to much."""

    dark: bool
    background: str
    surface: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    supports: str
    against: str
    failure: str
    neutral: str
    categories: tuple[str, ...]
    steps: tuple[str, ...]

    @property
    def diverging(self) -> list[tuple[float, str]]:
        """A Plotly colour scale from -1 (against, orange) over nothing to +1 (for, blue)."""
        return [(0.0, self.against), (0.5, self.background), (1.0, self.supports)]

    @property
    def sequential(self) -> list[tuple[float, str]]:
        """A Plotly colour scale from nothing to much."""
        last = len(self.steps) - 1
        return [(position / last, colour) for position, colour in enumerate(self.steps)]


LIGHT = Palette(
    dark=False,
    background="#fbfcfc",
    surface="#ffffff",
    border="#d3dbda",
    text="#16211f",
    muted="#55635f",
    accent="#17695f",
    on_accent="#ffffff",
    supports="#1f66b0",
    against="#a65000",
    failure="#b3261e",
    neutral="#8b9693",
    categories=("#1f66b0", "#d17a1f", "#17695f", "#8a5aa8", "#8c7a1f", "#4aa3c7", "#a8557b", "#6b7672"),
    steps=("#f1f6f5", "#d3e6e2", "#aad0c9", "#7cb7ad", "#4c9a8e", "#277d71", "#0f5a50"),
)

DARK = Palette(
    dark=True,
    background="#0f1514",
    surface="#151d1b",
    border="#30403c",
    text="#e6edeb",
    muted="#9fb0ab",
    accent="#6cc9b8",
    on_accent="#0f1514",
    supports="#7fb4ec",
    against="#f0a35c",
    failure="#ff8a80",
    neutral="#74857f",
    categories=("#7fb4ec", "#f0a35c", "#6cc9b8", "#c79be0", "#d6c45f", "#8fd3ee", "#e79bbd", "#9fb0ab"),
    steps=("#16201e", "#1b3531", "#215049", "#2a7065", "#3a9384", "#5db5a6", "#98dccf"),
)


def palette(dark: bool) -> Palette:
    """The colours of one mode."""
    return DARK if dark else LIGHT


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def faded(colour: str, opacity: float) -> str:
    """A #rrggbb colour as rgba() with an opacity from 0 to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def chart_text(text: object, limit: int | None = None) -> str:
    """Untrusted text for Plotly, which reads a little HTML in titles, ticks and hovers; cut after `limit`."""
    plain = str(text).encode("utf-8", "replace").decode()
    if limit is not None and len(plain) > limit:
        plain = plain[: limit - 1].rstrip() + "…"
    return escape(plain, quote=False)


def template(dark: bool) -> Any:
    """The Plotly template of one mode: transparent ground, quiet grid, the app's type and colours."""
    import plotly.graph_objects as go

    colours = palette(dark)
    axis = {
        "gridcolor": faded(colours.text, 0.09),
        "linecolor": colours.border,
        "zerolinecolor": faded(colours.text, 0.22),
        "tickfont": {"color": colours.muted, "size": 12},
        "title": {"font": {"color": colours.muted, "size": 13}, "standoff": 8},
        "automargin": True,
    }
    colorbar = {"thickness": 10, "outlinewidth": 0, "tickfont": {"color": colours.muted, "size": 11}}
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": colours.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(colours.categories),
            "colorscale": {
                "sequential": colours.sequential,
                "sequentialminus": colours.sequential,
                "diverging": colours.diverging,
            },
            "coloraxis": {"colorbar": colorbar},
            "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
            "title": {"font": {"size": 15, "color": colours.text}, "x": 0, "xanchor": "left"},
            "legend": {"font": {"color": colours.text, "size": 12}, "bgcolor": "rgba(0,0,0,0)"},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {
                "bgcolor": colours.surface,
                "bordercolor": colours.border,
                "font": {"family": FONT, "size": 13, "color": colours.text},
                "align": "left",
            },
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": colours.muted,
                "activecolor": colours.accent,
            },
        },
        data={
            "heatmap": [{"colorscale": colours.sequential, "colorbar": colorbar}],
            "bar": [{"marker": {"line": {"width": 0}}}],
        },
    )


def css(dark: bool) -> str:
    """The app's style sheet for one mode, as a `<style>` element; also usable in a report.

    Classes that pages may use in escaped HTML: `assay-lead` (the answer at the top), `assay-card`,
    `assay-facts` (a definition list), `assay-muted`.
    """
    colours = palette(dark)
    variables = "".join(
        f"--assay-{name}:{getattr(colours, name)};"
        for name in (
            "background",
            "surface",
            "border",
            "text",
            "muted",
            "accent",
            "on_accent",
            "supports",
            "against",
            "failure",
            "neutral",
        )
    )
    return f"<style>:root{{{variables}--assay-font:{FONT};--assay-mono:{MONO}}}{_RULES}</style>"


# The download in a table's own bar knows no guard against formulas: it is hidden, pages offer one that does.
_RULES = """
.assay-lead{font-size:1.3rem;line-height:1.4;font-weight:450;color:var(--assay-text);
  max-width:62rem;margin:0;text-wrap:pretty;overflow-wrap:anywhere}
.assay-lead b{font-weight:650}
.assay-muted{color:var(--assay-muted);font-size:.87rem;line-height:1.45;overflow-wrap:anywhere}
.assay-card{border:1px solid var(--assay-border);border-radius:8px;background:var(--assay-surface);
  padding:.9rem 1.1rem;overflow-wrap:anywhere}
.assay-card h4{margin:0 0 .5rem;padding:0;font-size:.8rem;font-weight:600;
  color:var(--assay-muted)}
dl.assay-facts.assay-facts{display:grid;grid-template-columns:minmax(6.5rem,auto) 1fr;gap:.28rem .9rem;
  margin:0;padding:0;
  font-size:.92rem;line-height:1.4;font-variant-numeric:tabular-nums}
dl.assay-facts dt{color:var(--assay-muted);margin:0}
dl.assay-facts dd{margin:0;padding:0;overflow-wrap:anywhere;color:var(--assay-text)}
h4.assay-between.assay-between{margin:.9rem 0 .4rem;padding:0;font-size:.8rem;font-weight:600;
  color:var(--assay-muted)}
.assay-bar{display:inline-block;vertical-align:middle;height:.55rem;border-radius:2px;margin-right:.6rem;
  width:calc(var(--share) * 60%);min-width:1px;background:var(--assay-accent)}
[data-testid="stSelectbox"] input{text-overflow:ellipsis}
[data-testid="stTextArea"] textarea,[data-testid="stTextInput"] input{unicode-bidi:plaintext}
[data-testid="stMain"] [data-testid="stPageLink-NavLink"]:not(:hover){background:transparent}
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] p{font-weight:400}
[class*="st-key-assay-underway-"]>:first-child{flex:1 1 20rem;min-width:min(100%,20rem)}
[class*="st-key-assay-error-"]{border-top:1px solid var(--assay-border);padding-top:.65rem}
[data-testid="stMainBlockContainer"]{padding-left:3.5rem;padding-right:3.5rem;max-width:86rem}
@media (max-width:1150px){
  [class*="st-key-assay-error-"]{flex-wrap:wrap}
  [class*="st-key-assay-error-"]>:first-child{flex-basis:100%}
  [data-testid="stMainBlockContainer"]{padding-left:2rem;padding-right:2rem}
  [class*="st-key-assay-pair"]>[data-testid="stLayoutWrapper"]>[data-testid="stHorizontalBlock"]{
    flex-direction:column}
  [class*="st-key-assay-pair"]>[data-testid="stLayoutWrapper"]>[data-testid="stHorizontalBlock"]
    >[data-testid="stColumn"]{width:100%;flex:1 1 auto;min-width:100%}
}
[data-testid="stButtonGroup"] [role="radiogroup"]{flex-wrap:wrap;row-gap:.25rem}
[data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]){display:none}
.assay-row{line-height:1.45;overflow-wrap:anywhere}
.assay-notice{border:1px solid color-mix(in srgb,var(--assay-tone) 38%,var(--assay-background));
  border-radius:8px;background:color-mix(in srgb,var(--assay-tone) 7%,var(--assay-background));
  padding:.7rem .95rem;line-height:1.45;overflow-wrap:anywhere}
.assay-notice.failure{--assay-tone:var(--assay-failure)}
.assay-notice.note{--assay-tone:var(--assay-accent)}
.assay-notice strong{font-weight:600;color:var(--assay-text)}
.assay-notice p{margin:.2rem 0 0;color:var(--assay-text);font-size:.92rem}
[data-testid="stSidebar"] .assay-notice{padding:.6rem .75rem;font-size:.9rem}
[data-testid="stSidebar"] .assay-notice p{font-size:.86rem}
[data-testid="stBaseButton-primary"],[data-testid="stBaseButton-primaryFormSubmit"]{
  background:var(--assay-accent);border-color:var(--assay-accent);color:var(--assay-on_accent)}
[data-testid="stBaseButton-primary"]:hover,[data-testid="stBaseButton-primaryFormSubmit"]:hover{
  background:color-mix(in srgb,var(--assay-accent) 88%,var(--assay-text));color:var(--assay-on_accent)}
[data-testid="stMultiSelect"] [data-baseweb="tag"],[data-testid="stMultiSelect"] [data-baseweb="tag"] *{
  color:var(--assay-on_accent)}
.assay-empty{border:1px dashed var(--assay-border);border-radius:8px;padding:2rem 1.5rem;text-align:center;
  color:var(--assay-muted);line-height:1.5}
.assay-empty strong{display:block;color:var(--assay-text);font-size:1.05rem;font-weight:600;
  margin-bottom:.3rem}
"""
