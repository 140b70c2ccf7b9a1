"""Pinning, view by view: the picture stays beside the next one, its link makes it again, and it comes off."""

import json
import zlib

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages import jobs, selection
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages.running import opened, ran, shown

LABELS = ("negative", "positive")
WORDS = ["a", "the", "film", "scene", "dull", "fine", "great", "long", "short", "never", "not", "and"]
STAYS = "Pinned: it stays here"
#: The text of the pinned picture would be an element if somebody let it.
TEXT, NEXT = "A dull film, and so <b>long</b>.", "That scene is fine."


class Shelf:
    """Holds tiny classifiers by family."""

    def get(self, reference, device="auto", dtype="auto"):
        found = tiny.classifier("bert" if reference.startswith("bundled:") else reference, labels=2)
        found.labels = LABELS
        return found


@pytest.fixture(autouse=True)
def links(monkeypatch, tmp_path):
    """The addresses of all links that pins have drawn, the last one last."""
    seen: list[dict[str, str]] = []
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    monkeypatch.setattr(selection, "page_link", lambda *to, **how: None)  # there are no other pages here
    monkeypatch.setattr(st, "page_link", lambda to, label, query_params: seen.append(query_params))
    return seen


@pytest.fixture
def data(tmp_path):
    """Two files of texts, the second with words of its own."""
    files = []
    for seed, name in enumerate(("first", "second")):
        dealt = np.random.default_rng(seed)
        texts = [f"{' '.join(dealt.permutation(WORDS)[:5])}, <b>so</b>" for _ in range(40)]
        frame = pd.DataFrame({"text": texts, "label": dealt.choice(LABELS, len(texts))})
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        files.append(str(tmp_path / f"{name}.csv"))
    return files


def pictures(app: AppTest) -> list[object]:
    """What is drawn on the page: charts, tables, lines and matrices, by their data."""
    charts = [json.loads(one.proto.spec)["data"] for one in app.get("plotly_chart")]
    lines = [one.proto.srcdoc for one in app.get("iframe")]
    tables = [one.value.iloc[:, :2].to_csv() for one in app.dataframe]
    return [*charts, *lines, *tables, *(matrix(one.proto.bytes) for one in app.get("bidi_component"))]


def matrix(message: bytes) -> tuple[object, bytes]:
    """The tokens and the weights of a message for the canvas."""
    whole = zlib.decompress(message)
    end = 4 + int.from_bytes(whole[:4], "little")
    return json.loads(whole[4:end])["tokens"], whole[end:]


def says(app: AppTest) -> str:
    return " ".join(one.value for one in app.caption)


def press(app: AppTest, label: str, place: str = "") -> None:
    next(one for one in app.button if one.label == label and str(one.key).endswith(place)).click()
    ran(app)


def moved_to(app: AppTest, **params: str) -> None:
    for name, value in params.items():
        app.query_params[name] = value
    ran(app)


def tried(links, page: str, link: dict[str, str], other: dict[str, str], place: str = "") -> str:
    """Pin what a link shows, go on, come back by the pin's link, and take it off: all HTML where it was
    beside the other picture."""
    app = opened(page, **link)
    before = pictures(app)
    press(app, "Pin this", place)
    assert STAYS in says(app)
    assert pictures(app) == before  # one and the same is not drawn twice
    moved_to(app, **other)
    after = pictures(app)
    assert STAYS not in says(app)
    assert [one for one in after if one in before]  # its own data
    assert [one for one in after if one not in before]
    beside = shown(app)
    assert "<b>long" not in beside and "<b>so" not in beside
    address = links[-1]
    app.query_params.clear()
    moved_to(app, **address)
    assert STAYS in says(app)  # the very same picture, or its name would be another
    press(app, "Unpin", place)
    assert STAYS not in says(app)
    assert pictures(app) == before
    return beside


ATTENTION = {
    "heatmap": {"layer": "2", "head": "1", "special": "hidden"},
    "matter": {"without": "1.1,2.1"},
    "compare": {"other": "A fine film, and so short."},
    "models": {"against": "distilbert"},
    "rollout": {"way": "flow"},
    "heads": {"layer": "2"},
    "model": {},
}


@pytest.mark.parametrize("view", ATTENTION)
def test_every_view_of_attention(links, view):
    link = {"model": "bert", "data": "bundled:reviews", "text": TEXT, "view": view, **ATTENTION[view]}
    tried(links, "attention", link, {"text": NEXT})


EMBEDDINGS = {
    "texts": {"layer": "1", "pooling": "max"},
    "layers": {"lasting_colour": "correctness"},
    "moves": {"noise": "keyboard-typos", "severity": "5", "plane": "pca"},
    "probes": {"probe": "label"},
    "words": {"word": "terrible"},
}


@pytest.mark.parametrize("view", EMBEDDINGS)
def test_every_view_of_embeddings(links, data, view):
    link = {"model": "bert", "data": data[0], "view": view, **EMBEDDINGS[view]}
    tried(links, "embeddings", link, {"word": "fine"} if view == "words" else {"data": data[1]})


DRIVERS = {"view": {"answers": "wrong", "fewest": "3"}, "turned": {}, "moved": {"second": "distilbert"}}


@pytest.mark.parametrize("place", DRIVERS)
def test_every_picture_of_drivers(links, data, place):
    link = {"model": "bert", "data": data[0], "method": "gradient-input"} | DRIVERS[place]
    link |= {"begun": "yes", "second-begun": "yes"}
    tried(links, "drivers", link, {"data": data[1]}, "" if place == "view" else place)


#: By page: the place of a picture, and the options that show it.
OTHERS = [
    ("explain", "bars", {"method": "gradient-input"}),
    ("layers", "parts", {}),
    ("layers", "", {"beside": "A fine film."}),
    ("layers", "states", {"beside": "A fine film."}),
]


@pytest.mark.parametrize(("page", "place", "options"), OTHERS)
def test_every_picture_of_explain_and_layers(links, page, place, options):
    link = {"model": "bert", "data": "bundled:reviews", "text": TEXT, **options}
    tried(links, page, link, {"text": NEXT}, place)


def test_a_pin_stays_in_every_view_and_where_there_is_nothing_to_hold_it_against(links):
    app = opened("attention", model="bert", data="bundled:reviews", text=TEXT, view="rollout")
    kept = pictures(app)
    press(app, "Pin this")
    for elsewhere in ({"view": "heads"}, {"view": "compare"}, {"text": " "}):
        moved_to(app, **elsewhere)
        assert pictures(app)[-1] == kept[-1]
        assert "rollout over all layers" in shown(app)
    assert "Nothing to compare yet" not in shown(app)
    assert "No text to look at" in shown(app)


def test_a_text_too_long_for_a_link_is_pinned_without_one(links):
    app = opened("attention", model="bert", data="bundled:reviews", text=f"{TEXT} " * 200, view="rollout")
    press(app, "Pin this")
    moved_to(app, text=NEXT)
    assert "Pinned" in [one.value for one in app.subheader]
    assert not links
