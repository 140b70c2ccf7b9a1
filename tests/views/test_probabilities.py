"""Probabilities: every number honest, every label text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from views import probabilities


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.94, "94 %"),
        (0.5, "50 %"),
        (0.992, "99.2 %"),
        (0.99996, "> 99.9 %"),
        (0.00001, "< 0.1 %"),
        (0.004, "0.4 %"),
    ],
)
def test_what_is_not_quite_certain_is_never_written_as_certain(value, written):
    assert probabilities.share(value) == written


def test_the_most_likely_comes_first_and_alone_is_marked():
    drawn = probabilities.bars(["a", "b", "c"], [0.2, 0.7, 0.1])
    assert re.findall(r"<dt( class=\"first\")? dir=\"auto\">(.)</dt>", drawn) == [
        (' class="first"', "b"),
        ("", "a"),
        ("", "c"),
    ]
    assert re.findall(r"width:([\d.]+)%", drawn) == ["70.0", "20.0", "10.0"]


def test_many_labels_end_in_one_line_for_the_rest():
    drawn = probabilities.bars([f"label {i}" for i in range(20)], [0.05] * 20)
    assert drawn.count("<dt") == probabilities.MOST_SHOWN
    assert "13 others" in drawn
    assert "65 %" in drawn


@given(st.lists(st.text(max_size=12), min_size=1, max_size=12))
def test_labels_are_text(labels):
    drawn = probabilities.bars(labels, [1 / len(labels)] * len(labels))
    assert "<" not in re.sub(r"</?(dl|dt|dd|i|b|span)( [a-z-]+=\"[^\"<>]*\")*>", "", drawn)
