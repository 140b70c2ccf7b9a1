"""Plans taken up on the page Audit."""

from streamlit.testing.v1 import AppTest

from audits.plan import Plan


def page(plan) -> None:  # type: ignore[no-untyped-def]
    """A plan taken up, and what is told of it."""
    import streamlit as st

    from pages import planning

    if "taken" not in st.session_state:
        planning._take(plan)
        st.session_state["taken"] = True
    planning.file_controls()
    st.text(",".join(planning.own_tests(["casing"])))


def test_tests_that_cannot_run_here_are_told_of_and_not_lost_silently():
    """A plan of an audit that was made elsewhere, or by another version, is taken up as it is."""
    plan = Plan(
        model="bundled:sentiment",
        data="bundled:reviews",
        tests=("casing@1", "homoglyphs@2", "gone-typos@1", "custom:mine"),
        recipes={"custom:mine": "name: mine"},
    )
    app = AppTest.from_function(page, kwargs={"plan": plan}, default_timeout=60).run()
    assert not app.exception, app.exception
    said = " ".join(str(element.proto) for element in app.main if "html" in element.type)
    assert "left out: gone-typos@1" in said
    assert app.text[0].value == "casing@1,homoglyphs@2,custom:mine"
    app.button(key="assay.audit.forget").click().run()
    assert "gone-typos" not in " ".join(str(element.proto) for element in app.main)
