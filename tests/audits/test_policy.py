import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from audits import statistics
from audits.figures import figures
from audits.measures import split
from audits.pairing import Paired
from audits.policy import decide
from audits.rules import Policy, PolicyError, Rule
from audits.statistics import Estimate
from audits.summary import Effort, Summary, TestFigures
from audits.summary.quality import Quality
from audits.validity import ValidFigures


def rate(hits, count):
    return statistics.accuracy(np.arange(count) < hits)


def summary(right, count, *tests, name="now"):
    return Summary.model_construct(
        id=name, clean_accuracy=rate(right, count), tests=tests, examples=count, clean_errors=0
    )


def noise(lost, gained, count, test="casing@1"):
    before = np.arange(count) >= gained
    after = np.concatenate([np.arange(count - lost) >= 0, np.zeros(lost, dtype=bool)])
    return TestFigures.model_construct(
        test=test, kind="noise", flips=True, rows=count, errors=0, paired=count, lost=lost, gained=gained,
        accuracy=rate(count - lost, count), quality=None, drop=statistics.drop(before, after),
    )  # fmt: skip


def policy(**rule):
    return Policy((Rule(**rule),))


def test_every_figure_has_its_name_and_every_name_a_measure():
    score = rate(3, 4)
    quality = Quality(
        macro_f1=score, recalls={"very good": score}, brier=score, log_loss=score, calibration_error=score
    )
    attack = TestFigures.model_construct(
        test="deepwordbug", kind="attack", flips=True, rows=4, errors=0, paired=4, accuracy=rate(1, 4),
        success=score, quality=quality, effort=Effort(words=score, similarity=score, queries=score),
        validity=ValidFigures(
            valid=1, reviewed=0, overruled=0, unmeasured=0, success=rate(1, 4), accuracy=score
        ),
    )  # fmt: skip
    known = summary(3, 4, noise(1, 0, 4), attack).model_copy(update={"clean_quality": quality})
    found = figures(known)
    assert list(found) == [
        *("accuracy", "macro_f1", "brier", "log_loss", "calibration_error", "recall very good"),
        *("accuracy casing@1", "drop casing@1"),
        *("accuracy deepwordbug", "drop deepwordbug"),
        *(f"{name} deepwordbug" for name in ("macro_f1", "brier", "log_loss", "calibration_error")),
        "recall deepwordbug very good",
        *(f"{name} deepwordbug" for name in ("success", "valid success", "valid accuracy")),
        *(f"{name} deepwordbug" for name in ("words_changed", "similarity", "queries")),
    ]
    assert found["valid success deepwordbug"].value == 0.25
    for name in found:
        assert split(name), name
        assert decide(policy(figure=name, at_least=-1), known).rules[0].figure == name
    verdict = decide(policy(figure="recall *", at_least=0.99), known)
    assert [rule.figure for rule in verdict.rules] == ["recall very good", "recall deepwordbug very good"]
    assert figures(Summary.model_construct(clean_accuracy=None, tests=())) == {}


@settings(max_examples=40)
@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0, 1))
@example((0, 9), 5e-324)
def test_one_rule_is_decided_by_the_intervals_bound(counts, limit):
    right, count = counts
    known = rate(right, count)
    least = decide(policy(figure="accuracy", at_least=limit), summary(right, count))
    most = decide(policy(figure="accuracy", at_most=limit), summary(right, count))
    if known.low < limit < known.high:
        assert least.kind == most.kind == "inconclusive"
        if abs(limit - known.value) >= 1e-9:
            assert least.needed and least.needed == most.needed and least.needed > count
    elif limit not in (known.low, known.high):
        assert {least.kind, most.kind} == {"pass", "fail"} and least.needed is None
        assert least.kind == ("pass" if known.low > limit else "fail")


def test_the_examples_it_asks_for_decide():
    first = decide(policy(figure="accuracy", at_least=0.8), summary(168, 200))
    assert first.kind == "inconclusive"
    assert first.needed == statistics.examples_for_rate(0.84, 0.8)
    grown = first.needed or 0
    assert decide(policy(figure="accuracy", at_least=0.8), summary(round(0.84 * grown), grown)).kind == "pass"
    drop = decide(policy(figure="drop casing@1", at_most=0.1), summary(180, 200, noise(16, 2, 200)))
    assert drop.kind == "inconclusive" and drop.needed == statistics.examples_for_drop(0.08, 0.01, 0.1)


