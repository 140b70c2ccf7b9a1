"""The Embeddings page in a real browser."""

import csv
import re

import pytest

pytestmark = pytest.mark.xdist_group("browser")

HOSTILE = "<img src=x onerror=alert(1)></script>"
BANNER = "Until then this is PCA"


def plot(page):
    """The picture, once it is drawn."""
    drawn = page.locator(".js-plotly-plot .nsewdrag").first
    drawn.wait_for()
    return drawn


def number_after(words, text):
    return int(text.split(words, 1)[1].split()[0].rstrip("."))


def in_the_middle(drawn):
    """Where the picture is on screen, once no part of it is under the page's head."""
    drawn.evaluate("drawn => drawn.scrollIntoView({block: 'center'})")
    return drawn.bounding_box()


def draw_box(page):
    """Select everything by dragging a box over the whole picture."""
    target = plot(page)
    box = in_the_middle(target)
    page.mouse.move(box["x"] + 4, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] - 4, steps=4)
    page.mouse.up()


def test_points_are_drawn_selected_and_lead_to_explain(visit, idle):
    page = visit("embeddings", model="bundled:sentiment", data="bundled:reviews")
    lead = page.locator(".assay-lead").inner_text()
    assert re.search(r"At layer 6, \d+\.\d % \[[\d.]+, [\d.]+\], n = \d+ of the texts lie among", lead)
    count = number_after("n = ", lead)
    plot(page)
    assert page.locator(".js-plotly-plot .points path").count() == count

    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**layer=5**")
    idle()
    assert "At layer 5," in page.locator(".assay-lead").inner_text()
    page.get_by_label("Colour", exact=False).first.click()
    page.get_by_role("option", name="Correctness").click()
    page.wait_for_url("**colour=correctness**")
    idle()
    names = page.locator(".js-plotly-plot .legendtext").all_text_contents()
    assert [name.strip() for name in names] == ["right", "wrong"]

    draw_box(page)
    page.get_by_text(f"{count} selected").wait_for()
    idle()
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    idle()
    table.hover()
    page.get_by_role("button", name=re.compile("^Search: ")).wait_for()
    # Its own download would write formulas as they are.
    assert page.get_by_role("button", name=re.compile("^Download as CSV")).count() == 0
    addresses = []
    page.on("framenavigated", lambda frame: addresses.append(frame.url))
    corner = table.bounding_box()
    page.mouse.click(corner["x"] + 50, corner["y"] + 35 + 17)
    page.wait_for_url("**/explain?**row=**")
    idle(120)
    assert page.get_by_role("heading", name="Explain").first.is_visible()
    # What is selected is a slice that every page steps through, until all rows are wanted again.
    assert page.get_by_text(f"A slice of {count} rows").is_visible()
    page.get_by_role("button", name="All rows").click()
    page.get_by_text("A slice of").wait_for(state="detached")
    idle(120)
    assert "among=" not in page.url
    assert not [address for address in addresses if "/explain" in address and "colour=" in address]


def test_a_double_click_or_clear_unselects_and_errors_are_one_click(visit, idle):
    page = visit("embeddings", model="bundled:sentiment", data="bundled:reviews", method="pca")
    button = page.get_by_role("button", name=re.compile(r"Select the \d+ wrong answers"))
    wrong = number_after("Select the ", button.inner_text())
    button.click()
    page.get_by_text(f"{wrong} selected").wait_for()
    idle()
    page.get_by_role("button", name="Clear").click()
    page.get_by_text("No points selected").wait_for()
    idle()
    draw_box(page)
    page.get_by_role("button", name="Clear").wait_for()
    idle()
    box = in_the_middle(plot(page))
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.dblclick(box["x"] + 20, box["y"] + 20)
    page.get_by_text("No points selected").wait_for()


def test_umap_comes_on_request_while_pca_stays(visit, idle):
    page = visit("embeddings", model="bundled:topics", data="bundled:headlines")
    page.get_by_role("radio", name="UMAP").or_(page.get_by_role("button", name="UMAP")).first.click()
    page.wait_for_url("**method=umap**")
    plot(page)
    page.get_by_text(re.compile(r"^UMAP keeps \d+ % of each")).wait_for(timeout=240_000)
    idle()
    assert not page.get_by_text(BANNER).count()
    assert page.locator(".js-plotly-plot .points path").count() > 200


def test_words_have_neighbours_and_lead_on(visit, idle):
    page = visit("embeddings", view="words", word="horrible")
    assert "nearest to horrible" in page.locator(".assay-lead").inner_text()
    field = page.get_by_role("textbox", name="Word")
    field.fill("unwatchable")
    field.press("Enter")
    page.wait_for_url("**word=unwatchable**")
    idle()
    assert page.get_by_text("written as 3 pieces, un ##watch ##able").is_visible()
    field.fill("")
    field.press("Enter")
    idle()
    assert page.get_by_text("Type a word").is_visible()


