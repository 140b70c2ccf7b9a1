from views.charts.elsewhere import Placed, figure

HOME = Placed("home", 0.5, 0.5, 0.5, 0.9, 0.85, 0.93, 200, lost=False)
FAR = Placed("<b>far</b>", 0.95, 0.9, 0.98, 0.6, 0.53, 0.67, 200, lost=True)


def test_every_set_stands_at_its_distance_and_accuracy_with_both_intervals():
    drawn = figure(HOME, [FAR], dark=False)
    home, far = drawn.data
    assert (far.x[0], far.y[0]) == (0.95, 0.6)
    assert far.x[0] - far.error_x.arrayminus[0] == FAR.auc_low
    assert far.y[0] + far.error_y.array[0] == FAR.high
    assert home.error_x.array is None
    band, line = drawn.layout.shapes
    assert (band.y0, band.y1, line.y0) == (HOME.low, HOME.high, HOME.accuracy)
    assert drawn.layout.yaxis.range[0] < FAR.low


def test_names_are_no_markup_and_a_loss_is_marked_by_more_than_colour():
    home, far = figure(HOME, [FAR], dark=True).data
    assert far.text[0] == "&lt;b&gt;far&lt;/b&gt;"
    assert home.marker.symbol != far.marker.symbol
    assert "right in 60.0 % [53.0, 67.0], n = 200" in far.customdata[0]
