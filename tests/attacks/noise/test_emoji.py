import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import applicable, perturb
from attacks.noise.emoji import NEUTRAL, PICTURES, spelt_out
from tests.attacks.noise.odd import odd_texts


@given(odd_texts, st.integers(0, 1000))
def test_added_emoji_stand_behind_the_text(text, seed):
    noisy = perturb(text, "added-emoji", 4, seed)
    assert noisy.startswith(text) and set(noisy[len(text) :].split()) <= set(NEUTRAL)
    assert len(noisy[len(text) :].split()) == (max(1, round(0.35 * len(text.split()))) if text.split() else 0)


def test_pictures_are_single_emoji_for_single_words():
    for word, picture in PICTURES.items():
        assert word.isalpha() and word == word.lower()
        assert len(regex.findall(r"\X", picture)) == 1 and spelt_out(picture)
    assert all(len(regex.findall(r"\X", emoji)) == 1 and spelt_out(emoji) for emoji in NEUTRAL)


def test_words_become_pictures_alone_and_not_within_others():
    assert perturb("FILM!", "emoji-for-words", 1, 0) == "🎬!"
    assert perturb("(love)", "emoji-for-words", 1, 0) == "(❤️)"
    for text in ("filmed", "film's", "film-like", "film1", "film\u0301", "no"):
        assert not applicable(text, "emoji-for-words")


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("😀", "grinning face"),
        ("good😀!", "good grinning face !"),
        ("a ❤️ b", "a heart b"),
        ("👩🏽‍🚀", "woman rocket"),
        ("☕", "hot beverage"),
    ],
)
def test_emoji_are_spelt_out_with_spaces_around(text, spelt):
    assert perturb(text, "words-for-emoji", 1, 0) == spelt


@pytest.mark.parametrize("text", ["©", "1️⃣", "🇩🇪", "☀", "🏽", "abc", "\ufe0f"])
def test_signs_and_flags_are_not_spelt_out(text):
    assert not applicable(text, "words-for-emoji")
