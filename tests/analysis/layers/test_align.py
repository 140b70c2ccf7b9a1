"""Words of two texts, side by side."""

import numpy as np

from analysis.layers import align, compare
from analysis.words import Word
from tests.analysis.layers.test_families import classifier


def words(text):
    found, place = [], 0
    for number, word in enumerate(text.split()):
        start = text.index(word, place)
        place = start + len(word)
        found.append(Word(word, start, place, (number,)))
    return found


def sides(before, after):
    pairs = align(words(before), words(after))
    return [
        (" ".join(word.text for word in pair.before), " ".join(word.text for word in pair.after))
        for pair in pairs
    ]


def test_words_are_paired_one_by_one_or_together():
    assert sides("a dull film", "a du11 film") == [("a", "a"), ("dull", "du11"), ("film", "film")]
    assert sides("not good", "not very good") == [("not", "not"), ("", "very"), ("good", "good")]
    assert sides("a waste of time", "a great") == [("a", "a"), ("waste of time", "great")]
    assert sides("", "") == []


def test_every_word_stands_in_exactly_one_pair():
    before, after = words("the film is dull and the plot is bad"), words("the plot is bad and the film")
    pairs = align(before, after)
    assert [word for pair in pairs for word in pair.before] == before
    assert [word for pair in pairs for word in pair.after] == after


def test_a_text_beside_itself_lies_nowhere_apart():
    both = compare(classifier("bert"), "a dull film", "a dull film")
    assert np.abs(both.apart).max() < 1e-6
    assert both.turn is None
    assert not any(pair.changed for pair in both.pairs)


def test_words_that_came_have_no_distance():
    for family in ("bert", "t5"):
        both = compare(classifier(family), "not good", "not very good")
        assert np.isnan(both.apart[:, 1]).all()
        assert np.isfinite(both.apart[:, [0, 2]]).all()
        assert both.apart.shape == (both.before.lens.layers + 1, 3)
