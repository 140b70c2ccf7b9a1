"""The scatter plot: every point once, colours and markers that mean something, and untrusted text as text."""

import json

import numpy as np
import pytest

from views.charts.projection import MOST_CATEGORIES, Amounts, Categories, projection
from views.style import DARK, LIGHT

HOSTILE = "<img src=x onerror=alert(1)></script><b>bold</b> %{x}"


def points(count):
    return np.random.default_rng(0).normal(size=(count, 2))


def drawn(figure):
    """Each point's number with its position, over all traces."""
    axes = "xyz" if figure.data and figure.data[0].type == "scatter3d" else "xy"
    return {
        int(number): place
        for trace in figure.data
        if trace.customdata is not None
        for number, *place in zip(trace.customdata, *(trace[axis] for axis in axes), strict=True)
    }


@pytest.mark.parametrize("count", [0, 1, 40, 1500])
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("dark", [False, True])
def test_every_point_is_drawn_once_where_it_lies(count, dimensions, dark):
    where = np.random.default_rng(0).normal(size=(count, dimensions))
    kinds = Categories("label", ["ab"[row % 2] for row in range(count)], order=["b", "a"])
    for colour in (kinds, Amounts("confidence", np.linspace(0, 1, count))):
        figure = projection(where, colour, dark=dark)
        found = drawn(figure)
        assert sum(len(trace.x) for trace in figure.data) == count == len(found)
        json.loads(figure.to_json())
        if count < 2:
            continue
        shown = np.array([found[row] for row in range(count)], float)
        # In 16 bits, one scale for all directions: the picture is the same to a screen's last pixel.
        scale = np.ptp(shown[:, 0]) / np.ptp(where[:, 0])
        np.testing.assert_allclose(shown - shown[0], (where - where[0]) * scale, atol=2)
        assert 30_000 <= np.abs(shown).max() <= 32_000


def test_fifty_thousand_points_are_half_a_megabyte():
    where = np.random.default_rng(0).normal(size=(50_000, 2))
    kinds = Categories("label", ["ab"[row % 2] for row in range(50_000)])
    sizes = [len(projection(where, kinds).to_json())]
    sizes.append(len(projection(where, Amounts("sure", np.linspace(0, 1, 50_000))).to_json()))
    assert max(sizes) < 600_000


def test_categories_differ_by_marker_as_well_as_colour_and_keep_their_order():
    values = ["a"] * 5 + ["b"] * 9 + ["c"] * 3
    figure = projection(points(17), Categories("kind", values, order=["c", "a"]))
    assert [trace.name for trace in figure.data] == ["c", "a", "b"]
    assert len({trace.marker.symbol for trace in figure.data}) == 3
    assert [trace.marker.color for trace in figure.data] == list(LIGHT.categories[:3])


def test_rare_categories_share_grey():
    values = [f"c{min(row, 11)}" for row in range(30)]
    figure = projection(points(30), Categories("kind", values))
    rest, *named = figure.data
    assert len(named) == MOST_CATEGORIES
    assert named[0].name == "c11"
    assert rest.name == "other (5)"
    assert rest.marker.color == LIGHT.neutral
    assert len(drawn(figure)) == 30


def test_failures_are_red_crosses_on_top():
    values = ["right", "wrong", "wrong", "right", "wrong"]
    colour = Categories("answer", values, order=["wrong", "right"], failures=["wrong"])
    figure = projection(points(5), colour, dark=True)
    assert figure.data[-1].name == "wrong"
    assert (figure.data[-1].marker.color, figure.data[-1].marker.symbol) == (DARK.failure, "x")
    assert figure.data[0].marker.color != DARK.failure


def test_selected_points_stand_out_in_their_own_traces():
    colour = Categories("label", ["a", "b", "a", "b"], order=["a", "b"])
    figure = projection(points(4), colour, selected=[2, 3], marked=1)
    assert [list(trace.selectedpoints) for trace in figure.data[:2]] == [[1], [1]]
    assert figure.data[2].name == "chosen row"
    assert figure.data[2].customdata is None
    assert [figure.data[2].x[0], figure.data[2].y[0]] == drawn(figure)[1]
    assert projection(points(4), colour).data[-1].name == "b"


def test_untrusted_text_is_escaped_everywhere():
    colour = Categories(HOSTILE, [HOSTILE, "fine"])
    figure = projection(points(2), colour, texts=[HOSTILE, "x"], axes=(HOSTILE, HOSTILE))
    written = figure.to_json()
    assert "<img" not in written
    assert "<b>bold" not in written
    assert "</script" not in written
    # The template may name fields; the data may not add any.
    assert all(trace.hovertemplate.count("%{") == 2 for trace in figure.data)
    amounts = projection(points(2), Amounts(HOSTILE, np.zeros(2), kind="number"), texts=[HOSTILE, "x"])
    assert "<img" not in amounts.to_json()


def test_hover_texts_are_short_and_left_out_of_large_pictures():
    long = "word " * 200
    figure = projection(points(2), Categories("l", ["a", "a"]), texts=[long, "short"])
    lines = figure.data[0].text[0].split("<br>")
    assert len(lines) == 3
    assert all(len(line) <= 56 for line in lines)
    assert lines[-1].endswith("…")
    many = projection(points(2500), Categories("l", ["a"] * 2500), texts=[long] * 2500)
    assert many.data[0].text is None
    assert "%{text}" not in many.data[0].hovertemplate
    assert many.data[0].type == "scattergl"


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_changed_text_is_a_star_that_cannot_be_chosen(dimensions):
    places = np.random.default_rng(0).normal(size=(30, dimensions))
    far = 9 * np.ones(dimensions)
    plain, moved = (
        projection(places, Categories("Label", ["a"] * 30), marked=4, changed=star) for star in (None, far)
    )
    line, star = moved.data[-2:]
    assert len(moved.data) == len(plain.data) + 2
    assert (star.name, star.customdata, line.showlegend) == ("changed text", None, False)
    ring = next(trace for trace in moved.data if trace.name == "chosen row")
    assert [*line.x] == [*ring.x, *star.x]
    assert star.x[0] > max(max(trace.x) for trace in moved.data[:-2])  # on the scale of all
    alone = projection(places, Categories("Label", ["a"] * 30), changed=far)
    assert len(alone.data) == len(plain.data)
