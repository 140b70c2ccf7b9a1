"""The attention page in a real Chromium: every view draws, answers the mouse, and shows text as text."""

import re

import numpy as np
import pytest

from views.attention import bertviz

pytestmark = pytest.mark.xdist_group("browser")

SHORT = "The film is not dull, and I would never call it a waste of time."
HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script> dull"
LONG = "The plot never quite recovers from its dull opening, though the cast is superb. " * 40


@pytest.fixture
def look(visit, idle):
    """Opens the page with some options and waits for its answer, the first time for the model too."""

    def go(**params):
        opened = visit("attention", **params)
        opened.locator(".assay-lead").wait_for(timeout=180_000)
        idle()

    return go


@pytest.fixture
def alerts(page):
    """Every dialog that a page opens; there must be none."""
    return watch(page)


def watch(page):
    seen: list[str] = []

    def opened(dialog):
        seen.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", opened)
    return seen


def drawing(page, title):
    frame = page.frame_locator(f'iframe[title^="{title}"]')
    frame.locator("svg line").first.wait_for(state="attached")
    return frame


def drawn(page, title):
    page.locator(f'.assay-attention[data-drawn="{title}"]').wait_for()


def test_the_matrix_tells_on_hover_and_a_click_on_a_head_opens_it(page, look, idle):
    look(text=SHORT, layer="1", head="3")
    assert "Layer 1, head 3" in page.locator(".assay-lead").inner_text()
    drawn(page, "Layer 1, head 3")
    cells = page.locator(".matrix canvas")
    box = cells.bounding_box()
    assert box
    cells.hover(position={"x": 100, "y": 30})  # the second row's first cell
    told = page.locator(".matrix .says").inner_text()
    assert re.fullmatch(r"from “\u2068the\u2069” \(2\) to “\u2068\[CLS\]\u2069” \(1\): [01]\.\d+", told)
    page.locator(".passage span").nth(5).hover()
    assert page.locator(".passage span.from").inner_text() == "dull"
    assert "most of all at “\u2068not\u2069” (5)" in page.locator(".matrix .says").inner_text()

    heads = page.locator(".heads canvas")
    size = heads.bounding_box()
    assert size
    heads.hover(position={"x": size["width"] - 10, "y": size["height"] - 10})
    assert "Layer 6, head 12" in page.locator(".heads .says").inner_text()
    heads.click(position={"x": size["width"] - 10, "y": size["height"] - 10})
    page.wait_for_url("**head=12**")
    idle()
    assert "layer=6" in page.url
    assert page.locator(".assay-lead").inner_text().startswith("Layer 6, head 12")
    drawn(page, "Layer 6, head 12")
    heads.press("ArrowLeft")
    page.wait_for_url("**head=11**")
    idle()

    # The system turns dark: what the next click draws is the whole page.
    paper = "getComputedStyle(document.documentElement).getPropertyValue('--assay-background')"
    light = page.evaluate(paper)
    page.emulate_media(color_scheme="dark")
    heads.press("ArrowLeft")
    page.wait_for_url("**head=10**")
    page.wait_for_function(f"{paper} !== '{light}'")
    idle()


def test_the_head_view_is_drawn_and_a_token_shows_its_own_links(page, look, alerts):
    look(text=SHORT, view="heads", layer="4")
    assert "in layer 4" in page.locator(".assay-lead").inner_text()
    frame = drawing(page, "Head view of layer 4")
    tokens = frame.locator("#left text")
    count = tokens.count()
    assert frame.locator("svg line").count() == 12 * count**2
    assert tokens.nth(0).text_content() == "[CLS]"
    tokens.nth(5).hover()
    assert frame.locator("line[visibility=visible]").count() == 12 * count
    assert frame.locator("#vis title").nth(11).text_content() == "Head 12"
    assert not alerts


