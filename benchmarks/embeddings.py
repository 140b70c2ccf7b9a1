"""How soon the Embeddings page shows 10,000 and 50,000 texts as points, and how much it sends."""

import csv
import re
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np

from analysis.embeddings import neighbourhood, neighbours_kept, project
from benchmarks import screen

TITLE = "What the Embeddings page sends and draws"

#: As the bundled classifier is built.
WIDTH, LAYERS = 384, 6
#: Among so many texts neighbours are looked for; the time grows with the square.
SEARCHED = 10_000
LABELS = ("negative", "positive")
_SYLLABLES = ("ba", "ne", "ti", "lo", "mu", "sa", "re", "ki", "do", "fu")
WORDS = [a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES]
#: Whether the browser has got the points, others than before, and has them on its screen.
_DRAWN = """([count, before]) => {
  const plot = document.querySelector('.js-plotly-plot');
  if (!plot || !plot._fullLayout || !plot._fullData) return false;
  const points = plot._fullData.reduce((sum, trace) => sum + (trace.x ? trace.x.length : 0), 0);
  const now = Array.from(plot._fullData[0]?.x?.slice(0, 9) ?? []).join();
  return points >= count && now !== before && plot.querySelector('.gl-canvas, .points path') !== null;
}"""
_NOW = "() => Array.from(document.querySelector('.js-plotly-plot')._fullData[0].x.slice(0, 9)).join()"


@dataclass(frozen=True)
class Row:
    """What one picture took: bytes to the browser, and seconds from asking to the points on screen."""

    what: str
    texts: int
    size: int
    seconds: float
    note: str = ""

    @property
    def written(self) -> str:
        """The row in Markdown."""
        return f"| {self.what} | {self.texts:,} | {self.size:,} | {self.seconds:.2f} | {self.note} |"


def options(parser: ArgumentParser) -> None:
    """How many texts."""
    parser.add_argument("--texts", type=int, nargs="+", default=[10_000, 50_000], help="how many, each")


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Opens the page on made-up texts, whose vectors a small model of the usual width makes."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, screen.browser() as browser, screen.app() as address:
        folder = Path(name)
        model(folder / "model")
        for count in options.texts:
            data = folder / f"{count}.csv"
            texts(data, count)
            for row in measured(browser, address, {"model": str(folder / "model"), "data": str(data)}, count):
                rows.append(row)
                say(row.written)
    for count in options.texts:
        rows.append(alone(count))
        say(rows[-1].written)
    lead = (
        f"Made-up texts of six words and a model of random weights, {LAYERS} layers, {WIDTH} wide; the "
        "texts’ vectors are there already, and nothing that follows from them. Bytes are all that the "
        f"browser was sent; seconds run from asking to the points on screen, {screen.conditions()}."
    )
    head = "| picture | texts | bytes | seconds | |\n|---|--:|--:|--:|---|"
    return "\n".join([lead, "", head, *(row.written for row in rows)])


def model(folder: Path) -> None:
    """A classifier with random weights, written where it can be loaded from."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    known = {word: place for place, word in enumerate([*special, *WORDS])}
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    backend = Tokenizer(models.WordLevel(known, unk_token=names["unk_token"]))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, known[token]) for token in ("[CLS]", "[SEP]")]
    )
    PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=64, **names).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(known),
        hidden_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=6,
        intermediate_size=WIDTH,
        max_position_embeddings=64,
        id2label=dict(enumerate(LABELS)),
        label2id={label: place for place, label in enumerate(LABELS)},
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertForSequenceClassification(config).save_pretrained(folder)


def texts(path: Path, count: int) -> None:
    """A data set: six words a text, of another part of the vocabulary for each label."""
    rng = np.random.default_rng(count)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for row in range(count):
            chosen = rng.integers(0, 600, 6) + 400 * (row % 2)
            writer.writerow([" ".join(WORDS[place] for place in chosen), LABELS[row % 2]])


def measured(browser: Any, address: str, where: dict[str, str], count: int) -> list[Row]:
    """The first pictures of all layers but the last, one by one, and the last one's, known by then."""
    page, received = screen.opened(browser)
    at = f"{address}/embeddings?{urlencode(where | {'examples': '0', 'pooling': 'mean'})}"
    # The texts are read, and the scripts are in the browser's cache, before anything is measured.
    page.goto(at)
    page.locator(".js-plotly-plot").wait_for(timeout=600_000)
    page.wait_for_function(_DRAWN, arg=[count, None], timeout=120_000)
    firsts = np.array([_layer_below(page, received, count) for _ in range(LAYERS)])
    page.close()
    size, seconds = np.median(firsts, axis=0)
    note = f"median of {LAYERS}: {', '.join(f'{took:.2f}' for took in sorted(firsts[:, 1]))}"
    rows = [Row("first picture: another layer, PCA", count, int(size), float(seconds), note)]
    page, received = screen.opened(browser)
    page.goto(at, wait_until="commit")
    received.clear()
    begun = time.perf_counter()
    page.wait_for_function(_DRAWN, arg=[count, None], polling=20, timeout=120_000)
    seconds = time.perf_counter() - begun
    rows.append(Row("the page opened anew", count, sum(received), seconds, "app's scripts from the cache"))
    page.close()
    return rows


def _layer_below(page: Any, received: list[int], count: int) -> tuple[int, float]:
    """Bytes and seconds of the step to the next lower layer, of a page that is idle."""
    looking = page.get_by_text("Looking for neighbours")
    known = page.get_by_text(re.compile(r"keeps \d+ % of each"))
    looking.or_(known).first.wait_for(timeout=600_000)
    if looking.count():  # it would compute beside what is measured
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("was stopped").or_(known).first.wait_for(timeout=120_000)  # it may have been quicker
    page.wait_for_timeout(2000)
    before = page.evaluate(_NOW)
    page.get_by_role("slider").focus()
    received.clear()
    begun = time.perf_counter()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(_DRAWN, arg=[count, before], polling=20, timeout=120_000)
    return sum(received), time.perf_counter() - begun


def alone(count: int) -> Row:
    """PCA, and what it keeps of the neighbours, without a page, on vectors of five clusters."""
    rng = np.random.default_rng(count)
    vectors = rng.normal(size=(count, WIDTH)).astype(np.float32)
    vectors += 3 * rng.normal(size=(5, WIDTH)).astype(np.float32)[rng.integers(0, 5, count)]
    begun = time.perf_counter()
    shown = project(vectors, "pca")
    flat = time.perf_counter() - begun
    some = min(count, SEARCHED)
    begun = time.perf_counter()
    near = neighbourhood(vectors[:some])
    spent = time.perf_counter() - begun
    assert near is not None
    kept = neighbours_kept(near, shown.points[:some])
    note = f"{some:,} texts’ neighbours, in the background: {spent:.1f} s; {kept:.3f} of them kept"
    return Row("PCA alone", count, 0, flat, note)
