"""A running app and a strict Chromium for the browser tests.

`visit` opens a page of the app and waits until it has settled. The `page` fixture fails a test on
console errors, script errors, exception boxes and any request to another host than this machine.
"""

import csv
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: On a link to a page below the root Streamlit first looks for its server there, and then at the root.
HARMLESS = re.compile(r"/[a-z_]+/_stcore/(host-config|health)$")
#: What would be markup, or a formatted text, if somebody let it.
HOSTILE = "<img src=x onerror=alert(1)></script>"
MARKDOWN = "**bold** [link](http://example.com) $x^2$ :material/bolt: :red[x]"
IDLE = """() => {
  const app = document.querySelector('[data-testid="stApp"]');
  if (!app || app.dataset.testScriptState !== 'notRunning') return false;
  if (app.dataset.testConnectionState && app.dataset.testConnectionState !== 'CONNECTED') return false;
  if (document.querySelector('[data-testid="stStatusWidget"]')) return false;
  if (document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')) return false;
  return !document.querySelector('[data-stale="true"]');
}"""


def _unavailable(reason: str) -> None:
    """Skip, or fail where browser tests are demanded."""
    if os.environ.get("ASSAY_REQUIRE_BROWSER") == "1":
        pytest.fail(f"browser tests are demanded (ASSAY_REQUIRE_BROWSER=1), but {reason}")
    pytest.skip(f"browser tests need Debian's chromium: {reason}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try a browser test once more when it fails: on a busy machine a click may meet a page just redrawn.

    A fault of the app fails both times; what passed at the second try is listed at the end of the run, and
    more than two such tests are a fault as well (`--max-suite-reruns`).
    """
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A Chromium for the whole session."""
    path = shutil.which("chromium")
    if path is None:
        _unavailable("no `chromium` is on the PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def assay_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the app under test keeps its store and caches."""
    return tmp_path_factory.mktemp("assay-home")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def app(chromium: Any, assay_home: Path) -> Iterator[str]:
    """The address of a running app with an empty store of its own."""
    port = _free_port()
    log = assay_home / "streamlit.log"
    environment = os.environ | {
        "ASSAY_HOME": str(assay_home),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    command += ["--server.headless", "true"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(address, process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_healthy(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            pytest.fail(f"streamlit ended with {process.returncode}:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"streamlit did not become healthy in a minute:\n{log.read_text()[-3000:]}")


def settle(page: Any, timeout: float = 180) -> None:
    """Wait until the app has nothing left to do: idle twice in a row, 150 ms apart."""
    deadline = time.monotonic() + timeout
    quiet = 0
    while quiet < 2:
        if time.monotonic() > deadline:
            pytest.fail(f"{page.url} did not come to rest in {timeout:g} s")
        quiet = quiet + 1 if page.evaluate(IDLE) else 0
        page.wait_for_timeout(150)


@pytest.fixture
def page(app: str, chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh page, 1440 × 900, that fails the test on errors, exception boxes and foreign requests.

    `@pytest.mark.parametrize("page", [...], indirect=True)` passes options of Playwright's new_context,
    such as {"color_scheme": "dark"} or {"viewport": {"width": 900, "height": 900}}.
    """
    options = {"viewport": {"width": 1440, "height": 900}} | getattr(request, "param", {})
    context = chromium.new_context(**options)
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=app)
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    wrongs: list[str] = []

    def console(message: Any) -> None:
        where = message.location.get("url", "")
        if message.type == "error" and not HARMLESS.search(where):
            wrongs.append(f"console: {message.text} ({where})")

    def requested(asked: Any) -> None:
        parts = urlsplit(asked.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            wrongs.append(f"a request left the machine: {asked.url}")

    opened.on("console", console)
    opened.on("pageerror", lambda error: wrongs.append(f"script error: {error}"))
    context.on("request", requested)
    opened.on("websocket", requested)
    try:
        yield opened
        boxes = opened.locator('[data-testid="stException"]').all_inner_texts()
        wrongs += [f"exception box: {text}" for text in boxes]
        if wrongs:
            _keep_picture(opened, request.node.name)
        assert not wrongs, "\n".join(wrongs)
    finally:
        if getattr(request.node, "failed_call", False):
            _keep_picture(opened, request.node.name)
        context.close()


def _keep_picture(page: Any, name: str) -> None:
    folder = Path(tempfile.gettempdir()) / "assay-browser-failures"
    folder.mkdir(exist_ok=True)
    path = folder / f"{re.sub(r'[^A-Za-z0-9_.-]+', '-', name)}.png"
    page.screenshot(path=str(path), full_page=True)
    sys.stderr.write(f"\nscreenshot of the failure: {path}\n")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: "pytest.CallInfo[None]") -> Iterator[None]:
    """Let the `page` fixture know at its end whether the test failed."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.when == "call":
        item.failed_call = report.failed  # type: ignore[attr-defined]


@pytest.fixture
def visit(app: str, page: Any) -> Callable[..., Any]:
    """`visit("explain", row="…", text="…")` opens a page of the app, waits until it rests, and returns it."""

    def go(path: str = "overview", /, **params: str) -> Any:
        query = f"?{urlencode(params)}" if params else ""
        page.goto(f"{app}/{path}{query}")
        page.wait_for_selector('[data-testid="stApp"]')
        settle(page)
        return page

    return go


@pytest.fixture
def hostile_data(tmp_path) -> Path:
    """Texts, labels, columns, values and a file name that would be markup if somebody let them."""
    folder = tmp_path / "<img src=x onerror=alert(1)>"
    folder.mkdir()
    file = folder / "<b>own.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["text", "label", f"slice {HOSTILE}"])
        for number in range(40):
            label = HOSTILE if number % 3 else MARKDOWN
            writer.writerow([f"{HOSTILE} {MARKDOWN} {number}", label, HOSTILE if number % 2 else MARKDOWN])
    return file


@pytest.fixture
def hostile_model(tmp_path) -> Path:
    """A tiny untrained classifier in a folder, and with labels, of such names."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification

    from models import bundled

    folder = tmp_path / "<img src=x onerror=alert(1)><" / "script>"
    folder.mkdir(parents=True)
    tokenizer = AutoTokenizer.from_pretrained(bundled.base_folder())
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        id2label={0: HOSTILE, 1: MARKDOWN},
        label2id={HOSTILE: 0, MARKDOWN: 1},
    )
    torch.manual_seed(0)
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def idle(page: Any) -> Callable[[], None]:
    """`idle()` waits until the app rests after a click."""

    def wait(timeout: float = 180) -> None:
        page.wait_for_timeout(100)
        settle(page, timeout)

    return wait
