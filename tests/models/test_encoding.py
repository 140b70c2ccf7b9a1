"""Tokens and where they stand."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoding import Encoder
from models.loading import load_tokenizer
from tests.models import tiny

SURROGATES = st.text(st.characters(categories=["Cs", "Lu", "Zs"]), max_size=30)
TEXTS = st.text(max_size=80) | st.lists(st.sampled_from(tiny.WORDS), max_size=80).map(" ".join) | SURROGATES


@pytest.fixture(scope="module", params=tiny.FAMILIES)
def encoder(request, tiny_folder):
    tokenizer = load_tokenizer(tiny_folder(request.param))
    return tokenizer, Encoder(tokenizer, tiny.MAX_LENGTH)


@given(text=TEXTS)
def test_tokens_stand_within_the_text_in_order(encoder, text):
    (found,) = encoder[1]([text])
    assert 0 < len(found) <= tiny.MAX_LENGTH
    parts = (found.ids, found.type_ids, found.tokens, found.offsets, found.special)
    assert {len(part) for part in parts} == {len(found)}
    starts = []
    for (start, end), special in zip(found.offsets, found.special, strict=True):
        assert 0 <= start <= end <= len(text)
        if special:
            assert (start, end) == (0, 0)
        else:
            starts.append(start)
    assert starts == sorted(starts)


@given(text=TEXTS.filter(str.isprintable))
def test_ids_are_the_tokenizers_own(encoder, text):
    tokenizer, encode = encoder
    own = tokenizer(text, truncation=True, max_length=tiny.MAX_LENGTH)["input_ids"]
    assert list(encode([text])[0].ids) == (own or [tokenizer.eos_token_id])


def test_words_come_back_from_their_offsets(encoder):
    text = "  the film   was good "
    (found,) = encoder[1]([text])
    words = [
        text[start:end].strip() for (start, end), s in zip(found.offsets, found.special, strict=True) if not s
    ]
    assert "".join(words) == "thefilmwasgood"


def test_a_lone_surrogate_is_read_as_the_replacement_character(encoder):
    broken, replaced = encoder[1](["good \ud800 film", "good \ufffd film"])
    assert broken == replaced
    start, end = broken.offsets[[token.strip("Ġ") for token in broken.tokens].index("film")]
    assert "good \ud800 film"[start:end].strip() == "film"


def test_long_texts_are_cut_and_say_so(encoder):
    short, long = encoder[1](["good film", "good film " * 40])
    assert not short.truncated
    assert long.truncated
    assert len(long) == tiny.MAX_LENGTH


def test_an_empty_text_has_only_special_tokens(encoder):
    (found,) = encoder[1]([""])
    assert found.special
    assert all(found.special)
    assert not found.truncated


def test_each_text_is_encoded_by_itself(encoder):
    texts = ["good", "the film was very dull", "", "a"]
    assert encoder[1](texts) == [encoder[1]([text])[0] for text in texts]


def test_many_threads_may_encode_at_once(encoder):
    texts = [" ".join(tiny.WORDS[: 1 + index % 9]) for index in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: encoder[1]([text])[0], texts)) == encoder[1](texts)
