"""The curves: both lines, the band, and labels as text."""

import pytest

from views.charts.faithfulness import Step, curve

STEPS = [Step(0, 0.9, 0.9, 0.9, 0.9), Step(1, 0.2, 0.8, 0.7, 0.9), Step(3, 0.1, 0.5, -0.2, 1.2)]


@pytest.mark.parametrize("dark", [False, True])
def test_lines_and_band(dark):
    band, random, own = curve(STEPS, across="words removed", up="probability of <b>bad", dark=dark).data
    assert list(own.x) == [0, 1, 3]
    assert list(own.y) == pytest.approx([90, 20, 10])
    assert list(random.y) == pytest.approx([90, 80, 50])
    assert list(band.y) == pytest.approx([90, 90, 100, 0, 70, 90])  # no probability outside of 0 and 1
    assert own.line.dash != random.line.dash


def test_labels_are_text():
    figure = curve(STEPS, across="words removed", up="probability of <b>bad", dark=False)
    assert "<b>" not in figure.layout.yaxis.title.text
