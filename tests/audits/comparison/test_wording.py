import pytest

from audits.comparison import Side, compare, costs, headline, shares
from audits.comparison.pairs import same_data, same_plan
from audits.comparison.wording import plus
from audits.costs import Cost
from tests.audits.comparison.test_compared import audit, rows


def cost(median, weights, **more):
    fields = {
        "texts": 64, "sample": "s", "median": median, "p95": 2 * median, "calls": 64,
        "throughput": 3 / median, "together": 64, "weights": weights, "peak": None, "device": "cpu",
        "processor": "some processor", "threads": 1, "cores": 2, "load": 1.0,
    }  # fmt: skip
    return Cost(**fields | more)


def side(measured):
    return Side(
        id="a", title="a", model="m", model_fingerprint="f", dtype="float32", data="d", state="finished",
        created="2026", examples=1, cost=measured,
    )  # fmt: skip


def test_the_headline_says_what_changed_and_what_it_cost():
    one = audit(cost=cost(0.019, 90_000_000))
    two = audit("second", cost=cost(0.010, 60_000_000))
    made = compare([(one, rows(one, lambda *_: True)), (two, rows(two, lambda place, n: place or n % 6 > 0))])
    first, second = headline(made)
    assert first.startswith("second is 16.7 points less accurate than first [−2")
    assert first.endswith(
        "; 10 of 60 answers changed (10 right to wrong). It is 1.9 times as fast and 67 % of its size."
    )
    assert second == "Under none of 2 shared tests does it differ beyond chance."


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"processor": "another"}, "different machines"),
        ({"sample": "others"}, "other texts"),
        ({"load": 7.0}, "on a quiet machine"),
        ({}, "Seconds compare only on the same machine"),
    ],
)
def test_seconds_are_held_against_each_other_where_that_says_something(other, said):
    before, after = side(cost(0.02, 100)), side(cost(0.01, 50, **other))
    assert said in costs.note(before, after)
    assert (costs.speed(before, after) == 2) == (not other)
    ratios = {what: ratio for what, _, _, ratio in costs.lines(before, after)}
    assert ratios["Weights"] == "× 0.50"
    assert ratios["A text asked alone, median"] == (
        "–" if "processor" in other or "sample" in other else "× 0.50"
    )


def test_what_was_not_measured_is_said():
    assert "was not measured" in costs.note(side(cost(0.02, 100)), side(None))
    assert (
        costs.lines(side(cost(0.02, 100)), side(None)) == [] and costs.in_short(side(None), side(None)) == ""
    )


def test_tests_of_one_audit_alone_are_told_by_their_titles():
    one = audit(tests="keyboard-typos@1")
    two = audit("second", tests="keyboard-typos@1,casing,homoglyphs@2,homoglyphs@4,deepwordbug")
    made = compare([(one, rows(one, lambda *_: True)), (two, rows(two, lambda *_: True))])
    assert (
        "Only in second: Random casing at all severities; Homoglyphs at severities 2 and 4; DeepWordBug."
        in shares(made, made.against[0])
    )


def test_signs():
    assert [plus(value) for value in (0.012, -0.012, 0.0, -0.0001)] == ["+1.2", "−1.2", "0.0", "0.0"]


def test_the_audit_to_hold_one_against():
    days = [f"2026-01-0{day}T00:00:00+00:00" for day in range(1, 6)]
    old, other = audit(created=days[0]), audit("other", created=days[1], environment={"dtype": "int8"})
    last, later = audit("third", created=days[2]), audit("later", created=days[4])
    now = audit("now", created=days[3])
    every = [old, other, last, now, later]
    assert same_plan(now, every) is last and same_data(now, every) is other
    assert same_plan(old, every) is None
