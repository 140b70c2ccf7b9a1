"""What the Embeddings page draws from, without a browser."""

import time
from dataclasses import replace

import numpy as np
import pytest

from analysis.embeddings import project
from corpora.examples import Corpus, Example, example_ids
from pages import jobs
from pages.points import nearby
from pages.points import scene as scenes
from pages.points.scene import Scene, bounded, colouring, make, records
from views.charts.projection import Amounts, Categories
from views.tables import to_csv

LABELS = ("negative", "positive")


def corpus(count=8, **metadata):
    texts = [f"text {row}" for row in range(count)]
    examples = [
        Example(name, text, LABELS[row % 2], metadata)
        for row, (name, text) in enumerate(zip(example_ids(texts), texts, strict=True))
    ]
    return Corpus("test", "test", tuple(examples), LABELS)


def scene(count=8, **metadata):
    vectors = np.random.default_rng(0).normal(size=(count, 5)).astype(np.float32)
    probabilities = np.tile([0.8, 0.2], (count, 1))
    return Scene(corpus(count, **metadata), LABELS, 2, "mean", ("key", count), vectors, probabilities)


def test_colours_stand_for_labels_answers_confidence_and_columns():
    shown = scene(domain="books")
    label, answer = colouring(shown, "label"), colouring(shown, "correctness")
    assert isinstance(label, Categories)
    assert list(label.values) == ["negative", "positive"] * 4
    assert isinstance(answer, Categories)
    assert list(answer.values) == ["right", "wrong"] * 4
    assert answer.failures == ("wrong",)
    prediction = colouring(shown, "prediction")
    assert isinstance(prediction, Categories)
    assert set(prediction.values) == {"negative"}
    confidence = colouring(shown, "confidence")
    assert isinstance(confidence, Amounts)
    assert (confidence.low, confidence.values.tolist()) == (0.5, [0.8] * 8)
    waiting = colouring(shown, "errors nearby")
    assert isinstance(waiting, Categories)
    errors = colouring(shown, "errors nearby", np.linspace(0, 0.4, 8))
    assert isinstance(errors, Amounts)
    assert errors.high == 0.4
    column = colouring(shown, "data: domain")
    assert isinstance(column, Categories)
    assert set(column.values) == {"books"}


def test_every_point_goes_into_the_file_and_columns_keep_their_names():
    shown = scene(label="of the data", domain="=1+1")
    found = nearby.find(shown, lambda done, total: None)
    rows = records(shown, project(shown.vectors, "pca", 3), found.votes, found.errors)
    assert len(rows) == 8
    assert rows[1]["label"] == "positive"
    assert rows[1]["data: label"] == "of the data"
    assert rows[1]["prediction"] == "negative"
    assert rows[1]["neighbours_label"] in LABELS
    written = to_csv(rows).decode()
    assert ",'=1+1" in written
    assert written.splitlines()[0].startswith(
        "id,x,y,z,text,label,prediction,confidence,neighbours_label,errors_nearby"
    )


class Model:
    """As much of a classifier as placing texts asks for."""

    layers, hidden_size, labels, fingerprint, device = 3, 4, LABELS, "model", "cpu"


def test_large_data_are_sampled_to_what_can_be_held(monkeypatch):
    monkeypatch.setattr(scenes, "MOST_POINTS", 150)
    assert len(bounded(Model(), corpus(150))) == 150  # type: ignore[arg-type]
    sampled = bounded(Model(), corpus(400))  # type: ignore[arg-type]
    assert len(sampled) == 150
    assert np.bincount(sampled.targets).tolist() == [75, 75]
    monkeypatch.setattr(scenes, "MOST_BYTES", 120 * 4 * 4 * 4)
    assert len(bounded(Model(), corpus(400))) == 120  # type: ignore[arg-type]


@pytest.mark.parametrize(("budget", "poolings"), [(10**6, 4), (300, 1)])
def test_all_layers_come_in_one_pass_and_are_kept(monkeypatch, budget, poolings):
    import analysis.embeddings

    asked = []

    def pool_layers(model, texts, poolings, on_progress):
        asked.append(poolings)
        vectors = {name: np.zeros((4, len(texts), 4), np.float32) for name in poolings}
        return analysis.embeddings.Pooled(vectors, np.full((len(texts), 2), 0.5))

    monkeypatch.setattr(analysis.embeddings, "pool_layers", pool_layers)
    monkeypatch.setattr(scenes, "MOST_BYTES", budget)
    model = Model()
    model.fingerprint = f"budget {budget}"
    seen = [make(model, corpus(), layer, "max") for layer in range(4)]  # type: ignore[arg-type]
    assert [len(names) for names in asked] == [poolings]
    assert len({one.key for one in seen if one is not None}) == 4


def test_what_was_worked_out_is_kept_by_what_decides_it():
    first = scene()
    again = replace(first)
    assert again.pca(2) is first.pca(2)
    assert again.pca(3) is not first.pca(2)
    assert replace(first, key=("another",)).pca(2) is not first.pca(2)


def test_neighbours_say_what_they_say_and_nothing_where_all_are_alike():
    shown = scene(200)
    found = nearby.find(shown, lambda done, total: None)
    assert found.near is not None
    assert found.near.shape == (200, 15)
    assert np.array_equal(found.errors, shown.told.off[found.near].mean(axis=1))
    assert found.worst is not None
    assert nearby.kept(shown, found, shown.pca(2)) < 1
    alike = replace(shown, vectors=np.ones((200, 5), np.float32), key=("alike",))
    assert nearby.find(alike, lambda done, total: None).near is None


def test_a_search_among_many_texts_lets_the_picture_be_drawn_first(monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(nearby, "MANY", 100)
    monkeypatch.setattr(jobs, "job_of", lambda key, work, among: work(lambda done, total: None))
    monkeypatch.setattr(jobs, "outcome", lambda found, *names, key: found)
    for texts, drawn in ((200, False), (50, True)):
        assert nearby.wait(scene(texts), drawn=drawn) is not None
    assert slept == []
    assert nearby.wait(scene(200), drawn=True) is not None
    assert slept == [nearby.HEAD_START]
