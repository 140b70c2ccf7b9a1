"""The bundled sets: balanced, without repetition, safe to open, and as their cards describe them."""

import csv
import re
from collections import Counter
from itertools import combinations

import pytest

from corpora import bundled
from corpora.loading import load

LABELS = {"headlines": ("Business", "Sci/Tech", "Sports", "World"), "reviews": ("negative", "positive")}
COLUMNS = {"headlines": ("region", "style", "hard_case"), "reviews": ("domain", "register", "hard_case")}


@pytest.fixture(scope="module", params=sorted(LABELS))
def corpus(request):
    return load(f"bundled:{request.param}")


def counts(corpus, column):
    if column == "label":
        return Counter(example.label for example in corpus.examples)
    return Counter(example.metadata[column] for example in corpus.examples)


def test_names_and_paths():
    assert bundled.names() == ("headlines", "reviews")
    assert all(
        bundled.path(name).is_file() and bundled.path(name).with_suffix(".md").is_file()
        for name in bundled.names()
    )
    with pytest.raises(KeyError):
        bundled.path("../loading")


def test_size_labels_and_columns(corpus):
    assert corpus.labels == LABELS[corpus.name]
    assert corpus.metadata_columns == COLUMNS[corpus.name]
    assert len(corpus) >= {"headlines": 240, "reviews": 300}[corpus.name]
    assert all(value for example in corpus.examples for value in example.metadata.values())


def test_labels_are_balanced_overall_and_in_every_slice(corpus):
    for column in corpus.metadata_columns:
        for value in counts(corpus, column):
            inside = Counter(e.label for e in corpus.examples if e.metadata[column] == value)
            assert set(inside) == set(corpus.labels)
            assert max(inside.values()) - min(inside.values()) <= 0.1 * sum(inside.values()), (column, value)
    overall = counts(corpus, "label").values()
    assert max(overall) - min(overall) <= 0.1 * min(overall)


def test_nothing_is_said_twice(corpus):
    words = [frozenset(re.findall(r"\w+", text.casefold())) for text in corpus.texts]
    assert len(set(words)) == len(words)
    close = [
        (one, other)
        for one, other in combinations(range(len(words)), 2)
        if len(words[one] & words[other]) > 0.6 * len(words[one] | words[other])
    ]
    assert not close, [(corpus.texts[one], corpus.texts[other]) for one, other in close[:3]]


def test_the_files_are_what_a_csv_writer_writes_and_no_cell_is_a_formula(corpus):
    path = bundled.path(corpus.name)
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream, strict=True))
    assert rows[0] == ["text", "label", *corpus.metadata_columns]
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert not [cell for cell in cells if cell != cell.strip() or "\n" in cell]


def test_the_card_counts_what_is_there(corpus):
    card = bundled.path(corpus.name).with_suffix(".md").read_text()
    lengths = sorted(len(text.split()) for text in corpus.texts)
    assert re.search(rf"^{len(corpus)} ", card, re.MULTILINE)
    assert f"{lengths[0]} to {lengths[-1]} words" in card
    assert "Never used for training" in card
    assert "CC0" in card
    for column in ("label", *corpus.metadata_columns):
        section = card.split(f"### {column}\n")[1].split("\n#")[0]
        written = dict(re.findall(r"^\| ([^|]+?) \| (\d+) \|", section, re.MULTILINE))
        written.pop("all", None)
        assert {value: int(number) for value, number in written.items()} == counts(corpus, column)


def test_what_the_card_says_by_label(corpus):
    card = bundled.path(corpus.name).with_suffix(".md").read_text()
    for column in corpus.metadata_columns:
        section = card.split(f"### {column}\n")[1].split("\n#")[0]
        header, *rows = re.findall(r"^\| (.+) \|$", section, re.MULTILINE)
        assert header.split(" | ")[2:] == list(corpus.labels)
        for value, _, *numbers in (row.split(" | ") for row in rows):
            inside = Counter(e.label for e in corpus.examples if e.metadata[column] == value)
            assert [int(number) for number in numbers] == [inside[label] for label in corpus.labels]
