import re
import time

import pytest
from playwright.sync_api import expect

from attacks.noise import NOISES
from audits import plan_file
from audits.plan import make
from audits.store import Store

pytestmark = pytest.mark.xdist_group("browser")

#: A plan that takes long enough to be looked at and stopped: one attack on more than one chunk of examples.
LONG = {"tests": "pruthi", "size": "50"}
SHORT = {"tests": "keyboard-typos", "severities": "1", "size": "25"}


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
    page = visit("audit", **SHORT, seeds="1")
    expect(page.get_by_text("50 rows")).to_be_visible()
    expect(page.get_by_text(re.compile(r"On this machine that takes about \d"))).to_be_visible()
    page.get_by_role("combobox", name="Tests").fill("homogl")
    page.get_by_role("option", name=re.compile("^Homoglyphs")).click()
    idle()
    expect(page.get_by_text("75 rows")).to_be_visible()
    assert re.search(r"tests=keyboard-typos%2Chomoglyphs", page.url)
    page.keyboard.press("Escape")
    page.get_by_role("combobox", name="Draws of a noise").click()
    page.get_by_role("option", name="3", exact=True).click()
    idle()
    expect(page.get_by_text(re.compile("175 rows.* a noise drawn 3 times"))).to_be_visible()
    page.reload()
    idle()
    expect(page.get_by_text("175 rows")).to_be_visible()


def test_a_family_is_all_of_its_tests_but_those_left_out(visit, idle):
    page = visit("audit", tests="", severities="2", size="25")
    page.get_by_role("button", name=re.compile("^Noise · ")).click()
    idle()
    noises = [noise.entry for noise in NOISES.values() if not noise.entry.may_break]
    here = [entry for entry in noises if entry.available]
    rows = page.get_by_text(f"{25 * (3 * len(here) + 1):,}".replace(",", "\u202f") + " rows")
    expect(rows).to_be_visible()
    assert "families=noise" in page.url
    page.get_by_role("combobox", name="But not these").fill("Keyboard typos (Dv")
    page.get_by_role("option").first.click()
    page.keyboard.press("Escape")
    idle()
    assert "without=keyboard-typos-dvorak" in page.url
    expect(page.get_by_text(f"{25 * (3 * len(here) - 2):,}".replace(",", "\u202f") + " rows")).to_be_visible()
    # Attacks bring their limits, and nobody knows yet how long they take.
    expect(page.get_by_text("Queries a text")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Fast attacks · ")).click()
    idle()
    expect(page.get_by_text("Queries a text")).to_be_visible()
    expect(page.get_by_text(re.compile("and 7 more come on top: how long they take is"))).to_be_visible()


@pytest.mark.parametrize(
    "page", [{"viewport": {"width": 900, "height": 900}, "color_scheme": "dark"}], indirect=True
)
def test_narrow_and_dark_with_everything_chosen_it_never_scrolls_sideways(visit):
    page = visit("audit", families="noise,counterfactuals,attacks:all", tests="deepwordbug,no-such-test")
    expect(page.get_by_text("“no-such-test” is no choice")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_nothing_chosen_cannot_be_started(visit):
    page = visit("audit", tests="")
    expect(page.get_by_role("button", name="Start the audit")).to_be_disabled()


def test_a_short_audit_runs_to_its_report(visit, store, idle):
    page = visit("audit", **SHORT)
    page.get_by_role("button", name="Start the audit").click()
    link = page.get_by_role("link", name="See the report")
    expect(link).to_be_visible(timeout=120_000)
    audit = newest(store)
    assert audit.state == "finished" and len(store.rows(audit.id)) == 25 * (1 + 3)
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
    for stop in ("Cancel", "Pause"):
        page.get_by_role("button", name=stop).click()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_visible()
        assert store.audit(audit_id).state in ("waiting", "running")
    wait_for(lambda: store.audit(audit_id).state == "running")
    page.get_by_role("button", name="Pause").click()
    wait_for(lambda: store.audit(audit_id).state == "paused", 30)
    expect(page.get_by_text(f"{audit_id} · paused")).to_be_visible()
    assert len(store.rows(audit_id)) >= 50
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("go for good")).to_be_visible()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("go for good")).to_have_count(0)
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text(audit_id)).to_have_count(0)
    idle()


def test_what_begins_and_ends_elsewhere_shows_by_itself(visit, store):
    page = visit("audit")
    page.get_by_text("What a release must meet").click()
    page.get_by_label("Rules on figures").press_sequentially("- figure: accuracy")
    audit_id = store.create(make(model="bundled:sentiment", data="bundled:reviews", tests="casing@1"))
    expect(page.get_by_text(audit_id)).to_be_visible()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    store.cancel(audit_id, "paused")
    expect(page.get_by_text(f"{audit_id} · paused")).to_be_visible()
    store.delete(audit_id)
    expect(page.get_by_text(audit_id)).to_have_count(0)
    expect(page.get_by_label("Rules on figures")).to_have_value("- figure: accuracy")  # being written


def test_a_plans_file_fills_the_controls_and_comes_back_as_the_same_plan(visit, idle, store, tmp_path):
    plan = make(
        model="bundled:sentiment",
        data="bundled:reviews",
        tests="keyboard-typos@2,homoglyphs@1",
        examples=37,
        seed=3,
        seeds=2,
        stratify=["label", "domain"],
        max_words=0.333,
        policy=[{"figure": "drop *", "at_most": 0.3}],
    )
    (tmp_path / "mine.yaml").write_text(plan_file.dump(plan))
    (tmp_path / "wrong.yaml").write_text("model: bundled:sentiment\nexampels: 3\n")
    page = visit("audit")
    page.get_by_text("Load a plan from a file").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "mine.yaml")
    idle()
    expect(page.get_by_text("185 rows")).to_be_visible()
    expect(page.get_by_text("From the plan: the sample keeps the shares of label, domain.")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the plan").click()
    # The same plan makes the same rows, wherever it is started.
    assert plan_file.load(saved.value.path()) == plan
    audit_id = store.create(plan)
    store.cancel(audit_id)
    visit("audit", size="50")
    page.get_by_role("link", name="Rerun").click()
    expect(page.get_by_text("185 rows")).to_be_visible()
    idle()
    assert "again=" not in page.url
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the plan").click()
    assert plan_file.load(saved.value.path()) == plan
    store.delete(audit_id)
    page.locator("input[type=file]").set_input_files(tmp_path / "wrong.yaml")
    idle()
    expect(page.get_by_text("line 2: exampels: a plan has no such field.")).to_be_visible()
    expect(page.get_by_text("185 rows")).to_be_visible()
