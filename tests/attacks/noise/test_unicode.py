import re
import string
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import applicable, perturb
from attacks.noise.accents import ACCENTED, bare
from attacks.noise.lookalikes import CONFUSABLES, LEET, STYLED, WIDE
from tests.attacks.noise.odd import odd_texts

FRENCH = "Le garçon naïf a goûté l'été à Nový Bor: Ünïcödé, Ελλάς, Ёлка, Việt e\u0301"
ascii_texts = st.text(st.characters(max_codepoint=127), max_size=60)
seeds = st.integers(0, 1000)


def every_edit(text: str, name: str) -> str:
    """The text with every edit that the noise can make, character by character."""
    return "".join(perturb(character, name, 5, 0) for character in re.findall(r".[\u0300-\u036f]*", text))


def without_accents(text: str) -> str:
    """The text in Unicode's decomposed form with all combining marks taken out."""
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def test_lost_accents_are_what_decomposition_splits_off():
    assert every_edit(FRENCH, "lost-accents") == without_accents(FRENCH)
    assert perturb("øłß 각 ゴ שָׁ", "lost-accents", 5, 0) == "øłß 각 ゴ שָׁ"
    assert bare("\u0301") == "\u0301"


@given(ascii_texts, seeds)
def test_added_accents_come_off_again(text, seed):
    assert without_accents(perturb(text, "added-accents", 5, seed)) == text


def test_added_accents_make_one_character_of_a_letter_and_a_mark():
    assert set(ACCENTED) == set(string.ascii_letters) - set("Qq")
    for letter, accented in ACCENTED.items():
        assert all(len(unicodedata.normalize("NFD", character)) == 2 for character in accented)
        assert all(without_accents(character) == letter for character in accented)
        assert len(set(accented)) == len(accented)


@given(ascii_texts, seeds)
def test_compatibility_forms_give_the_text_back(text, seed):
    for name in ("full-width", "styled-letters"):
        assert unicodedata.normalize("NFKC", perturb(text, name, 5, seed)) == text


def test_compatibility_forms_are_complete():
    assert "".join(WIDE) == "".join(map(chr, range(33, 127)))
    assert all(unicodedata.east_asian_width(wide) == "F" for wide in WIDE.values())
    assert set(STYLED) == set(string.ascii_letters)
    assert all(9 <= len(styles) <= 13 for styles in STYLED.values())


@given(odd_texts.filter(lambda text: not re.search("[\u200b\u2060\u2063\ufeff]", text)), seeds)
def test_without_its_invisible_characters_the_text_is_the_same(text, seed):
    noisy = perturb(text, "invisible-characters", 5, seed)
    assert re.sub("[\u200b\u2060\u2063\ufeff]", "", noisy) == text


@given(odd_texts.filter(lambda text: not re.search("[\u202a-\u202e]", text)), seeds)
def test_what_bidirectional_controls_turn_round_is_the_text_turned_round(text, seed):
    noisy = perturb(text, "bidirectional-controls", 5, seed)
    assert re.sub("\u202e(.)(.)\u202c", r"\2\1", noisy) == text
    assert re.sub("[\u202e\u202c]", "", noisy) != text or not applicable(text, "bidirectional-controls")


def test_letters_that_run_from_right_to_left_are_not_turned_round():
    assert not applicable("שלום السلام", "bidirectional-controls")


def test_homoglyphs_come_from_another_letter_that_normalisation_does_not_undo():
    for letter, others in CONFUSABLES.items():
        for other in others:
            assert unicodedata.normalize("NFKC", other) != letter or other in "ϲϹ"
            assert other.isupper() == letter.isupper()
            assert letter in CONFUSABLES[other]


def test_leetspeak_is_read_back_by_its_table():
    assert every_edit("bEg", "leetspeak") == "839"
    assert {perturb("a", "leetspeak", 1, seed) for seed in range(20)} == {"4", "@"}
    assert not any(sign.isalpha() for signs in LEET.values() for sign in signs)
