"""The pictures of how a classifier answers show the numbers they were given."""

import json

import numpy as np
import pytest

from views.charts import classification
from views.charts.classification import Point
from views.style import contrast, palette

HOSTILE = "<img src=x onerror=alert(1)></script><b>x</b>"
POINTS = [Point("a", 0.5, 0.2, 0.8, 10), Point(HOSTILE, 0.9, 0.8, 0.95, 90)]


def words(figure) -> str:
    """Everything a figure could show, as text."""
    return json.dumps(json.loads(figure.to_json()), ensure_ascii=False)


@pytest.mark.parametrize("dark", [False, True])
def test_confusion_shows_counts_and_shares_of_the_row(dark):
    counts = np.array([[8, 2], [0, 0]])
    figure = classification.confusion(counts, ("bad", HOSTILE), dark)
    assert np.allclose(figure.data[0].z, [[0.8, 0.2], [0.0, 0.0]])
    assert figure.layout.annotations[0].text == "<b>8</b><br>80 %"
    assert figure.layout.annotations[2].text == "<b>0</b><br>0 %"
    assert "<img" not in words(figure)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("share", np.linspace(0, 1, 21))
def test_numbers_in_cells_read_on_their_colour(dark, share):
    scale = palette(dark).sequential
    ground = scale[round(share * (len(scale) - 1))][1]
    assert contrast(classification._readable(scale, share), ground) >= 4.0


def test_a_large_confusion_matrix_has_a_colour_bar_and_no_numbers():
    figure = classification.confusion(np.eye(40, dtype=int), [f"label {i}" for i in range(40)])
    assert not figure.layout.annotations
    assert figure.data[0].showscale


def test_reliability_draws_each_bin_with_its_interval():
    figure = classification.reliability(POINTS, [0.55, 0.93])
    drawn = figure.data[1]
    assert list(drawn.x) == [0.55, 0.93]
    assert list(drawn.y) == [0.5, 0.9]
    assert np.allclose(drawn.error_y.array, [0.3, 0.05])
    assert np.allclose(drawn.error_y.arrayminus, [0.3, 0.1])
    assert figure.layout.xaxis.range[0] < 0.2


def test_slices_put_the_worst_on_top_and_escape_names():
    figure = classification.slices([POINTS[1], POINTS[0]], Point("all", 0.86, 0.8, 0.9, 100))
    assert list(figure.data[0].x) == [0.5, 0.9]
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert "<img" not in words(figure)


def test_lengths_count_every_text_and_mark_a_near_limit():
    tokens = [3, 3, 4, 480, 512]
    figure = classification.lengths(tokens, limit=512)
    assert sum(figure.data[0].y) == 5
    assert "limit" in words(figure)
    assert "limit" not in words(classification.lengths([3, 4], limit=512))
    assert sum(classification.lengths([7]).data[0].y) == 1
    assert sum(classification.lengths([]).data[0].y) == 0
