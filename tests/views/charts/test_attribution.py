"""The bars: what they show, in which order, and that words are text."""

import pytest

from views.charts.attribution import MOST_BARS, word_bars

WORDS, SCORES = ["a", "dull", "film", "never"], [0.1, 2.0, -0.5, 1.0]


def bars(words=WORDS, scores=SCORES, **options):
    return word_bars(words, scores, for_label="for bad", against_label="for good", **options)


def test_the_strongest_come_first_or_the_text_keeps_its_order():
    assert list(bars().data[0].x) == [2.0, 1.0, -0.5, 0.1]
    assert list(bars().layout.yaxis.ticktext) == ["dull", "never", "film", "a"]
    assert list(bars(order="position").data[0].x) == SCORES


def test_for_and_against_differ_by_more_than_colour():
    patterns = bars(order="position").data[0].marker.pattern.shape
    assert list(patterns) == ["", "", "/", ""]
    assert [note.text for note in bars().layout.annotations] == ["← for good", "for bad →"]
    assert [note.text for note in bars(["a"], [1.0]).layout.annotations] == ["for bad →"]


def test_repeated_words_keep_their_own_bars():
    assert len(bars(["no", "no", "no"], [1.0, 1.0, -1.0]).data[0].y) == 3
    assert len(set(bars(["no", "no", "no"], [1.0, 1.0, -1.0]).data[0].y)) == 3


def test_only_the_strongest_of_many_are_drawn():
    many = [f"w{i}" for i in range(100)]
    assert len(bars(many, list(range(100))).data[0].x) == MOST_BARS
    assert len(bars(many, list(range(100)), order="position").data[0].x) == 100


@pytest.mark.parametrize("dark", [False, True])
def test_words_and_labels_are_text(dark):
    hostile = "<img src=x onerror=alert(1)>"
    figure = word_bars([hostile], [-1.0], for_label=hostile, against_label=hostile, dark=dark)
    assert "<img" not in figure.to_json().replace("\\u003c", "<")


def test_no_scores_and_all_zero_scores_draw_something():
    assert len(bars([], []).data[0].x) == 0
    assert list(bars(["a"], [0.0]).data[0].text) == ["0.00"]


def test_shares_have_one_colour_and_no_sides():
    figure = bars(["a", "dull"], [0.2, 0.8], magnitude=True)
    assert len(set(figure.data[0].marker.color)) == 1
    assert list(figure.data[0].text) == ["80.0 %", "20.0 %"]
    assert not figure.layout.annotations
    assert "logits" not in figure.layout.xaxis.title.text
    assert "probability" in bars(unit="probability").layout.xaxis.title.text
