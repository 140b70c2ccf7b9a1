"""bertviz's head view and model view, as one HTML document that needs nothing from outside.

bertviz (Vig 2019, "A Multiscale Visualization of Attention in the Transformer Model") writes for
notebooks: its scripts come from a content delivery network, and it pastes the data into a `<script>`,
twice and unescaped. Its drawing code is used as installed; around it, this file puts vendored
scripts, the data once and as inert JSON, and a content security policy that lets nothing else run and
nothing be fetched.
"""

import base64
import functools
import hashlib
import html
import importlib.metadata
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from views.style import palette

#: A browser draws some 50,000 lines a second, and both views draw one line for each pair of tokens and
#: head: more than this many take longer than a click may.
MOST_LINES = 75_000
#: Nor can the lines of longer texts be told apart.
MOST_TOKENS = 64
#: Longer labels run out of bertviz's columns.
HEAD_LABEL, MODEL_LABEL = 12, 10
#: The width that bertviz draws the head view in, and how much larger it is shown.
_DRAWN_WIDTH, _SCALE = 340, 1.2
HEAD_WIDTH = round(_DRAWN_WIDTH * _SCALE) + 20
#: d3's ten colours, which bertviz gives to heads in turn.
HEAD_COLOURS = (
    "#1f77b4",
    "#ff7f0e",
    "#2ca02c",
    "#d62728",
    "#9467bd",
    "#8c564b",
    "#e377c2",
    "#7f7f7f",
    "#bcbd22",
    "#17becf",
)

_VENDOR = Path(__file__).parent / "vendor"
#: The line of bertviz's scripts into which it would paste the data.
_DATA_LINE = "const params = PYTHON_PARAMS;"
_DATA_ID = "assay-data"
#: bertviz uses two calls of require.js; here are both, answered with the scripts already on the page.
_REQUIRE = (
    "const require = {config: () => {}};\n"
    "const requirejs = (names, run) => run(...names.map(name => ({jquery: jQuery, d3: d3})[name]));\n"
)
#: Says on each coloured square of the head view which head it is (colours repeat after ten).