@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}}], indirect=True)
def test_the_model_view_is_drawn_and_a_head_opens_and_it_can_be_pinned(page, look, idle):
    look(text=SHORT, view="model")
    views = page.get_by_role("radiogroup").last
    assert views.evaluate("views => views.scrollWidth <= views.clientWidth")  # none is out of sight
    frame = drawing(page, "Model view")
    assert frame.locator(".attn_background").count() == 72
    frame.locator("#attn_background_2_4").scroll_into_view_if_needed()
    frame.locator("#attn_background_2_4").click(force=True)
    assert frame.locator("text.detail").text_content() == "Layer 3, Head 5"
    # Pinned, its lines stand below those of another text, and the page grows no wider.
    page.get_by_role("button", name="Pin this").click()
    page.get_by_text("Pinned: it stays here").wait_for()
    page.get_by_role("textbox").first.fill("A dull film.")
    page.keyboard.press("Control+Enter")
    pinned = page.locator(".st-key-assay-pinned-attention")
    pinned.wait_for()
    idle()
    kept = pinned.frame_locator("iframe")
    kept.locator("svg line").first.wait_for(state="attached")
    assert kept.locator("#attn_background_2_4").count() == 1
    assert "“\u2068The film is not dull" in pinned.inner_text()
    wide = page.evaluate("document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth")
    assert wide <= 0


def test_each_head_is_removed_and_any_together(page, look, idle):
    look(text=SHORT, view="matter", without="1.1,9.9")
    page.get_by_text("Heads, the most needed first").wait_for()
    assert page.locator(".assay-lead").inner_text().startswith("The model says “\u2068positive\u2069”")
    page.locator(".js-plotly-plot .heatmaplayer image").wait_for(state="attached")
    said = page.locator(".assay-notice").all_inner_texts()
    assert "“9.9” is no choice" in said[0]
    assert said[1].startswith("Without 1.1 the model says")
    assert "Spearman" in page.locator(".assay-muted", has_text="Michel").inner_text()


def test_two_texts_are_compared_word_by_word(page, look, idle):
    look(text="A dull film.", view="compare", other="A dulll film <b>.", layer="1", head="3")
    lead = page.locator(".assay-lead").inner_text()
    assert re.match(r"The answer (stays|goes from) .*\. Layer \d, head \d+ moves \d+ %", lead)
    page.locator('.assay-attention[data-drawn*="second text less first"]').wait_for()
    assert page.locator(".assay-passage ins").count() > 0
    assert page.locator("b", has_text="film").count() == 0
    page.locator(".matrix canvas").hover(position={"x": 110, "y": 100})  # the third row's first cell
    assert "from “\u2068dull → dulll\u2069” (3)" in page.locator(".matrix .says").inner_text()
    # The head that is shown is not that of another view, and another one says which it is beside.
    found = re.search(r"Layer (\d), head (\d+) moves", lead)
    assert found and "more than any other" not in lead
    beside = str(int(found[2]) % 12 + 1)
    look(text="A dull film.", view="compare", other="A dulll film <b>.", moved_head=beside)
    last = page.locator(".assay-lead").inner_text().split(". ")[-1]
    assert last.startswith(found[0]) and last.endswith("more than any other.")


def test_rollout_shades_the_words_and_draws_the_matrix_and_stays_pinned_beside_heads(page, look, idle):
    look(text=SHORT, view="rollout", special="hidden", way="flow")
    words = page.locator(".assay-passage mark.much")
    assert words.count() > 10
    assert re.search(r"\d %", words.nth(0).get_attribute("title") or "")
    assert page.get_by_text("layers are pipes").count() == 1
    drawn(page, "From every token to every token")
    assert "By attention flow" in page.locator(".assay-lead").inner_text()
    assert page.locator(".passage").get_attribute("dir") == "ltr"
    page.get_by_role("button", name="Pin this").click()
    page.get_by_text("Pinned: it stays here").wait_for()
    idle()
    page.get_by_role("radio", name="Heads", exact=True).click()
    page.wait_for_url("**view=heatmap**")
    pinned = page.locator(".st-key-assay-pinned-attention")
    pinned.locator('.assay-attention[data-drawn="From every token to every token"]').wait_for()
    idle()
    assert page.locator(".assay-attention[data-drawn]").count() == 2
    assert pinned.locator(".assay-passage mark.much").count() == words.count() > 10
    pinned.get_by_role("link", name="Open it").click()
    page.wait_for_url("**view=rollout**")
    idle()
    drawn(page, "From every token to every token")
    assert "way=flow" in page.url and "special=hidden" in page.url
    page.get_by_role("button", name="Unpin").click()
    page.get_by_role("button", name="Pin this").wait_for()
    look(text="هذا الفيلم ليس مملا.")
    page.locator(".passage[dir=rtl]").wait_for()


