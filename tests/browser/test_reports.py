import json
import re
import zipfile
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from audits.keys import key_of
from audits.plan import make
from audits.reports.verification import verify
from audits.rows import CLEAN, Row
from audits.store import Store
from corpora.examples import Corpus, Example
from corpora.loading import load
from tests.audits.doubles import wait_until
from tests.browser.conftest import MARKDOWN

pytestmark = pytest.mark.xdist_group("browser")
HOSTILE = "<img src=x onerror=alert(1)></script>"
LABELS = ("negative", "positive")


@pytest.fixture
def store(assay_home, app):
    return Store(assay_home / "audits.db")


def invented(store, *, name="sentiment", text=None):
    """A finished audit of real examples whose answers are made up: every third one flips."""
    examples = load("bundled:reviews").examples[:60]
    examples = tuple(replace(example, label=example.label.lower()) for example in examples)
    if text:
        examples = (Example("hostile", text, "positive"), *examples[1:])
    plan = make(
        model="bundled:sentiment", data="bundled:reviews", tests="keyboard-typos,deepwordbug", seed=1, seeds=1
    )
    audit_id = store.create(plan)
    lease = store.claim(audit_id)
    store.describe(
        audit_id,
        model=(name, "a" * 64),
        corpus=(name if text else "reviews", Corpus("", "", examples, LABELS).fingerprint),
        labels=LABELS,
        environment={"python": "3.11", "odd": text or ""},
        examples=examples,
    )
    audit = store.audit(audit_id)
    for column in plan.columns:
        store.add(audit_id, [made(audit, column, place, example) for place, example in enumerate(examples)])
    store.release(audit_id, lease, "finished")
    return audit_id


def made(audit, column, place, example):
    right = bool(column.name == CLEAN or place % 3)
    positive = (example.label == "positive") == right
    attack = column.name == "deepwordbug"
    status = ("failed" if right else "succeeded") if attack else "perturbed"
    what = {
        "text": example.text,
        "label": example.label,
        "test": column.name,
        "severity": column.severity,
        "seed": 1,
    }
    return Row(
        **what,
        key=key_of(audit, **what),
        example=example.id,
        status="clean" if column.name == CLEAN else status,
        perturbed=example.text if column.name == CLEAN else f"{example.text} odd",
        probabilities=(0.1, 0.9) if positive else (0.9, 0.1),
        queries=20 if attack else 0,
        characters_edited=0.03 * column.severity,
        words_edited=0.1,
    )


def test_an_empty_store_offers_one_click(visit, store, idle):
    for audit in store.audits():  # whatever other tests left
        store.delete(audit.id)
    page = visit("reports")
    expect(page.get_by_text("No audit yet")).to_be_visible()
    page.get_by_role("button", name="Start a first audit").click()
    page.wait_for_url("**/audit?*")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    store.delete(store.audits()[0].id)


def test_an_audit_is_named_exported_deleted_and_taken_back(visit, store, idle, tmp_path):
    audit_id, other = invented(store), invented(store)
    rows = store.rows(audit_id)
    page = visit("reports", audit=audit_id)
    page.get_by_role("button", name="Manage").click()
    page.get_by_role("textbox", name="Name").fill(MARKDOWN)
    page.get_by_role("textbox", name="Tags").fill("release, v2")
    page.get_by_role("button", name="Save").click()
    wait_until(lambda: store.audit(audit_id).tags == ("release", "v2"))
    assert store.audit(audit_id).name == MARKDOWN
    page = visit("reports", audit=audit_id)
    found = page.get_by_role("combobox", name="Audit", exact=True)
    expect(found).to_have_value(re.compile(f"^{re.escape(MARKDOWN[:20])}.* #release #v2"))
    page.get_by_role("button", name="Manage").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as one file").click()
    file = tmp_path / "one.zip"
    download.value.save_as(file)
    page.get_by_role("button", name="Delete …").click()
    page.get_by_role("button", name="Delete for good").click()
    wait_until(lambda: audit_id not in [audit.id for audit in store.audits()])
    page = visit("reports", audit=other)
    page.get_by_role("button", name="Manage").click()
    page.locator('input[type="file"]').set_input_files(file)
    page.wait_for_url(f"**/reports?*audit={audit_id}*")
    assert store.rows(audit_id) == rows
    store.delete(audit_id)


