"""Lines over layers and maps of changes: the numbers as they are, names as text."""

import numpy as np
import pytest

from views.charts.layers import Line, Probed, answers, changes, probes


@pytest.mark.parametrize("dark", [False, True])
def test_a_line_a_label_and_a_mark(dark):
    figure = answers(
        [Line("<b>no", [0.5, 0.9, 1.0]), Line("yes", [0.5, 0.1, 0.0], "dash")], mark=(1, "settled"), dark=dark
    )
    first, second = figure.data
    assert list(first.y) == [0.5, 0.9, 1.0]
    assert "<b>" not in first.name
    assert "<b>no" not in first.hovertemplate
    assert first.line.color != second.line.color
    assert second.line.dash == "dash"
    assert figure.layout.shapes[0].x0 == 1
    assert list(figure.layout.xaxis.ticktext) == ["start", "1", "2"]


def test_labels_that_hold_each_by_itself_have_the_half_drawn_and_numbers_an_axis_of_their_own():
    line = Line("joy", [0.2, 0.4, 0.7])
    assert not answers([line], mark=None, dark=False).layout.shapes
    (half,) = answers([line], mark=None, answering="several", dark=False).layout.shapes
    assert half.y0 == half.y1 == 0.5
    number = answers([Line("value", [0.2, -31.41, 7.0])], mark=None, answering="number", dark=False)
    assert number.layout.yaxis.range is None
    assert [told for _, told in number.data[0].customdata] == ["0.2", "−31.4", "7"]


def test_a_map_leaves_gaps_where_there_is_nothing():
    values = np.array([[0.0, np.nan, 0.5], [0.25, np.nan, 1.0]])
    names = ["<i>a", "b", "c"]
    figure = changes(values, names, first=1, hover=names, unit="1 − cosine", dark=False)
    (drawn,) = figure.data
    assert [list(row) for row in drawn.z] == [[0.0, None, 0.5], [0.25, None, 1.0]]
    assert drawn.zmax == 1.0
    assert list(figure.layout.yaxis.ticktext) == ["1", "2"]
    assert not any("<i>" in tick for tick in figure.layout.xaxis.ticktext)
    assert drawn.customdata[1][0][0] == "after layer 2"


def test_many_places_get_few_names_and_nothing_at_all_is_drawn():
    many = changes(np.ones((30, 200)), ["x"] * 200, first=0, hover=["x"] * 200, unit="", dark=True)
    assert len(many.layout.xaxis.tickvals) <= 40
    assert len(many.layout.yaxis.tickvals) <= 26
    assert changes(np.ones((2, 0)), [], first=0, hover=[], unit="", dark=True).data[0].zmax > 0


def test_probes_stand_beside_their_control_and_the_guess():
    found = [Probed(0.6, 0.5, 0.7, 0.48), Probed(0.9, 0.85, 0.94, 0.5)]
    band, own, control, guess = probes(found, 0.55, dark=False).data
    assert list(band.y) == [0.7, 0.94, 0.85, 0.5]
    assert list(own.y) == [0.6, 0.9]
    assert list(control.y) == [0.48, 0.5]
    assert list(guess.y) == [0.55, 0.55]
    assert own.line.dash != control.line.dash != guess.line.dash
