"""Hub data sets, with the library's own objects in place of a download."""

import pytest

from corpora.examples import CorpusError
from corpora.loading import load


def make(rows, hidden=False):
    from datasets import ClassLabel, Dataset, Features, Sequence, Value

    features = Features(
        {
            "sentence": Value("string"),
            "label": ClassLabel(names=["negative", "positive"]),
            "idx": Value("int32"),
            "tokens": Sequence(Value("string")),
        }
    )
    return Dataset.from_dict(
        {
            "sentence": [f"text {n}" for n in range(rows)],
            "label": [-1 if hidden else n % 2 for n in range(rows)],
            "idx": list(range(rows)),
            "tokens": [["text", str(n)] for n in range(rows)],
        },
        features=features,
    )


@pytest.fixture
def hub(monkeypatch):
    """Answers for what the library would load; remembers what was asked for."""
    import datasets

    asked = []

    def load_dataset(*arguments, **options):
        asked.append((arguments, options))
        return {"train": make(6), "validation": make(4), "test": make(3, hidden=True)}

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.setattr("corpora.hub._hub_has_address", lambda endpoint: True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    return asked


def test_names_of_classes_splits_and_limit(hub):
    corpus = load("hub:someone/films:small")
    assert hub == [(("someone/films", "small"), {})]
    assert corpus.name == "someone/films:small (validation)"
    assert corpus.labels == ("negative", "positive")
    assert corpus.metadata_columns == ("idx",)
    assert [e.label for e in corpus.examples] == ["negative", "positive"] * 2
    assert len(load("someone/films", split="train", limit=5)) == 5
    with pytest.raises(CorpusError, match="no split 'dev'"):
        load("someone/films", split="dev")
    with pytest.raises(CorpusError, match="missing at row 1, row 2, row 3"):
        load("someone/films", split="test")


@pytest.mark.parametrize("kind", ["List", "Sequence", "LargeList"])
def test_lists_of_classes_are_read_as_the_library_names_them(hub, monkeypatch, kind):
    import datasets

    feelings = datasets.ClassLabel(names=["anger", "joy", "surprise"])
    features = {
        "text": datasets.Value("string"),
        "labels": getattr(datasets, kind)(feelings),
        "frame": {"pixels": datasets.Value("int32")},
    }
    data = datasets.Dataset.from_dict(
        {"text": ["a", "b", "c"], "labels": [[1, 2], [], [0]], "frame": [{"pixels": 1}] * 3},
        features=datasets.Features(features),
    )
    monkeypatch.setattr(datasets, "load_dataset", lambda *_: {"test": data})
    corpus = load("someone/feelings", labelled="several")
    assert [example.label for example in corpus.examples] == [
        "|".join(feelings.int2str(row)) for row in data["labels"]
    ]
    assert corpus.metadata_columns == ()
    with pytest.raises(CorpusError, match="missing at row 2"):
        load("someone/feelings")
    with pytest.raises(CorpusError, match="'frame' holds neither texts nor numbers"):
        load("someone/feelings", label_column="frame")


def test_what_the_library_cannot_do_is_said(hub, monkeypatch):
    import datasets

    def load_dataset(*arguments, **options):
        raise ValueError("Config name is missing.\nPick one among: a, b")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(CorpusError, match=r"hub:someone/films cannot be loaded: Config name is missing\."):
        load("someone/films")


@pytest.mark.parametrize("why", ["setting", "no address"])
def test_offline_is_a_clear_error_at_once(monkeypatch, why):
    import datasets

    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", why == "setting")
    monkeypatch.setattr(datasets.config, "HF_ENDPOINT", "https://hub.invalid")
    monkeypatch.setattr("urllib.request.getproxies", dict)
    with pytest.raises(CorpusError, match="hub:no-one-at-all/no-such-set has not been downloaded"):
        load("hub:no-one-at-all/no-such-set")
    assert datasets.config.HF_HUB_OFFLINE is (why == "setting")


def test_a_name_is_needed():
    with pytest.raises(CorpusError, match="needs the name"):
        load("hub:")
