"""A word in context, and a changed text, on the Embeddings page, without a browser."""

import re
from functools import partial

import pandas as pd
import pytest

from corpora.examples import example_ids
from pages import jobs, selection
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running
from tests.pages.running import ran, shown

opened = partial(running.opened, "embeddings")
in_context = partial(opened, pooling="word")

LABELS = ("negative", "positive")
WORD = "<b>dull</b>"


class Shelf:
    """Holds one tiny classifier."""

    def get(self, reference, device="auto", dtype="auto"):
        found = tiny.classifier("bert", labels=2)
        found.labels = LABELS
        return found


@pytest.fixture
def data(tmp_path, monkeypatch) -> str:
    monkeypatch.setattr(jobs, "PATIENCE", 60)
    monkeypatch.setattr(loaded, "shelf", Shelf)
    monkeypatch.setattr(selection, "page_link", lambda *to, **how: None)  # there are no other pages here
    texts = [f"a dull film {n}" for n in range(5)] + [f"the dullness {n}" for n in range(4)]
    frame = pd.DataFrame({"text": texts, "label": [LABELS[n % 2] for n in range(9)]})
    frame.to_csv(tmp_path / "texts.csv", index=False)
    return str(tmp_path / "texts.csv")


def test_only_texts_that_hold_the_word_are_points(data):
    page = shown(in_context(data=data, word="Dull"))
    assert "by <b>“Dull”</b> as it stands in them" in page
    assert "n = 5 of the texts" in re.sub("<[^>]+>", "", page)
    assert "the word “Dull”" in page


def test_a_word_that_too_few_texts_hold_is_told_with_others(data):
    page = shown(in_context(data=data, word=WORD))
    assert "0 of 9 texts hold" in page
    assert "dullness" in page.partition("Often in these texts")[2]
    assert WORD not in page
    assert "No word" in shown(in_context(data=data, word=""))


def test_a_changed_text_lies_among_its_own_neighbours_until_it_is_taken_out(data):
    texts = pd.read_csv(data)["text"].tolist()
    row = example_ids(texts)[0]
    app = opened(data=data, row=row, changed=texts[1])  # the same place as the second text's
    said = re.search("The changed text.*?Before.*?</p>", shown(app))
    assert said is not None
    assert "of its 4 nearest" in said[0]
    assert "is not among these" in shown(opened(data=data, row="0" * 12, changed=WORD))
    assert WORD not in shown(opened(data=data, row=row, changed=WORD))
    next(button for button in app.button if button.label == "Take it out").click()
    assert "The changed text" not in shown(ran(app))
    assert "The changed text" not in shown(in_context(data=data, row=row, changed=texts[1], word="dull"))
