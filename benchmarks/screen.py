"""A running app and a real browser, for the benchmarks of what a page sends and draws."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from models.classifier import ModelError

ROOT = Path(__file__).parents[1]
_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium without a graphics card. Raises ModelError where there is none."""
    path = shutil.which("chromium")
    if path is None:
        raise ModelError("This benchmark needs Debian's chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield found
        finally:
            found.close()


@contextmanager
def app() -> Iterator[str]:
    """The address of a running app with a home of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [*command, "--server.headless", "true"],
            cwd=ROOT,
            env=os.environ | {"ASSAY_HOME": home, "HF_HUB_OFFLINE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            for _ in range(300):
                time.sleep(0.2)
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=2):
                        break
                except OSError:
                    continue
            yield address
        finally:
            process.kill()
            process.wait()


def opened(browser: Any) -> tuple[Any, list[int]]:
    """A page of a usual size, and the list that the size of every message to it is put on."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    received: list[int] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: received.append(len(data))))
    return page, received


def conditions() -> str:
    """Where the seconds come from, for the section's lead."""
    return (
        f"in Chromium without a graphics card, app and browser on {os.cpu_count()} cores whose load average "
        f"was {os.getloadavg()[0]:.0f} at the end"
    )