@pytest.mark.parametrize(
    "page", [{}, {"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}], indirect=True
)
def test_a_report_shows_headline_curves_drops_and_flips(visit, store):
    audit_id = invented(store)
    page = visit("reports", audit=audit_id)
    expect(page.get_by_text("On the unchanged texts sentiment is right in 100.0 %")).to_be_visible()
    expect(page.get_by_text(re.compile(r"costs most: 33\.3\spoints"))).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    expect(
        page.get_by_role("row", name=re.compile("Keyboard typos, severity 3 100.0 % 66.7 % 33.3"))
    ).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("DeepWordBug 20 of 60 33.3 %"))).to_be_visible()
    page.get_by_text("Both directions, and where the text really changed").click()
    expect(page.get_by_text("20 of 60").first).to_be_visible()
    expect(page.locator(".assay-interval .dot")).to_have_count(1 + 5 + 1)  # the noise, its levels, the attack
    assert page.locator(".versions ins").count() >= 10
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_flips_are_filtered_by_test_and_paged(visit, store, idle):
    page = visit("reports", audit=invented(store), test="deepwordbug")
    expect(page.locator(".versions")).to_have_count(10)
    expect(page.get_by_text("After DeepWordBug").first).to_be_visible()
    expect(page.get_by_text("After Keyboard typos")).to_have_count(0)
    page.get_by_role("button", name="Show more (10 left)").click()
    idle()
    expect(page.locator(".versions")).to_have_count(20)


def test_one_click_leads_from_a_flip_or_a_slice_to_the_views(visit, store, idle):
    audit_id = invented(store)
    example = store.examples(audit_id)[0]
    negative = {one.id for one in store.examples(audit_id) if one.label == "negative"}
    page = visit("reports", audit=audit_id, test="deepwordbug")
    box = page.get_by_role("combobox", name="Look into a slice")
    option = page.get_by_role("option", name="label: negative")
    box.click()
    idle()
    if not option.is_visible():  # drawn anew under the click, which closes a list
        box.click()
    option.click()
    idle()
    expect(page.get_by_text(f"Step through these {len(negative)} examples:")).to_be_visible()
    for view in ("Explain", "Attention", "Layers", "Embeddings"):
        # The first link of this name is the navigation's, the last that of all flipped examples.
        slice_of, flips = (page.get_by_role("link", name=view, exact=True).nth(place) for place in (1, 2))
        among = parse_qs(urlsplit(slice_of.get_attribute("href") or "").query)["among"][0]
        assert set(among.split(",")) == negative
        assert f"row={example.id}" in (flips.get_attribute("href") or "")
    hrefs = [link.get_attribute("href") for link in page.get_by_role("link", name="Attack").all()]
    assert any(f"row={example.id}" in href and "test=deepwordbug" in href for href in hrefs if href)
    page.get_by_role("link", name="Explain before").first.click()
    page.wait_for_url("**/explain?*")
    idle()
    assert f"row={example.id}" in page.url and "model=bundled%3Asentiment" in page.url


def test_the_downloads(visit, store, tmp_path):
    audit_id = invented(store)
    page = visit("reports", audit=audit_id)
    texts = {}
    forms = {
        "HTML report": "html",
        "PDF": "pdf",
        "JSON": "json",
        "CSV of the rows": "csv",
        "Everything": "zip",
    }
    # Files that hold word scores take the model; it is asked in the background, once for all of them.
    page.get_by_role("button", name="PDF", exact=True).click()
    expect(page.get_by_role("button", name="Save PDF")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("is another model now than the one that was audited")).to_be_visible()
    for label, form in forms.items():
        with page.expect_download() as waiting:
            page.get_by_role("button", name=label, exact=True).click()
        assert waiting.value.suggested_filename == f"assay-{audit_id}.{form}"
        waiting.value.save_as(tmp_path / form)
        texts[form] = (tmp_path / form).read_text(errors="replace")
    assert texts["html"].startswith("<!doctype html>")
    assert "bundled:sentiment is another model now" in texts["html"]
    assert json.loads(texts["json"])["schema"] == "assay.report/2"
    assert len(texts["csv"].splitlines()) >= 301 and texts["pdf"].startswith("%PDF-")
    with zipfile.ZipFile(tmp_path / "zip") as everything:
        everything.extractall(tmp_path)
    assert verify(tmp_path / f"assay-{audit_id}").problems == ()


def test_hostile_names_and_texts_are_shown_as_text(visit, store):
    page = visit("reports", audit=invented(store, name=HOSTILE, text=HOSTILE))
    expect(page.get_by_text(HOSTILE).first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0


def test_the_report_file_opens_alone_and_prints(visit, store, tmp_path, page):
    from audits import reports

    audit = store.audit(invented(store, text=HOSTILE))
    path = tmp_path / "report.html"
    path.write_bytes(reports.write(reports.gather(store, audit.id), "html"))
    page.goto(path.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("sentiment on sentiment")
    expect(page.get_by_role("img", name=re.compile("Accuracy against"))).to_be_visible()
    page.set_viewport_size({"width": 400, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(page.pdf()) > 10_000
