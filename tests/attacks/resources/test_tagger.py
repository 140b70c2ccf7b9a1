"""Parts of speech: TextBlob's tagger, and NLTK's from both of the forms in which its data comes."""

import json
import pickle
import zipfile

import pytest

from attacks.entry import AttackError
from attacks.resources import nltk_data, tagger

WORDS = ["the", "old", "film", "was", "not", "very", "good", "but", "he", "liked", "it"]
#: One feature decides: the word itself. Enough to see that the data is read.
WEIGHTS = {"i word cat": {"NN": 2.0, "VB": 0.0}, "i word runs": {"VBZ": 2.0}}
CLASSES = ["NN", "VB", "VBZ"]


@pytest.fixture(autouse=True)
def forgetting(monkeypatch, tmp_path):
    monkeypatch.setattr(nltk_data, "folders", lambda: (tmp_path,))
    tagger._load_once.cache_clear()
    yield
    tagger._load_once.cache_clear()


def test_textblobs_tags_are_mapped_to_the_universal_ones():
    tagged = tagger.pos_tag(WORDS, tagset="universal", lang=tagger.TEXTBLOB)
    assert [word for word, _ in tagged] == WORDS
    assert dict(tagged) == {
        "the": "DET", "old": "ADJ", "film": "NOUN", "was": "VERB", "not": "ADV", "very": "ADV", "good": "ADJ",
        "but": "CONJ", "he": "PRON", "liked": "VERB", "it": "PRON",
    }  # fmt: skip
    assert ("film", "NN") in tagger.pos_tag(WORDS, lang=tagger.TEXTBLOB)


def test_nltks_data_of_today(tmp_path):
    folder = tmp_path / "taggers" / "averaged_perceptron_tagger_eng"
    folder.mkdir(parents=True)
    for part, value in (("weights", WEIGHTS), ("tagdict", {"the": "DT"}), ("classes", CLASSES)):
        (folder / f"averaged_perceptron_tagger_eng.{part}.json").write_text(json.dumps(value))
    assert tagger.present()
    assert tagger.pos_tag(["the", "cat", "runs"]) == [("the", "DT"), ("cat", "NN"), ("runs", "VBZ")]
    assert tagger.pos_tag(["the", "cat"], tagset="universal") == [("the", "DET"), ("cat", "NOUN")]


def older_data(tmp_path, content):
    (tmp_path / "taggers").mkdir()
    with zipfile.ZipFile(tmp_path / "taggers" / "averaged_perceptron_tagger.zip", "w") as archive:
        archive.writestr("averaged_perceptron_tagger/averaged_perceptron_tagger.pickle", content)


def test_nltks_data_of_before(tmp_path):
    older_data(tmp_path, pickle.dumps((WEIGHTS, {"the": "DT"}, set(CLASSES)), protocol=2))
    assert tagger.pos_tag(["the", "cat", "runs"]) == [("the", "DT"), ("cat", "NN"), ("runs", "VBZ")]


class Doctored:
    def __reduce__(self):
        return print, ("this ran",)


def test_a_doctored_pickle_is_refused_before_anything_runs(tmp_path, capsys):
    older_data(tmp_path, pickle.dumps((WEIGHTS, Doctored(), set(CLASSES)), protocol=2))
    with pytest.raises(pickle.UnpicklingError, match="print has no place in plain data"):
        tagger.pos_tag(["cat"])
    assert not capsys.readouterr().out


def test_without_data_the_error_says_how_to_get_it():
    assert not tagger.present()
    with pytest.raises(AttackError, match=r"nltk\.downloader averaged_perceptron_tagger_eng"):
        tagger.pos_tag(["cat"])


def test_the_published_data_tags_as_nltk_says(shared_data, monkeypatch):
    folder = shared_data.parent / "nltk_data"
    if not folder.is_dir():
        pytest.skip("no NLTK data beside this checkout")
    monkeypatch.setattr(nltk_data, "folders", lambda: (folder,))
    # The example of `nltk.pos_tag`'s own documentation.
    words = ["John", "'s", "big", "idea", "is", "n't", "all", "that", "bad", "."]
    assert [tag for _, tag in tagger.pos_tag(words)] == [
        "NNP",
        "POS",
        "JJ",
        "NN",
        "VBZ",
        "RB",
        "PDT",
        "DT",
        "JJ",
        ".",
    ]
    universal = [tag for _, tag in tagger.pos_tag(words, tagset="universal")]
    assert universal == ["NOUN", "PRT", "ADJ", "NOUN", "VERB", "ADV", "DET", "DET", "ADJ", "."]
