"""Jobs belong to the page or view that asks for them: what gives one up, and what does not."""

import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from analysis.background import Job
from pages import jobs


def endless(report: Callable[[int, int], None]) -> None:
    """Goes on until it is cancelled."""
    while True:
        report(1, 2)
        time.sleep(0.01)


def one_run() -> None:
    """A page as the link has it: it asks for jobs by their names, and may break off before the end."""
    import streamlit as st

    from pages import jobs, selection
    from tests.pages.test_jobs import endless

    asked = st.query_params.to_dict()
    selection.visit().page = asked["page"]
    jobs.begin_run(asked["view"])
    for name in asked["names"].split():
        jobs.outcome(jobs.job_of(name, endless), name, key=name)
    if asked["breaks"]:
        st.stop()
    jobs.give_up_left_behind()


@pytest.fixture
def app(monkeypatch) -> Iterator[AppTest]:
    monkeypatch.setattr(jobs, "PATIENCE", 0)
    jobs.kept.clear()
    yield AppTest.from_function(one_run, default_timeout=60)
    for name in "abcd":
        if job := jobs.found(name):
            job.cancel()


def run(app: AppTest, page: str, names: str, view: str = "", breaks: str = "") -> AppTest:
    for key, value in {"page": page, "names": names, "view": view, "breaks": breaks}.items():
        app.query_params[key] = value
    app.run()
    assert not app.exception, app.exception
    return app


def running() -> str:
    """The names of the jobs that nobody gave up."""
    return "".join(
        name for name in "abcd" if isinstance(job := jobs.kept().get(name), Job) and not job.cancelled
    )


def test_leaving_a_page_or_a_view_gives_nothing_up_and_another_question_on_it_does(app):
    run(app, "embeddings", "a", view="texts")
    run(app, "embeddings", "b", view="moves")
    run(app, "explain", "c")
    assert running() == "abc"
    run(app, "explain", "d")
    assert running() == "abd"
    run(app, "embeddings", "", view="texts")
    assert running() == "bd"


def test_what_another_view_waits_for_goes_on(app):
    run(app, "embeddings", "a b", view="texts")
    run(app, "embeddings", "a", view="moves")
    run(app, "embeddings", "", view="texts")
    assert running() == "a"


def test_a_run_that_breaks_off_loses_sight_of_no_job(app):
    run(app, "explain", "a")
    run(app, "explain", "b", breaks="yes")
    assert running() == "ab"
    run(app, "explain", "c")
    assert running() == "c"


def test_what_was_stopped_stays_so_until_it_is_wanted_after_all(app):
    run(app, "explain", "a")
    first = jobs.kept().get("a")
    app.button(key="jobs.stop.a").click().run()
    run(app, "explain", "a")
    assert jobs.kept().get("a") is first and running() == ""
    app.button(key="jobs.again.a").click().run()
    assert jobs.kept().get("a") is not first and running() == "a"
