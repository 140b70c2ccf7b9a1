"""The plain words."""

import pytest

from views.attention.sentences import answers, changed, flow, head_does, tally


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("special", "rests on the special tokens (62 % of its weight)"),
        ("next", "looks at the next token (62 %)"),
        ("same", "looks at the token itself (62 %)"),
        ("everywhere", "spreads its weight over the whole text"),
        ("mixed", "its strongest link goes from “\u2068never\u2069” to “\u2068dull\u2069” (0.41)"),
    ],
)
def test_a_head_in_words(pattern, words):
    assert words in head_does(pattern, 0.62, ("never", "dull", 0.41))


def test_flow_names_the_reader_and_what_stays_on_special_tokens():
    assert flow("[CLS]", [("dull", 0.2), ("never", 0.013)], 0.4) == (
        "By rollout, what the classifier reads at [CLS] comes most from “\u2068dull\u2069” (20 %) and "
        "“\u2068never\u2069” (1.3 %); "
        "40 % stays on special tokens."
    )
    assert flow(None, [("dull", 1.0)], 0.0) == (
        "By rollout, what the classifier reads comes most from “\u2068dull\u2069” (100 %)."
    )
    assert "special tokens alone" in flow("[CLS]", [], 1.0)
    assert flow(None, [("dull", 1.0)], 0.0, "attention flow").startswith("By attention flow, what")


def test_a_tally_counts_every_head_and_leads_with_the_most_frequent():
    assert tally("in layer 2", {"next": 1, "special": 10, "mixed": 0, "previous": 2}) == (
        "Of the 13 heads in layer 2, 10 rest on special tokens, 2 look at the previous token, "
        "1 looks at the next token."
    )


def test_two_answers_are_told_as_a_change_only_where_there_is_one():
    assert answers(("a", 0.8), ("a", 0.6)).endswith("(80 % before, 60 % now).")
    assert answers(("1.5", None), ("1.5", None)) == "The answer stays “\u20681.5\u2069”."
    assert answers(("1.5", None), ("2", None)).endswith("from “\u20681.5\u2069” to “\u20682\u2069”.")
    assert "goes from" in answers(("a", 0.8), ("b", 0.6))
    told = changed(0, 4, 0.25, ("x", "y", -0.5))
    assert told.startswith("Layer 1, head 5 moves 25 % of its attention; most of all, ")
    assert told.endswith("0.50 less.")
