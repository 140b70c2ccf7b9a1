"""The frame: which edits a severity chooses, and how they are put into the text."""

import re
from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from attacks.noise.base import Edit, applied, chosen
from attacks.noise.positions import clusters, letters, neighbouring, whole_characters, words
from tests.attacks.noise.odd import odd_texts

TEXT = "abcdefghijklmnopqrst"
edits = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 3), st.text("XYZ", max_size=3), st.integers(1, 3)).map(
        lambda drawn: Edit(drawn[0], min(20, drawn[0] + drawn[1]), drawn[2], drawn[3])
    ),
    max_size=30,
)


def overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits claim the same characters, or one adds something within the other."""
    return not (one.end <= other.start or other.end <= one.start)


@given(edits)
def test_a_large_budget_takes_every_edit_that_overlaps_none_before(drawn):
    expected: list[Edit] = []
    for edit in drawn:
        if not any(overlap(edit, other) for other in expected):
            expected.append(edit)
    assert chosen(drawn, 10**9) == expected


@given(edits, st.integers(1, 40))
def test_the_budget_is_met_as_nearly_as_the_next_edit_allows(drawn, budget):
    everything, taken = chosen(drawn, 10**9), chosen(drawn, budget)
    assert taken == everything[: len(taken)]
    assert bool(taken) == bool(drawn)
    spent = sum(edit.units for edit in taken)
    if len(taken) > 1:
        assert spent <= budget + taken[-1].units / 2
    if len(taken) < len(everything):
        assert spent + everything[len(taken)].units / 2 >= budget


@given(edits)
def test_a_smaller_budget_chooses_the_first_of_what_a_larger_one_chooses(drawn):
    for small, large in pairwise([chosen(drawn, budget) for budget in range(1, 60)]):
        assert large[: len(small)] == small


@given(edits)
def test_edits_are_put_in_like_replacements_from_the_end(drawn):
    taken = chosen(drawn, 10**9)
    expected = TEXT
    for edit in sorted(taken, key=lambda edit: (edit.start, edit.end))[::-1]:
        expected = expected[: edit.start] + edit.new + expected[edit.end :]
    assert applied(TEXT, taken) == expected


def test_edits_in_one_place_stand_in_the_order_given():
    assert applied("ab", [Edit(1, 1, "x"), Edit(1, 2, "B"), Edit(1, 1, "y"), Edit(0, 0, ">")]) == ">axyB"


@given(odd_texts)
def test_words_are_those_of_split_less_what_combines_with_white_space(text):
    ends = [0, *(match.end() for match in regex.finditer(r"\X", text))]
    expected = []
    for found in re.finditer(r"\S+", text):
        start = min(end for end in ends if end >= found.start())
        end = max(end for end in ends if end <= found.end())
        if start < end:
            expected.append((start, end))
    assert list(words(text)) == expected
    assert len(expected) <= len(text.split())


# What a reader sees as one, from the examples of Unicode Standard Annex 29.
@pytest.mark.parametrize(
    "seen", ["g̈", "각", "\u1112\u1161\u11ab", "நி", "क्षि", "\r\n", "🇩🇪", "👩🏽‍🚀", "👩‍👩‍👧", "❤️", "1️⃣"]
)
def test_characters_are_whole_as_a_reader_sees_them(seen):
    text = f"a{seen}b"
    assert [text[start:end] for start, end in clusters(text)] == ["a", seen, "b"]
    assert [text[place] for place in whole_characters(text)] == [
        "a",
        *([seen] if len(seen) == 1 else []),
        "b",
    ]


def test_letters_that_stand_alone_and_their_neighbours():
    assert list(letters("añ n\u0303b1_ß")) == [0, 1, 5, 8]
    assert list(neighbouring([0, 1, 2, 4, 7, 8])) == [0, 1, 7]
