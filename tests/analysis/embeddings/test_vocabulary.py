"""Word neighbours against plain NumPy over the embedding matrix."""

import numpy as np
import pytest

from analysis.embeddings import EmbeddingError, nearest_words, word_pieces
from tests.analysis.embeddings.conftest import FAMILIES, WORDS


def brute_force(classifier, ids, count):
    """Entries by cosine with the mean of the given rows: vocabulary names as the tokenizer has them."""
    matrix = classifier.module.get_input_embeddings().weight.numpy().astype(np.float64)
    tokenizer = classifier.tokenizer
    query = matrix[ids].mean(0)
    cosines = matrix @ query / np.linalg.norm(matrix, axis=1) / np.linalg.norm(query)
    names = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    reserved = {*tokenizer.all_special_tokens, "[unused0]", "[unused1]"}
    order = [row for row in (-cosines).argsort() if names[row] not in reserved and row not in ids]
    return [(names[row], cosines[row]) for row in order[:count]]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("word", ["film", "actors"])
def test_neighbours_are_those_of_brute_force(tiny, family, word):
    classifier = tiny[family]
    marked = word if family in ("bert", "distilbert") else f"Ġ{word}"
    expected = brute_force(classifier, [classifier.tokenizer.convert_tokens_to_ids(marked)], 10)
    found = nearest_words(classifier, word, 10)
    np.testing.assert_allclose([cosine for _, cosine in found], [cosine for _, cosine in expected], atol=1e-5)
    for (shown, _), (name, _) in zip(found, expected, strict=True):
        if name.removeprefix("##").isalpha() and name.isascii():
            assert shown.removeprefix("##") == name.removeprefix("##")
        elif name.startswith("Ġ"):
            assert shown == name[1:]


def test_a_word_of_pieces_is_their_mean(tiny):
    classifier = tiny["bert"]
    ids = classifier.tokenizer.convert_tokens_to_ids(["un", "##film", "##able"])
    assert word_pieces(classifier, "unfilmable") == ("un", "##film", "##able")
    found = nearest_words(classifier, "unfilmable", 8)
    expected = brute_force(classifier, ids, 8)
    assert [name for name, _ in found] == [name for name, _ in expected]
    np.testing.assert_allclose([value for _, value in found], [value for _, value in expected], atol=1e-5)


def test_pieces_read_alike_whatever_the_tokenizer(tiny):
    assert word_pieces(tiny["bert"], "film") == word_pieces(tiny["gpt2"], "film") == ("film",)
    assert word_pieces(tiny["gpt2"], "filmz") == ("film", "##z")


def test_special_and_reserved_entries_never_show(tiny):
    for classifier in tiny.values():
        everything = [name for name, _ in nearest_words(classifier, "good", 10_000)]
        assert len(everything) > len(WORDS)
        assert not {"[PAD]", "[CLS]", "[unused0]", "<s>", "<pad>", "<|endoftext|>", "good"} & set(everything)


def test_rows_beyond_the_vocabulary_are_not_words(tiny):
    from tests.analysis.embeddings.conftest import build

    padded = build("bert")
    before = nearest_words(padded, "film", 10_000)
    padded.module.resize_token_embeddings(len(padded.tokenizer) + 20)
    assert [name for name, _ in nearest_words(padded, "film", 10_000)] == [name for name, _ in before]


@pytest.mark.parametrize("word", ["", "   "])
def test_no_word_asks_for_one(tiny, word):
    with pytest.raises(EmbeddingError, match="Type a word"):
        nearest_words(tiny["bert"], word)


def test_what_the_vocabulary_cannot_write_is_named(tiny):
    with pytest.raises(EmbeddingError, match="tiny bert cannot write “漢”"):
        nearest_words(tiny["bert"], "漢")
