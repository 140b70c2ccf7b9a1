"""The Drivers page: begins when asked to, keeps what it found, survives trouble and odd links."""

import io
import runpy
from functools import partial
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

import analysis.reasons
from analysis.background import Job
from pages import jobs, selection
from pages.reasons import dataset
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running, test_layers
from tests.pages.running import ran, shown

opened = partial(running.opened, "drivers")

LABELS = ("negative", "positive")


class Shelf:
    """Holds tiny classifiers by family."""

    asked: ClassVar[list[tuple[str, str]]] = []

    def get(self, reference, device="auto", dtype="auto"):
        self.asked.append((reference, dtype))
        found = tiny.classifier("bert" if reference.startswith("bundled:") else reference, labels=2)
        found.labels = LABELS
        return found


@pytest.fixture
def data(tmp_path, monkeypatch) -> str:
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    monkeypatch.setattr(selection, "page_link", lambda *to, **how: None)  # there are no other pages here
    dataset._kept.clear()
    file = tmp_path / "texts.csv"
    rows = [f"{text} {number}, =so <b>dull</b>" for number in range(6) for text in ("a film", "that scene")]
    frame = pd.DataFrame({"text": rows, "label": [LABELS[number % 2] for number in range(12)]})
    frame.to_csv(file, index=False)
    return str(file)


def test_it_begins_with_a_click_and_computes_once(data, monkeypatch):
    calls: list[int] = []
    real = analysis.reasons.gather

    def counting(classifier, examples, *rest, **settings):
        calls.append(len(examples))
        return real(classifier, examples, *rest, **settings)

    monkeypatch.setattr(analysis.reasons, "gather", counting)
    app = opened(data=data, method="gradient-input")
    assert "Nothing explained yet" in shown(app)
    assert calls == []
    next(button for button in app.button if button.label == "Explain 12 texts").click()
    page = shown(ran(app))
    assert calls == [12]
    assert "12 texts explained" in page
    assert "so <b>dull" not in page
    opened(data=data, method="gradient-input", answers="wrong", length="2", order="total", fewest="3")
    assert calls == [12]
    opened(data=data, method="occlusion", begun="yes", length="99")  # an odd link
    assert calls == [12, 12]


def test_a_picked_word_shows_its_texts_and_an_odd_one_is_forgotten(data):
    page = shown(opened(data=data, method="gradient-input", begun="yes", word="scene"))
    assert "converged" not in page  # nothing to tell it by
    assert "“<bdi>scene</bdi>” stands in 6 texts" in page
    page = shown(opened(data=data, method="gradient-input", begun="yes", word="<img src=x>"))
    assert "<img" not in page
    assert "stands in 12 texts" in page


def test_a_slice_is_explained_by_itself(data):
    whole = opened(data=data, method="gradient-input", begun="yes", texts="all")
    assert "12 texts explained" in shown(whole)
    (job,) = (job for job in dataset._kept()._items.values() if isinstance(job, Job))
    assert job.result is not None
    ids = [example.id for example in job.result.examples[:5]]
    app = opened(data=data, method="gradient-input", begun="yes", among=",".join(ids))
    assert "5 texts explained" in shown(app)
    (box,) = (box for box in app.selectbox if box.label == "Texts")
    assert box.options == ["5 chosen", "all 12"]


def test_one_of_several_labels_is_asked_about(data, monkeypatch, tmp_path):
    class Several:
        def get(self, reference, device="auto", dtype="auto"):
            return tiny.classifier("bert", problem="multi_label_classification")

    links: list[str] = []
    monkeypatch.setattr(loaded, "shelf", Several)
    monkeypatch.setattr(selection, "page_link", lambda to, **how: links.append(how["target"]))
    file = tmp_path / "several.csv"
    frame = pd.read_csv(data).assign(label=["low|high", "Middle", ""] * 4)
    frame.to_csv(file, index=False)
    link = {"data": str(file), "method": "gradient-input", "begun": "yes", "second-begun": "yes"}
    app = opened(**link, about="middle", second="another")
    page = shown(app)
    assert "12 texts explained" in page
    assert "middle" in page
    assert "Both models give <b>the same answer to 12 of 12" in page
    assert set(links) == {"middle"}
    (job, _) = (job for job in dataset._kept()._items.values() if isinstance(job, Job))
    assert job.result is not None
    assert job.result.labels == ("not middle", "middle")
    labels = {example.text: example.label for example in job.result.examples}
    assert [labels[text] for text in frame["text"][:3]] == ["not middle", "middle", "not middle"]
    assert not [box for box in app.selectbox if box.label == "Label"]
    frame.assign(label="boredom").to_csv(file, index=False)
    assert "12 of 12 rows have labels that the model does not have" in shown(opened(**link))


