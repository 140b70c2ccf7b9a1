import random

import pytest

from attacks.noise import NOISES, perturb
from attacks.noise.ocr import CONFUSIONS

NOISE = NOISES["ocr-errors"]
TEXT = "A modern clown, vivid in film: 1905 flowers"


def test_every_confusion_goes_both_ways_and_no_figure_becomes_another():
    for shape, others in CONFUSIONS.items():
        for other in others:
            assert shape in CONFUSIONS[other]
            assert not (shape.isdigit() and other.isdigit())


def test_what_was_misread_can_be_read_back():
    for edit in NOISE.edits(TEXT, random.Random(1)):
        noisy = TEXT[: edit.start] + edit.new + TEXT[edit.end :]
        back = {
            noisy[: again.start] + old + noisy[again.end :]
            for again in NOISE.edits(noisy, random.Random(0))
            for old in CONFUSIONS[noisy[again.start : again.end]]
        }
        assert TEXT in back


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("rn", {"m", "ru", "rri"}),
        ("cl", {"d", "el", "c1", "cI", "ci"}),
        ("vv", {"w", "yv", "vy"}),
        ("w", {"vv"}),
    ],
)
def test_pairs_are_read_as_one_letter_and_one_as_a_pair(text, possible):
    assert {perturb(text, "ocr-errors", 1, seed) for seed in range(100)} == possible
