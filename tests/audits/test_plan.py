import shlex

import pytest
from pydantic import ValidationError

from audits.commands import parser
from audits.foreground import plan_of
from audits.plan import Plan, PlanError, PlannedTest, expand, label_pairs, make, read_test, shortened

FIELDS = {"model": "bundled:sentiment", "data": "bundled:reviews"}


def test_a_bare_noise_stands_for_all_its_severities_and_repeats_are_dropped():
    plan = make(**FIELDS, tests="keyboard-typos@2, keyboard-typos, casing@1")
    assert plan.tests == (*(f"keyboard-typos@{level}" for level in (2, 1, 3, 4, 5)), "casing@1")
    assert plan.columns[0] == PlannedTest("clean")
    assert plan.columns[1] == PlannedTest("keyboard-typos", 2)


def test_a_plan_survives_json_and_cannot_be_changed():
    plan = make(**FIELDS, tests=["casing"], label_map={"neg": "negative"}, query_budget=50)
    assert Plan.model_validate_json(plan.model_dump_json()) == plan
    with pytest.raises(ValidationError):
        plan.seed = 3


def test_a_noise_has_several_seeds_and_all_else_one():
    plan = make(**FIELDS, tests="casing@1,deepwordbug,gender", seed=2**32 - 2)
    assert plan.seeds == 3 and make(**FIELDS, tests="casing@1", seeds="5").seeds == 5
    seeds = [plan.seeds_of(column) for column in plan.columns]
    assert seeds == [(2**32 - 2,), (2**32 - 2, 2**32 - 1, 0), (2**32 - 2,), (2**32 - 2,)]
    assert plan.rows_an_example == 6


def test_a_plan_that_was_stored_without_seeds_means_one():
    stored = make(**FIELDS, tests="casing@1").model_dump(mode="json")
    del stored["seeds"]
    assert Plan.model_validate(stored).seeds == 1


def test_a_plans_command_makes_the_same_plan():
    odd = {"text_column": "what they said", "label_map": {"1": "negative", "5 stars": "positive"}, "seed": 7}
    for changes in (
        {},
        odd,
        {"seeds": 1},
        {
            "examples": 5,
            "query_budget": 9,
            "time_budget": 2.5,
            "max_words": 0.3,
            "dtype": "bfloat16",
            "label_column": "--x",
        },
    ):
        plan = make(**FIELDS, tests="casing,deepwordbug", **changes)
        words = shlex.split(plan.command)
        assert words[:4] == ["python", "-m", "audits", "run"]
        assert plan_of(parser().parse_args(words[3:])) == plan


def test_written_names_are_read_back():
    for written in ("keyboard-typos@2", "deepwordbug", "clean"):
        assert read_test(written).written == written


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"tests": "keybord-typos"}, ["tests", "keyboard-typos"]),
        ({"tests": "keyboard-typos@9"}, ["tests", "keyboard-typos@1", "keyboard-typos@3"]),
        ({"tests": " , "}, ["tests", "at least one"]),
        ({"tests": []}, ["tests", "at least one"]),
        ({"examples": 0}, ["examples", "1 or more"]),
        ({"examples": "many"}, ["examples", "'many'", "whole number"]),
        ({"seed": -1}, ["seed", "whole number from 0"]),
        ({"slices": "label,length>"}, ["slices: 'length>'", "length>20"]),
        ({"metrics": "drop"}, ["metrics: drop of what?", "drop *"]),
        ({"metrics": "macro_f1,drop homoglyphs@1"}, ["metrics: the plan has no test 'homoglyphs@1'"]),
        ({"seeds": 0}, ["seeds", "whole number from 1"]),
        ({"model": ""}, ["model", "bundled:sentiment"]),
        ({"query_budget": 0}, ["query_budget", "1 or more"]),
        ({"sede": 3}, ["sede", "no such field", "seed"]),
        ({"label_map": "neg"}, ["label_map", "neg=negative"]),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_right(changes, words):
    with pytest.raises(PlanError) as problem:
        make(**(FIELDS | {"tests": "casing"} | changes))
    assert all(word in str(problem.value) for word in words)
    assert "\n" not in str(problem.value)


def test_missing_fields_are_named_together():
    with pytest.raises(PlanError, match=r"model: it is missing.*data: it is missing"):
        make(tests="casing")


def test_label_pairs():
    assert label_pairs("neg=negative, pos = positive,") == {"neg": "negative", "pos": "positive"}
    with pytest.raises(PlanError, match="neg=negative"):
        label_pairs("neg")


def test_a_noise_at_all_its_severities_is_written_short_and_back():
    tests = expand(["casing", "homoglyphs@2", "deepwordbug", "keyboard-typos@1", "keyboard-typos@2"])
    short = shortened(tests)
    assert short == ["casing", "homoglyphs@2", "deepwordbug", "keyboard-typos@1", "keyboard-typos@2"]
    assert expand(short) == tests
    assert shortened(["gone@1", "gone@2"]) == ["gone@1", "gone@2"]
