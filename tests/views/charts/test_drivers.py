"""Bars of words over a data set: sides, intervals, and what chance may explain."""

import pytest

from views.charts.drivers import Bar, driver_bars
from views.style import DARK, LIGHT, faded

BARS = [
    Bar("fun", 2.0, 1.5, 2.75, 1234),
    Bar("<b>x</b>", 0.5, -0.5, 1.5, 5, sure=False),
    Bar("dull", -3, -4, -2, 7),
]


@pytest.mark.parametrize(("dark", "colours"), [(False, LIGHT), (True, DARK)])
def test_sides_intervals_and_counts(dark, colours):
    figure = driver_bars(BARS, for_label="for good", against_label="for bad", unit="logits", dark=dark)
    (bars,) = figure.data
    assert list(bars.x) == [2.0, 0.5, -3]
    assert list(bars.error_x.array) == [0.75, 1.0, 1]
    assert list(bars.error_x.arrayminus) == [0.5, 1.0, 1]
    assert list(bars.marker.color) == [colours.supports, faded(colours.supports, 0.35), colours.against]
    assert list(bars.marker.pattern.shape) == ["", "", "/"]
    assert "1\u202f234" in figure.layout.yaxis.ticktext[0]
    assert "&lt;b&gt;" in figure.layout.yaxis.ticktext[1]
    assert "chance" in bars.customdata[1][1] and "chance" not in bars.customdata[0][1]
    assert [note.text for note in figure.layout.annotations] == ["← for bad", "for good →"]


def test_a_side_without_bars_has_no_name():
    figure = driver_bars(BARS[:1], for_label="for good", against_label="for bad", unit="logits")
    assert [note.text for note in figure.layout.annotations] == ["for good →"]
