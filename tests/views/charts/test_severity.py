from views.charts import severity
from views.charts.severity import Drawn

DRAWS = [
    Drawn(1, 0, 0.02, 0.9, False),
    Drawn(2, 0, 0.06, 0.4, True),
    Drawn(1, 7, 0.04, 0.7, False),
    Drawn(2, 7, 0.08, 0.6, False),
]


def test_a_line_a_seed_and_the_means_all_from_the_unchanged_text_on():
    figure = severity.figure("<b>positive</b>", 0.95, DRAWS, dark=False)
    first, second, mean = figure.data
    assert list(first.x) == [0.0, 2.0, 6.0] and list(first.y) == [0.95, 0.9, 0.4]
    assert list(second.x) == [0.0, 4.0, 8.0]
    assert [round(x, 9) for x in mean.x] == [0.0, 3.0, 7.0]
    assert [round(y, 9) for y in mean.y] == [0.95, 0.8, 0.5]
    assert list(first.marker.symbol) == ["circle", "circle", "x"]
    assert "&lt;b&gt;positive" in figure.layout.yaxis.title.text
