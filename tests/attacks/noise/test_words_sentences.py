from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.noise import SHARES, perturb
from attacks.noise.positions import words
from attacks.noise.sentences import sentences
from tests.attacks.noise.odd import odd_texts

SENTENCES = ("It was late.", "We saw Mr. Bean at 5.30 p.m. in St. Ives!", "Why so?", "Dogs bark…", "But no.")
severities, seeds = st.integers(1, 5), st.integers(0, 99)


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('He said "No." Then he left. 20 came!', ['He said "No."', "Then he left.", "20 came!"]),
        ("Dr. Who met J. R. R. T., e.g. No. 5. Good", ["Dr. Who met J. R. R. T., e.g. No. 5.", "Good"]),
        ("it ends . it begins . yes", ["it ends .", "it begins .", "yes"]),
        ("Well... so what. ", ["Well... so what."]),
        ("  ", []),
    ],
)
def test_where_sentences_end(text, parts):
    assert split(text) == parts


@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=8), severities, seeds)
def test_the_same_sentences_come_in_another_order(parts, severity, seed):
    noisy = split(perturb(" ".join(parts), "sentence-reorder", severity, seed))
    assert sorted(noisy) == sorted(parts)
    for pair in set(pairwise(parts)):
        if pair[1] in ("But no.", "It was late."):
            assert pair in pairwise(noisy), "a sentence that goes on from another stays behind it"


@given(odd_texts, severities, seeds)
def test_a_text_is_cut_off_behind_a_word(text, severity, seed):
    noisy = perturb(text, "truncation", severity, seed)
    assert text.startswith(noisy)
    assert bool(noisy.split()) == bool(text.split())


def test_truncation_takes_its_share():
    text = " ".join(str(number) for number in range(100))
    for severity, share in SHARES["words"].items():
        assert len(perturb(text, "truncation", severity, 0).split()) == 100 - round(100 * share)


@pytest.mark.parametrize("name", ["distractor-sentences", "links-and-handles"])
@given(text=odd_texts, severity=severities, seed=seeds)
def test_the_text_stays_whole_amid_what_is_added(name, text, severity, seed):
    noisy = perturb(text, name, severity, seed)
    spans = list(words(text)) or [(0, 0)]
    assert text[spans[0][0] : spans[-1][1]] in noisy
    assert (noisy != text) == any(character.isalnum() for character in text)


def test_sentences_are_added_in_the_style_of_the_text():
    text = "it 's good , is n't it ?"
    for seed in range(9):
        added = " ".join(perturb(text, "distractor-sentences", 1, seed).split(text)).strip()
        assert added.islower() and added.endswith(" .")
        assert perturb("No full stop", "distractor-sentences", 5, seed).endswith(". No full stop")
