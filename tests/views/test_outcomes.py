import re

import pytest

from attacks.outcome import Outcome
from views import outcomes

LABELS = ("negative", "positive")
HOSTILE = "<img src=x onerror=alert(1)></script>"


def outcome(status, perturbed="a god film", after=(0.2, 0.8), queries=0):
    changed = status in ("perturbed", "succeeded")
    return Outcome(
        "a good film", perturbed if changed else "a good film", status, None, (0.06, 0.94),
        after if changed else (0.06, 0.94), queries, 1 / 11 if changed else 0.0, 1 / 3 if changed else 0.0,
    )  # fmt: skip


def plain(html):
    return re.sub(r"<[^>]*>", "", html)


@pytest.mark.parametrize(
    ("tested", "flips", "sentence"),
    [
        (
            outcome("succeeded", after=(0.71, 0.29), queries=23),
            True,
            "Changing 1 character flips the answer from positive (94 %) to negative (71 %), "
            "after 23 queries.",
        ),
        (
            outcome("perturbed"),
            True,
            "Changing 1 character leaves the answer at positive (94 % before, 80 % after).",
        ),
        (
            outcome("unchanged"),
            True,
            "Test finds nothing to edit in this text. The answer stays positive (94 %).",
        ),
        (
            outcome("failed", queries=1),
            True,
            "Test found no change that flips the answer. It stays positive (94 %), after 1 query.",
        ),
        (
            outcome("skipped", queries=1),
            True,
            "There is nothing to attack: the model already says positive (94 %), and the label is negative.",
        ),
        (
            outcome("succeeded", perturbed="good", queries=1200),
            False,
            "With 1 of 3 words left the answer is still positive (80 %), after 1\u202f200 queries.",
        ),
        (
            outcome("failed", queries=4),
            False,
            "Test found no word to delete: the answer stays positive (94 %) only with all of them, "
            "after 4 queries.",
        ),
    ],
)
def test_one_sentence_answers(tested, flips, sentence):
    assert plain(outcomes.lead("Test", LABELS, 0, tested, flips=flips)) == sentence


def test_swapped_words_are_counted_as_words():
    swapped = Outcome(
        "a truly good film", "a truly dire picture", "succeeded", None, (0.06, 0.94), (0.7, 0.3),
        9, 11 / 17, 0.5,
    )  # fmt: skip
    assert "Changing 2 of 4 words flips" in plain(outcomes.lead("Test", LABELS, 0, swapped, flips=True))


def test_whatever_labels_and_texts_hold_is_shown_as_text():
    labels = (HOSTILE, "ok")
    tested = Outcome(HOSTILE, HOSTILE + "!", "perturbed", None, (0.6, 0.4), (0.6, 0.4), 0, 0.1, 0.1)
    parts = [
        outcomes.lead(HOSTILE, labels, 0, tested, flips=True),
        outcomes.before_and_after(labels, tested),
        outcomes.before_and_after(labels, tested, numbers={HOSTILE: (1, 2)}),
        outcomes.facts([(HOSTILE, HOSTILE)]),
        outcomes.catalogue([(HOSTILE, HOSTILE, [(HOSTILE, HOSTILE)])]),
        outcomes.pair((HOSTILE, "", "")),
    ]
    assert not any("<img" in part or "</script" in part for part in parts)


def test_the_likeliest_labels_stand_in_the_labels_order():
    shown = plain(outcomes.answers(tuple("abcdefg"), (0.05, 0.3, 0.01, 0.4, 0.02, 0.12, 0.1), most=3))
    assert shown == "b30.0 %d40.0 %f12.0 %"
