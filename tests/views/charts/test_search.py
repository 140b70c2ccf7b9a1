import re
from dataclasses import dataclass
from html import unescape

from views.charts import search

HOSTILE = "<img src=x onerror=alert(1)></script>"


@dataclass(frozen=True)
class Step:
    queries: int
    candidates: int
    best_score: float
    tried: tuple[tuple[str, str], ...] = ()
    ranks: bool = False


STEPS = [
    Step(1, 1, 0.1),
    Step(5, 4, 0.3, (("good", ""), ("film", "")), ranks=True),
    Step(12, 7, 0.7, (("good", "god"), ("", HOSTILE))),
]


def cells(html):
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [[unescape(re.sub(r"<[^>]*>", "", cell)) for cell in row.split("</td>")[:-1]] for row in rows[1:]]


def test_the_latest_step_stands_first_with_what_it_tried():
    shown = cells(search.table(STEPS))
    assert shown[0][:3] == ["12", "7", "0.700"]
    assert shown[0][3] == f"“good” → “god”, + “{HOSTILE}” and 5 more"
    assert shown[1][3] == "which words matter: − “good”, − “film” and 2 more"
    assert shown[2][3] == "the unchanged text"
    assert "<img" not in search.table(STEPS)


def test_a_long_search_is_cut_and_says_so():
    shown = cells(search.table([Step(number, 1, 0.5) for number in range(1, 101)]))
    assert [row[0] for row in shown[:2]] == ["100", "99"]
    assert shown[-1] == ["and 40 steps before"]


def test_the_score_against_queries_and_the_budget_where_it_is_near():
    figure = search.figure(STEPS, 14, dark=True)
    assert list(figure.data[0].x) == [1, 5, 12] and list(figure.data[0].y) == [0.1, 0.3, 0.7]
    assert list(figure.data[0].marker.symbol) == ["circle", "circle-open", "circle"]
    assert [shape.x0 for shape in figure.layout.shapes] == [14]
    begun = search.figure(STEPS, None, dark=True, start=0.2)
    assert list(begun.data[0].x) == [1, 1, 5, 12] and list(begun.data[0].y) == [0.2, 0.2, 0.3, 0.7]
    assert [row[2] for row in cells(search.table(STEPS, 0.2))] == ["0.700", "0.300", "0.200"]
    assert not search.figure(STEPS, 500, dark=True).layout.shapes
    assert not search.figure([], 10, dark=False).layout.shapes
