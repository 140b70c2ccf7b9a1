"""The sentences say what the numbers say, and words of data stay text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views.explanation import (
    agreement,
    answer,
    facts,
    listed,
    passage,
    reasons,
    several,
    shares,
    value,
)


def plain(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def test_the_answer_alone():
    assert plain(answer(["bad", "good"], [0.94, 0.06])) == "The model says bad, 94 %."


def test_the_words_that_it_hangs_on():
    said = plain(answer(["bad", "good"], [0.94, 0.06], ["dull", "never"], [0.29, 0.71]))
    assert said == "The model says bad, 94 %. Without “dull” and “never” it would say good, 71 %."


def test_an_answer_that_hangs_on_nothing():
    said = plain(answer(["bad", "good"], [0.94, 0.06], ["dull"], [0.88, 0.12]))
    assert said == "The model says bad, 94 %. Even without “dull” it would still say so, 88 %."


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([2.0, -0.5, 0.1], "“a” (+2.00) and “c” (+0.10) speak most for bad; “b” (−0.50) most for good."),
        ([2.0, 0.0, 0.0], "“a” (+2.00) speaks most for bad."),
        ([0.0, -1.0, 0.0], "“b” (−1.00) speaks most for good."),
        ([0.0, 0.0, 0.0], "No word makes a difference."),
    ],
)
def test_the_strongest_words_of_each_side(scores, expected):
    assert plain(reasons(["a", "b", "c"], scores, "for bad", "for good")) == expected


def test_lists_read_as_sentences():
    assert [listed(["a", "b", "c"][:count]) for count in (1, 2, 3)] == ["a", "a and b", "a, b and c"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_words_and_labels_are_text(word, label):
    said = answer([label, "x"], [1.0, 0.0], [word], [1.0, 0.0]) + reasons([word], [1.0], label, "x")
    assert "<" not in re.sub(r'</?(b|bdi)>|<span class="(hidden|pair)" title="[^"<>]*">|</span>', "", said)


def test_shares_have_no_side():
    said = plain(shares(["a", "dull", "film"], [0.05, 0.8, 0.0]))
    assert said == "“dull” (80 %) and “a” (5 %) count most, for whichever side."
    assert plain(shares(["a"], [1.0])) == "“a” (100 %) counts most, for whichever side."
    assert shares(["a"], [0.0]) == "No word makes a difference."


def test_agreement_in_a_sentence():
    assert plain(agreement(-0.4, 2, 3)) == (
        "2 of the 3 strongest words are the same; the rank correlation over all words is −0.40."
    )
    assert plain(agreement(None, 0, 1)) == "The strongest words differ."


def test_facts_and_passages_are_escaped():
    hostile = "<img src=x onerror=alert(1)>"
    assert "<img" not in facts({hostile: hostile}) + passage(hostile, [(0, 4, 1.0)], magnitude=True)


def test_labels_that_hold_beside_each_other_are_all_named():
    labels, chances = ["joy", "<b>fear", "anger"], [0.9, 0.7, 0.2]
    said = several(labels, chances, "joy", ["dull"], 0.4)
    assert "<b><bdi>joy</bdi></b> (90 %) and <b><bdi>&lt;b&gt;fear</bdi></b> (70 %)" in said
    assert "Without “<bdi>dull</bdi>” <bdi>joy</bdi> would be at 40 %." in said
    assert several(labels, [0.3, 0.2, 0.1], "joy").startswith("No label holds; the nearest is")


def test_a_number_is_said_with_its_sign():
    assert value("value", -2.456) == "The model says <b>−2.46</b>."
    said = value("score", 3.0, ["dull"], 1.25)
    assert said.startswith("The model says <b>3</b> for <bdi>score</bdi>.")
    assert "it would say 1.25." in said
