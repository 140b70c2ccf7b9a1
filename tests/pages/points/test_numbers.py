"""The Embeddings page for models that give numbers, without a browser."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor

from analysis.embeddings import embed, project
from corpora.loading import load
from pages import jobs
from pages.points import nearby
from pages.points.scene import Scene, colouring, records
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running
from tests.pages.running import ran
from views.charts.projection import Amounts

opened = partial(running.opened, "embeddings", model="number")
TEXTS = [f"{'a dull film ' * (1 + n % 7)} {n}" for n in range(31)]
GIVEN = [round(0.3 * (n % 7) - 0.5, 2) for n in range(31)]


class Shelf:
    """Holds tiny models that give one number, or three."""

    def get(self, reference, device="auto", dtype="auto"):
        return tiny.classifier("bert", problem="regression", labels=1 if reference == "number" else 3)


@pytest.fixture
def data(tmp_path, monkeypatch) -> str:
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    frame = pd.DataFrame({"text": TEXTS, "label": GIVEN, "size": ["long", "short"] * 15 + ["long"]})
    frame.to_csv(tmp_path / "numbers.csv", index=False)
    return str(tmp_path / "numbers.csv")


def shown(app) -> str:
    return running.shown(app).replace("\u2212", "-")


def scene_of(data: str, value: int = 0) -> Scene:
    model = Shelf().get("number" if value == 0 else "numbers")
    vectors = embed(model, TEXTS, layer=2, pooling="mean")
    corpus = load(data, labelled="number")
    return Scene(corpus, model.labels, 2, "mean", (data,), vectors, model.probabilities(TEXTS), value=value)


def test_neighbours_tell_a_value_as_scikit_learns_regression_does(data):
    vectors = scene_of(data).vectors
    said = cross_val_predict(KNeighborsRegressor(15, algorithm="brute"), vectors, GIVEN, cv=LeaveOneOut())
    page = shown(opened(data=data))
    assert f"off by <b>{mean_absolute_error(GIVEN, said):.3g} <" in page
    model = np.abs(Shelf().get("number").logits(TEXTS)[:, 0] - GIVEN).mean()
    assert f"the model itself is off by {model:.3g}" in page


def test_points_are_coloured_by_numbers_with_ends_that_are_theirs(data):
    scene = scene_of(data)
    told = Shelf().get("number").logits(TEXTS)[:, 0]
    given, own, error = (colouring(scene, name) for name in ("value given", "model value", "error"))
    near = nearby.find(scene, lambda done, total: None)
    about = colouring(scene, "errors nearby", near.errors)
    for one, values in ((given, GIVEN), (own, told), (error, told - GIVEN)):
        assert isinstance(one, Amounts)
        assert one.values == pytest.approx(np.asarray(values))
    assert isinstance(about, Amounts)
    assert near.near is not None
    assert about.values == pytest.approx(np.abs(told - GIVEN)[near.near].mean(axis=1))
    assert near.worst is None
    assert (given.low, given.high) == (own.low, own.high)  # type: ignore[union-attr]
    assert error.low == -error.high  # type: ignore[union-attr]
    row = records(scene, project(scene.vectors), near.votes)[0]
    assert row["error"] == pytest.approx(told[0] + 0.5)
    assert row["neighbours_mean"] == pytest.approx(near.votes[0])


def test_the_largest_errors_are_selected_and_listed_with_both_values(data):
    app = opened(data=data, colour="error")
    next(button for button in app.button if "largest errors" in button.label).click()
    (table,) = ran(app).dataframe
    off = np.abs(Shelf().get("number").logits(TEXTS)[:, 0] - GIVEN)
    assert sorted(np.abs(table.value["Error"])) == pytest.approx(sorted(off)[-20:])
    assert {"Given", "Model", "Error", "size"} <= {*table.value}


def test_over_the_layers_and_probes_speak_of_the_value(data):
    page = shown(opened(data=data, view="layers", lasting_colour="error"))
    assert "tell" in page
    assert "value" in page.partition("tell")[2]
    app = opened(data=data, view="probes")
    assert "<bdi>Value given</bdi>" in shown(app)
    assert "Ridge regression" in shown(app)
    (what,) = [box for box in app.selectbox if box.label == "What to look for"]
    what.set_value("data: size")
    assert "Logistic regression on 2 values" in shown(ran(app))


def test_a_noise_moves_the_value_and_no_line_is_offered(data):
    app = opened(data=data, view="moves", noise="character-deletions", severity="3")
    page = shown(app)
    assert "moves the model’s <bdi>low</bdi> by <b>" in page
    assert "flips" not in page
    assert "Plane" not in {one.label for one in app.button_group}
    _, before, after = json.loads(app.get("plotly_chart")[0].proto.spec)["data"]
    told, now = (Shelf().get("number").logits(one["text"])[:, 0] for one in (before, after))
    assert after["marker"]["color"] == pytest.approx(now - told, abs=1e-4)
    assert f"at most by {np.abs(now - told).max():.3g}" in page


def test_of_several_values_one_is_held_against_the_data(data):
    app = opened(model="numbers", data=data)
    (value,) = [box for box in app.selectbox if box.label == "Value"]
    value.set_value(2)
    off = np.abs(Shelf().get("numbers").logits(TEXTS)[:, 2] - GIVEN).mean()
    assert f"the model itself is off by {off:.3g}" in shown(ran(app))
    assert "mean, for high" in shown(app)


def test_without_numbers_it_says_so_and_words_still_work(data, tmp_path):
    pd.DataFrame({"text": TEXTS, "label": ["dull"] * 31}).to_csv(tmp_path / "names.csv", index=False)
    words = str(tmp_path / "names.csv")
    assert "is no number" in shown(opened(data=words))
    assert "nearest to <b>film</b>" in shown(opened(data=words, view="words", word="film"))
    pd.DataFrame({"text": TEXTS, "label": [2.5] * 31}).to_csv(tmp_path / "same.csv", index=False)
    for view in ("texts", "layers"):
        assert "All texts are given <b>2.5</b>" in shown(opened(data=str(tmp_path / "same.csv"), view=view))
    assert "have the same number" in shown(opened(data=str(tmp_path / "same.csv"), view="probes"))
