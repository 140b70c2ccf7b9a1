"""The Layers page in a real browser: one text, and two beside each other."""

import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")

DULL = "The film is a dull waste of time."
FINE = "The film is a fine way to spend the time."


def test_one_text_then_two_and_where_the_answer_turns(visit, page, idle):
    visit("layers", text=DULL)
    assert re.search(r"of 6.* the answer.*: negative", page.locator(".assay-lead").inner_text())
    assert "All parts together: " in page.get_by_test_id("stMain").inner_text()
    assert page.locator(".js-plotly-plot").count() == 3
    assert page.locator(".js-plotly-plot .bars .point").count() == 14

    page.get_by_role("button", name="Pin this").first.click()
    page.get_by_text("Pinned: it stays here").wait_for()
    idle()
    page.get_by_text("Beside another text").click()
    page.get_by_label("Second text").fill(FINE)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**beside=The+film+is+a+fine**")
    idle()
    assert re.search(
        r"The answer turns at layer \d of 6: negative for the first text, positive",
        page.locator(".assay-lead").inner_text(),
    )
    assert "How far each word's states lie apart" in page.get_by_test_id("stMain").inner_text()
    # The first text's curves stand where they were, with what they were made from.
    kept = page.locator(".st-key-assay-pinned-layers")
    assert re.search(
        r"sentiment \([0-9a-f]{12}\) · “\u2068The film is a dull waste of time\.\u2069”", kept.inner_text()
    )
    assert kept.locator(".js-plotly-plot .scatterlayer .trace").count() == 2
    assert "beside" not in kept.get_by_role("link", name="Open it").get_attribute("href")
    kept.get_by_role("button", name="Unpin").click()
    kept.wait_for(state="detached")


@pytest.mark.parametrize(
    "page", [{"color_scheme": "dark", "viewport": {"width": 900, "height": 900}}], indirect=True
)
def test_narrow_and_dark_long_and_right_to_left(visit, page):
    visit("layers", text="هذا الفيلم ليس مملا. " * 60, beside="x" * 900)
    assert "Only the beginning was read" in page.get_by_test_id("stMain").inner_text()
    wide = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert wide <= 0
    visit("layers", text=" ")
    assert page.get_by_text("No text to follow").is_visible()
    page.get_by_role("button", name="Take the first row of the data").click()
    page.locator(".assay-lead").wait_for()
