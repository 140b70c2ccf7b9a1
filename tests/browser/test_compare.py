import json
import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from audits.store import Store
from tests.browser.test_reports import HOSTILE, invented

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def store(assay_home, app):
    return Store(assay_home / "audits.db")


def turned(store, audit_id, labels=(), **more):
    """A copy of an audit of which every sixth unchanged text that is right is answered wrong."""
    audit = store.audit(audit_id)
    other = store.create(audit.plan.model_copy(update=more))
    lease = store.claim(other)
    store.describe(
        other,
        model=("copy", "c" * 64),
        corpus=(audit.corpus_name, audit.corpus_fingerprint),
        labels=labels or audit.labels,
        environment={},
        examples=store.examples(audit_id),
    )
    rows = [
        replace(row, probabilities=row.probabilities[::-1]) if row.test == "clean" and place % 6 == 0 else row
        for place, row in enumerate(store.rows(audit_id))
    ]
    store.add(other, rows)
    store.release(other, lease, "finished")
    return other


def test_without_audits_the_page_offers_a_plan(visit, store):
    for audit in store.audits():  # whatever other tests left
        store.delete(audit.id)
    page = visit("compare")
    expect(page.get_by_text("No audits to compare yet")).to_be_visible()
    expect(page.get_by_role("button", name="Plan an audit")).to_be_visible()


@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 900}}], indirect=True)
def test_two_audits_side_by_side(visit, store, idle, tmp_path):
    first = invented(store, text=HOSTILE)
    second = turned(store, first, dtype="int8")
    page = visit("compare", reference=first, **{"with": second})
    expect(page.locator(".assay-lead")).to_have_text(
        re.compile(
            r"copy is 16.7 points less accurate than .* 10 of 60 answers changed \(10 right to wrong\)"
        )
    )
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    row = page.get_by_role("row", name=re.compile("Unchanged texts.*100.0 % → 83.3 % 10 of 60 10, 0 0.0"))
    expect(row).to_be_visible()
    expect(page.get_by_text("Right to wrong · Unchanged texts").first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
    hrefs = [link.get_attribute("href") or "" for link in page.get_by_role("link").all()]
    example = store.examples(first)[0].id
    assert any("explain?" in href and f"row={example}" in href for href in hrefs)
    assert any("attack?" in href and "dtype=int8" in href and f"row={example}" in href for href in hrefs)
    assert not any("explain?" in href and "dtype=int8" in href for href in hrefs)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON", exact=True).click()
    waiting.value.save_as(tmp_path / "compared.json")
    assert json.loads((tmp_path / "compared.json").read_text())["first"]["id"] == first
    page = visit("compare", reference=second, **{"with": f"{first},nobody-knows"})
    expect(page.locator(".assay-lead")).to_have_text(re.compile("16.7 points more accurate"))
    other = turned(store, first, labels=("no", "yes"))  # the newest, and beside it nothing can stand
    page = visit("compare")
    expect(page.locator(".assay-lead")).to_have_text(re.compile("16.7 points (less|more) accurate"))
    for audit_id in (first, second, other):
        store.delete(audit_id)
