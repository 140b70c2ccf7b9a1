"""The panel says what was measured, and whether it beats chance."""

import re
from typing import Any

import pytest

from views.reliability import forgetting, nudging, panel

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
    said = shown(taken=-0.05, after=0.98, random=(-0.04, -0.1, 0.02))
    assert "makes the model surer of bad (94 % → 98 %)" in said
    assert "take −4 % [−10, 2]" in said


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
