"""Every page on data, columns, labels and a model whose names would be markup if somebody let them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import HOSTILE, MARKDOWN

pytestmark = pytest.mark.xdist_group("browser")

PAGES = {
    "overview": {},
    "explain": {},
    "attention": {},
    "layers": {"beside": f"{HOSTILE} beside"},
    "drivers": {"method": "gradient-input", "begun": "yes"},
    "embeddings": {"colour": f"data: slice {HOSTILE}"},
    "attack": {"test": "keyboard-typos"},
}
AUDIT = {"tests": "keyboard-typos", "severities": "1", "size": "25"}


@pytest.fixture
def chosen(hostile_model, hostile_data):
    return {"model": str(hostile_model), "data": str(hostile_data)}


@pytest.fixture
def inert(page):
    """Fails where markup became an element or was run."""
    dialogs: list[object] = []

    def opened(dialog):
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)

    def check():
        for frame in page.frames:
            found = frame.locator("img[src='x'], a[href^='http://example.com']")
            assert found.count() == 0, f"{page.url}: {found.first.locator('..').inner_html()}"
        assert not dialogs, page.url

    return check


def test_markup_is_shown_as_text_on_every_page_that_looks_inside_or_attacks(visit, page, idle, inert, chosen):
    for name, options in PAGES.items():
        visit(name, **chosen, **options)
        idle()
        shown = page.get_by_test_id("stMain").inner_text()
        assert HOSTILE in shown and "broke" not in shown, f"{name}: {shown[:500]}"
        inert()
        if name == "drivers":  # a bar leads to the texts that hold its word
            page.locator(".js-plotly-plot .barlayer .point path").nth(1).click(force=True)
            page.wait_for_url("**word=*")
            idle()
            term = parse_qs(urlsplit(page.url).query)["word"][0]
            bars = page.locator(".js-plotly-plot .yaxislayer-above text").all_text_contents()
            assert bars[1].startswith(f"{term} ")
            assert f"“{term}” stands in" in page.get_by_test_id("stMain").inner_text()
            page.get_by_role("button", name="Pin this").first.click()
            page.get_by_text("Pinned: it stays here").wait_for()
            idle()
            page.get_by_role("combobox", name="Order").click()
            page.get_by_role("option", name="strength in total").click()
            page.locator(".st-key-assay-pinned-drivers .barlayer .point").first.wait_for()
            inert()
        if name == "overview":
            assert page.get_by_test_id("stPlotlyChart").count() == 4
            assert any(
                "<img src=x" in text for text in page.locator(".js-plotly-plot text").all_text_contents()
            )
    visit("attention", **chosen, view="heads")
    page.frame_locator('iframe[title^="Head view"]').locator("svg line").first.wait_for(state="attached")
    inert()


def test_markup_is_shown_as_text_from_the_audit_to_its_report(visit, page, inert, tmp_path, chosen):
    visit("audit", **chosen, **AUDIT)
    assert chosen["model"] in page.get_by_test_id("stMain").inner_text()
    page.get_by_role("button", name="Start the audit").click()
    expect(page.get_by_role("link", name="See the report")).to_be_visible(timeout=120_000)
    inert()
    page.get_by_role("link", name="See the report").click()
    page.wait_for_url("**/reports?*")
    page.get_by_text("What was tested, and with what").click()
    expect(page.get_by_text(chosen["model"]).last).to_be_visible()
    inert()

    with page.expect_download() as download:
        page.get_by_role("button", name="HTML report", exact=True).click()
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    page.goto(saved.as_uri())
    shown = page.locator("body").inner_text()
    assert chosen["model"] in shown and MARKDOWN in shown
    inert()
