"""The overview in a real Chromium: the sentence, the pictures, the way to the other pages."""

import csv
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.xdist_group("browser")


def test_overview_answers_in_one_sentence_and_two_pictures(visit):
    page = visit("overview")
    lead = page.locator(".assay-lead").inner_text()
    assert lead.startswith("bundled:sentiment answers ")
    assert " of 320 examples of bundled:reviews correctly [" in lead
    assert page.get_by_test_id("stPlotlyChart").count() == 4
    main = page.get_by_test_id("stMain").inner_text()
    for word in (
        "BertForSequenceClassification",
        "6 layers × 12 heads",
        "Expected calibration error",
        "Balance",
    ):
        assert word in main
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    "page",
    [{"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}],
    indirect=True,
    ids=["narrow and dark"],
)
def test_a_narrow_dark_window_stacks_the_pictures_and_never_scrolls_sideways(visit):
    page = visit("overview")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first, second = (page.get_by_test_id("stPlotlyChart").nth(position).bounding_box() for position in (0, 1))
    assert second["y"] > first["y"] + first["height"] - 1
    ground = page.evaluate(
        "getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).backgroundColor"
    )
    assert ground == "rgb(15, 21, 20)"


def test_from_an_error_one_click_leads_to_the_pages_for_that_row(visit, idle):
    page = visit("overview")
    row = page.locator('[class*="st-key-assay-error-"]').first
    link = row.get_by_role("link", name="Attack")
    asked = parse_qs(urlsplit(link.get_attribute("href")).query)
    link.click()
    idle()
    assert urlsplit(page.url).path == "/attack"
    assert parse_qs(urlsplit(page.url).query)["row"] == asked["row"]


def test_the_data_behind_a_picture_can_be_downloaded(visit):
    page = visit("overview")
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button", name="CSV").first.click()
    assert download.value.suggested_filename == "confusion-matrix.csv"
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert sum(int(row["examples"]) for row in rows) == 320


def test_a_slice_is_chosen_and_linked_to(visit, idle):
    page = visit("overview")
    chooser = page.get_by_test_id("stMain").get_by_role("combobox", name="Accuracy by")
    chooser.click()
    chooser.fill("register")
    page.keyboard.press("Enter")
    idle()
    assert parse_qs(urlsplit(page.url).query)["slice"] == ["register"]


def test_data_of_text_and_label_alone_leave_no_side_empty(visit, tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("text,label\n" + "a good film,positive\na dull film,negative\n" * 4)
    page = visit("overview", data=str(own))
    lengths, data = (
        page.get_by_role("heading", name=name).bounding_box() for name in ("How long are", "The data")
    )
    assert lengths and data and abs(lengths["y"] - data["y"]) < 40 < data["x"] - lengths["x"]
