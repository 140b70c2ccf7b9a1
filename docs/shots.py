"""Screenshots for the gallery: `python docs/shots.py [NAME ...]` starts the app and photographs its pages.

Needs Debian's chromium and playwright (requirements-dev.txt). The sentences are SST-2's; with `--data` the
pages that need a data set look at that file instead of the bundled reviews. With `--tour` it takes README's.
"""

import argparse
import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).parents[1]
GALLERY, SCREENSHOTS = ROOT / "docs/gallery", ROOT / "docs/screenshots"

#: A sentence of SST-2's dev split, and what DeepWordBug (seed 0) makes of it: one letter, and another answer.
PLAIN = "despite its title , punch drunk love is never heavy handed"
ATTACKED = "despite its title , punch drunk lve is never heavy handed"
#: The first one's name among the rows.
ROW = "382f27c6ad7b"
#: Two more, for the pages with one text, the first of the same data.
SURE = "it offers little beyond the momentary joys of pretty and weightless intellectual entertainment"

PRAISE = "A wonderful, warm film with a clever script and no dull minute."
TOPICS = "bundled:topics"

WIDTH, LARGEST = 1440, 150_000


@dataclass(frozen=True)
class Shot:
    """One picture: a page with its choices, the buttons to press, and how much of it to show (pixels).

    `audited` pages show the audits of the model and of its int8 copy, which are run beforehand.
    """

    name: str
    page: str
    choices: dict[str, str]
    press: tuple[str, ...] = ()
    height: int = 900
    dark: bool = False
    audited: bool = False


LAST = {"text": PLAIN, "layer": "6", "head": "4", "second_layer": "6", "second_head": "4"}
BOTH = {"text": PLAIN, "view": "compare", "other": ATTACKED}
SHOTS = (
    Shot("overview", "overview", {}, height=1300),
    Shot("explain", "explain", {"text": PLAIN, "second": "deeplift"}, height=1620),
    Shot("explain-attacked", "explain", {"text": ATTACKED}, height=1300, dark=True),
    Shot("attention", "attention", {"text": PLAIN, "layer": "3", "head": "3"}, height=1240),
    Shot("attention-head-view", "attention", {"text": PLAIN, "view": "heads", "layer": "3"}, height=960),
    Shot("attention-model-view", "attention", {"text": PLAIN, "view": "model"}, height=1160, dark=True),
    Shot("attention-heads", "attention", {"text": SURE, "view": "matter"}, height=1000),
    Shot("attention-rollout", "attention", {"text": PLAIN, "view": "rollout"}, height=1300),
    Shot("attention-compared", "attention", BOTH, height=1380),
    Shot("attention-models", "attention", LAST | {"view": "models", "against": TOPICS}, height=1500),
    Shot("layers", "layers", {"text": PLAIN, "beside": ATTACKED}, height=1900),
    Shot("drivers", "drivers", {}, ("Explain 300 texts",), height=1300),
    Shot("embeddings", "embeddings", {"colour": "correctness"}, height=940),
    Shot("embeddings-errors", "embeddings", {"colour": "errors nearby", "dimensions": "3"}, dark=True),
    Shot("embeddings-layers", "embeddings", {"view": "layers"}, height=1400),
    Shot("embeddings-changed", "embeddings", {"row": ROW, "changed": ATTACKED}, height=1000),
    Shot("embeddings-word", "embeddings", {"pooling": "word", "word": "funny"}, height=940, dark=True),
    Shot("embeddings-moves", "embeddings", {"view": "moves", "severity": "3"}, height=960),
    Shot("attack", "attack", {"text": PLAIN, "test": "deepwordbug"}, ("Run",), height=1240),
    Shot("noise", "noise", {"text": SURE}, height=1000),
    Shot("reports", "reports", {}, height=1240, audited=True),
    Shot("compare", "compare", {}, height=1240, audited=True),
)
#: Those of README's tour, on the data that the app opens with.
CHIPS, TURNED = (
    "cold chips, warm beer, rude bloke on the till",
    "coly chips, warm beer, rudA bloke on the till",
)
TOUR = (
    Shot("overview", "overview", {}, height=960),
    Shot("explain", "explain", {}, height=960),
    Shot("attention", "attention", {"layer": "3", "head": "3"}, height=960),
    Shot("layers", "layers", {"text": CHIPS, "beside": TURNED}, height=960),
    Shot("drivers", "drivers", {}, ("Explain 300 texts",), height=960),
    Shot("embeddings", "embeddings", {}, height=960),
    Shot("attack", "attack", {"text": PRAISE, "test": "pwws"}, ("Run",), height=960),
    Shot("noise", "noise", {"text": PRAISE, "severity": "3"}, height=960),
    Shot("checks", "checks", {}, ("Run",), height=960),
    Shot("audit", "audit", {}, height=960),
    Shot("reports", "reports", {}, height=960, audited=True),
    Shot("compare", "compare", {}, height=960, audited=True),
    Shot("review", "review", {}, audited=True),
)
#: What is audited for those pictures: half a minute for each of both copies.
AUDITED = ["--tests", "keyboard-typos,homoglyphs,deepwordbug", "--examples", "100", "--seeds", "1"]


