"""The Attack page in a real Chromium, on the bundled model."""

import json
import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")

PRAISE = "A wonderful, warm film with a clever script and no dull minute."
HOSTILE = "<img src=x onerror=alert(1)></script> شكرا, a wonderful film 👩‍👩‍👧 and a warm, clever script"
FLIPPED = re.compile(r"flips the answer from positive \(\d+ %\) to negative \(\d+ %\)")


def lead(page):
    return page.locator(".assay-lead").first


def run(page):
    page.get_by_role("button", name="Run").first.click()


def test_a_link_to_a_noise_leads_to_its_page(visit, page, idle):
    visit("attack", test="keyboard-typos", severity="3", text=PRAISE)
    page.wait_for_url("**/noise?*")
    idle()
    assert "noise=keyboard-typos" in page.url and "severity=3" in page.url and "text=" in page.url
    page.get_by_role("link", name="Attack").first.click()
    page.get_by_text("DeepWordBug has not run on this text").wait_for()


def test_without_a_row_it_begins_with_one_that_is_answered_rightly(visit, page):
    visit("attack")
    page.get_by_text("DeepWordBug has not run on this text").wait_for()
    assert "row=" in page.url


def test_deepwordbug_flips_a_hostile_text_and_hands_out_its_outcome(visit, page, idle):
    visit("attack", test="deepwordbug", seed="7", text=HOSTILE)
    page.get_by_text("DeepWordBug has not run on this text").wait_for()
    assert page.get_by_text("the model's answer to it is taken as right").count() == 1
    run(page)
    page.get_by_text(FLIPPED).first.wait_for(timeout=120_000)
    page.locator(".assay-key").first.wait_for(timeout=120_000)
    idle()
    assert page.locator("img[src='x']").count() == 0
    # The search is there to be read: its score by query, and what each step tried.
    assert page.locator(".js-plotly-plot").count() == 1
    assert page.locator(".assay-steps tbody tr").count() >= 2
    assert "which words matter:" in page.locator(".assay-steps").inner_text()
    assert page.get_by_text("valid under the usual thresholds").count() == 1
    assert "<img src=x onerror=alert(1)></script>" in page.locator(".assay-passage").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    written = json.loads(download.value.path().read_text())
    assert written["outcome"]["text"] == HOSTILE
    assert (
        written["made_from"] | {"seed": 7, "test": "deepwordbug", "target": "positive"}
        == written["made_from"]
    )
    # A link to it shows what was found without another search.
    visit("attack", test="deepwordbug", seed="7", text=HOSTILE)
    page.get_by_text(FLIPPED).first.wait_for()


def test_a_search_can_be_cancelled(visit, page):
    visit("attack", test="pruthi", budget="0", text=" ".join([PRAISE] * 6))
    run(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The search was stopped").wait_for(timeout=120_000)


def test_wrong_choices_in_the_address_and_an_empty_text_are_met_with_words(visit, page):
    visit("attack", test="no-such-test", seed="minus one", text=" ")
    page.get_by_text("No text yet").wait_for()
    visit("attack", test="no-such-test", seed="minus one", text=PRAISE)
    page.get_by_text("DeepWordBug has not run on this text").wait_for()
    assert page.get_by_role("spinbutton", name="Seed").input_value() == "0"


@pytest.mark.parametrize(
    "page", [{"color_scheme": "dark", "viewport": {"width": 900, "height": 900}}], indirect=True
)
def test_narrow_and_dark_the_page_never_scrolls_sideways(visit, page):
    visit("attack", test="deepwordbug", text=PRAISE + " " + "x" * 300)
    run(page)
    page.locator(".assay-key").first.wait_for(timeout=120_000)
    page.get_by_text("All attacks").click()
    page.get_by_text("Pruthi et al.").first.wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
