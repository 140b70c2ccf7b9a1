"""The wandering points: each layer a frame, every point where it lies there, in its own trace."""

import json

import numpy as np

from views.charts.passage import passage
from views.charts.projection import Categories

HOSTILE = "<img src=x onerror=alert(1)></script>"


def test_every_frame_holds_every_point_and_the_ring_wanders_along():
    points = np.random.default_rng(0).normal(size=(4, 30, 2))
    colour = Categories("label", ["ab"[row % 3 % 2] for row in range(30)])
    figure = passage(points, colour, notes=["one"] * 4, texts=[HOSTILE] * 30, marked=7)
    assert [frame.name for frame in figure.frames] == ["0", "1", "2", "3"]
    assert len(figure.layout.sliders[0].steps) == 4
    numbers = [trace.customdata for trace in figure.data]
    scale = None
    for layer, frame in enumerate(figure.frames):
        shown = np.zeros((30, 2))
        for own, trace in zip(numbers, frame.data, strict=True):
            place = np.stack([trace.x, trace.y], axis=1)
            if own is None:
                assert np.array_equal(place[0], shown[7])
            else:
                shown[own] = place
        scale = scale or np.ptp(shown[:, 0]) / np.ptp(points[layer, :, 0])
        np.testing.assert_allclose(np.diff(shown, axis=0), np.diff(points[layer], axis=0) * scale, atol=4)
    written = figure.to_json()
    assert "<img" not in written
    json.loads(written)


def test_notes_are_text():
    figure = passage(
        np.zeros((2, 3, 2)), Categories("l", ["a"] * 3), notes=[HOSTILE] * 2, texts=["x"] * 3, dark=True
    )
    assert "<img" not in figure.to_json()
