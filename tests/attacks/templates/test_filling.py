"""Cases are what the templates can say, and the seed decides which."""

from collections import Counter

import pytest

from attacks.counterfactuals import swap
from attacks.templates import SUITES, cases, load, parse

HEAD = "name: own\nlabels: [bad, good]\nfillers: {thing: [film, opera], word: [fine, odd, old]}\ntests:\n"


def suite(*tests: str):
    body = "".join(f"- {{name: T{n}, capability: c, {test}}}\n" for n, test in enumerate(tests))
    return parse(HEAD + body, "own.yaml")


def texts(*tests: str, most: int = 1000):
    return [case.texts for case in cases(suite(*tests), 0, most)]


def test_all_combinations_come_up_once():
    found = texts("type: MFT, label: good, templates: ['{A:word} {thing}.', 'Never.']")
    expected = {(f"{'A' if word == 'fine' else 'An'} {word} {thing}.",)
                for word in ("fine", "odd", "old") for thing in ("film", "opera")}  # fmt: skip
    assert Counter(found) == Counter([*expected, ("Never.",)])


def test_a_slot_has_one_filler_in_a_case_and_numbered_slots_differ():
    found = texts("type: MFT, label: good, templates: ['{word} {word} {word2}']")
    assert len(found) == 6
    for (text,) in found:
        first, again, other = text.split()
        assert first == again != other


def test_varied_slots_make_every_pair_once():
    found = texts("type: INV, vary: word, templates: ['{a:word} {thing} {word}']")
    assert len(found) == 3 * 2  # three pairs of words, two things
    for before, after in found:
        assert before.split()[2] == after.split()[2]
        assert before.split()[1] == before.split()[3] != after.split()[1] == after.split()[3]


def test_additions_and_pairs_share_their_slots():
    found = texts(
        "type: DIR, label: good, must_not: fall, templates: ['The {thing}.'], "
        "add: ['So {word}.', 'A {thing}!']"
    )
    assert len(found) == 2 * 3 + 2
    assert ("The film.", "The film. A film!") in found and ("The film.", "The film. A opera!") not in found
    assert set(texts("type: INV, pairs: [['{thing}', 'the {thing}'], ['same', 'same']]")) == {
        ("film", "the film"),
        ("opera", "the opera"),
    }


def test_perturbed_texts_are_those_of_the_counterfactual_and_unchanged_ones_are_left_out():
    found = texts("type: INV, perturb: gender, templates: ['She saw the {thing}.', 'The {thing}.']")
    assert set(found) == {(text, swap(text, "gender", 0).text)
                          for text in ("She saw the film.", "She saw the opera.")}  # fmt: skip


def test_the_cap_is_shared_out_and_small_tests_leave_their_rest():
    shared = suite(
        "type: MFT, label: good, templates: ['{name} {surname}']",
        "type: MFT, label: good, templates: ['one']",
        "type: MFT, label: good, templates: ['{name} {surname} {thing}']",
    )
    counted = Counter(case.test for case in cases(shared, 0, 101))
    assert counted == {0: 50, 1: 1, 2: 50}


@pytest.mark.parametrize("name", SUITES)
def test_a_seed_decides_the_cases_and_more_of_them_begin_alike(name):
    suite = load(name)
    found = cases(suite, 3, 300)
    assert found == cases(suite, 3, 300) != cases(suite, 4, 300)
    assert len(found) == 300 == len(set(found))
    assert set(found) < set(cases(suite, 3, 600))
    for case in found:
        assert len(case.texts) == (1 if suite.tests[case.test].type == "MFT" else 2)
        assert not any(brace in text for text in case.texts for brace in "{}")


def test_a_template_that_can_say_billions_of_things_is_sampled():
    many = " ".join(f"{{name{n}}}" for n in range(12))
    assert len(texts(f"type: MFT, label: good, templates: ['{many}']", most=50)) == 50
