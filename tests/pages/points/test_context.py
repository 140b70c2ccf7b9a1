"""A word in context on the Embeddings page, without a browser."""

import re
from functools import partial

import pandas as pd
import pytest

from pages import jobs, selection
from pages.selection import loaded
from tests.analysis import tiny
from tests.pages import running
from tests.pages.running import shown

opened = partial(running.opened, "embeddings", pooling="word")

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
    page = shown(opened(data=data, word="Dull"))
    assert "by <b>“Dull”</b> as it stands in them" in page
    assert "n = 5 of the texts" in re.sub("<[^>]+>", "", page)
    assert "the word “Dull”" in page


def test_a_word_that_too_few_texts_hold_is_told_with_others(data):
    page = shown(opened(data=data, word=WORD))
    assert "0 of 9 texts hold" in page
    assert "dullness" in page.partition("Often in these texts")[2]
    assert WORD not in page
    assert "No word" in shown(opened(data=data, word=""))
