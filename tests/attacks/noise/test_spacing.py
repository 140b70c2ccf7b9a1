import re

from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import applicable, perturb
from tests.attacks.noise.odd import odd_texts

seeds = st.integers(0, 1000)


@given(odd_texts, seeds)
def test_nothing_but_white_space_changes(text, seed):
    for name in ("lost-spaces", "added-spaces", "repeated-spaces", "line-breaks"):
        assert "".join(perturb(text, name, 5, seed).split()) == "".join(text.split())


@given(odd_texts, seeds)
def test_words_stay_words_where_spaces_are_repeated_or_lines_broken(text, seed):
    assert perturb(text, "line-breaks", 5, seed).split() == text.split()
    assert perturb(text, "repeated-spaces", 5, seed).split() == text.split()


def test_a_space_between_words_goes_and_one_between_letters_comes():
    assert perturb("a b", "lost-spaces", 1, 0) == "ab"
    assert perturb("ab", "added-spaces", 1, 0) == "a b"
    assert perturb("a b", "line-breaks", 1, 0) == "a\nb"
    assert {len(perturb("a b", "repeated-spaces", 1, seed)) for seed in range(30)} == {4, 5, 6}
    assert re.fullmatch(r"a +b", perturb("a b", "repeated-spaces", 1, 0))


def test_only_a_single_space_between_two_words_counts():
    for text in ("a  b", " a", "a ", "a\r\nb", "a \u0301b"):
        assert not applicable(text, "lost-spaces")
    assert not applicable("a\nb", "line-breaks") and applicable("a\nb", "lost-spaces")
    assert not applicable("a-1 e\u0301e\u0301", "added-spaces")
