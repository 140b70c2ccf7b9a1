"""Files of a report that wait for the model to say which words decided."""

from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from audits.reports.explanations import Explanations
from pages import downloads


def page() -> None:
    """The downloads of one audit."""
    from types import SimpleNamespace

    from pages import downloads

    plan = SimpleNamespace(model="m", device="cpu", dtype="auto")
    summary = SimpleNamespace(model_fingerprint="a model that was away", plan=plan)
    downloads.draw(SimpleNamespace(id="lusab-babad", state="finished"), summary, None)  # type: ignore[arg-type]


def test_a_model_that_could_not_be_had_is_asked_again(monkeypatch):
    answers = [Explanations(missing="m is away."), Explanations(missing="", method="ig")]
    flip = SimpleNamespace(text="a", perturbed="b", label="x", predicted="y")
    files: list[tuple[str, str]] = []
    monkeypatch.setattr(downloads, "chosen", lambda _: [flip])
    monkeypatch.setattr(downloads, "explain", lambda *_: answers.pop(0))
    monkeypatch.setattr(
        downloads, "_file", lambda audit, form, view, words, label, **_: files.append((form, words.missing))
    )
    app = AppTest.from_function(page, default_timeout=60).run()
    app.button(key="assay.reports.ask.pdf").click().run()
    assert ("pdf", "m is away.") in files
    # Another visit is not given files without words for it.
    files.clear()
    assert AppTest.from_function(page, default_timeout=60).run().button(key="assay.reports.ask.pdf")
    assert files == [("csv", downloads.UNASKED.missing)]
    app.button(key="assay.reports.anew").click().run()
    assert answers == [] and files[-1] == ("pdf", "")