@pytest.mark.parametrize("view", ["heatmap", "heads", "model", "rollout"])
@pytest.mark.parametrize("page", [{"color_scheme": "dark"}], indirect=True)
def test_markup_in_a_text_is_text(page, look, alerts, view):
    look(text=HOSTILE, view=view)
    if view in ("heads", "model"):
        frame = drawing(page, "Head view" if view == "heads" else "Model view")
        assert frame.locator("img").count() == 0
    else:
        page.locator(".assay-attention[data-drawn]").wait_for()
        assert page.locator(".passage").inner_text().startswith("[CLS] < im ##g")
    assert page.locator("img[src=x]").count() == 0
    assert not alerts


def test_whole_tags_as_tokens_cannot_leave_the_drawing(chromium):
    """A tokenizer may keep a tag in one piece; bertviz's document must hold it all the same."""
    tokens = ["<img src=x onerror=alert(1)>", "</script><script>alert(2)</script>", "&lt;", "سلام"]
    weights = np.full((2, 3, 4, 4), 0.25, dtype=np.float32)
    for document, _ in (
        bertviz.head_view(weights[0], tokens, layer=1, dark=False),
        bertviz.model_view(weights, tokens, dark=True),
    ):
        page = chromium.new_page()  # not the strict one: the policy's refusal below is a console error
        alerts = watch(page)
        refused: list[str | None] = []
        page.on("requestfailed", lambda request, seen=refused: seen.append(request.failure))
        page.set_content(document)
        assert page.locator("svg line").count() >= 3 * 16
        assert page.locator("img").count() == 0
        # Should anything get in all the same, it neither runs nor fetches.
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', "
            '\'<i onclick="alert(3)">here</i><img src="http://127.0.0.1:9/x.png">\')'
        )
        page.locator("i").click()
        assert not alerts
        assert refused == ["csp"]
        page.close()


def test_a_long_text_is_drawn_whole_and_closer_and_the_other_views_say_what_to_do(page, look, idle):
    look(text=LONG, view="heads")
    assert "too long for the head view" in page.locator(".assay-notice").last.inner_text()
    page.get_by_role("radio", name="Heads", exact=True).click()
    idle()
    page.locator(".assay-attention[data-drawn]").wait_for()
    assert "512 tokens" in page.locator(".assay-muted").last.inner_text()
    assert page.locator(".passage span").count() == 512
    cells = page.locator(".matrix canvas")
    cells.click(position={"x": 300, "y": 300})
    cells.hover(position={"x": 100, "y": 2})
    row = re.search(r"from “.*” \((\d+)\) to", page.locator(".matrix .says").inner_text())
    assert row
    assert 200 < int(row[1]) < 400
    with page.expect_download() as waiting:
        page.get_by_role("button", name="PNG").click()
    assert waiting.value.path().read_bytes().startswith(b"\x89PNG")
    page.get_by_role("button", name="Whole text").click()
    cells.hover(position={"x": 100, "y": 2})
    assert re.search(r"\([1-5]\) to", page.locator(".matrix .says").inner_text())


def test_the_weights_can_be_taken_away(page, look):
    look(text="A dull film.", view="heatmap", layer="2", head="1")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="CSV").click()
    lines = waiting.value.path().read_text().splitlines()
    assert lines[0].startswith("from,1 [CLS],2 a,3 dull")
    assert len(lines) == len(lines[0].split(","))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="All weights").click()
    saved = np.load(waiting.value.path(), allow_pickle=False)
    assert saved["weights"].shape == (6, 12, 6, 6)


def test_the_same_text_stands_in_two_models_each_with_a_head_of_its_own(page, look, idle):
    look(text=SHORT, view="models", against="bundled:topics", second_layer="2", second_head="5")
    lead = page.locator(".assay-lead").inner_text()
    assert re.match(r"sentiment says “.+” \(\d+ %\), topics says “.+” \(\d+ %\)\.", lead)
    assert re.search(r"By rollout they weigh the 17 words .* \(ρ = −?[01]\.\d\d\)", lead)
    drawn(page, "Layer 2, head 5")
    assert page.locator(".assay-attention[data-drawn]").count() == 2
    page.locator(".heads canvas").nth(1).focus()
    page.keyboard.press("ArrowRight")
    drawn(page, "Layer 2, head 6")
    page.wait_for_url("**second_head=6**")
    idle()
