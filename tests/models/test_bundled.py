"""The classifiers that come with Assay keep what their cards promise."""

import json

import pytest

from corpora.loading import load as load_corpus
from models import bundled
from models.loading import load

WHERE = {"sentiment": "sst2", "topics": "ag_news"}


def test_there_are_two():
    assert bundled.names() == ("sentiment", "topics")


@pytest.mark.parametrize("name", WHERE)
def test_the_folder_is_portable_and_has_its_card(name):
    folder = bundled.FOLDER / name
    settings = json.loads((folder / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == bundled.BASE_NAME
    record = json.loads((folder / "training.json").read_text())
    card = (folder / "README.md").read_text()
    assert (folder / "ABOUT.md").read_text().strip() in card
    assert record["command"] in card
    for text in (card, json.dumps(record), json.dumps(settings)):
        assert "/work" not in text
        assert "/tmp" not in text


@pytest.mark.parametrize(("name", "least"), [("sentiment", 0.875), ("topics", 0.885)])
def test_the_card_promises_enough(name, least):
    record = json.loads((bundled.FOLDER / name / "training.json").read_text())
    counts = next(figure for figure in record["figures"] if figure["name"] == "test")["labels"].values()
    assert sum(count["right"] for count in counts) / sum(count["total"] for count in counts) >= least


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("sentiment", {"a wonderful film": "positive", "a dull and lifeless mess": "negative"}),
        (
            "topics",
            {
                "Shares fell after the bank's quarterly profit missed forecasts": "Business",
                "Striker scores twice as the home side wins the cup final": "Sports",
                "Ministers meet for peace talks after the border attack": "World",
                "Astronomers find water vapour on a distant planet": "Sci/Tech",
            },
        ),
    ],
)
def test_plain_cases_are_answered(name, texts):
    classifier = load(f"bundled:{name}")
    assert classifier.name == name
    found = classifier.probabilities(list(texts)).argmax(axis=1)
    assert [classifier.labels[index] for index in found] == list(texts.values())


@pytest.mark.parametrize("name", WHERE)
def test_the_cards_figure_is_found_again(shared_data, name):
    """On the whole test table, give or take two texts that another processor's rounding may turn."""
    record = json.loads((bundled.FOLDER / name / "training.json").read_text())
    counts = next(figure for figure in record["figures"] if figure["name"] == "test")["labels"]
    classifier = load(f"bundled:{name}", device="cpu")
    corpus = load_corpus(str(shared_data / WHERE[name] / "test.csv"))
    assert set(corpus.labels) == set(classifier.labels)
    found = [classifier.labels[index] for index in classifier.probabilities(corpus.texts).argmax(axis=1)]
    right = sum(answer == example.label for answer, example in zip(found, corpus.examples, strict=True))
    assert len(corpus) == sum(count["total"] for count in counts.values())
    promised = sum(count["right"] for count in counts.values())
    assert right == pytest.approx(promised, abs=2)
