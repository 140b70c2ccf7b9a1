"""What the Attention page sends and how soon it draws, beside bertviz's head view."""

import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import torch

from analysis.attention import Attention, attend
from benchmarks import screen
from models.loading import load

TITLE = "What the Attention page sends and draws"

_SENTENCE = (
    "the plot never quite finds its way back from this dull start though the cast is good and the end is"
)


@dataclass(frozen=True)
class Row:
    """What one picture took: bytes to the browser, and seconds from asking to the finished drawing."""

    what: str
    tokens: int
    size: int
    seconds: float
    note: str = ""

    @property
    def written(self) -> str:
        """The row in Markdown."""
        return f"| {self.what} | {self.tokens} | {self.size:,} | {self.seconds:.2f} | {self.note} |"


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Opens the page in a real browser at 128 and 512 tokens, and bertviz's head view at 128."""
    classifier = load(options.model, device="cpu")
    rows: list[Row] = []
    with screen.browser() as browser, screen.app() as address:
        for tokens in (128, 512):
            words = _SENTENCE.split()
            text = " ".join(words[i % len(words)] for i in range(tokens - 2))
            begun = time.perf_counter()
            attention = attend(classifier, text)
            forward = time.perf_counter() - begun
            for row in _page(browser, address, options.model, (text, len(attention.tokens), forward)):
                rows.append(row)
                say(row.written)
            if tokens == 128:
                rows.append(_bertviz(browser, attention))
                say(rows[-1].written)
    lead = (
        f"{options.model} on texts of 128 and 512 tokens. Bytes are all that the browser was sent; "
        f"seconds run from asking to the drawing, {screen.conditions()}."
    )
    head = "| picture | tokens | bytes | seconds | |\n|---|--:|--:|--:|---|"
    return "\n".join([lead, "", head, *(row.written for row in rows)])


def _page(browser: Any, address: str, model: str, given: tuple[str, int, float]) -> Iterator[Row]:
    """The first picture and then another head, on the page itself; of a text, its tokens and its pass."""
    text, tokens, forward = given
    page, received = screen.opened(browser)
    where = {"model": model, "data": "bundled:reviews"}
    # The model is loaded, and the scripts are in the browser's cache, before anything is measured.
    page.goto(f"{address}/attention?{urlencode(where | {'text': 'A dull film.'})}")
    page.locator(".assay-attention[data-drawn]").wait_for(timeout=180_000)
    page.wait_for_timeout(3000)
    area = page.get_by_role("textbox", name="Text", exact=True)
    area.fill(text)
    received.clear()
    begun = time.perf_counter()
    area.press("Control+Enter")
    page.locator(".passage span").nth(tokens - 1).wait_for(state="attached", timeout=180_000)
    seconds = time.perf_counter() - begun
    page.wait_for_timeout(1500)
    note = f"of which the model's own pass about {forward:.2f} s"
    yield Row("Assay: first picture, all heads small and one large", tokens, sum(received), seconds, note)
    page.locator(".heads canvas").focus()
    taken = []
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        title = page.locator(".assay-attention").get_attribute("data-drawn")
        received.clear()
        begun = time.perf_counter()
        page.keyboard.press(key)
        page.locator(f'.assay-attention:not([data-drawn="{title}"])').wait_for(timeout=60_000)
        taken.append((time.perf_counter() - begun, page.wait_for_timeout(1500), sum(received)))
    seconds, _, size = sorted(taken)[1]
    yield Row("Assay: another head", tokens, size, seconds, "median of three")
    page.close()


def _bertviz(browser: Any, attention: Attention) -> Row:
    """bertviz's own head view; what it loads from other hosts is answered from this machine."""
    from bertviz import head_view

    layers = [torch.tensor(layer)[None] for layer in attention.array]
    made = head_view(layers, list(attention.tokens), html_action="return").data
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    vendor = screen.ROOT / "views/attention/vendor"
    scripts = {"d3": vendor / "d3.min.js", "jquery": vendor / "jquery.slim.min.js"}
    prelude = "".join(f"<script>{path.read_text()}</script>" for path in scripts.values())
    stub = (
        "<script>window.require={config(){}};window.requirejs=(names,run)=>"
        "run(...names.map(name=>({jquery:jQuery,d3:d3})[name]));</script>"
    )
    page.route(
        "**/*", lambda route: route.abort() if route.request.url.startswith("http") else route.continue_()
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "view.html"
        path.write_text(f"<!doctype html><meta charset=utf-8>{prelude}{stub}{made}", encoding="utf-8")
        lines = len(attention.tokens) ** 2 * attention.heads
        begun = time.perf_counter()
        page.goto(path.as_uri(), timeout=180_000)
        page.wait_for_function(_LINES, arg=lines, timeout=180_000, polling=50)
        seconds = time.perf_counter() - begun
    page.close()
    return Row("bertviz: head view", len(attention.tokens), len(made.encode()), seconds, "one layer drawn")


_LINES = "(count) => document.querySelectorAll('svg line').length >= count"
