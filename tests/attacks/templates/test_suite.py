"""Suites are read from YAML, and every slip is told with its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks.entry import AttackError
from attacks.templates import SUITES, Direction, Invariance, Minimum, load, parse
from attacks.templates.lexicons import lexicons

HEAD = "name: own\nlabels: [bad, good]\nfillers: {thing: [film, opera], word: [fine, odd]}\ntests:\n"
MFT = "- {name: One, capability: Words, type: MFT, label: good, templates: ['A {word} {thing}.']}\n"


def test_a_suite_is_read_with_its_three_kinds_of_test():
    suite = parse(
        HEAD
        + MFT
        + "- {name: Two, capability: Names, type: INV, vary: name, templates: ['{name} saw it.']}\n"
        + "- name: Three\n  capability: Additions\n  type: DIR\n  label: good\n  must_not: fall\n"
        + "  tolerance: 0.2\n  templates: ['It was {word}.']\n  add: ['I liked it.']\n",
        "own.yaml",
    )
    one, two, three = suite.tests
    assert isinstance(one, Minimum) and isinstance(two, Invariance) and isinstance(three, Direction)
    assert (three.must_not, three.tolerance, three.label) == ("fall", 0.2, "good")
    assert suite.capabilities == ("Words", "Names", "Additions")
    assert suite.fillers_of("thing2") == ("film", "opera")
    assert suite.fillers_of("name") == lexicons()["name"]


def check(**fields):
    usual = {"name": "Slip", "capability": "c", "type": "MFT", "label": "good", "templates": ["{word}"]}
    return HEAD + "- " + str(usual | fields) + "\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "own.yaml is no YAML: .*line 1"),
        ("- 1", "own.yaml: a suite has the fields"),
        ("", "own.yaml: a suite has the fields"),
        ("!!python/object/apply:os.system ['true']", "own.yaml is no YAML"),
        ("name: x\ntests: []", "own.yaml: labels: Field required"),
        (HEAD.strip() + " []", "own.yaml: tests: .*at least 1"),
        (HEAD + "- 3", "own.yaml: test 1: "),
        (check(type="XYZ"), "own.yaml: test 'Slip': its type is one of MFT, INV and DIR"),
        (check(label="great"), "own.yaml: test 'Slip', label: 'great' is none of the suite's labels"),
        (check(colour="red"), "own.yaml: test 'Slip', colour: Extra inputs"),
        (check(templates=["{nothing}"]), "test 'Slip', templates: '{nothing}' has the slot {nothing}"),
        (check(templates=["{word"]), "test 'Slip', templates: '{word' has a brace"),
        (check(templates=["{a b}"]), "test 'Slip', templates: .* has a brace"),
        (check(templates=[]), "test 'Slip': has templates, and no pairs"),
        (check(templates="{word}"), "test 'Slip', templates: Input should be a valid tuple"),
        (HEAD + "- {name: Slip, capability: c, type: INV, templates: ['x']}", "in exactly one of vary, add"),
        (
            HEAD + "- {name: Slip, capability: c, type: INV, vary: word, templates: ['{thing}']}",
            "vary: a template has no slot {word}",
        ),
        (
            HEAD + "- {name: Slip, capability: c, type: INV, perturb: deepwordbug, templates: ['x']}",
            "perturb: 'deepwordbug' is not one counterfactual or noise@severity",
        ),
        (
            HEAD + "- {name: Slip, capability: c, type: INV, perturb: casing, templates: ['x']}",
            "perturb: 'casing' is not one",
        ),
        (
            HEAD + "- {name: Slip, capability: c, type: INV, perturb: nothing, templates: ['x']}",
            "no test called 'nothing'",
        ),
        (
            HEAD + "- {name: Slip, capability: c, type: DIR, label: good, must_not: fly, pairs: [[a, b]]}",
            "test 'Slip', must_not: Input should be 'fall' or 'rise'",
        ),
        (
            HEAD + "- {name: Slip, capability: c, type: DIR, label: good, must_not: rise, templates: [a], "
            "tolerance: 2, add: [b]}",
            "test 'Slip', tolerance: .*less than or equal to 1",
        ),
        (HEAD + MFT + MFT, "two tests are called 'One'"),
        ("x" * 1_000_001, "larger than a suite may be"),
    ],
)
def test_a_slip_is_told_with_file_test_and_field(text, told):
    with pytest.raises(AttackError, match=told):
        parse(text, "own.yaml")


def test_an_alias_bomb_is_refused_quickly():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(AttackError, match=r"bomb\.yaml"):
        parse("\n".join([*lines, "labels: *a8"]), "bomb.yaml")


@given(st.text(max_size=200))
def test_any_text_is_a_suite_or_an_error(text):
    with pytest.raises(AttackError):
        parse(text, "odd.yaml")


def test_a_suite_comes_by_name_or_from_a_file(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(HEAD + MFT)
    assert load(str(file)).name == "own"
    assert load("sentiment").labels == ("negative", "positive")
    with pytest.raises(AttackError, match="none of sentiment, topics"):
        load(str(tmp_path / "missing.yaml"))
    with pytest.raises(AttackError, match="cannot be read"):
        load(str(tmp_path))
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AttackError, match="cannot be read"):
        load(str(file))


@pytest.mark.parametrize("name", SUITES)
def test_the_suites_that_come_along_are_whole(name):
    suite = load(name)
    assert {test.type for test in suite.tests} == {"MFT", "INV", "DIR"}
    assert len({test.name for test in suite.tests}) == len(suite.tests) >= 20
    tested = {test.label for test in suite.tests if isinstance(test, Minimum)}
    assert tested == set(suite.labels)
