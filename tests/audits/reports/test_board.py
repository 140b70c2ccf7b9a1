"""The three things: one of each kind, only what chance does not explain, the surest harm first."""

from dataclasses import replace

import pytest

from audits.policy import decide
from audits.reports.board import findings
from audits.rules import Policy, Rule
from audits.slices import Found, Slice, Slices
from audits.statistics import Estimate
from audits.summary import Summary, summarise
from tests.audits.test_summary import audit, verdicts

CLEAN = [True] * 180 + [False] * 20
TESTS = ("casing@1", "casing@3", "deepwordbug")


def summary(**lost):
    """200 examples, 180 of them right; of these `casing_1` and so on say how many each test turns."""
    rows = verdicts("clean", 0, CLEAN)
    for name, level in (("casing", 1), ("casing", 3), ("deepwordbug", 0)):
        turned = lost.get(f"{name}_{level}", 0)
        more = {"status": "succeeded"} if not level else {}
        kept = {"status": "failed"} if not level else {}
        made = verdicts(name, level, [place >= turned and right for place, right in enumerate(CLEAN)])
        rows += [replace(one, **(more if place < turned else kept)) for place, one in enumerate(made)]
    return summarise(audit(plan=audit().plan.model_copy(update={"tests": TESTS})), rows)


def kinds(*arguments):
    return [one.kind for one in findings(*arguments)]


def test_the_worst_of_each_kind_is_told_the_surest_harm_first():
    found = findings(summary(casing_1=20, casing_3=40, deepwordbug_0=100))
    assert [one.kind for one in found][:2] == ["attack", "mishap"]
    mishap = found[1]
    assert mishap.figure == "drop casing@3" and mishap.estimate is not None
    assert "Random casing, severity 3" in mishap.sentence and "20.0 points [" in mishap.sentence
    assert "n\u00a0=\u00a0200" in mishap.sentence and "70.0 %" in mishap.sentence
    assert [one.kind for one in findings(summary(casing_3=120, deepwordbug_0=30))][:2] == ["mishap", "attack"]


def test_what_chance_explains_is_no_harm_but_may_hide_one():
    found = findings(summary(casing_3=2))
    # It is right in 90 % of what it says with 80 %.
    assert [one.kind for one in found] == ["confidence", "open", "open"]
    assert "off by 10.0 % [" in found[0].sentence
    assert "3 of 3 tests show no loss beyond chance, which is no proof" in found[1].sentence
    assert "may cost up to" in found[1].sentence


def test_a_slice_and_overconfidence_count_by_what_is_sure():
    base = summary(casing_3=40)
    weak = Slice(by="label", value="negative", examples=60, clean=Estimate(0.4, 0.3, 0.5, 60), p_clean=0.001)
    sure = Slice(
        by="confidence", value="50–60 %", examples=60, clean=Estimate(0.1, 0.0, 0.2, 60), p_clean=0.001
    )
    found = Found(
        conditions=("contains “not”", "length: 3–8 words"),
        outcome="under noise",
        searched=0.1,
        accuracy=Estimate(0.2, 0.1, 0.3, 40),
        rest=Estimate(0.9, 0.8, 0.95, 90),
        p_adjusted=0.001,
    )
    known = base.model_copy(update={"slices": Slices(known=(sure, weak))})
    first = findings(known)[0]
    assert first.kind == "slice" and "where the label is negative, n\u00a0=\u00a060" in first.sentence
    both = base.model_copy(update={"slices": Slices(known=(weak,), found=(found,))})
    worst = findings(both)[0]
    assert "under noise where the text contains “not” and the length is 3–8 words" in worst.sentence
    # Noise is held against the same noise on the other texts, not against unchanged ones.
    assert worst.sentence.endswith("; elsewhere in 90.0 %.") and worst.certain == pytest.approx(0.9 - 0.3)


@pytest.mark.parametrize(
    ("state", "rules", "said"),
    [
        ("interrupted", (), "The audit is interrupted: 800 of 800 rows"),
        (
            "finished",
            (Rule(figure="accuracy", at_least=0.9),),
            "“Accuracy: at least 90.0 %” cannot be decided",
        ),
    ],
)
def test_what_is_not_settled_comes_third(state, rules, said):
    base: Summary = summary(casing_3=40, deepwordbug_0=100).model_copy(update={"state": state})
    verdict = decide(Policy(rules), base) if rules else None
    found = findings(base, verdict)
    assert len(found) == 3 and found[2].kind == "open" and said in found[2].sentence
    # A policy that failed needs no more examples to say so.
    failed = decide(Policy((*rules, Rule(figure="drop *", at_most=0.01))), base)
    assert failed.kind == "fail"
    assert (findings(base, failed)[2].title == "What is not settled") is (state != "finished")


def test_without_answers_there_is_nothing_to_know():
    assert findings(summarise(audit(), [])) == ()
