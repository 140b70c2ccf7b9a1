"""Moves: two points and a line each, flips apart from the rest, texts as text."""

import numpy as np
import pytest

from views.charts.moves import moves

BEFORE, AFTER = (
    np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]),
    np.array([[1.0, 1.0], [-2.0, 3.0], [4.0, 6.0]]),
)
FLIPPED = np.array([False, True, False])
TEXTS = [("a <b>", "b <b>")] * 3


@pytest.mark.parametrize("dark", [False, True])
def test_each_text_has_two_points_and_a_line(dark):
    figure = moves(BEFORE, AFTER, FLIPPED, ["x", "y", "z"], TEXTS, sides=("no", "<i>yes"), dark=dark)
    kept, was, went, flip, flip_was, flip_went = figure.data
    assert list(kept.x) == [0.0, 1.0, None, 4.0, 4.0, None]
    assert list(flip.y) == [3.0, 3.0, None]
    assert list(was.customdata) == list(went.customdata) == ["x", "z"]
    assert (list(flip_was.x), list(flip_went.x)) == ([2.0], [-2.0])
    assert flip_went.marker.symbol != went.marker.symbol
    assert not any("<b>" in text for trace in (was, went, flip_was, flip_went) for text in trace.text)
    assert figure.layout.shapes[0].x0 == 0
    assert [one.text for one in figure.layout.annotations] == ["← no", "&lt;i&gt;yes →"]


def test_without_sides_no_line_stands_between():
    figure = moves(BEFORE, AFTER, ~FLIPPED & FLIPPED, ["x", "y", "z"], TEXTS)
    assert not figure.layout.shapes
    assert len(figure.data[3].x) == 0
