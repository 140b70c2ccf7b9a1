"""Words and phrases over many texts, against scipy and by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from analysis.attribution import Attribution
from analysis.reasons import Gathered, compare, drivers, flips, gather, holding, mean_of, moved
from analysis.reasons.terms import by_term
from analysis.words import Word
from corpora.examples import PAIR_MARK, Example
from tests.analysis import planted


def explained(text: str, scores: list[float], target: int = 1, contrast: int = 0) -> Attribution:
    """An attribution with these scores, one for each word between spaces."""
    words, at = [], 0
    for number, word in enumerate(text.split()):  # a pair's mark counts as a space too
        at = text.index(word, at)
        words.append(Word(word, at, at + len(word), (number,)))
        at += len(word)
    values = np.array(scores, dtype=float)
    return Attribution(
        text=text,
        method="integrated-gradients",
        settings={},
        tokens=tuple(text.split()),
        token_scores=values,
        words=tuple(words),
        word_scores=values,
        target=target,
        contrast=contrast,
        quantity="difference",
        ends=None,
        delta=None,
        relative_delta=None,
        converged=True,
        truncated=False,
        fingerprint="f",
    )


Row = tuple[str, list[float], int, str]


def gathered(rows: list[Row], labels: tuple[str, ...] = ("no", "yes")) -> Gathered:
    """Rows of text, scores, answer and own label."""
    return Gathered(
        labels=labels,
        examples=tuple(Example(str(n), text, label) for n, (text, _, _, label) in enumerate(rows)),
        attributions=tuple(explained(text, scores, target, 1 - target) for text, scores, target, _ in rows),
        left_out=0,
    )


ROWS: list[Row] = [
    ("Good good film", [2.0, 4.0, 0.5], 1, "yes"),
    ("good town", [2.0, -0.5], 1, "yes"),
    ("not good", [3.0, -1.0], 0, "no"),
    ("a good scene", [0.1, 2.0, 0.2], 1, "no"),
    ("very good film", [1.0, 2.5, 0.0], 1, "yes"),
]


def test_a_text_counts_once_with_the_mean_over_its_places():
    (good, *_) = drivers(gathered(ROWS), 1, fewest=2)
    values = [
        3.0,
        2.0,
        1.0,
        2.0,
        2.5,
    ]  # what spoke against "no" in the third spoke for "yes"
    assert (good.text, good.each.count) == ("good", 5)
    assert good.each.mean == pytest.approx(np.mean(values))
    assert good.total == pytest.approx(sum(values))
    interval = stats.ttest_1samp(values, 0).confidence_interval()
    assert (good.each.low, good.each.high) == pytest.approx((interval.low, interval.high))
    assert mean_of([1.0]).high == np.inf


def test_the_other_label_is_the_mirror_image():
    one, other = drivers(gathered(ROWS), 1, fewest=2), drivers(gathered(ROWS), 0, fewest=2)
    assert {term.text: term.each.mean for term in one} == {
        term.text: pytest.approx(-term.each.mean) for term in other
    }


def test_p_values_are_corrected_for_all_terms_looked_at():
    random = np.random.default_rng(0)
    rows = [
        ("real " + " ".join(f"w{n}" for n in range(60)), [5.0, *random.normal(size=60)], 1, "yes")
        for _ in range(8)
    ]
    for _, scores, _, _ in rows:
        scores[0] += random.normal() * 0.1
    found = drivers(gathered(rows), 1)
    raw = {n: stats.ttest_1samp([row[1][n] for row in rows], 0).pvalue for n in range(61)}
    expected = stats.false_discovery_control(list(raw.values()))
    by_text = {term.text: term.p for term in found}
    assert by_text["real"] == pytest.approx(expected[0])
    assert by_text["w3"] == pytest.approx(expected[4])
    assert sum(p < 0.05 for p in raw.values()) > sum(term.found for term in found)  # chance finds go


def test_phrases_are_words_in_a_row_and_their_scores_add_up():
    terms = {term.text: term for term in drivers(gathered(ROWS), 1, words=2, fewest=2)}
    assert set(terms) == {"good film"}
    assert terms["good film"].each.mean == pytest.approx((4.5 + 2.5) / 2)
    assert holding(gathered(ROWS), "good film") == [(0, 4.5), (4, 2.5)]
    assert holding(gathered(ROWS), "absent") == []


def test_some_texts_alone():
    found = gathered(ROWS)
    assert {t.text: t.each.count for t in drivers(found, 1, among=found.right, fewest=2)}["good"] == 4
    assert drivers(found, 1, among=~found.right, fewest=2) == []


def test_a_word_that_turns_in_errors_is_found_by_welch():
    random = np.random.default_rng(1)
    rows: list[Row] = []
    for number in range(24):
        wrong = number % 3 == 0
        turned = (-1 if wrong else 2) + random.normal() * 0.3
        rows.append(("but fine", [turned, 1 + random.normal() * 0.1], 1, "no" if wrong else "yes"))
    found = flips(gathered(rows), 1)
    assert [one.text for one in found] == ["but"]
    right = [scores[0] for _, scores, _, label in rows if label == "yes"]
    wrong_ones = [scores[0] for _, scores, _, label in rows if label == "no"]
    fine = [[s[1] for _, s, _, label in rows if label == which] for which in ("yes", "no")]
    raw = [
        stats.ttest_ind(right, wrong_ones, equal_var=False).pvalue,
        stats.ttest_ind(*fine, equal_var=False).pvalue,
    ]
    assert found[0].p == pytest.approx(stats.false_discovery_control(raw)[0])
    assert found[0].found
    assert (found[0].right.count, found[0].wrong.count) == (16, 8)


def test_the_planted_word_drives_its_label():
    fillers = ("the", "a", "old", "music", "town")
    texts = [f"{word} {filler} film" for word in ("dull", "long") for filler in fillers]
    examples = [Example(text, text, "low" if "dull" in text else "high") for text in texts]
    found = drivers(gather(planted.classifier(), examples), 1)
    assert (found[0].text, found[0].each.count) == ("dull", 5)
    assert found[0].found


def test_same_answer_another_reason():
    first = gathered(ROWS)
    swapped = [(text, scores[::-1], target, label) for text, scores, target, label in ROWS]
    swapped[2] = ("not good", [0.0, 1.0], 1, "no")
    second = gathered(swapped)
    found = compare(first, second)
    assert [example.text for example in found.apart] == ["not good"]
    assert {pair.example.text for pair in found.pairs} == {ROWS[n][0] for n in (0, 1, 3, 4)}
    alike = [pair.alike.spearman for pair in found.pairs]
    assert alike == sorted(alike, key=lambda value: 1.0 if value is None else value)
    assert {pair.example.text: pair.alike.spearman for pair in found.pairs}["good town"] == pytest.approx(-1)
    shift = {term.text: term.each for term in moved(found, 1, fewest=2)}
    gains = [(0.5 - 2) / 2 / 6.5, -0.5 / 2.5 - 2 / 2.5]
    gains += [0.0, 0.0]  # in the middle of three: the same share
    assert shift["good"].mean == pytest.approx(np.mean(gains))
    assert shift["good"].count == 4


def numbers(values: list[float], given: list[float], *, push: float = 1.0) -> Gathered:
    """Texts of one word, which pushes a value by so much, up where it is right and down where it is not."""
    off = np.abs(np.subtract(values, given))
    scores = [push + 0.1 * n if error < 1 else -push - 0.1 * n for n, error in enumerate(off)]
    rows: list[Row] = [(f"so {n}", [score, 0.5], 1, str(given[n])) for n, score in enumerate(scores)]
    return replace(gathered(rows, ("lower", "higher")), values=np.array(values))


def test_a_number_is_right_where_it_is_off_by_no_more_than_half_of_them_are():
    found = numbers([1.1, 2.9, 5.0, 2.0, 5.5, 6.5], [1.0, 3.0, 3.0, 4.0, 5.0, 6.0])
    assert found.typical_error == pytest.approx(0.5)
    masks = {kind: np.flatnonzero(mask).tolist() for kind, mask in found.answered.items()}
    assert masks == {"right": [0, 1, 4, 5], "wrong": [2, 3], "high": [2], "low": [3]}
    (so,) = [one for one in flips(found, 1, fewest=2) if one.text == "so"]
    assert (so.right.mean, so.wrong.mean) == pytest.approx((np.mean([1.0, 1.1, 1.4, 1.5]), -1.25))
    assert (
        drivers(found, 1, among=found.answered["high"] | found.answered["low"], fewest=2)[0].each.count == 2
    )
    assert set(gathered(ROWS).answered) == {"right", "wrong"}


def test_two_numbers_are_the_same_within_the_typical_error():
    given = [1.0, 2.0, 3.0, 4.0, 5.0]
    first = numbers([1.5, 2.5, 3.5, 4.5, 9.0], given)
    second = replace(numbers([1.2, 2.9, 4.5, 4.0, 8.9], given), labels=("a lower x", "a higher x"))
    found = compare(first, second)
    assert [example.text for example in found.apart] == ["so 2"]
    assert {pair.values for pair in found.pairs} == {(1.5, 1.2), (2.5, 2.9), (4.5, 4.0), (9.0, 8.9)}
    r = stats.linregress(*found.values.T).rvalue
    ends = stats.norm.ppf([0.025, 0.975], loc=np.arctanh(r), scale=1 / np.sqrt(5 - 3))
    assert found.correlation == pytest.approx((r, *np.tanh(ends)))
    moved_by = {term.text: term.each.mean for term in moved(found, 1, fewest=2)}
    assert moved_by["so"] == pytest.approx(0)
    assert compare(first, replace(second, values=np.ones(5))).correlation is None
    with pytest.raises(ValueError, match="different labels"):
        compare(first, gathered(ROWS))


def test_a_model_with_its_labels_in_another_order_is_matched_by_name():
    first = gathered(ROWS)
    second = Gathered(
        labels=("yes", "no"),
        examples=first.examples,
        attributions=tuple(
            replace(one, target=1 - one.target, contrast=one.target) for one in first.attributions
        ),
        left_out=0,
    )
    found = compare(first, second)
    assert not found.apart
    assert all(pair.alike.spearman in (None, pytest.approx(1)) for pair in found.pairs)
    assert all(term.each.mean == pytest.approx(0) for term in moved(found, 0, fewest=2))
    with pytest.raises(ValueError, match="different labels"):
        compare(first, gathered(ROWS, ("no", "maybe")))


def test_a_mark_is_no_word_and_no_end_of_a_phrase():
    found, scores = explained("not , well ! 5", list(range(5))), np.arange(5.0)
    assert set(by_term(found, scores, 1)) == {"not", "well", "5"}
    assert by_term(found, scores, 3) == {"not , well": [3.0], "well ! 5": [9.0]}
    assert by_term(found, scores, 9) == {}


def test_no_phrase_goes_from_one_text_of_a_pair_into_the_other_or_over_a_gap():
    found = explained(f"a man sleeps{PAIR_MARK}nobody sleeps", [1, 2, 3, 4, 5])
    assert set(by_term(found, found.word_scores, 2)) == {"a man", "man sleeps", "nobody sleeps"}
    assert by_term(found, found.word_scores, 1)["sleeps"] == [3, 5]
    rest = replace(found, words=(found.words[0], found.words[2]))  # the other model read "man" otherwise
    assert by_term(rest, np.array([1.0, 3.0]), 2) == {}
