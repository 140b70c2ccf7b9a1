"""What drives a model, in sentences; words of data stay text."""

import re

from views import drivers


def plain(html: str) -> str:
    return re.sub("<[^>]+>", "", html)


def test_the_strongest_words_of_each_label():
    said = drivers.driving([("good", ["fun", "warm", "<b>", "best"]), ("bad", ["dull"])], 1200, "word")
    assert plain(said.replace("&lt;b&gt;", "X")) == (
        "“fun”, “warm” and “X” drive good most; “dull” drives bad most, in 1\u202f200 texts."
    )
    assert "<b>“<bdi>&lt;b&gt;" in said
    said = drivers.driving([("good", []), ("bad", [])], 9, "phrase of 2 words", "in wrong answers")
    assert said == (
        "No phrase of 2 words drives an answer more than chance would, in 9 texts, in wrong answers."
    )


def test_a_word_that_turns():
    assert plain(drivers.turning("but", "good", 0.5, -1.25, 0)) == (
        "“but” speaks for good where the answer is right (+0.50) and against it where it is wrong (−1.25)."
    )
    said = plain(drivers.turning("<i>", "good", -0.5, 1.25, 1))
    assert "against good where the answer is right" in said
    assert said.endswith("1 more turns too.")
    said = plain(drivers.turning("but", "x", 0.0123, -0.004, 0, answers=("good", "poor")))
    assert (
        said
        == "“but” speaks for x where the answer is good (+0.012) and against it where it is poor (−0.004)."
    )


def test_two_models_beside_each_other():
    assert plain(drivers.alike(90, 100, 0.91, 0)) == (
        "Both models give the same answer to 90 of 100 texts, for much the same reasons (median rank "
        "correlation of the words 0.91)."
    )
    said = plain(drivers.alike(50, 100, 0.1, 10))
    assert "for different reasons" in said
    assert said.endswith("; on 20 % of them the words rank no more alike than by chance, or in reverse.")
    assert plain(drivers.alike(0, 3, None, 0)).endswith("0 of 3 texts.")
    assert plain(drivers.alike(2, 3, None, 0, "much the same number")) == (
        "Both models give much the same number to 2 of 3 texts."
    )
    assert drivers.together((0.5, -0.125, 0.9), 1200, 0.051) == (
        "Much the same: no further apart than 0.051, the typical error of the first model. "
        "Over all 1\u202f200 texts the numbers correlate by 0.50 [−0.12, 0.90] (Pearson)."
    )
    assert drivers.together(None, 2, 1.0).endswith("of the first model.")