@pytest.fixture
def hostile_file(tmp_path):
    path = tmp_path / "hostile.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label", HOSTILE])
        for row in range(24):
            writer.writerow(
                [f"{HOSTILE} film {row}", ["positive", "negative"][row % 2], [HOSTILE, "=1+1"][row % 2]]
            )
    return path


def test_hostile_text_is_text(visit, idle, hostile_file):
    page = visit("embeddings", model="bundled:sentiment", data=str(hostile_file), colour=f"data: {HOSTILE}")
    names = page.locator(".js-plotly-plot .legendtext").all_text_contents()
    assert HOSTILE in [name.strip() for name in names]
    point = page.locator(".js-plotly-plot .points path").first.bounding_box()
    page.mouse.move(point["x"] - 3, point["y"] + 3)
    page.wait_for_timeout(300)  # Plotly answers the mouse a few times a second
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    hover = page.locator(".js-plotly-plot .hovertext").first
    hover.wait_for()
    assert HOSTILE in hover.text_content()
    draw_box(page)
    page.get_by_text("24 selected").wait_for()
    idle()
    assert page.locator("img[src='x']").count() == 0


@pytest.mark.parametrize("rows", [1, 2, 6])
def test_few_texts_say_so(visit, tmp_path, rows):
    path = tmp_path / "few.csv"
    lines = [f"film number {row} is good,{['positive', 'negative'][row % 2]}" for row in range(rows)]
    path.write_text("\n".join(["text,label", *lines]) + "\n")
    page = visit("embeddings", data=str(path), method="tsne", layer="1")
    lead = page.locator(".assay-lead").inner_text()
    if rows < 3:
        assert "at least three texts" in lead
        page.get_by_text("t-SNE could not be drawn").wait_for(timeout=60_000)
    else:
        page.get_by_text(re.compile(r"^t-SNE keeps")).wait_for(timeout=60_000)


def test_a_probe_says_at_which_layer_a_column_can_be_read_off(visit, page, idle):
    visit("embeddings", view="probes", probe="data: register")
    page.get_by_text("What a linear probe reads off each layer: register").wait_for(timeout=120_000)
    idle()
    lead = page.locator(".assay-lead").inner_text()
    assert re.search(r"register can be read off best after layer \d: right for \d\d\.\d %", lead)
    assert page.locator(".js-plotly-plot .scatterlayer .trace").count() == 4
    page.get_by_role("button", name="Pin this").click()
    page.get_by_text("Pinned: it stays here").wait_for()
    idle()
    page.get_by_role("radio", name="Words").click()
    page.wait_for_url("**view=words**")
    kept = page.locator(".st-key-assay-pinned-embeddings")
    kept.locator(".js-plotly-plot .scatterlayer .trace").nth(3).wait_for(state="attached")
    assert kept.get_by_text("register can be read off best").count() == 1
    kept.get_by_role("button", name="Unpin").click()
    kept.wait_for(state="detached")


def test_points_wander_over_the_layers_and_lie_in_space(visit, page, idle):
    visit("embeddings", view="layers")
    page.get_by_text("What each layer’s picture shows").wait_for(timeout=120_000)
    idle()
    assert re.match(
        r"Texts lie most among texts of their own label", page.locator(".assay-lead").inner_text()
    )
    chart = page.locator(".js-plotly-plot").first
    first = chart.locator(".points path").first.get_attribute("transform")
    assert chart.get_by_text("Embeddings: shows").count() == 1
    chart.locator(".slider-label", has_text="6").click(force=True)
    chart.get_by_text("After layer 6: shows").wait_for()
    assert chart.locator(".points path").first.get_attribute("transform") != first
    visit("embeddings", view="texts", dimensions="3", colour="errors nearby")
    page.locator(".js-plotly-plot .gl-container canvas").first.wait_for()
    page.get_by_role("button", name=re.compile(r"Select its \d+ texts")).click()
    page.get_by_text(re.compile(r"^\d+ selected")).wait_for()
    page.get_by_text(re.compile(r"Errors are densest|No place is known")).wait_for()


def test_a_noise_moves_the_points_and_a_click_shows_the_text(visit, page, idle):
    visit("embeddings", view="moves", severity="3")
    page.get_by_text("The dotted line is a linear probe's").wait_for(timeout=180_000)
    idle()
    lead = page.locator(".assay-lead").inner_text()
    assert re.match(r"Keyboard typos at severity 3 flips \d+ of \d+ answers; after layer 6, \d+ of ", lead)
    flip = page.locator(".js-plotly-plot .scatterlayer .trace").last.locator("path.point").first
    point = flip.bounding_box()
    page.mouse.click(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2)
    beside = page.get_by_role("link", name="Where the answer turns: Layers")
    beside.wait_for()
    assert "beside=" in beside.get_attribute("href") and "row=" in beside.get_attribute("href")
