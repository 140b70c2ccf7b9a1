"""The Noise page in a real Chromium, on the bundled model."""

import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from attacks.noise import NOISES

pytestmark = pytest.mark.xdist_group("browser")

PRAISE = "A wonderful, warm film with a clever script and no dull minute."
HOSTILE = "<img src=x onerror=alert(1)></script> شكرا, a wonderful film 👩‍👩‍👧 and a warm, clever script"


def lines(page):
    return page.locator(".assay-survey").first.locator(".line")


def test_all_noises_at_once_flips_first(visit, page, idle):
    visit("noise", severity="5", seed="3", text=PRAISE)
    found = re.search(
        r"flips under (\d+) of (\d+) noises at severity 5; the smallest change that flips it is",
        page.locator(".assay-lead").first.inner_text(),
    )
    assert found
    flips, changed = int(found[1]), int(found[2])
    shown = lines(page).all_inner_texts()
    assert len(shown) == max(flips, 10) < changed
    assert [("flips to" in text) for text in shown] == [True] * flips + [False] * (len(shown) - flips)
    more = page.get_by_text(re.compile(rf"^{changed - len(shown)} more noises? leaves? the answer as it is"))
    assert more.count() == 1
    kept = [re.search(r"→ [<>]? ?([\d.]+) %", text) for text in shown[flips:]]
    falls = [float(each[1]) for each in kept if each]
    assert falls == sorted(falls)
    # Another severity is another setting, and stands in the address.
    page.get_by_role("radio", name="1").or_(page.get_by_role("button", name="1", exact=True)).first.click()
    page.get_by_text("noises at severity 1").first.wait_for()
    assert "severity=1" in page.url and "seed=3" in page.url
    idle()


def test_one_noise_over_severities_and_its_outcome_as_a_file(visit, page, idle):
    visit("noise", severity="3", noise="keyboard-typos", text=HOSTILE)
    page.locator(".assay-key").first.wait_for(timeout=120_000)
    assert page.locator("img[src='x']").count() == 0
    assert page.get_by_text("of 25 draws flip the answer").count() == 1
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    written = json.loads(download.value.path().read_text())
    assert written["outcome"]["text"] == HOSTILE and written["made_from"]["severity"] == 3
    beside = page.get_by_role("link", name="Where the answer turns: Layers").get_attribute("href")
    assert parse_qs(urlsplit(beside).query)["beside"] == [written["outcome"]["perturbed"]]
    page.get_by_role("link", name="Explain after").click()
    page.wait_for_url("**/explain?*")
    idle()
    assert "text=" in page.url


def test_the_data_are_measured_after_a_click_and_a_link_shows_it_again(visit, page, idle):
    visit("noise", noise="homoglyphs", size="50")
    page.get_by_role("button", name="Measure").click()
    page.get_by_text(re.compile(r"Unchanged .* n = 50; severity 5 .* n = 50")).wait_for(timeout=180_000)
    idle()
    link = page.url
    assert "noise=homoglyphs" in link and "size=50" in link and "row=" in link
    page.goto(link)
    page.get_by_text(re.compile(r"Unchanged .* n = 50; severity 5")).wait_for()


def test_a_measurement_can_be_cancelled(visit, page, idle):
    visit("noise", noise="casing", size="320", seed="11")
    page.get_by_role("button", name="Measure").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("what was complete stands here").wait_for(timeout=60_000)
    idle()


def test_nothing_to_edit_no_text_and_wrong_choices_are_met_with_words(visit, page):
    visit("noise", text="…", noise="no-such-noise", severity="9")
    assert page.locator(".assay-lead").count() == 1
    assert page.get_by_text(re.compile(r"“9” is no choice for Severity here")).count() == 1
    visit("noise", text=" ")
    page.get_by_text("No text yet").wait_for()


@pytest.mark.parametrize(
    "page", [{"color_scheme": "dark", "viewport": {"width": 900, "height": 900}}], indirect=True
)
def test_narrow_and_dark_the_page_never_scrolls_sideways(visit, page):
    visit("noise", severity="5", text=PRAISE + " " + "x" * 300)
    assert len(NOISES) >= lines(page).count() > 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
