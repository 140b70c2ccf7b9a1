"""Screenshots for the gallery: `python docs/shots.py [NAME ...]` starts the app and photographs its pages.

Needs Debian's chromium and playwright (requirements-dev.txt). The sentences are SST-2's; with `--data` the
pages that need a data set look at that file instead of the bundled reviews.
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
INTO = ROOT / "docs/gallery"

#: A sentence of SST-2's dev split, and what DeepWordBug (seed 0) makes of it: one letter, and another answer.
PLAIN = "despite its title , punch drunk love is never heavy handed"
ATTACKED = "despite its title , punch drunk lve is never heavy handed"
#: Two more, for the pages with one text.
SURE = "it offers little beyond the momentary joys of pretty and weightless intellectual entertainment"

WIDTH, LARGEST = 1440, 150_000


@dataclass(frozen=True)
class Shot:
    """One picture: a page with its choices, the buttons to press, and how much of it to show (pixels)."""

    name: str
    page: str
    choices: dict[str, str]
    press: tuple[str, ...] = ()
    height: int = 900
    dark: bool = False


SHOTS = (
    Shot("overview", "overview", {}),
    Shot("explain", "explain", {"text": PLAIN, "second": "deeplift"}, height=1500),
    Shot("explain-attacked", "explain", {"text": ATTACKED}, height=1040, dark=True),
    Shot("attention", "attention", {"text": PLAIN}, height=1100),
    Shot("attention-heads", "attention", {"text": SURE, "view": "matter"}, height=1100),
    Shot(
        "attention-compared", "attention", {"text": PLAIN, "view": "compare", "other": ATTACKED}, height=1100
    ),
    Shot("layers", "layers", {"text": PLAIN, "beside": ATTACKED}, height=1400),
    Shot("drivers", "drivers", {}, ("Explain 300 texts",), height=1300),
    Shot("embeddings", "embeddings", {}, height=1000),
    Shot("attack", "attack", {"text": PLAIN, "test": "deepwordbug"}, ("Run",), height=1100),
    Shot("noise", "noise", {"text": SURE}, height=1000),
)


def main() -> None:
    """Photograph the pages named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(shot.name for shot in SHOTS))
    parser.add_argument("--data", default="bundled:reviews", help="a data set's name or file")
    parser.add_argument("--address", help="of an app that runs already")
    asked = parser.parse_args()
    shots = [shot for shot in SHOTS if shot.name in (asked.names or [shot.name])]
    from playwright.sync_api import sync_playwright

    INTO.mkdir(exist_ok=True)
    with _app(asked.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        for shot in shots:
            _take(browser, address, shot, asked.data)
        browser.close()


def _take(browser: Any, address: str, shot: Shot, data: str) -> None:
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
    picture = tab.screenshot(animations="disabled")
    tab.close()
    path = INTO / f"{shot.name}.webp"
    path.write_bytes(_small(picture))
    sys.stdout.write(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1000} kB\n")


def _small(picture: bytes) -> bytes:
    """The picture as WebP, as good as its size allows."""
    from PIL import Image

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for quality in (90, 80, 65, 50, 35):
        out = io.BytesIO()
        image.save(out, "webp", quality=quality, method=6)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()


def _settle(tab: Any, patience: float = 240) -> None:
    """Wait until the app is idle, and no job of it is watched, three times in a row."""
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
    && !document.querySelector('[data-stale="true"], [data-testid="stProgress"]')
    && ![...document.querySelectorAll('[data-testid="stMain"] button')]
      .some(b => /Cancel$/.test(b.innerText));
}"""


@contextmanager
def _app(address: str | None) -> Iterator[str]:
    """The address of an app with an empty store of its own, or the one that runs already."""
    if address:
        yield address
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.headless", "true"]
    with tempfile.TemporaryDirectory() as home:
        environment = os.environ | {"ASSAY_HOME": home, "HF_HUB_OFFLINE": "1"}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        try:
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
