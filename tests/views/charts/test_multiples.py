import re

from views.charts import multiples
from views.charts.curves import Curve, Point

HOSTILE = "<img src=x onerror=alert(1)></script>"


def curve(title, *accuracies, edited=0.1):
    points = [
        Point(edited * place, accuracy, accuracy - 0.05, accuracy + 0.05, 50, f"severity {place}")
        for place, accuracy in enumerate(accuracies)
    ]
    return Curve(title, tuple(points))


def test_the_most_harmful_noise_stands_first_and_one_that_edits_nothing_nowhere():
    html = multiples.grid(
        [curve("Mild", 0.9, 0.85), curve("Void", 0.9, 0.9, edited=0.0), curve("Harsh", 0.9, 0.4, 0.6)]
    )
    assert re.findall(r"<b>(.*?)</b><svg", html) == ["Harsh", "Mild"]
    assert re.findall(r"<span>(.*?)</span>", html) == ["90 % → 40 %", "90 % → 85 %"]


def test_all_stand_on_the_same_axes():
    html = multiples.grid([curve("Short", 0.9, 0.8, edited=0.1), curve("Long", 0.9, 0.7, edited=0.2)])
    long, short = (
        [tuple(map(float, corner.split(","))) for corner in line.split()]
        for line in re.findall(r'polyline points="(.*?)"', html)
    )
    assert long[0] == short[0] and short[1][0] < long[1][0] and short[1][1] < long[1][1]


def test_titles_are_text():
    assert "<img" not in multiples.grid([curve(HOSTILE, 0.9, 0.5)])
