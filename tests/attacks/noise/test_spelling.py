from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import perturb
from attacks.noise.keyboard import LAYOUTS, neighbours
from tests.attacks.noise.odd import odd_texts

SENTENCE = "The Film was not very good, I'd say it wasted ninety minutes of a perfectly fine evening at home."


@pytest.mark.parametrize(
    ("layout", "key", "touching"),
    [
        # Read off the keyboards themselves.
        ("QWERTY", "s", "weadzx"),
        ("QWERTY", "p", "ol"),
        ("AZERTY", "q", "azsw"),
        ("AZERTY", "m", "pl"),
        ("QWERTZ", "z", "tugh"),
        ("QWERTZ", "ö", "pülä"),
        ("Dvorak", "e", "poujq"),
        ("ЙЦУКЕН", "п", "енарми"),
    ],
)
def test_neighbours_are_the_keys_around_a_key(layout, key, touching):
    assert sorted(neighbours(LAYOUTS[layout])[key]) == sorted(touching)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_neighbours_touch_both_ways_and_keep_case(layout):
    table = neighbours(LAYOUTS[layout])
    assert len(table) == 2 * len("".join(LAYOUTS[layout]).replace(" ", ""))
    for key, touching in table.items():
        assert 1 <= len(touching) <= 6
        assert all(key in table[other] for other in touching)
        assert all(other.isupper() == key.isupper() for other in touching)


def test_a_layout_leaves_other_alphabets_and_numbers_alone():
    assert perturb("Это кино 2019", "keyboard-typos", 5, 0) == "Это кино 2019"
    assert perturb("This film 2019", "keyboard-typos-cyrillic", 5, 0) == "This film 2019"
    assert perturb("Это кино 2019", "keyboard-typos-cyrillic", 5, 0).endswith(" 2019")


def test_swaps_keep_every_word_its_letters():
    noisy = perturb(SENTENCE, "character-swaps", 3, 0)
    assert [sorted(word) for word in noisy.split()] == [sorted(word) for word in SENTENCE.split()]
    assert noisy != SENTENCE


def subsequence(short: str, long: str) -> bool:
    """Whether `short` is `long` with some characters left out."""
    rest = iter(long)
    return all(character in rest for character in short)


@given(odd_texts, st.integers(0, 1000))
def test_letters_go_missing_come_in_and_come_twice(text, seed):
    fewer, more, doubled = (
        perturb(text, f"character-{what}", 4, seed) for what in ("deletions", "insertions", "repeats")
    )
    assert subsequence(fewer, text) and subsequence(text, more) and subsequence(text, doubled)
    assert set(more) == set(doubled) == set(text)
    assert len(more) - len(text) == len(doubled) - len(text) == len(text) - len(fewer)


def test_only_letters_that_stand_there_are_typed_twice():
    letters = "abcdefghijklmnopqrstuvwxyz" * 4
    noisy = perturb(letters, "character-repeats", 5, 3)
    assert "".join(letter for letter, _ in groupby(noisy)) == letters