def test_an_attack_needs_more_examples_than_it_attacks():
    attack = TestFigures.model_construct(
        test="pruthi", kind="attack", flips=True, rows=200, errors=0, paired=200, success=rate(60, 100)
    )
    verdict = decide(policy(figure="success pruthi", at_most=0.65), summary(100, 200, attack))
    attacked = statistics.examples_for_rate(0.6, 0.65)
    assert attacked and verdict.needed == 2 * attacked


def test_a_pattern_stands_for_its_measure_only_and_both_limits_count():
    known = summary(190, 200, noise(0, 0, 200), noise(60, 0, 200, "casing@2"))
    verdict = decide(policy(figure="drop *", at_least=-0.1, at_most=0.1), known)
    assert [(rule.figure, rule.at_least, rule.verdict) for rule in verdict.rules] == [
        ("drop casing@1", True, "pass"),
        ("drop casing@1", False, "pass"),
        ("drop casing@2", True, "pass"),
        ("drop casing@2", False, "fail"),
    ]
    assert verdict.kind == "fail" and verdict.sentence == "Failed: 1 of 4 rules is broken."
    # The accuracy under the tests, not that of the unchanged texts.
    assert len(decide(policy(figure="accuracy *", at_least=0), known).rules) == 2


def test_passing_needs_no_correction_and_failing_holms():
    # An upper bound just below the limit: p between 0.025 / 2 and 0.025.
    just = next(n for n in range(1, 100) if rate(n, 100).high > 0.8) - 1
    one = Rule(figure="accuracy", at_least=0.8)
    assert decide(Policy((one,)), summary(just, 100)).kind == "fail"
    other = Rule(figure="drop casing@1", at_most=0.5)
    both = decide(Policy((one, other)), summary(just, 100, noise(1, 0, 100)))
    assert [rule.verdict for rule in both.rules] == ["inconclusive", "pass"]
    assert both.kind == "inconclusive" and both.needed and both.needed > 100
    assert both.rules[0].p == pytest.approx(2 * decide(Policy((one,)), summary(just, 100)).rules[0].p)
    # Both broken: the second is tested as if it stood alone.
    broken = decide(Policy((one, Rule(figure="accuracy", at_least=0.99))), summary(just, 100))
    assert [rule.verdict for rule in broken.rules] == ["fail", "fail"]
    # Forty limits that are all met pass, although each has its own chance to be wrong.
    many = Policy((one,) * 40)
    assert decide(many, summary(90, 100)).kind == "pass"


def test_p_is_half_of_five_percent_where_the_interval_ends():
    high = rate(70, 100).high
    assert decide(policy(figure="accuracy", at_least=high), summary(70, 100)).rules[0].p == pytest.approx(
        0.025
    )


