"""The Explain page in a real Chromium: type, choose, reopen, and nothing that a text holds is run."""

import json
import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = '<img src=x onerror=alert(1)></script><b>bold</b> & "dull" \u202ecod.exe'
DULL = "A dull script and lazy jokes, but the leads are unforgettable."


def choose(page, label: str, option: str) -> None:
    """Pick an option of a select box by the text shown."""
    box = page.get_by_role("combobox", name=re.compile(label))
    box.click()
    box.fill(option)  # a long list holds only the options in sight
    page.get_by_role("option", name=option, exact=True).click()


@pytest.fixture
def explained(page, idle):
    """`explained()` waits until the scores that were asked for stand on the page."""

    def wait() -> None:
        idle()
        page.get_by_text("How this was computed").wait_for(timeout=90_000)
        idle()

    return wait


def lead(page) -> str:
    return page.locator(".assay-lead").inner_text()


def test_typing_a_text_gives_its_answer_its_words_and_their_scores(visit, idle, explained):
    page = visit("explain")
    page.get_by_text("Own text", exact=True).click(timeout=90_000)  # the first visit loads every script
    idle()
    area = page.get_by_role("textbox", name="Text to explain")
    area.fill(DULL)
    area.press("Control+Enter")
    explained()
    assert re.match(r"The model says (positive|negative), \S+ %\. (Without|Even without) “", lead(page))
    assert page.locator(".assay-passage").first.inner_text() == DULL
    assert page.locator(".assay-passage mark.strong[title]").count() >= 1
    assert page.locator(".assay-probabilities dt").count() == 2
    assert page.locator(".js-plotly-plot .bars .point").count() == 13
    assert "text=A+dull+script" in page.url


def test_choices_stand_in_the_link_and_the_link_opens_the_same_view(visit, idle, explained):
    page = visit("explain", text=DULL)
    explained()
    choose(page, "rather than", "nothing: its logit alone")
    explained()
    choose(page, "Baseline", "[MASK]")
    explained()
    choose(page, "Explain", "negative")
    explained()
    page.get_by_text("In the text's order").click()
    idle()
    assert page.locator(".assay-key.for").inner_text() == "for negative"
    assert page.locator(".assay-key.against").inner_text() == "against negative"
    marks = page.locator(".assay-passage").first.inner_html()
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    explained()
    assert page.locator(".assay-passage").first.inner_html() == marks
    assert page.locator(".assay-key.for").inner_text() == "for negative"
    page.get_by_text("How this was computed").click()
    facts = page.locator(".assay-facts").last.inner_text()
    assert "logit of negative" in facts
    assert "from [MASK]" in facts
    assert "fingerprint" in facts


@pytest.mark.parametrize(
    "page", [{"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}], indirect=True
)
def test_the_panel_says_how_far_to_believe_the_words(visit, explained):
    page = visit("explain", text=DULL, method="occlusion")
    explained()
    panel = page.locator(".assay-reliability")
    panel.wait_for(timeout=90_000)
    assert re.search(
        r"Removing the 3 strongest words .* \(\S+ % → .* %\); 3 random words take .* % \[.*\]",
        panel.inner_text(),
    )
    page.get_by_text("How this was measured").click()
    page.locator(".js-plotly-plot").nth(1).wait_for()
    over = "() => (m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))"
    assert page.evaluate(over) <= 0


def test_a_second_baseline_or_method_stands_beside_the_first(visit, idle, explained):
    page = visit("explain", text=DULL, second="mask")
    explained()
    passages = page.locator(".assay-passage")
    assert passages.count() == 3
    assert passages.nth(1).inner_text() == passages.nth(2).inner_text() == DULL
    assert passages.nth(1).inner_html() != passages.nth(2).inner_html()
    choose(page, "Compare with", "attention relevance")
    explained()
    page.get_by_text("rank correlation").wait_for()
    assert page.locator(".assay-key.much").count() == 1


def test_a_slow_method_is_announced_by_a_quick_one_and_can_be_cancelled(visit, idle, explained):
    page = visit("explain", text=" ".join([DULL] * 3), method="shapley-sampling", samples="1600")
    cancel = page.get_by_role("button", name="Cancel")
    cancel.wait_for()
    assert page.locator(".assay-passage mark.much").count() > 5
    assert page.get_by_text("Until then the colours are a first picture").count() == 1
    cancel.click()
    idle()
    page.get_by_text("Shapley sampling was stopped").wait_for()
    choose(page, "Samples", "50")
    explained()
    assert page.locator(".assay-key.for").count() == 1
    assert "method=shapley-sampling" in page.url and "samples=50" in page.url


def test_hostile_text_is_shown_as_text(visit, idle, explained):
    page = visit("explain", text=HOSTILE)
    explained()
    assert page.locator(".assay-passage").first.text_content() == HOSTILE
    assert page.locator("img[src=x], .assay-passage script, .assay-lead img").count() == 0
    assert page.locator(".assay-passage b").count() == 0
    assert page.locator('.assay-passage .hidden[title*="RIGHT-TO-LEFT OVERRIDE"]').count() == 1
    page.get_by_text("In the text's order").click()
    idle()
    assert "onerror" in page.locator(".js-plotly-plot .yaxislayer-above").last.text_content()


def test_the_scores_can_be_taken_away(visit, idle, explained):
    page = visit("explain", text='=cmd("x") is a dull formula')
    explained()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").last.click()
    table = download.value.path().read_text()
    assert table.splitlines()[0] == "word,start,end,score"
    assert table.splitlines()[1].startswith("'=,0,1,")
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    record = json.loads(download.value.path().read_text())
    assert record["text"] == '=cmd("x") is a dull formula'
    scores = sum(word["score"] for word in record["words"])
    difference = record["value_at_text"] - record["value_at_baseline"]
    assert scores == pytest.approx(difference + record["delta"], abs=1e-6)


def test_an_empty_text_offers_a_row(visit, idle):
    page = visit("explain", text="")
    assert page.get_by_text("No text yet").count() == 1
    page.get_by_role("button", name="Take the first row of the data").click()
    idle()
    assert "The model says" in lead(page)


@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}}], indirect=True)
def test_long_words_and_narrow_windows_scroll_nothing_sideways(visit, explained):
    page = visit("explain", text="a" * 900 + " dull. " + "الفيلم ممل جدا 😴")
    explained()
    over = "() => (m => m.scrollWidth - m.clientWidth)(document.querySelector('[data-testid=stMain]'))"
    assert page.evaluate(over) <= 0
