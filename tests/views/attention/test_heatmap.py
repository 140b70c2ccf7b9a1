"""The heatmaps: exact enough, small enough, and every token shown as text."""

import base64
import json

import numpy as np
import pytest

from views.attention import heatmap


def weights(*shape):
    return np.random.default_rng(0).dirichlet(np.full(shape[-1], 0.2), shape[:-1]).astype(np.float32)


def levels_of(figure):
    """The values as the browser gets them."""
    sent = json.loads(figure.to_json())["data"][0]["z"]
    values = np.frombuffer(base64.b64decode(sent["bdata"]), dtype=sent["dtype"])
    return values.reshape([int(side) for side in sent["shape"].split(",")])


def test_the_browser_gets_every_weight_to_four_digits():
    values = weights(7, 7)
    sent = levels_of(heatmap.matrix(values, list("abcdefg"), dark=False))
    np.testing.assert_allclose(sent / 10_000, values, atol=1.01e-4)


def test_one_head_of_512_tokens_stays_under_a_megabyte():
    figure = heatmap.matrix(weights(512, 512), ["token"] * 512, dark=False)
    assert len(figure.to_json()) < 800_000
    assert len(figure.layout.xaxis.tickvals) <= heatmap.MOST_TICKS


def test_tokens_are_escaped_and_repeated_ones_stay_apart():
    figure = heatmap.matrix(weights(3, 3), ["<b>x</b>", "<b>x</b>", '<a href="//e.x">y</a>'], dark=True)
    names = figure.data[0].x
    assert len(set(names)) == 3
    assert all("<b>" not in name and "<a" not in name for name in [*names, *figure.layout.xaxis.ticktext])


def test_left_out_tokens_keep_the_numbers_of_the_others():
    figure = heatmap.matrix(weights(2, 2), ["a", "b"], dark=False, positions=[1, 4])
    assert [name.split("<i>")[1] for name in figure.data[0].x] == ["2</i>", "5</i>"]


def test_few_peaks_do_not_empty_a_long_matrix_and_the_scale_says_so():
    values = np.full((100, 100), 0.005)
    values[::10, 0] = 0.9
    figure = heatmap.matrix(values, ["t"] * 100, dark=False)
    assert figure.data[0].zmax == 50
    assert figure.data[0].colorbar.ticktext[-1].startswith("≥")
    assert heatmap.matrix(values[:9, :9], ["t"] * 9, dark=False).data[0].zmax == 9000


@pytest.mark.parametrize("count", [1, 2, 24, 25, 101])
def test_the_map_has_a_thumbnail_and_a_point_for_every_head(count):
    values = weights(3, 4, count, count)
    figure = heatmap.head_map(values, [["note"] * 4] * 3, layer=1, head=2, dark=False)
    mosaic, points = levels_of(figure), figure.data[1]
    side = min(count, 24)
    assert mosaic.shape == (3 * (side + 3) - 3, 4 * (side + 3) - 3)
    assert [list(pair) for pair in points.customdata] == [[i, j] for i in range(3) for j in range(4)]
    for x, y, (i, j) in zip(points.x, points.y, points.customdata, strict=True):
        top, left = int(y - (side - 1) / 2), int(x - (side - 1) / 2)
        thumbnail = mosaic[top : top + side, left : left + side]
        assert thumbnail.max() == 255
        assert thumbnail.min() >= 1  # a gap never cuts into it
        if count == side:
            np.testing.assert_allclose((thumbnail - 1) / 254, values[i, j] / values[i, j].max(), atol=0.003)


def test_a_thin_diagonal_survives_the_thumbnail():
    values = np.broadcast_to(np.eye(512, dtype=np.float32), (1, 1, 512, 512))
    mosaic = levels_of(heatmap.head_map(values, [["note"]], layer=0, head=0, dark=False))
    assert (np.diag(mosaic) == 255).all()


def test_a_map_of_a_thousand_heads_stays_small():
    values = np.broadcast_to(np.eye(64, dtype=np.float32), (32, 32, 64, 64))
    figure = heatmap.head_map(values, [["note"] * 32] * 32, layer=31, head=31, dark=False)
    assert levels_of(figure).size < 150_000


def test_a_text_without_ordinary_tokens_draws_nothing_and_breaks_nothing():
    assert len(heatmap.matrix(np.zeros((0, 0)), [], dark=False, positions=[]).data) == 1
