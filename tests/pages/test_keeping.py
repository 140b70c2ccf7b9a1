"""A plan as the Audit page's choices."""

import pytest

from audits.plan import make, read_test
from pages.keeping import choices_of

WHERE = {"model": "bundled:sentiment", "data": "bundled:reviews"}


@pytest.mark.parametrize(
    "tests", ["keyboard-typos@2", "keyboard-typos,casing", "gender,deepwordbug,casing@1"]
)
def test_the_choices_stand_for_the_plan(tests):
    plan = make(**WHERE, tests=tests, examples=300, seed=9, query_budget=50, max_words=0.3)
    chosen = choices_of(plan, 300)
    assert chosen["families"] == "" and (chosen["size"], chosen["seed"]) == ("300", "9")
    assert (chosen["budget"], chosen["words"]) == ("50", "30") and "seconds" not in chosen
    levels = chosen.get("severities", "").split(",")
    again = [
        f"{name}@{level}" if noisy else name
        for name in chosen["tests"].split(",")
        for noisy in [any(read_test(each).name == name and "@" in each for each in plan.tests)]
        for level in (levels if noisy else [""])
    ]
    assert again == list(plan.tests)


def test_a_plan_without_a_size_gets_the_size_it_had():
    plan = make(**WHERE, tests="gender")
    assert choices_of(plan, 1320)["size"] == "All 1\u202f320"
    assert "size" not in choices_of(plan, 0)
