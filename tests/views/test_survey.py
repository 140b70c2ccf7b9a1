import re
from html import unescape

import pytest

from attacks.outcome import Outcome, failure
from views import survey
from views.survey import Line

LABELS = ("negative", "positive")
HOSTILE = "<img src=x onerror=alert(1)></script>"
BEFORE = (0.06, 0.94)


def line(title, after=None, edited=0.1, perturbed="a god film"):
    """A noise that changed the text and moved the answer; without `after` it changed nothing."""
    changed = after is not None
    return Line(
        title.lower(),
        title,
        Outcome(
            "a good film", perturbed if changed else "a good film", "perturbed" if changed else "unchanged",
            None, BEFORE, after or BEFORE, 0, edited if changed else 0.0, 0.3 if changed else 0.0, changed,
        ),
    )  # fmt: skip


def plain(html):
    return unescape(re.sub(r"<[^>]*>", " ", html))


WEAK, STRONG = line("Weak", (0.3, 0.7)), line("Strong", (0.45, 0.55))
SMALL, LARGE = line("Small", (0.6, 0.4), 0.02), line("Large", (0.9, 0.1), 0.2)
STILL, ROSE = line("Still"), line("Rose", (0.01, 0.99))
BROKEN = Line("broken", "Broken", failure("a good film", RuntimeError("boom")))


def test_flips_come_first_then_the_deepest_falls_and_what_changed_nothing_is_left_out():
    lines = [WEAK, SMALL, STILL, ROSE, LARGE, BROKEN, STRONG]
    assert [each.title for each in survey.ordered(lines)] == ["Large", "Small", "Strong", "Weak", "Rose"]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([STILL, BROKEN], "No noise finds anything to edit in this text."),
        (
            [SMALL, LARGE, WEAK, STILL],
            "The answer positive (94.0 %) flips under 2 of 3 noises at severity 2; the smallest change that "
            "flips it is Small: 2.0 % of the characters.",
        ),
        (
            [WEAK, STRONG, ROSE, BROKEN],
            "The answer stays positive (94.0 %) under all of 3 noises at severity 2; Strong shakes it most, "
            "down to 55.0 %.",
        ),
        (
            [ROSE],
            "The answer stays positive (94.0 %) under all of 1 noise at severity 2; none makes the model "
            "less sure.",
        ),
    ],
)
def test_the_sentence_counts_what_changed_the_text(lines, sentence):
    found = " ".join(plain(survey.lead(LABELS, lines, 2)).split())
    assert re.sub(r"(?<=\() | (?=[):;,])", "", found) == sentence


def test_a_line_says_what_was_edited_and_what_became_of_the_answer():
    shown = " ".join(plain(survey.table([SMALL], LABELS)).split())
    assert "2.0 % of characters" in shown and "30.0 % of words" in shown
    assert "positive 94.0 % → 40.0 %" in shown and "flips to negative 60.0 %" in shown
    assert "flips to" not in survey.table([WEAK], LABELS)


def test_certainty_is_never_written_as_certain():
    assert [survey.probability(value) for value in (1.0, 0.0, 0.9994)] == [
        "&gt; 99.9 %",
        "&lt; 0.1 %",
        "99.9 %",
    ]


def test_whatever_texts_labels_and_notes_hold_is_shown_as_text():
    outcome = Outcome(HOSTILE, HOSTILE + "!", "perturbed", None, (0.6, 0.4), (0.4, 0.6), 0, 0.1, 0.1)
    lines = [Line("x", HOSTILE, outcome, HOSTILE)]
    labels = (HOSTILE, HOSTILE)
    for html in (survey.table(lines, labels), survey.lead(labels, lines, 1)):
        assert "<img" not in html and "</script" not in html
