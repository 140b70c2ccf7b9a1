import re
import time

import pytest
from playwright.sync_api import expect

from audits.store import Store

pytestmark = pytest.mark.xdist_group("browser")

#: A plan that takes long enough to be looked at and stopped: one attack on more than one chunk of examples.
LONG = {"noises": "", "attacks": "pruthi", "size": "50"}
SHORT = {"noises": "keyboard-typos", "severities": "1", "attacks": "", "size": "25"}


@pytest.fixture
def store(assay_home, app):
    return Store(assay_home / "audits.db")


def newest(store):
    return store.audits()[0]


def wait_for(condition, seconds=200):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def test_the_plan_and_its_cost_are_seen_before_the_start_and_live_in_the_link(visit, idle):
    page = visit("audit", **SHORT)
    expect(page.get_by_text("50 rows")).to_be_visible()
    page.get_by_role("button", name="Homoglyphs").click()
    idle()
    expect(page.get_by_text("75 rows")).to_be_visible()
    assert re.search(r"noises=keyboard-typos%2Chomoglyphs", page.url)
    page.reload()
    idle()
    expect(page.get_by_text("75 rows")).to_be_visible()


def test_nothing_chosen_cannot_be_started(visit):
    page = visit("audit", noises="", attacks="")
    expect(page.get_by_role("button", name="Start the audit")).to_be_disabled()


def test_a_short_audit_runs_to_its_report(visit, store, idle):
    page = visit("audit", **SHORT)
    page.get_by_role("button", name="Start the audit").click()
    link = page.get_by_role("link", name="See the report")
    expect(link).to_be_visible(timeout=120_000)
    audit = newest(store)
    assert audit.state == "finished" and len(store.rows(audit.id)) == 50
    link.click()
    page.wait_for_url("**/reports?*")
    idle()
    assert f"audit={audit.id}" in page.url
    expect(page.get_by_text("On the unchanged texts sentiment is right in")).to_be_visible()


def test_an_audit_outlives_its_page_and_can_be_cancelled_and_resumed(visit, store, page, idle):
    visit("audit", **LONG)
    page.get_by_role("button", name="Start the audit").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    audit_id = newest(store).id
    page.goto("about:blank")
    wait_for(lambda: len(store.rows(audit_id)) > 0)  # nobody looks on
    visit("audit")
    expect(page.get_by_text(audit_id)).to_be_visible()
    expect(page.get_by_text(re.compile(r"pruthi · \d+ of 100 rows"))).to_be_visible()
    # Clicks as fast as the buttons come: none may be lost in the page's own redraws.
    for _ in range(2):
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        assert store.audit(audit_id).state in ("waiting", "running")
    wait_for(lambda: store.audit(audit_id).state == "running")
    page.get_by_role("button", name="Cancel").click()
    wait_for(lambda: store.audit(audit_id).state == "cancelled", 30)
    expect(page.get_by_text(f"{audit_id} · cancelled")).to_be_visible()
    assert len(store.rows(audit_id)) >= 50
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text(audit_id)).to_have_count(0)
    idle()