def most_tokens(maps: int) -> int:
    """The longest text, in tokens, that can be drawn at once with this many attention maps on screen."""
    return min(MOST_TOKENS, math.isqrt(MOST_LINES // maps))


def most_layers(heads: int, tokens: int) -> int:
    """How many layers of a text can be drawn at once in the model view; 0 where not even one can."""
    return MOST_LINES // (heads * tokens**2)


def head_view(
    weights: NDArray[np.float32], tokens: Sequence[str], *, layer: int, dark: bool
) -> tuple[str, int]:
    """One layer's heads as coloured lines: (HTML document, its height in pixels).

    `weights` is (heads, tokens, tokens); `layer` is the number to call it by. Raises ValueError where
    there are more than `most_tokens` tokens, or where the installed bertviz is not one that this file
    knows.
    """
    parameters = {
        **_data(weights[np.newaxis], tokens, HEAD_LABEL),
        "layer": layer,
        "heads": None,
        "include_layers": [layer],
    }
    # The layer is chosen outside, but bertviz fills this list.
    body = '<div id="bertviz"><select id="layer" hidden></select><div id="vis"></div></div>'
    style = _base_style(dark) + f"#vis .background {{ fill: {palette(dark).border}; }}"
    if dark:
        # Hundreds of nearly transparent lines would round a dark ground down to black.
        style += " #vis .headAttention { mix-blend-mode: screen; }"
    height = len(tokens) * 22.5 + 40
    document = _document(
        "Head view", "head_view.js", parameters, body=body, style=style, after=_finish_heads(height)
    )
    return document, round(height * _SCALE) + 20


def model_view(
    weights: NDArray[np.float32], tokens: Sequence[str], *, first: int = 1, dark: bool
) -> tuple[str, int]:
    """Every head of every layer as a small picture that opens: (HTML document, its height in pixels).

    `weights` is (layers, heads, tokens, tokens); `first` is the number of the first layer. Raises
    ValueError as `head_view` does.
    """
    layers, heads = weights.shape[:2]
    parameters = {
        **_data(weights, tokens, MODEL_LABEL),
        "display_mode": "dark" if dark else "light",
        "include_layers": list(range(first, first + layers)),
        "include_heads": list(range(1, heads + 1)),
        "total_heads": heads,
    }
    body = '<div id="bertviz"><div id="vis"></div></div>'
    # bertviz writes its colours into attributes, which a style sheet overrides; its axis labels are
    # black in dark mode too.
    colours = palette(dark)
    style = _base_style(dark) + "".join(
        f'#vis [fill="{theirs}"]:not(text) {{ fill: {ours}; }} '
        for theirs, ours in (
            ("white", colours.background),
            ("black", colours.background),
            ("#F5F5F5", colours.border),
            ("#222", colours.border),
        )
    )
    document = _document("Model view", "model_view.js", parameters, body=body, style=style)
    thumbnail = len(tokens) * 7 * (12 / heads) + 10
    detail = len(tokens) * 18 + 55
    return document, round(max(layers * thumbnail + 38, detail)) + 30


def heads_list(does: Sequence[str]) -> str:
    """What each head of a layer does, beside its colour in the head view, as escaped HTML."""
    rows = "".join(
        f'<dt><span style="display:inline-block;width:.8em;height:.8em;border-radius:2px;'
        f'margin-inline-end:.5em;background:{HEAD_COLOURS[head % len(HEAD_COLOURS)]}"></span>'
        f"Head {head + 1}</dt><dd>{html.escape(text)}</dd>"
        for head, text in enumerate(does)
    )
    return f'<dl class="assay-facts">{rows}</dl>'


def shorten(token: str, most: int) -> str:
    """A label that fits its column."""
    return token if len(token) <= most else token[: most - 1] + "…"


def _data(weights: NDArray[np.float32], tokens: Sequence[str], label: int) -> dict[str, object]:
    """The part of bertviz's parameters that both views share; weights of three digits."""
    layers, heads, count, _ = weights.shape
    if count > most_tokens(layers * heads):
        raise ValueError(f"{count} tokens are too many to draw: {layers * heads * count**2:,} lines.")
    texts = [shorten(token, label) for token in tokens]
    # float64 first: rounding in float32 would print 0.20000000298.
    rounded = weights.astype(np.float64).round(3).tolist()
    return {
        "attention": [{"name": None, "attn": rounded, "left_text": texts, "right_text": texts}],
        "default_filter": "0",
        "root_div_id": "bertviz",
    }


def _base_style(dark: bool) -> str:
    """What both documents look like before bertviz draws."""
    colours = palette(dark)
    return (
        f":root {{ color-scheme: {'dark' if dark else 'light'}; }} "
        f"body {{ margin: 0; padding: 8px; background: {colours.background}; color: {colours.text}; "
        "font-family: system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif; "
        f"overflow: auto hidden; }} #vis text {{ fill: {colours.text}; }} "
    )


def _finish_heads(height: float) -> str:
    """A script for the head view: larger, and each coloured square says which head it is."""
    return (
        "const drawing = document.querySelector('#vis > svg');\n"
        f"drawing.setAttribute('viewBox', '0 0 {_DRAWN_WIDTH} {height:g}');\n"
        f"drawing.setAttribute('width', '{_DRAWN_WIDTH * _SCALE:g}');\n"
        f"drawing.setAttribute('height', '{height * _SCALE:g}');\n"
        "drawing.querySelectorAll(':scope > g:last-of-type > rect').forEach((square, i) => {\n"
        "  const title = document.createElementNS('http://www.w3.org/2000/svg', 'title');\n"
        "  title.textContent = 'Head ' + (i + 1);\n"
        "  square.appendChild(title);\n"
        "  square.style.cursor = 'pointer';\n"
        "});\n"
    )


def _document(
    title: str, script: str, parameters: dict[str, object], *, body: str, style: str, after: str = ""
) -> str:
    """One HTML page: vendored scripts, bertviz's script, and the data as JSON that never runs."""
    scripts = [
        _vendored("d3.min.js"),
        _vendored("jquery.slim.min.js"),
        _REQUIRE,
        _bertviz_script(script),
        after,
    ]
    allowed = " ".join(_source_hash(code) for code in scripts)
    policy = f"default-src 'none'; script-src {allowed}; style-src {_source_hash(style)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy)}">'
        f"<title>{html.escape(title)}</title><style>{style}</style></head><body>{body}"
        f'<script type="application/json" id="{_DATA_ID}">{_inert(parameters)}</script>'
        + "".join(f"<script>{code}</script>" for code in scripts)
        + "</body></html>"
    )


def _inert(parameters: dict[str, object]) -> str:
    """JSON with nothing in it that could end the script element that holds it."""
    text = json.dumps(parameters, separators=(",", ":"))  # all but ASCII is escaped already
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _source_hash(code: str) -> str:
    """A content security policy's name for exactly this script or style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'"


@functools.cache
def _vendored(name: str) -> str:
    """A script that travels with the project."""
    return (_VENDOR / name).read_text(encoding="utf-8")


@functools.cache
def _bertviz_script(name: str) -> str:
    """A script of the installed bertviz that reads its data from the page instead of from its own text.

    Found through the package's list of files: importing bertviz would import torch and IPython.
    """
    package = importlib.metadata.distribution("bertviz")
    path = next((file for file in package.files or () if file.name == name), None)
    code = Path(str(package.locate_file(path))).read_text(encoding="utf-8") if path else ""
    if code.count(_DATA_LINE) != 1 or "requirejs(['jquery', 'd3']" not in code or "</script" in code.lower():
        raise ValueError(
            f"bertviz {package.version} is not as expected: its {name} cannot be given data safely. "
            "Install the version named in requirements.txt."
        )
    reads = f"const params = JSON.parse(document.getElementById('{_DATA_ID}').textContent);"
    # The other mention of the placeholder is a comment.
    return code.replace(_DATA_LINE, reads).replace("PYTHON_PARAMS", "data")