@pytest.mark.parametrize("kind", ["number", "numbers"])
def test_a_number_is_driven_up_and_down(data, monkeypatch, tmp_path, kind):
    links: list[dict[str, object]] = []
    monkeypatch.setattr(loaded, "shelf", test_layers.Shelf)
    monkeypatch.setattr(selection, "page_link", lambda to, **how: links.append(how))
    file = tmp_path / "numbers.csv"
    frame = pd.read_csv(data).assign(label=[0.5, -1.25, 3] * 4)
    frame.to_csv(file, index=False)
    several = kind == "numbers"
    link = {"model": kind, "data": str(file), "method": "gradient-input", "begun": "yes"}
    link |= {"second": kind, "second-begun": "yes"} | ({"about": "middle"} if several else {})
    app = opened(**link, answers="wrong", fewest="3", word="so")
    page = shown(app)
    assert "12 texts explained" in page
    assert "so <b>dull" not in page
    (job, *_) = (job for job in dataset._kept()._items.values() if isinstance(job, Job))
    assert job.result is not None
    found = job.result
    told = test_layers.Shelf().get(kind).logits([example.text for example in found.examples])
    name = "middle" if several else "low"
    np.testing.assert_allclose(found.values, told[:, 1 if several else 0], atol=1e-5)
    assert found.labels == (f"a lower {name}", f"a higher {name}")
    assert f"in {found.answered['wrong'].sum()} texts, in poor answers" in page
    assert f"stands in {found.answered['wrong'].sum()} texts" in page  # and in no others
    assert f"off by at most {found.typical_error:.3g}, the typical error" in page
    assert "much the same number to 12 of 12 texts</b>" in page
    assert "the numbers correlate by 1.00 [1.00, 1.00]" in page
    assert {how.get("target") for how in links} == {"middle" if several else None}
    (box,) = (box for box in app.selectbox if box.label == "In")
    assert box.options[-2:] == ["answers too high", "answers too low"]
    assert [box.label for box in app.selectbox if box.label in ("Label", "Value")] == ["Value"] * several
    made = runpy.run_path("pages/drivers.py", run_name="drivers")["parquet"](found)
    scores = pd.read_parquet(io.BytesIO(made))
    assert dict(scores.groupby("id").label.first()) == {one.id: float(one.label) for one in found.examples}
    assert scores["answer"].dtype == "float64"
    page = shown(opened(**link | {"data": data}))  # a column of names
    assert "is no number" in page


def test_a_second_model_is_set_beside_it_and_its_trouble_leaves_the_page(data):
    link = {"data": data, "method": "gradient-input", "begun": "yes", "second-begun": "yes"}
    page = shown(opened(**link, second="distilbert"))
    assert "Both models give <b>the same answer to" in page
    page = shown(opened(**link | {"method": "occlusion"}, second="distilbert", **{"second-type": "int8"}))
    assert "Both models give <b>the same answer to" in page
    assert ("distilbert", "int8") in Shelf.asked
    page = shown(opened(**link, second="canine"))
    assert "does not answer to word embeddings" in page
    assert "12 texts explained" in page


def test_the_files_hold_every_word_and_run_nothing(data):
    page = opened(data=data, method="gradient-input", begun="yes")
    assert "12 texts explained" in shown(page)
    (job,) = dataset._kept()._items.values()
    assert isinstance(job, Job)
    assert job.result is not None
    made = runpy.run_path("pages/drivers.py", run_name="drivers")["parquet"](job.result)
    frame = pd.read_parquet(io.BytesIO(made))
    assert len(frame) == sum(len(one.words) for one in job.result.attributions)
    assert set(frame["answer"]) <= set(LABELS)
    assert frame["score"].dtype == "float64"
