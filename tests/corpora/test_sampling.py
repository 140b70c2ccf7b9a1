"""Samples: balanced, nested, and the same whatever the order of the file."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.examples import Corpus, CorpusError, Example, example_ids
from corpora.sampling import sample


def corpus(counts):
    labels = tuple(f"label {n}" for n in range(len(counts)))
    texts = [f"text {n}" for n in range(sum(counts))]
    names = [label for label, count in zip(labels, counts, strict=True) for _ in range(count)]
    rows = zip(example_ids(texts), texts, names, strict=True)
    return Corpus("made", "made", tuple(Example(*row) for row in rows), labels)


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=5)


@settings(deadline=None)
@given(SIZES, st.integers(1, 80), st.integers(1, 80), st.integers())
def test_a_smaller_sample_begins_a_larger_one(counts, one, other, seed):
    small, large = sorted((one, other))
    whole = corpus(counts)
    drawn = sample(whole, large, seed).examples
    assert sample(whole, small, seed).examples == drawn[:small]
    assert len(drawn) == min(large, len(whole))
    assert len({example.id for example in drawn}) == len(drawn)


@settings(deadline=None)
@given(SIZES, st.integers(1, 80), st.randoms(use_true_random=False))
def test_order_does_not_matter(counts, count, rng):
    whole = corpus(counts)
    shuffled = list(whole.examples)
    rng.shuffle(shuffled)
    other = Corpus("other", "other", tuple(shuffled), whole.labels)
    assert sample(other, count, 3).examples == sample(whole, count, 3).examples


@settings(deadline=None)
@given(SIZES, st.integers(1, 80))
def test_each_label_has_its_share(counts, count):
    whole = corpus(counts)
    drawn = Counter(sample(whole, count, 0).targets)
    total = sum(drawn.values())
    for label, size in enumerate(counts):
        assert abs(drawn[label] - total * size / len(whole)) <= 0.5 + len(counts) / 2


def test_numbers_are_drawn_alike_however_often_they_stand_there():
    named = corpus([60, *[1] * 40])
    numbers = Corpus("made", "made", named.examples, ())
    rare = [
        sum(example.label != "label 0" for example in sample(numbers, 20, n).examples) for n in range(100)
    ]
    assert 7 < sum(rare) / 100 < 9  # 40 of 100, so 8 of 20; a mean of 100 draws has a deviation of 0.2
    assert sample(numbers, 20, 0).examples == sample(named, 20, 0, ()).examples


def test_seeds_differ_and_are_fair():
    whole = corpus([50, 50])
    assert sample(whole, 20, 0).examples != sample(whole, 20, 1).examples
    seen = Counter(e.id for seed in range(500) for e in sample(whole, 20, seed).examples)
    # Each of the 100 has a chance of 1 in 5, that is 100 of 500 draws, with a deviation of about 9.
    assert all(60 < seen[e.id] < 140 for e in whole.examples)


def test_none_is_all_of_it():
    whole = corpus([3, 4])
    assert {e.id for e in sample(whole, None, 0).examples} == {e.id for e in whole.examples}
    assert len(sample(whole, 100, 0)) == 7


@pytest.mark.parametrize("count", [0, -1])
def test_too_few(count):
    with pytest.raises(CorpusError, match="at least 1"):
        sample(corpus([2]), count, 0)


def test_the_draw_is_what_it_was():
    """A changed draw would silently change every stored audit."""
    assert [e.text for e in sample(corpus([6, 3]), 4, 7).examples] == PINNED


PINNED = ["text 4", "text 6", "text 3", "text 5"]


def test_other_columns_keep_their_shares_too():
    texts = [f"text {number}" for number in range(120)]
    examples = tuple(
        Example(id_, text, "pos" if number % 3 else "neg", {"shop": "abcd"[number % 4]})
        for number, (id_, text) in enumerate(zip(example_ids(texts), texts, strict=True))
    )
    corpus = Corpus("shops", "double:shops", examples, ("neg", "pos"))
    drawn = sample(corpus, 24, seed=1, by=("label", "shop"))
    counts = Counter((example.label, example.metadata["shop"]) for example in drawn.examples)
    assert counts == {(label, shop): n for label, n in (("neg", 2), ("pos", 4)) for shop in "abcd"}
    assert Counter(
        example.metadata["shop"] for example in sample(corpus, 8, 1, ("shop",)).examples
    ) == dict.fromkeys("abcd", 2)
    plainly = sample(corpus, 24, seed=1, by=())
    assert len(plainly) == 24 and set(plainly.texts) != set(drawn.texts)
    with pytest.raises(CorpusError, match=r"no column 'shops' to stratify by. There are label, shop"):
        sample(corpus, 24, seed=1, by=("label", "shops"))
