"""The panel says what was measured, and whether it beats chance."""

import re
from typing import Any

import pytest

from views.reliability import changing, forgetting, nudging, panel, redrawn

GIVEN: dict[str, Any] = {"target": "bad", "marked": 3, "before": 0.94, "after": 0.36, "taken": 0.62}


def plain(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def shown(**changes) -> str:
    return plain(panel(**{**GIVEN, "random": (0.09, 0.04, 0.14), "draws": 20, **changes}))


def test_what_goes_with_the_words():
    said = shown()
    assert (
        "Removing the 3 strongest words takes away 62 % of the confidence in bad (94 % → 36 %); "
        "3 random words take 9 % [4, 14]. It marks words that carry the answer." in said
    )
    assert "Interval over 20 random draws" in said
    assert "Removing the strongest word takes" in shown(marked=1)


@pytest.mark.parametrize(
    ("random", "verdict"),
    [
        ((0.60, 0.50, 0.70), "No better than words drawn at random"),
        ((0.80, 0.75, 0.85), "Worse than words drawn at random"),
    ],
)
def test_chance_does_as_well(random, verdict):
    assert verdict in shown(random=random)
    assert "carry the answer" not in shown(random=random)


def test_an_answer_that_does_not_care():
    assert "changes nothing in the confidence" in shown(taken=0.001, after=0.939, random=(0.0, -0.02, 0.02))
    said = shown(taken=0.001, after=0.939, random=(0.0, -0.001, 0.0))
    assert "changes nothing in the confidence" in said
    assert "take 0 % [0, 0]. The answer does not hang on these words." in said
    said = shown(taken=-0.05, after=0.98, random=(-0.04, -0.1, 0.02))
    assert "makes the model surer of bad (94 % → 98 %)" in said
    assert "take −4 % [−10, 2]" in said


def test_of_a_label_that_is_not_the_answer_it_says_what_is_left():
    said = shown(before=0.008, after=0.1, taken=-11.5, random=(-49.35, -67.95, -30.74))
    assert "Without the 3 strongest words bad is at 10 % (with them at 0.8 %);" in said
    assert "without 3 random words at 40 % [25, 55]. It marks words that speak for this label." in said
    assert not re.search(r"\d{3} %", said)
    worse = shown(before=0.008, after=0.7, taken=-86.5, random=(-49.35, -67.95, -30.74))
    assert "Worse than words drawn at random" in worse


def test_labels_are_text_and_bars_stay_inside():
    html = panel(
        target="<b>x", marked=3, before=0.94, after=0.36, taken=0.62, random=(0.2, -3.0, 4.0), draws=2
    )
    assert "<b>x" not in html
    assert all(0 <= float(width) <= 100 for width in re.findall(r"(?:width|left):([-\d.]+)%", html))


def test_forgetting():
    assert "It depends on what the model has learnt" in forgetting([0.1, -0.2])
    assert "+0.10, −0.20" in forgetting([0.1, -0.2])
    assert "explains the text more than the model" in plain(forgetting([0.9, 0.8]))
    assert "nothing to compare" in forgetting([])


def test_scores_that_move_no_less_than_dealt_ones_are_not_to_be_leaned_on():
    assert "They stand firm." in nudging(0.05, 10, 0.1, (1.2, 1.1, 1.3))
    assert "They waver." in nudging(0.4, 10, 0.1, (1.2, 1.1, 1.3))
    assert "do not lean on them" in nudging(1.2, 10, 0.1, (1.2, 1.1, 1.3))


def test_reasons_that_hang_on_the_spelling_are_not_to_be_leaned_on():
    said = plain(changing((0.83, 0.71, 1.04), 0.8, 9, 1))
    assert "In 9 copies of the text" in said
    assert "correlate +0.83 [+0.71, +1.00] with these, and 80 % of the strongest words stay" in said
    assert "1 more copy turns the answer and is left out. They stand firm." in said
    assert "They waver." in changing((0.6, 0.4, 0.8), 0.5, 10, 0)
    assert "do not lean on them" in changing((0.2, -0.1, 0.5), 0.5, 10, 0)
    assert "no small change to compare with. 10 copies turn" in changing(None, 0.0, 0, 10)


def test_draws_that_scatter_ask_for_more():
    assert "every seed gives the same scores" in redrawn(None, 0.0, 0)
    assert "nothing to compare" in redrawn(None, 0.0, 10)
    assert "More samples" in redrawn((0.5, 0.3, 0.7), 0.5, 10)
    steady = redrawn((0.95, 0.9, 1.0), 1.0, 10)
    assert "With 10 other seeds the ranks correlate +0.95 [+0.90, +1.00]" in steady
    assert "More samples" not in steady