def test_a_difference_without_pairs_has_newcombes_interval():
    # Newcombe (1998), Statistics in Medicine 17, pages 873-890: 56/70 - 48/80, method 10.
    found = statistics.unpaired(rate(56, 70), rate(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_rows_without_an_answer_count_against_every_rule():
    """A test that broke down on a third of the texts, the hard ones maybe, passes nothing by the others."""
    whole, broken = noise(2, 0, 200), noise(2, 0, 200).model_copy(update={"rows": 300, "errors": 100})
    for figure, limit in (("drop casing@1", {"at_most": 0.1}), ("accuracy casing@1", {"at_least": 0.9})):
        assert decide(policy(figure=figure, **limit), summary(200, 200, whole)).kind == "pass"
        verdict = decide(policy(figure=figure, **limit), summary(200, 200, broken))
        assert verdict.kind == "inconclusive" and verdict.rules[0].unanswered == 100
        assert "hangs on rows without an answer" in verdict.sentence and verdict.needed is None
        # Two thirds at the interval's end, one third at the worst: a limit beyond that is met all the same.
        estimate = verdict.rules[0].estimate
        worst = (200 * estimate.high + 100) / 300 if "at_most" in limit else 200 * estimate.low / 300
        beyond = {name: worst + (0.001 if name == "at_most" else -0.001) for name in limit}
        assert decide(policy(figure=figure, **beyond), summary(200, 200, broken)).kind == "pass"
    clean = summary(200, 200, whole).model_copy(update={"clean_errors": 1})
    assert decide(policy(figure="accuracy", at_least=0.98), clean).kind == "inconclusive"
    assert decide(policy(figure="accuracy", at_least=0.97), clean).kind == "pass"
    for now, before in ((clean, summary(199, 200)), (summary(199, 200), clean)):
        pair = {"accuracy": Paired(Estimate(0.0, -0.018, 0.018, 200), more=0.0, less=0.0)}
        margins = [
            decide(policy(figure="accuracy", worse_by_at_most=m), now, before, pair) for m in (0.02, 0.03)
        ]
        assert [verdict.kind for verdict in margins] == ["inconclusive", "pass"]


def test_a_test_without_any_answer_is_not_overlooked():
    gone = TestFigures.model_construct(test="pruthi", kind="attack", flips=True, rows=1, errors=1, paired=0)
    known = summary(200, 200, noise(0, 0, 200), gone)
    for figure in ("drop *", "accuracy *", "success *"):
        verdict = decide(policy(figure=figure, at_least=-1), known)
        assert verdict.kind == "inconclusive" and "nothing to measure" in verdict.rules[-1].found


def test_margins_are_told_in_the_unit_of_their_figure():
    score = Estimate(0.3, 0.2, 0.4, 100)
    quality = Quality(macro_f1=score, recalls={}, brier=score, log_loss=score, calibration_error=score)
    both = [summary(90, 100, name=name).model_copy(update={"clean_quality": quality}) for name in "ab"]
    told = {
        figure: decide(policy(figure=figure, worse_by_at_most=0.02), *both).rules[0].demand
        for figure in ("log_loss", "brier", "macro_f1")
    }
    assert told == {
        "log_loss": "log_loss: worse than the baseline by at most 0.020",
        "brier": "brier: worse than the baseline by at most 0.020",
        "macro_f1": "macro_f1: worse than the baseline by at most 2 points",
    }


def test_worse_than_the_baseline_is_less_accuracy_and_more_drop():
    now, before = summary(850, 1000, noise(50, 0, 1000)), summary(900, 1000, noise(10, 0, 1000), name="old")
    for figure, low, high in (("accuracy", 0.1, 0.01), ("drop casing@1", 0.1, 0.01)):
        for margin, kind in ((low, "pass"), (high, "fail")):
            verdict = decide(policy(figure=figure, worse_by_at_most=margin), now, before)
            assert verdict.kind == kind and verdict.baseline == "old" and not verdict.rules[0].paired
    # Better is never worse.
    assert decide(policy(figure="accuracy", worse_by_at_most=0), before, now).kind == "pass"
    with pytest.raises(PolicyError, match="--baseline"):
        decide(policy(figure="accuracy", worse_by_at_most=0.1), now)


def test_pairs_take_the_place_of_both_figures():
    pair = Paired(Estimate(-0.01, -0.02, 0.0, 1000), more=0.01, less=0.02)
    now, before = summary(85, 100), summary(90, 100, name="old")
    rule = policy(figure="accuracy", worse_by_at_most=0.03)
    assert decide(rule, now, before).kind == "inconclusive"
    verdict = decide(rule, now, before, {"accuracy": pair})
    assert verdict.kind == "pass" and verdict.rules[0].paired
    assert verdict.rules[0].demand == "accuracy: worse than the baseline by at most 3 points"
    assert verdict.rules[0].found == "\u22121.0 points [\u22122.0, 0.0], n\u00a0=\u00a01\u202f000"
    tight = decide(policy(figure="accuracy", worse_by_at_most=0.015), now, before, {"accuracy": pair})
    pairs = statistics.examples_for_drop(0.01, 0.02, -0.015)
    assert tight.kind == "inconclusive" and pairs and tight.needed == math.ceil(pairs * 100 / 1000)


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("drop casing@2", "Did you mean drop casing@1"),
        ("drop x*", "no figure 'drop x*'"),
        ("success casing@1", "no figure"),
    ],
)
def test_a_figure_that_the_audit_lacks_is_named(figure, words):
    with pytest.raises(PolicyError, match=r"rule 1: this audit has") as problem:
        decide(policy(figure=figure, at_most=0.1), summary(9, 10, noise(1, 0, 10)))
    assert words in str(problem.value)


def test_what_would_decide_is_counted_in_examples_where_noises_are_drawn_again():
    """Three draws of each example that agree say what one says, and ask for as many examples."""
    wrong = np.arange(200) < 16
    once = noise(16, 0, 200)
    names = np.tile(np.arange(200), 3).tolist()
    again = once.model_copy(
        update={
            "paired": 600,
            "examples": 200,
            "lost": 48,
            "drop": statistics.drop(np.ones(600), ~np.tile(wrong, 3), clusters=names),
            "seeds": statistics.seed_spread(np.tile(wrong, 3), np.repeat([1, 2, 3], 200).tolist(), names),
        }
    )
    asked = policy(figure="drop casing@1", at_most=0.10)
    needed = [decide(asked, summary(190, 200, test)).needed for test in (once, again)]
    assert None not in needed and needed[1] == pytest.approx(needed[0], rel=0.25)
