"""Trouble is told in words, markup in it stays text, and tracebacks stay folded away."""

from streamlit.testing.v1 import AppTest


def told(script) -> AppTest:
    app = AppTest.from_function(script, default_timeout=60).run()
    assert not app.exception
    return app


def blocks(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_an_error_of_a_layer_is_a_message():
    def script() -> None:
        from corpora.examples import CorpusError
        from pages import feedback

        with feedback.problems():
            raise CorpusError("<b>own.csv</b> has no column “text”.")

    app = told(script)
    assert "&lt;b&gt;own.csv&lt;/b&gt; has no column" in blocks(app)
    assert not app.expander


def test_an_error_of_ours_keeps_its_traceback_folded():
    def script() -> None:
        from pages import feedback

        with feedback.problems():
            raise ZeroDivisionError("<i>zero</i>")

    app = told(script)
    assert "ZeroDivisionError: &lt;i&gt;zero&lt;/i&gt;" in blocks(app)
    assert not app.expander[0].proto.expanded
    assert "Traceback" in app.expander[0].code[0].value


def test_streamlits_own_control_flow_passes():
    def script() -> None:
        import streamlit as st

        from pages import feedback

        with feedback.problems():
            st.stop()
        st.text("never")

    app = told(script)
    assert not app.text and not app.get("html")


def test_an_empty_page_offers_its_click():
    def script() -> None:
        import streamlit as st

        from pages import feedback

        if feedback.empty("No audits", "Finished <audits> stand here.", "Start one"):
            st.text("started")

    app = told(script)
    assert "&lt;audits&gt;" in blocks(app)
    app.button[0].click().run()
    assert app.text[0].value == "started"


def test_half_characters_do_not_break_a_message():
    def script() -> None:
        from corpora.examples import CorpusError
        from pages import feedback

        with feedback.problems():
            raise CorpusError("a\ud800b")

    assert "a?b" in blocks(told(script))
