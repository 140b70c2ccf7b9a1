"""Which audits the page Audit lists, and how one is resumed."""

import pytest
from streamlit.testing.v1 import AppTest

from audits import run
from audits.plan import make
from audits.store import Store
from pages import keeping, underway

PLAN = make(model="bundled:sentiment", data="bundled:reviews", tests="casing@1")


def page() -> None:
    """The upper part of the page."""
    from pages import underway

    underway.draw()


@pytest.fixture
def store(tmp_path, monkeypatch) -> Store:
    made = Store(tmp_path / "audits.db")
    monkeypatch.setattr(underway, "store", lambda: made)
    monkeypatch.setattr(keeping, "again", lambda *_: None)
    return made


def shown(app: AppTest) -> list[str]:
    """The audits with a card, by their buttons."""
    return [str(button.key).split(".")[2] for button in app.button if button.label in ("Pause", "Resume")]


def test_one_that_runs_is_never_behind_those_that_could_be_resumed(store):
    running = store.create(PLAN)
    left = [store.create(PLAN) for _ in range(underway.MOST_LISTED + 2)]
    for audit_id in left:
        store.cancel(audit_id)
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception, app.exception
    assert running in shown(app) and len(shown(app)) == underway.MOST_LISTED + 1
    next(button for button in app.button if button.label == "Show 2 more that could be resumed").click()
    app.run()
    assert {*shown(app)} == {running, *left}


def test_an_audit_is_resumed_with_as_many_processes_as_chosen(store, monkeypatch):
    monkeypatch.setattr(underway, "PROCESSES", range(1, 4))
    monkeypatch.setattr(run, "resume", lambda *asked: resumed.append(asked))
    resumed: list[tuple[object, ...]] = []
    audit_id = store.create(PLAN)
    store.cancel(audit_id, "paused")
    app = AppTest.from_function(page, default_timeout=60).run()
    app.selectbox[0].select(3).run()
    next(button for button in app.button if button.label == "Resume").click().run()
    assert resumed == [(audit_id, store, 3)]
