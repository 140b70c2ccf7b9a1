import re

import pytest
from playwright.sync_api import expect

from audits.store import Store
from audits.validity import place
from tests.browser.test_reports import HOSTILE, invented

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def store(assay_home, app):
    return Store(assay_home / "audits.db")


def verdicts(store, audit_id):
    return [mark.verdict for mark in store.marks(audit_id).values()]


def test_without_an_attack_the_page_leads_to_the_plan(visit, store):
    for audit in store.audits():  # whatever other tests left
        store.delete(audit.id)
    page = visit("review")
    page.get_by_role("button", name="Plan an audit with an attack").click()
    page.wait_for_url("**/audit?*")


@pytest.mark.parametrize(
    "page", [{}, {"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}], indirect=True
)
def test_one_text_at_a_time_with_verdicts_skips_and_undo(visit, store, idle):
    audit_id = invented(store)
    page = visit("review", audit=audit_id)
    lead = page.locator(".assay-lead")
    expect(lead).to_have_text(re.compile("^0 of 20 successes are reviewed"))
    expect(page.locator(".versions")).to_have_count(1)
    expect(page.locator(".versions ins")).to_have_text("odd")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    first = page.locator(".versions").inner_text()
    page.get_by_label("Note").fill("as good as before")
    page.get_by_label("Note").press("Tab")
    idle()
    page.get_by_role("button", name="Label still holds").click()
    idle()
    expect(lead).to_have_text(re.compile("^1 of 20 .* holds in 1, it really changed in 0"))
    second = page.locator(".versions").inner_text()
    assert second != first
    page.get_by_role("button", name="Skip").click()
    idle()
    assert page.locator(".versions").inner_text() not in (first, second)
    page.get_by_role("button", name="Label really changed").click()
    idle()
    expect(lead).to_have_text(re.compile("^2 of 20 .* holds in 1, it really changed in 1"))
    assert verdicts(store, audit_id) == ["label kept", "label changed"]
    assert next(iter(store.marks(audit_id).values())).note == "as good as before"
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
        idle()
    expect(lead).to_have_text(re.compile("^0 of 20"))
    assert page.locator(".versions").inner_text() == first
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    assert verdicts(store, audit_id) == []


def test_keys_do_what_the_buttons_do_but_not_while_writing(visit, store, idle):
    audit_id = invented(store)
    page = visit("review", audit=audit_id)
    for key in "hsxhu":
        page.keyboard.press(key)
        idle()
    assert verdicts(store, audit_id) == ["label kept", "label changed"]
    # Nobody has judged a text that was not shown yet.
    seen = page.get_by_text(re.compile(r"^\d+ of 18 shown"))
    expect(seen).to_have_text(re.compile("^2 "))
    for now in (3, 4):
        page.keyboard.press("s")
        expect(seen).to_have_text(re.compile(f"^{now} "))
    idle()  # until then the note of the text before is still there
    page.get_by_label("Note").click()
    page.keyboard.type("xxhh")
    page.keyboard.press("Tab")
    idle()
    assert verdicts(store, audit_id) == ["label kept", "label changed"]


def test_kinds_and_links_both_ways(visit, store, idle):
    audit_id = invented(store)
    rows = [row for row in store.rows(audit_id) if row.status == "succeeded"]
    store.mark(audit_id, place(rows[0]), "label changed")
    page = visit("review", audit=audit_id, show="reviewed")
    expect(page.get_by_text("1 of 1 shown")).to_be_visible()
    expect(page.get_by_text("not valid · reviewed: label changed")).to_be_visible()
    page.get_by_role("link", name="To the report").click()
    page.wait_for_url("**/reports?*")
    idle()
    row = page.get_by_role("region", name="Validity").get_by_role("row", name=re.compile("DeepWordBug"))
    expect(row).to_contain_text("19 of 20")
    expect(page.get_by_text("People have reviewed 1 of 20 successes")).to_be_visible()
    page.get_by_role("link", name="Review the successes").click()
    page.wait_for_url("**/review?*")
    idle()
    assert f"audit={audit_id}" in page.url


def test_the_report_takes_thresholds_from_its_address(visit, store):
    audit_id = invented(store)
    page = visit("reports", audit=audit_id, max_words="0.05")
    expect(page.get_by_text("at most 5 % of the words changed")).to_be_visible()
    row = page.get_by_role("region", name="Validity").get_by_role("row", name=re.compile("DeepWordBug"))
    expect(row).to_contain_text("0 of 20")
    expect(row).to_contain_text("100.0 %")


def test_hostile_texts_are_shown_as_text(visit, store):
    audit_id = invented(store, name=HOSTILE, text=HOSTILE)
    page = visit("review", audit=audit_id)
    expect(page.locator(".versions").get_by_text(HOSTILE).first).to_be_visible()
    assert page.locator("img[src=x]").count() == 0
