"""Slices whose weakness was planted are found, and on data without any nearly none is."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from audits import statistics
from audits.rows import CLEAN
from audits.slices import FEWEST, Slices, members, search, slices
from audits.slices.conditions import answers_of, weaker, words_in
from tests.audits.doubles import LABELS
from tests.audits.test_summary import row

WORDS = ("film", "plot", "actor", "scene", "music", "story", "ending", "camera", "dialogue", "pace")


def drawn(count, seed, *, clean=0.92, noisy=0.8, weak=None, rates=(0.3, 0.2)):
    """Clean rows, rows under two noises, and metadata; `weak` says which texts are answered worse."""
    rng = np.random.default_rng(seed)
    before, after, metadata = [], [], {}
    for place in range(count):
        words = list(rng.choice(WORDS, size=rng.integers(3, 8), replace=False))
        label = LABELS[int(rng.integers(2))]
        columns = {"source": str(rng.choice(["web", "print", "radio"])), "id": str(place)}
        fragile = bool(weak and weak(words, label, columns))
        fields = {"label": label, "text": " ".join(words)}

        def says(chance, label=label):
            return label if rng.random() < chance else LABELS[1 - LABELS.index(label)]

        made = row(place, CLEAN, **fields | {"says": says(rates[0] if fragile else clean)})
        before.append(made)
        metadata[made.example] = columns
        after += [
            row(place, noise, 1, **fields | {"says": says(rates[1] if fragile else noisy)})
            for noise in ("casing", "keyboard-typos")
        ]
    return before, after, metadata


def looked(count, seed, **how):
    before, after, metadata = drawn(count, seed, **how)
    return slices(before, after, LABELS, metadata, seed)


def test_known_slices_have_the_figures_of_their_rows():
    before, after, metadata = drawn(200, 1)
    found = slices(before, after, LABELS, metadata)
    web = next(one for one in found.known if (one.by, one.value) == ("source", "web"))
    inside = [made for made in before if metadata[made.example]["source"] == "web"]
    right = [LABELS[made.predicted] == made.label for made in inside if made.predicted is not None]
    assert web.examples == len(inside)
    assert web.clean == statistics.accuracy(right)
    names = {made.example for made in inside}
    under = [made for made in after if made.example in names]
    flags = [LABELS[made.predicted or 0] == made.label for made in under]
    assert web.noisy and web.noisy.value == pytest.approx(np.mean(flags))
    assert web.noisy.count == 2 * len(inside)
    assert {one.by for one in found.known} >= {"label", "length", "source"}
    assert "id" not in {one.by for one in found.known}  # as many values as examples
    for by in ("label", "length", "source"):
        assert sum(one.examples for one in found.known if one.by == by) == 200
    assert set(members([web.name], before, metadata)) == names
    for one in found.known:
        assert len(members([one.written], before, metadata)) == one.examples
    assert members(["source: gone"], before, metadata) == []


def test_the_examples_of_a_pair_of_conditions_are_those_that_meet_both():
    before, _, metadata = drawn(200, 6)
    both = ["contains “ending”", "label: negative"]
    wanted = [row.example for row in before if row.label == "negative" and "ending" in row.text.split()]
    assert wanted and set(members(both, before, metadata)) == set(wanted)
    longer = {row.example for row in before if len(row.text.split()) > 5}
    assert set(members([*both, "length>5"], before, metadata, ["length>5"])) == longer & set(wanted)
    assert members([*both, "length: gone"], before, metadata) == []


def test_equally_frequent_words_are_searched_in_one_order_in_every_process(monkeypatch):
    """Sets of words come in another order in every process; the search must not."""
    rows = [row(place, CLEAN, text=("film plot", "actor scene")[place % 2]) for place in range(80)]
    orders = []
    for backwards in (False, True):
        mixed = lambda text, back=backwards: dict.fromkeys(sorted(words_in(text), reverse=back))  # noqa: E731
        monkeypatch.setattr(search, "words_in", mixed)
        found = search._words(answers_of(rows, [], LABELS), np.ones(80, dtype=bool))
        orders.append([one.value for one in found])
    assert orders[0] == orders[1] == ["actor", "film", "plot", "scene"]


def test_p_values_are_fishers_corrected_by_holm():
    before, _, metadata = drawn(200, 2)
    found = slices(before, [], LABELS, metadata)
    right = np.array(
        [LABELS[made.predicted or 0] == made.label for made in sorted(before, key=lambda m: m.example)]
    )
    values = []
    for one in found.known:
        hits, count = round(one.clean.value * one.examples), one.examples
        table = [[hits, count - hits], [right.sum() - hits, 200 - count - right.sum() + hits]]
        values.append(stats.fisher_exact(table, alternative="less").pvalue)
    expected = multipletests(values, method="holm")[1]
    assert [one.p_clean for one in found.known] == pytest.approx(list(expected))
    assert all(one.noisy is None and one.p_noisy is None for one in found.known)


def test_shares_are_held_against_each_other_by_welchs_test():
    rng = np.random.default_rng(4)
    shares, inside = rng.choice([0.0, 1 / 3, 2 / 3, 1.0], 60), np.arange(60) < 25
    theirs = stats.ttest_ind(shares[inside], shares[~inside], equal_var=False, alternative="less")
    assert weaker(shares, inside) == pytest.approx(theirs.pvalue)
    shares[~inside] = 1.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # nothing for a terminal to show
        assert weaker(shares, inside) < 1e-4


def test_a_weak_column_is_named_unchanged_and_under_noise():
    found = looked(300, 3, weak=lambda words, label, columns: columns["source"] == "radio")
    weak = {(one.by, one.value) for one in found.known if one.weak and one.weak_under_noise}
    assert ("source", "radio") in weak and ("source", "web") not in weak
    assert found.weakest and found.weakest.value == "radio"


def test_a_weakness_under_noise_alone_is_seen_there_alone():
    weak = lambda words, label, columns: label == "negative"  # noqa: E731
    found = looked(300, 4, weak=weak, rates=(0.92, 0.4))
    negative = next(one for one in found.known if one.value == "negative")
    assert negative.weak_under_noise and not negative.weak


def test_a_weak_pair_of_conditions_is_found_and_confirmed():
    weak = lambda words, label, columns: "ending" in words and label == "negative"  # noqa: E731
    confirmed = looked(700, 5, weak=weak).confirmed
    assert confirmed
    assert set(confirmed[0].conditions) == {"contains “ending”", "label: negative"}
    for one in confirmed:
        assert one.accuracy.value < one.rest.value and one.p_adjusted < 0.05
        assert one.accuracy.count >= FEWEST


def test_no_pair_is_confirmed_for_the_weakness_of_one_of_its_conditions():
    """Texts from the radio are weak, all alike: those with a certain word among them are no finding."""
    weak = lambda words, label, columns: columns["source"] == "radio"  # noqa: E731
    confirmed = [
        one for seed in range(10) for one in looked(300, seed, weak=weak, rates=(0.6, 0.5)).confirmed
    ]
    assert ("source: radio",) in {one.conditions for one in confirmed}
    assert all(len(one.conditions) == 1 for one in confirmed)


def test_a_text_that_stands_thrice_is_evidence_once():
    before, after, metadata = drawn(120, 3, weak=lambda words, label, columns: columns["source"] == "radio")
    clean, noisy = [
        [replace(one, example=f"{one.example}-{copy}") for one in rows for copy in range(3)]
        for rows in (before, after)
    ]
    thrice = {f"{name}-{copy}": columns for name, columns in metadata.items() for copy in range(3)}
    alone = slices(before, after, LABELS, metadata).known
    copied = {one.name: one for one in slices(clean, noisy, LABELS, thrice).known}
    for one in alone:  # more are large enough now, and Holm corrects for all
        assert one.p_clean <= copied[one.name].p_clean
        assert (one.p_noisy or 0.0) <= (copied[one.name].p_noisy or 0.0)
    assert min(one.p_clean for one in alone) < 0.05


def test_what_chance_made_is_not_confirmed():
    """Of 40 audits without any weakness at most a handful may name one; the searching half always does."""
    audits = [looked(120, seed) for seed in range(40)]
    assert sum(bool(one.confirmed) for one in audits) <= 5
    assert sum(any(known.weak or known.weak_under_noise for known in one.known) for one in audits) <= 8
    assert all(one.found for one in audits)
    flattered = [found.searched - found.accuracy.value for one in audits for found in one.found]
    assert np.mean(flattered) < -0.03


def test_the_halves_share_no_text_and_order_does_not_matter():
    before, after, metadata = drawn(150, 7)
    found = slices(before, after, LABELS, metadata, seed=3)
    assert slices(before[::-1], after[::-1], LABELS, metadata, seed=3) == found
    assert slices(before, after, LABELS, metadata, seed=4).found != found.found


def test_a_small_audit_has_no_slices():
    assert looked(2 * FEWEST - 1, 8) == Slices()
    assert slices([], [], LABELS) == Slices()
    assert Slices().weakest is None and Slices().confirmed == ()


def test_slices_survive_json_and_equal_answers():
    """All right, one label, one length: nothing to compare, and no division by zero."""
    before = [row(place, CLEAN, text="one two three") for place in range(60)]
    found = slices(before, [], LABELS)
    assert found.known == () and found.confirmed == ()
    rich = looked(150, 9)
    assert Slices.model_validate_json(rich.model_dump_json()) == rich
