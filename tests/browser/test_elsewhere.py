"""The page of other data in a real Chromium, on the bundled sentiment model."""

import csv
import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import HOSTILE

pytestmark = pytest.mark.xdist_group("browser")


@pytest.mark.parametrize(
    "page", [{"color_scheme": "dark", "viewport": {"width": 900, "height": 900}}], indirect=True
)
def test_data_are_chosen_measured_and_kept_for_the_link(visit, page, idle, tmp_path):
    file = tmp_path / "<b>far<b> **away**.csv"
    with file.open("w") as out:
        written = csv.writer(out)
        written.writerow(["text", "label"])
        for place in range(24):
            written.writerow([f"invoice {place} overdue {HOSTILE}", ("negative", "positive")[place % 2]])
    visit("elsewhere", data=str(file), count="100")
    page.get_by_text("Nothing to compare").wait_for()
    page.get_by_role("button", name="Compare with bundled:reviews").click()
    page.get_by_text("Not measured yet").wait_for()
    idle()
    page.get_by_role("button", name="Run", exact=True).click()
    lead = page.locator(".assay-lead")
    lead.wait_for(timeout=120_000)
    idle()
    said = lead.inner_text()
    assert "<b>far<b> **away**" in said
    assert parse_qs(urlsplit(page.url).query)["others"] == ["bundled:reviews"]
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    found = json.loads(download.value.path().read_text())
    assert found["headline"] == said
    assert [each["examples"] for each in found["sets"]] == [24, 100]
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    visit("elsewhere", data=str(file), count="100", others="bundled:reviews")
    assert lead.inner_text() == said
    visit("elsewhere", data="bundled:reviews", count="100", others="/no/such.csv")
    page.get_by_text("There is no file /no/such.csv").wait_for()
