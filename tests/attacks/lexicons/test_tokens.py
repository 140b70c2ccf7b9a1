from itertools import pairwise

import pytest
from hypothesis import given

from attacks.lexicons.tokens import Phrasebook, fitted, is_tokenised, tokens
from tests.attacks.noise.odd import odd_texts


def written(text: str) -> list[str]:
    return [token.written for token in tokens(text)]


@given(odd_texts)
def test_tokens_are_pieces_of_the_text_in_its_order(text):
    found = tokens(text)
    for token in found:
        assert text[token.start : token.end] == token.written != ""
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A don't-miss film, isn’t it?", ["A", "do", "n't", "miss", "film", "is", "n’t", "it"]),
        ("it 's good , is n't it ?", ["it", "'s", "good", "is", "n't", "it"]),
        ("can't won't I'm you’ve", ["ca", "n't", "wo", "n't", "I", "'m", "you", "’ve"]),
        ("see https://a.b/c or www.a.b, mail me@x.y", ["see", "or", "mail"]),
        ("@friend #great <br /><b class='x'>bold</b> x", ["bold", "x"]),
        ("cafe\u0301 e\u0301a naïve क्षि", ["naïve"]),
        ("foo_bar rock'n'roll o'clock", ["foo_bar", "rock'n'roll", "o'clock"]),
    ],
)
def test_what_a_word_is(text, words):
    assert written(text) == words


def test_parts_of_hyphenated_words_are_known_as_such():
    assert [token.compound for token in tokens("well-made films--good ones - all")] == [True, True] + [
        False
    ] * 4


def test_phrases_are_found_across_blanks_and_clitics_and_nothing_else():
    book = Phrasebook({"ice cream": ["x"], "ice": ["y"], "can't": ["z"]})
    for text, choices in [
        ("Ice  cream", [("x",)]),
        ("ice, cream", [("y",)]),
        ("ice\ncream", [("y",)]),
        ("ice-cream", []),
        ("iced creams nice", []),
        ("I CAN’T", [("z",)]),
        ("ca n't", [("z",)]),
    ]:
        assert [found.choices for found in book.find(text, tokens(text))] == choices


@pytest.mark.parametrize(
    ("new", "old", "text", "result"),
    [
        ("color", "Colour", "", "Color"),
        ("color", "COLOUR", "", "COLOR"),
        ("you're", "your", "It’s your’s", "you’re"),
        ("you're", "your", "it 's your film .", "you 're"),
        ("you're", "YOUR", "ALL YOUR BASE", "YOU'RE"),
    ],
)
def test_a_replacement_looks_like_what_it_replaces(new, old, text, result):
    assert fitted(new, old, text) == result


@pytest.mark.parametrize("text", ["does n't", "it 's", "good , bad", "the end ."])
def test_a_text_taken_apart_is_recognised(text):
    assert is_tokenised(text)
    assert not is_tokenised("It's good, doesn't end. Wait ... 'tis; the dogs' bowls.")
