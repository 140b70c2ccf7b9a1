from hypothesis import given
from hypothesis import strategies as st

from attacks.outcome import share_of_characters, share_of_words


def test_shares_of_known_edits():
    assert share_of_characters("abcd", "abxd") == 0.25
    assert share_of_characters("", "x") == 0
    assert share_of_words("one two three four", "one two tree four") == 0.25
    assert share_of_words("one two three four", "four") == 0.75
    assert share_of_words("  ", "x y") == 0


@given(st.text(), st.text())
def test_shares_are_zero_only_for_the_same_text(before, after):
    assert share_of_characters(before, before) == share_of_words(before, before) == 0
    assert (share_of_characters(before, after) == 0) == (before in (after, ""))
    assert 0 <= share_of_words(before, after) <= 1
