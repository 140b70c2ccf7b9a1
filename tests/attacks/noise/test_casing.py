from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import perturb
from attacks.noise.casing import other_case
from tests.attacks.noise.odd import odd_texts

TEXT = "The USA won. I saw Anna's McDonald iPhone, A B"


def everything(text: str, name: str) -> str:
    """The text with every edit that a noise of words can make: each word apart, so that it gets its edit."""
    return " ".join(perturb(word, name, 5, 0) for word in text.split(" "))


@given(odd_texts, st.integers(0, 100))
def test_random_casing_changes_nothing_but_case(text, seed):
    noisy = perturb(text, "casing", 3, seed)
    assert all(a == b or other_case(a) == b for a, b in zip(text, noisy, strict=True))


def test_lower_and_upper_case_are_those_of_python():
    assert everything(TEXT, "lower-case") == TEXT.lower()
    assert everything(TEXT, "upper-case") == TEXT.upper()
    assert everything("straße ΑΣ", "upper-case") == "STRASSE ΑΣ"


def test_acronyms_keep_their_capitals_where_capitals_are_lost():
    assert everything(TEXT, "lost-capitals") == "the USA won. i saw anna's mcdonald iphone, a b"


@given(odd_texts, st.sampled_from(["lower-case", "upper-case", "lost-capitals"]))
def test_a_word_without_marks_around_it_is_recased_or_left(text, name):
    noisy = perturb(text, name, 5, 1)
    assert noisy.casefold().upper() == text.casefold().upper() or "İ" in text or "ŉ" in text
