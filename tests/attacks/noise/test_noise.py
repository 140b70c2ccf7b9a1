import os
import subprocess
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from attacks.noise import NOISES, casing, homoglyphs, keyboard, perturb, random_numbers
from attacks.noise import SHARES as ALL_SHARES

SHARES = ALL_SHARES["characters"]
SENTENCE = "The Film was not very good, I'd say it wasted ninety minutes of a perfectly fine evening at home."
names = pytest.mark.parametrize("name", NOISES)
any_text = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(categories=["Lu", "Ll", "Mn", "Cs", "Cf"]),
        st.sampled_from("aeiou ABC\u0301\u200d\ufe0f👩🏽👧"),
    ),
    max_size=80,
)


@names
@given(text=any_text, severity=st.sampled_from(list(SHARES)), seed=st.integers(0, 2**32 - 1))
def test_any_text_keeps_its_marks_and_the_result_is_decided_by_the_arguments(name, text, severity, seed):
    noisy = perturb(text, name, severity, seed)
    assert noisy == perturb(text, name, severity, seed)
    assert len(noisy) == len(text)
    for before, after in zip(text, noisy, strict=True):
        if unicodedata.category(before)[0] in "MC":
            assert after == before
    target = max(1, round(SHARES[severity] * len(text)))
    limit = 2 * max(1, round(target / 2)) if name == "character-swaps" else target
    assert Levenshtein.distance(text, noisy) <= limit


@names
@given(text=any_text, seed=st.integers(0, 1000))
def test_a_lower_severity_edits_part_of_what_a_higher_one_edits(name, text, seed):
    edited = [
        {
            position
            for position in range(len(text))
            if perturb(text, name, severity, seed)[position] != text[position]
        }
        for severity in SHARES
    ]
    assert all(low <= high for low, high in pairwise(edited))
    assert not text or any(edited) == bool(edited[0])


@names
@pytest.mark.parametrize("severity", SHARES)
def test_an_ordinary_sentence_is_edited_by_the_target_share(name, severity):
    noisy = perturb(SENTENCE, name, severity, 0)
    edits = sum(before != after for before, after in zip(SENTENCE, noisy, strict=True))
    assert abs(edits - SHARES[severity] * len(SENTENCE)) <= 1


@names
def test_seeds_and_texts_get_their_own_edits(name):
    assert len({perturb(SENTENCE, name, 2, seed) for seed in range(20)}) > 15
    assert random_numbers(SENTENCE, name, 0).random() != random_numbers(SENTENCE + ".", name, 0).random()


@names
@pytest.mark.parametrize("text", ["", " ", "日本語", "؟", "👩‍👩‍👧 🏳️‍🌈", "..."])
def test_a_text_with_nothing_to_edit_comes_back_unchanged(name, text):
    assert perturb(text, name, 3, 0) == text or (name == "character-swaps" and text == "日本語")


def test_another_process_with_another_hash_seed_gives_the_same_text():
    code = (
        f"from attacks.noise import NOISES, perturb; print([perturb({SENTENCE!r}, n, 3, 7) for n in NOISES])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "17", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert printed.strip() == str([perturb(SENTENCE, name, 3, 7) for name in NOISES])


def test_keyboard_neighbours_touch_both_ways_and_keep_case():
    assert set(keyboard.NEIGHBOURS["s"]) == set("weadzx")
    for key, touching in keyboard.NEIGHBOURS.items():
        assert all(key in keyboard.NEIGHBOURS[other] for other in touching)
        assert all(other.isupper() == key.isupper() for other in touching)


def test_homoglyphs_come_from_another_letter_that_normalisation_does_not_undo():
    for letter, others in homoglyphs.CONFUSABLES.items():
        for other in others:
            assert unicodedata.normalize("NFKC", other) != letter or other in "ϲϹ"
            assert other.isupper() == letter.isupper()
            assert letter in homoglyphs.CONFUSABLES[other]


def test_swaps_keep_every_word_its_letters():
    noisy = perturb(SENTENCE, "character-swaps", 3, 0)
    assert [sorted(word) for word in noisy.split()] == [sorted(word) for word in SENTENCE.split()]
    assert noisy != SENTENCE


@given(text=any_text, seed=st.integers(0, 100))
def test_casing_changes_nothing_but_case(text, seed):
    noisy = perturb(text, "casing", 3, seed)
    assert [casing.other_case(a) == b or a == b for a, b in zip(text, noisy, strict=True)].count(False) == 0
