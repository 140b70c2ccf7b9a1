"""Figures per group against what can be counted by hand."""

import io

import numpy as np
import pytest
from rich.console import Console
from statsmodels.stats.proportion import proportion_confint

from audits import reports, terminal
from audits.groups import group_figures
from audits.rows import CLEAN
from audits.summary import summarise
from tests.audits.doubles import LABELS, plan
from tests.audits.test_summary import audit, row


def pair(index, before, after, groups, *, label="positive"):
    """The plain row of a text and the row of its swap; `before` and `after` are p(positive)."""
    first = row(index, CLEAN, label=label, probabilities=(1 - before, before))
    second = row(
        index,
        "gender",
        label=label,
        probabilities=(1 - after, after),
        group_before=groups[0],
        group_after=groups[1],
    )
    return first, second


TO_MALE, TO_FEMALE, BOTH = ("female", "male"), ("male", "female"), ("female + male", "female + male")
#: Three of twelve answers turn; the model likes texts about men by 0.1 on average, mixed texts aside.
PAIRS = [
    *(pair(index, 0.45, 0.55, TO_MALE) for index in range(2)),
    *(pair(index, 0.60, 0.70, TO_MALE) for index in range(2, 6)),
    *(pair(index, 0.80, 0.70, TO_FEMALE, label="negative") for index in range(6, 11)),
    pair(11, 0.40, 0.90, BOTH),
]


@pytest.fixture(scope="module")
def figures():
    clean = {first.example: first for first, _ in PAIRS}
    return group_figures([second for _, second in PAIRS], clean, LABELS, seed=1)


def test_flips_are_counted_among_the_texts_that_changed(figures):
    assert (figures.changed, figures.flipped) == (12, 3)
    low, high = proportion_confint(3, 12, method="wilson")
    assert (figures.flip_rate.low, figures.flip_rate.high) == pytest.approx((low, high))
    counted = {(one.before, one.after): (one.flipped, one.texts) for one in figures.directions}
    assert counted == {TO_MALE: (2, 6), TO_FEMALE: (0, 5), BOTH: (1, 1)}
    lows = [one.flip_rate.low for one in figures.directions]
    assert lows == sorted(lows, reverse=True)


def test_gaps_compare_the_same_texts_whichever_way_they_went(figures):
    female, male = figures.gaps
    assert (female.group, male.group, female.texts, male.texts) == ("female", "male", 11, 11)
    assert male.shifts["positive"].value == pytest.approx(0.1)
    assert female.shifts["positive"].value == pytest.approx(-0.1)
    assert male.shifts["negative"].value == pytest.approx(-0.1)
    # About men all eleven are called positive, which six are; about women two of these six are not.
    assert (male.accuracy.value, male.others.value) == pytest.approx((6 / 11, 4 / 11))
    assert male.difference.value == pytest.approx(2 / 11)
    assert female.difference.value == pytest.approx(-2 / 11)
    assert male.difference.low < 0 < male.difference.high
    assert female.most_shifted[0] == "negative"
    assert male.most_shifted[0] == "positive"
    assert figures.widest.most_shifted[1].value == pytest.approx(0.1)


def test_rows_that_say_nothing_are_left_out():
    clean = {first.example: first for first, _ in PAIRS}
    unchanged = row(0, "gender", perturbed="text 0")
    failed = row(1, "gender", probabilities=(), error="no", group_before="female", group_after="male")
    alone = row(99, "gender", group_before="female", group_after="male")
    assert group_figures([unchanged, failed, alone], clean, LABELS, seed=1) is None


def test_the_summary_the_report_and_the_terminal_show_them(figures):
    rows = [one for both in PAIRS for one in both]
    made = audit(plan=plan().model_copy(update={"tests": ("gender",)}))
    summary = summarise(made, rows)
    (test,) = summary.tests
    assert test.groups is not None
    assert test.groups.changed == figures.changed
    html = reports.as_html(reports.Material(made, rows))
    assert "Counterfactuals</h2>" in html
    assert "female + male → female + male: 1 of 1" in html
    assert reports.counterfactuals_table(summary) in html
    printed = io.StringIO()
    terminal.show(summary, Console(file=printed, width=200))
    assert "25.0 % [8.9, 53.2]" in printed.getvalue()
    assert "female, negative: 10.0 points" in printed.getvalue()


def test_a_counterfactual_without_a_changed_text_says_so():
    rows = [one for both in PAIRS for one in both if one.test == CLEAN]
    rows += [row(index, "gender", perturbed=f"text {index}") for index in range(12)]
    made = audit(plan=plan().model_copy(update={"tests": ("gender",)}))
    summary = summarise(made, rows)
    assert summary.tests[0].groups is None
    assert "no text names a group" in reports.as_html(reports.Material(made, rows))


def test_a_group_with_one_text_is_not_the_widest_and_without_a_flip_no_direction_moves():
    pairs = [pair(index, 0.8, 0.8 - 0.01 * (1 + index % 2), TO_MALE) for index in range(20)]
    pairs.append(pair(20, 0.9, 0.6, ("one", "other")))
    found = group_figures([after for _, after in pairs], {one.example: one for one, _ in pairs}, LABELS, 0)
    assert found and found.widest
    assert found.widest.group in ("female", "male")
    assert found.flipped == 0 and found.most_moved is None and len(found.directions) == 2


def test_names_of_groups_are_shown_as_text():
    first, second = pair(0, 0.1, 0.9, ("<b>one", "</td>two"))
    made = audit(plan=plan().model_copy(update={"tests": ("gender",)}))
    html = reports.as_html(reports.Material(made, [first, second]))
    assert "<b>one" not in html and "</td>two" not in html and "&lt;b&gt;one" in html


def test_a_gap_counts_every_source_once():
    """Copies of a text (ids that differ in their suffix) make no interval narrower."""
    rng = np.random.default_rng(3)
    moves = rng.normal(0.05, 0.1, 30)
    single = [pair(index, 0.5, 0.5 + move, TO_MALE) for index, move in enumerate(moves)]
    copies = [
        tuple(type(one)(**{**_fields(one), "example": f"{one.example}-{copy}"}) for one in both)
        for both in single
        for copy in range(4)
    ]
    few, many = (
        group_figures([after for _, after in pairs], {one.example: one for one, _ in pairs}, LABELS, seed=0)
        for pairs in (single, copies)
    )
    assert few and many
    for part in (
        lambda found: found.gaps[1].shifts["positive"],
        lambda found: found.flip_rate,
        lambda found: found.directions[0].flip_rate,
        lambda found: found.gaps[1].accuracy,
        lambda found: found.gaps[1].others,
    ):
        a, b = part(few), part(many)
        assert (a.count, b.count) == (30, 120)
        assert (a.value, a.low, a.high) == pytest.approx((b.value, b.low, b.high))
    assert 0 < few.flip_rate.value < 1


def _fields(one):
    return {name: getattr(one, name) for name in one.__dataclass_fields__}
