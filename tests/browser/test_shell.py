"""The frame of the app in a real Chromium: navigation, the shared selection, the sidebar's messages."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = "<img src=x onerror=alert(1)></script>"


def params(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def path(page):
    return urlsplit(page.url).path.strip("/")


def box(page, label):
    """A selectbox of the sidebar."""
    return page.get_by_test_id("stSidebar").get_by_role("combobox", name=label)


def fill(page, label, value):
    """Type a value into a selectbox of the sidebar, as a user would."""
    box(page, label).click()
    box(page, label).fill(value)
    page.keyboard.press("Enter")


def pick(page, idle, label, value):
    """Type a value into a selectbox of the sidebar, and wait for what it brings."""
    fill(page, label, value)
    idle()


@pytest.fixture
def three_stars(tmp_path) -> Path:
    """Data whose labels no bundled model has."""
    file = tmp_path / "stars.csv"
    file.write_text("text,label\n" + "".join(f"Nothing but praise {i},***\nDull {i},*\n" for i in range(9)))
    return file


def test_a_link_to_a_page_opens_it_inside_the_frame(visit):
    page = visit("reports")
    assert path(page) == "reports"
    navigation = page.get_by_test_id("stSidebarNav")
    assert navigation.get_by_role("link").all_inner_texts()[:2] != ["app", "attack"]
    for title in ("Overview", "Explain", "Attention", "Embeddings", "Attack", "Audit", "Reports"):
        assert navigation.get_by_role("link", name=title, exact=True).is_visible()
    for group in ("Look inside", "Stress"):
        assert navigation.get_by_text(group).is_visible()


def test_the_bare_address_leads_to_overview(visit):
    page = visit("")
    assert path(page) == "overview"
    assert params(page)["model"] == "bundled:sentiment"
    assert page.get_by_test_id("stAppDeployButton").count() == 0


def test_fonts_come_with_the_app(visit):
    page = visit("reports")
    loaded = page.evaluate(
        "document.fonts.ready.then("
        "() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family))"
    )
    assert any("IBM Plex Sans" in family for family in loaded)
    family = page.evaluate("getComputedStyle(document.querySelector('[data-testid=\"stApp\"]')).fontFamily")
    assert "IBM Plex Sans" in family


def test_the_selection_survives_a_change_of_page_and_the_back_button(visit, idle, first_row):
    page = visit("overview", row=first_row)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Reports").click()
    idle()
    assert path(page) == "reports"
    assert params(page)["row"] == first_row
    assert params(page)["data"] == "bundled:reviews"
    for _ in range(3):  # Reports without its address, with the shared part of it, and with all of it
        if path(page) == "reports":
            page.go_back()
            idle()
    assert path(page) == "overview"
    assert params(page)["row"] == first_row


@pytest.fixture
def first_row() -> str:
    """An id of a row of the bundled reviews that is not the first."""
    from corpora.loading import load

    return load("bundled:reviews").examples[3].id


def test_a_wrong_model_is_told_and_the_one_in_use_stays(visit, idle):
    page = visit("overview", model="no/such-model")
    notice = page.get_by_test_id("stSidebar").get_by_role("alert")
    assert "That model cannot be used" in notice.inner_text()
    assert "bundled:sentiment stays loaded" in notice.inner_text()
    assert params(page)["model"] == "bundled:sentiment"
    assert "bundled:sentiment" in page.locator(".assay-lead").inner_text()

    pick(page, idle, "Model", "/no/such/folder")
    assert "/no/such/folder" in page.get_by_test_id("stSidebar").get_by_role("alert").inner_text()
    assert box(page, "Model").input_value() == "bundled:sentiment"

    pick(page, idle, "Model", "bundled:sentiment")
    assert params(page)["model"] == "bundled:sentiment"


def test_a_model_with_other_labels_offers_the_data_that_fits(visit, idle):
    page = visit("overview")
    pick(page, idle, "Model", "bundled:topics")
    assert params(page)["model"] == "bundled:topics"
    assert page.get_by_text("The model and the data speak of different labels").is_visible()
    page.get_by_test_id("stMain").get_by_role("button", name="Use bundled:headlines").click()
    idle()
    assert params(page)["data"] == "bundled:headlines"
    assert "bundled:topics answers" in page.locator(".assay-lead").inner_text()


def test_data_with_other_labels_leaves_the_data_in_use_and_can_be_mapped(visit, idle, three_stars):
    page = visit("overview")
    pick(page, idle, "Data", str(three_stars))
    sidebar = page.get_by_test_id("stSidebar")
    assert "bundled:reviews stays in use" in sidebar.inner_text()
    assert params(page)["data"] == "bundled:reviews"
    sidebar.get_by_text("Map the labels").click()
    sidebar.get_by_role("button", name="Use this map").scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # scrolling closes an open list
    for number, label in ((1, "negative"), (2, "positive")):
        fill(page, f"Label {number}", label)
    sidebar.get_by_role("button", name="Use this map").click()
    idle()
    assert params(page)["data"] == str(three_stars)
    assert parse_qs(params(page)["label_map"]) == {"*": ["negative"], "***": ["positive"]}
    again = page.context.new_page()
    again.goto(page.url)
    again.get_by_text(re.compile("of 18 examples")).wait_for()


def test_a_file_that_is_not_there_is_told(visit):
    page = visit("overview", data="/no/such/file.csv")
    assert "That data cannot be used" in page.get_by_test_id("stSidebar").inner_text()
    assert params(page)["data"] == "bundled:reviews"
    assert "bundled:reviews" in page.locator(".assay-lead").inner_text()


def test_a_link_of_markup_shows_it_as_text(visit):
    hostile = dict.fromkeys(("row", "examples", "device", "model", "data", "label_map", "slice"), HOSTILE)
    page = visit("overview", **hostile)
    assert "bundled:sentiment answers" in page.locator(".assay-lead").inner_text()
    assert HOSTILE in page.get_by_test_id("stSidebar").inner_text()
    assert page.locator("img[src='x']").count() == 0


def test_what_the_link_asks_in_vain_is_said(visit):
    page = visit("overview", examples="many")
    assert "“many”" in page.get_by_test_id("stMain").inner_text()
    page = visit("overview", slice=HOSTILE)
    assert HOSTILE in page.get_by_test_id("stMain").inner_text()
    assert params(page)["slice"] == "domain"


def test_every_wrong_choice_of_a_link_is_said_once(visit, page):
    visit("attention", layer="99", head="x")
    said = page.locator(".assay-notice").inner_text()
    assert "“99” is no choice for Layer" in said and "“x” is no choice for Head" in said
    page.reload()
    page.locator(".assay-lead").wait_for()
    assert page.locator(".assay-notice").count() == 0
    visit("audit", seed="9" * 5000, tests="keyboard-typos,sarcasm")
    said = page.locator(".assay-notice").inner_text()
    assert "is no seed; 0 is used" in said and "“sarcasm” is no choice for Tests here" in said
    assert params(page)["tests"] == "keyboard-typos"
