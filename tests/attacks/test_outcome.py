from hypothesis import given
from hypothesis import strategies as st

from attacks.outcome import share_of_characters, share_of_words


def test_shares_of_known_edits():
    assert share_of_characters("abcd", "abxd") == 0.25
    assert share_of_characters("", "x") == 0
    assert share_of_words("one two three four", "one two tree four") == 0.25
    assert share_of_words("one two three four", "four") == 0.75
    assert share_of_words("  ", "x y") == 0


def test_shares_of_text_added_taken_away_and_moved():
    assert share_of_characters("ab", "") == share_of_words("a b", "") == 1
    assert share_of_characters("ab", "axxxxb") == 2 and share_of_words("a b", "a x x x x b") == 2
    assert share_of_characters("abcd", "bacd") == 0.5 and share_of_words("a b c d", "b a c d") == 0.5
    assert share_of_words("a b c d", "ab c d") == share_of_words("ab c d e", "a b c d e") == 0.5
    assert share_of_words("a b", "a\n  b") == 0 < share_of_characters("a b", "a\n  b")
    assert share_of_characters("\ud83d\udc00", "\ud83d") == 0.5


@given(st.text(), st.text())
def test_shares_are_zero_only_for_the_same_text(before, after):
    assert share_of_characters(before, before) == share_of_words(before, before) == 0
    assert (share_of_characters(before, after) == 0) == (before in (after, ""))
    assert 0 <= share_of_words(before, after) <= max(1, len(after.split()))