def main() -> None:
    """Photograph the pages named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = ", ".join(dict.fromkeys(shot.name for shot in (*SHOTS, *TOUR)))
    parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--tour", action="store_true", help="README's pictures in place of the gallery's")
    asked = parser.parse_args()
    shots = [shot for shot in (TOUR if asked.tour else SHOTS) if shot.name in (asked.names or [shot.name])]
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home:
        if any(shot.audited for shot in shots):
            _audit(home, asked.data)
        with _app(home) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
            )
            for shot in shots:
                picture = _take(browser, address, shot, asked.data)
                path = SCREENSHOTS / f"{shot.name}.png" if asked.tour else GALLERY / f"{shot.name}.webp"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(_small(picture, path.suffix))
                sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")
            browser.close()


def _audit(home: str, data: str) -> None:
    """Audits of the model and of its int8 copy in that home."""
    for dtype in ("float32", "int8"):
        command = [sys.executable, "-m", "audits", "run", "--model", "bundled:sentiment", "--data", data]
        command += [*AUDITED, "--dtype", dtype]
        subprocess.run(command, cwd=ROOT, env=_environment(home), stdout=subprocess.DEVNULL, check=True)


def _environment(home: str) -> dict[str, str]:
    return os.environ | {"ASSAY_HOME": home, "HF_HUB_OFFLINE": "1"}


def _take(browser: Any, address: str, shot: Shot, data: str) -> bytes:
    tab = browser.new_page(
        viewport={"width": WIDTH, "height": shot.height},
        color_scheme="dark" if shot.dark else "light",
        device_scale_factor=1,
    )
    choices = {"model": "bundled:sentiment", "data": data, **shot.choices}
    tab.goto(f"{address}/{shot.page}?{urlencode(choices)}")
    _settle(tab)
    for name in shot.press:
        tab.get_by_test_id("stMain").get_by_role("button", name=name, exact=False).first.click()
        _settle(tab)
    picture: bytes = tab.screenshot(animations="disabled")
    tab.close()
    return picture


def _small(picture: bytes, suffix: str) -> bytes:
    """The picture as PNG, or as WebP as good as its size allows."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    if suffix == ".png":
        out = io.BytesIO()
        image.quantize(256, dither=Image.Dither.NONE).save(out, "png", optimize=True)
        return out.getvalue()
    for quality in (90, 80, 65, 50, 35):
        out = io.BytesIO()
        image.save(out, "webp", quality=quality, method=6)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()


def _settle(tab: Any, patience: float = 240) -> None:
    """Wait until the app is idle, three times in a row, and no job of it is watched (a bar with words)."""
    quiet, deadline = 0, time.monotonic() + patience
    while quiet < 3:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{tab.url} did not come to rest")
        quiet = quiet + 1 if tab.evaluate(_IDLE) else 0
        tab.wait_for_timeout(500)


_IDLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  return app && app.dataset.testScriptState === 'notRunning'
    && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
    && !document.querySelector('[data-stale="true"]')
    && ![...document.querySelectorAll('[data-testid="stProgress"]')].some(bar => bar.innerText.trim())
    && ![...document.querySelectorAll('[data-testid="stMain"] button')]
      .some(b => /Cancel$/.test(b.innerText));
}"""


@contextmanager
def _app(home: str) -> Iterator[str]:
    """The address of an app whose store is in that home."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
    process = subprocess.Popen(command, cwd=ROOT, env=_environment(home), stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
