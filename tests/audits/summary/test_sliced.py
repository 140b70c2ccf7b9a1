"""Figures of named slices, against the whole figures of the rows that they hold."""

import numpy as np
import pytest

from audits import statistics
from audits.figures import figures
from audits.policy import decide
from audits.rows import CLEAN
from audits.rules import Policy, Rule
from audits.slices.named import SliceError, canonical, read
from audits.summary import summarise
from tests.audits.doubles import plan
from tests.audits.test_summary import audit, row

RNG = np.random.default_rng(4)
LABEL = np.where(RNG.random(90) < 0.5, "positive", "negative")
WORDS = RNG.integers(3, 30, 90)
TOPIC = np.where(np.arange(90) % 3 == 0, "news", "film")
RIGHT = {CLEAN: RNG.random(90) < 0.9, "casing": RNG.random(90) < 0.7}


def rows_where(inside=slice(None)):
    other = {"positive": "negative", "negative": "positive"}
    return [
        row(
            place,
            test,
            int(test != CLEAN),
            label=str(LABEL[place]),
            text=" ".join(["word"] * WORDS[place]),
            says=str(LABEL[place]) if RIGHT[test][place] else other[str(LABEL[place])],
        )
        for test in RIGHT
        for place in np.arange(90)[inside].tolist()
    ]


def summary(*asked, **changes):
    metadata = {f"id{place}": {"topic": str(TOPIC[place])} for place in range(90)}
    made = audit(plan=plan(tests="casing@1", slices=asked, **changes))
    return summarise(made, rows_where(), metadata=metadata)


@pytest.mark.parametrize(
    ("written", "inside"),
    [
        ("label=negative", LABEL == "negative"),
        ("label != negative", LABEL == "positive"),
        ("length > 20", WORDS > 20),
        ("length<=8", WORDS <= 8),
        ("topic=news", TOPIC == "news"),
        ("confidence<0.9", np.ones(90, dtype=bool)),
        ("confidence<70 %", np.zeros(90, dtype=bool)),
        ("topic>3", np.zeros(90, dtype=bool)),
    ],
)
def test_a_slice_has_the_figures_of_an_audit_of_its_rows_alone(written, inside):
    found = figures(summary(written))
    part = f"[{canonical(written)}]"
    if not inside.any():
        assert found[f"accuracy {part}"].count == found[f"drop casing@1 {part}"].count == 0
        return
    alone = figures(summarise(audit(plan=plan(tests="casing@1")), rows_where(inside)))
    for name in ("accuracy", "accuracy casing@1", "drop casing@1"):
        assert found[f"{name} {part}"] == alone[name]
    assert found[f"accuracy {part}"] == statistics.accuracy(RIGHT[CLEAN][inside])


def test_a_name_alone_stands_for_all_its_values_and_the_known_slices_are_those_named():
    made = summary("topic", "length>20")
    assert [one.name for one in made.slices.known] == ["topic=film", "topic=news", "length>20"]
    assert list(dict.fromkeys(one.slice for one in made.sliced)) == ["topic=film", "topic=news", "length>20"]
    drops = [one.drop.value for one in made.sliced if one.slice == "topic=film" and one.drop]
    worst = made.worst_in("topic=film")
    assert worst and worst.drop and worst.drop.value == max(drops) and made.worst_in("other") is None
    everything = summary()
    assert everything.sliced == () and {one.by for one in everything.slices.known} >= {"label", "topic"}
    assert "accuracy [topic=news]" in figures(everything)


def test_rules_are_about_slices_that_nobody_else_named():
    rules = [
        {"figure": "accuracy [ topic = news ]", "at_least": 0.1},
        {"figure": "drop * [label=*]", "at_most": 0.9},
        {"figure": "drop *", "at_most": 0.9},
    ]
    made = summary(policy=rules)
    verdict = decide(Policy(made.plan.policy), made)
    assert [rule.figure for rule in verdict.rules] == [
        "accuracy [topic=news]",
        "drop casing@1 [label=negative]",
        "drop casing@1 [label=positive]",
        "drop casing@1",  # every test's drop, not that of every slice
    ]
    assert verdict.kind == "pass"


def test_what_would_decide_on_a_slice_is_counted_in_examples_of_the_whole_audit():
    made = summary("topic=news")
    whole, part = "accuracy casing@1", "accuracy casing@1 [topic=news]"
    limit = figures(made)[part].value - 0.03
    rule = Policy((Rule(figure=part, at_least=limit),))
    needed = decide(rule, made).needed
    rows = statistics.examples_for_rate(figures(made)[part].value, limit)
    assert rows and needed == pytest.approx(rows * 90 / (TOPIC == "news").sum(), abs=1)
    assert figures(made)[whole].count == 90


@pytest.mark.parametrize("wrong", ["", "=news", "length>long", "confidence=", "label>negative"])
def test_what_is_no_slice_says_what_would_be_one(wrong):
    with pytest.raises(SliceError, match=r"label, length, confidence or a column"):
        read(wrong)
