"""Two texts side by side, on planted weights whose difference is known."""

import numpy as np
import pytest

from analysis.attention import attend, compare
from analysis.attention.comparison import alike
from analysis.attention.weights import Attention
from models.classifier import ModelError
from tests.analysis import tiny


def read(text, tokens, weights):
    """Attention over [CLS], the given tokens (start, end) of a text, and [SEP]."""
    names = ("[CLS]", *(text[start:end] for start, end in tokens), "[SEP]")
    special = (True, *(False for _ in tokens), True)
    matrix = np.asarray(weights, np.float32)[None, None]
    return Attention(names, matrix, False, special, ((0, 0), *tokens, (0, 0)), 0), text


def test_a_word_in_pieces_is_compared_as_a_word():
    one = np.zeros((4, 4))
    one[1] = [0, 0.4, 0.6, 0]  # "a" gives "dull" 0.6
    one[2] = [1, 0, 0, 0]
    two = np.zeros((5, 5))
    two[1] = [0, 0.2, 0.5, 0.3, 0]  # "a" gives both pieces of "dulll" 0.8 together
    two[2] = [0.5, 0, 0, 0, 0.5]
    two[3] = [0.1, 0, 0, 0, 0.9]
    found = compare(read("a dull", [(0, 1), (2, 6)], one), read("a dulll", [(0, 1), (2, 4), (4, 7)], two))
    assert [(a.text, b.text) for a, b in found.pairs][1:3] == [("a", "a"), ("dull", "dulll")]
    assert found.swapped == (2,)
    assert found.left_out == (0, 0)
    np.testing.assert_allclose(found.difference[0, 0][1], [0, -0.2, 0.2, 0], atol=1e-6)
    np.testing.assert_allclose(found.difference[0, 0][2], [0.3 - 1, 0, 0, 0.7], atol=1e-6)
    np.testing.assert_allclose(found.moved, [[(0.4 + 1.4) / 2 / 4]], atol=1e-6)
    assert found.largest(0, 0)[:2] in ((2, 0), (2, 3))


def test_added_words_are_left_out_and_the_others_stay_aligned():
    classifier = tiny.classifier("bert")
    texts = "It was dull.", "It was never ever dull."
    found = compare(*((attend(classifier, text), text) for text in texts))
    assert [a.text for a, _ in found.pairs] == ["[CLS]", "It", "was", "dull", ".", "[SEP]"]
    assert found.left_out == (0, 2)
    assert found.swapped == ()
    # Whole rows of attention cannot gain: what words lost went to the two new ones.
    assert (found.difference.sum(axis=-1) <= 1e-5).all()


def test_a_text_and_itself_do_not_differ():
    classifier = tiny.classifier("gpt2")
    attention = attend(classifier, "Never dull 😀 سلام")
    found = compare((attention, "Never dull 😀 سلام"), (attention, "Never dull 😀 سلام"))
    assert not found.difference.any()
    assert found.moved.max() == 0


def test_texts_without_a_common_place_say_so():
    one = read("a", [(0, 1)], np.eye(3))
    other = Attention(
        ("b", "c"), np.eye(2, dtype=np.float32)[None, None], False, (False,) * 2, ((0, 1), (2, 3)), 1
    )
    with pytest.raises(ModelError, match="no word in a common place"):
        compare(one, (other, "b c"))


def test_two_models_shares_are_matched_by_the_characters_of_their_words():
    first = [(0, 3, 0.1), (4, 8, 0.4), (9, 12, 0.2), (13, 15, 0.05), (16, 20, 0.25), (21, 22, 0.9)]
    second = [(start, end, 2 * share) for start, end, share in first[:5]] + [(21, 24, 0.0)]
    rho, words = alike(first, second)
    assert words == 5
    assert rho == pytest.approx(1)
    rho, words = alike(first, [(start, end, -share) for start, end, share in first])
    assert words == 6
    assert rho == pytest.approx(-1)
    assert alike(first[:4], second) == (None, 4)
    assert alike(first, [(start, end, 0.5) for start, end, _ in first]) == (None, 6)
