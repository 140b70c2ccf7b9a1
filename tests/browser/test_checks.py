"""The Checks page in a real Chromium, on the bundled models."""

import json
import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")

OWN = """
name: <img src=x onerror=alert(1)>
labels: [negative, positive]
tests:
- {name: '<b>bold</b> **praise**', capability: '<i>words</i>', type: MFT, label: negative,
   templates: ['a wonderful film </script>', 'a lovely film']}
"""


def run(page):
    page.get_by_role("button", name="Run", exact=True).click()


def test_a_suite_that_fits_is_chosen_runs_and_is_kept_for_the_link(visit, page):
    visit("checks", cases="100", seed="2")
    page.get_by_text("Sentiment has not run on this model").wait_for()
    run(page)
    page.locator(".assay-checks").wait_for(timeout=120_000)
    lead = page.locator(".assay-lead").first.inner_text()
    found = re.search(r"Fails (\d+) of 100 cases; worst: Negation, [\d.]+ % \[[\d.]+, [\d.]+\]", lead)
    assert found
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    written = json.loads(download.value.path().read_text())
    assert written["seed"] == 2 and len(written["cases"]) == 100
    assert sum(case["failed"] for case in written["cases"]) == int(found[1])
    worst = page.locator(".assay-failing details").filter(has_text="Negation with words between")
    assert not worst.locator(".case").first.is_visible()
    worst.locator("summary").click()
    worst.locator(".case").first.wait_for()
    assert "expected negative" in worst.inner_text()
    visit("checks", suite="sentiment", cases="100", seed="2")
    page.locator(".assay-checks").wait_for()
    assert page.locator(".assay-lead").first.inner_text() == lead


def test_another_models_suite_is_met_with_words(visit, page):
    visit("checks", model="bundled:topics", data="bundled:headlines")
    page.get_by_text("Topics has not run on this model").wait_for()
    visit("checks", model="bundled:topics", data="bundled:headlines", suite="sentiment")
    page.get_by_text("This suite does not fit the model").wait_for()
    page.get_by_text("speaks of negative, positive").wait_for()


def test_a_run_can_be_cancelled_and_begun_anew(visit, page):
    visit("checks", cases="5000", seed="9")
    run(page)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("The run was stopped before its end").wait_for(timeout=60_000)


def test_a_suite_of_ones_own_is_checked_and_shown_as_text(visit, page, idle):
    visit("checks", suite="own")
    field = page.get_by_role("textbox", name="… or type it here")
    page.get_by_text("My suite has not run on this model").wait_for()
    field.fill(OWN.replace("label: negative", "label: bad"))
    field.blur()
    page.get_by_text("'bad' is none of the suite's labels").wait_for()
    field.fill(OWN)
    field.blur()
    page.get_by_text("has not run on this model").wait_for()
    idle()
    run(page)
    page.get_by_text("Fails 2 of 2 cases").wait_for(timeout=60_000)
    assert page.locator("img[src='x']").count() == 0
    assert "<b>bold</b> **praise**" in page.locator(".assay-checks").inner_text()
    page.locator(".assay-failing summary").click()
    assert "a wonderful film </script>" in page.locator(".assay-failing").inner_text()


def test_a_file_is_read_or_refused_in_words(visit, page, tmp_path):
    visit("checks", suite="own")
    file = tmp_path / "own.yaml"
    file.write_text("name: From a file\nlabels: [negative, positive]\n")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_text("own.yaml: tests: Field required").wait_for()


@pytest.mark.parametrize(
    "page", [{"color_scheme": "dark", "viewport": {"width": 900, "height": 900}}], indirect=True
)
def test_narrow_and_dark_the_page_never_scrolls_sideways(visit, page):
    visit("checks", cases="100")
    run(page)
    page.locator(".assay-checks").wait_for(timeout=120_000)
    page.locator(".assay-failing summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
