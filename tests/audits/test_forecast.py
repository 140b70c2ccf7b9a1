"""How long a plan will take: by hand, from audits whose rows took known seconds."""

import pytest

from audits.forecast import forecast
from audits.provenance import processor_and_cores
from audits.rows import CLEAN
from audits.store import Store
from tests.audits.doubles import corpus, plan
from tests.audits.test_store import row

TESTS = "keyboard-typos@1,keyboard-typos@3,deepwordbug"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "audits.db")


def audited(store, seconds, where=None, model="abc", **changes):
    """An audit of four texts whose rows took `seconds` each, by test."""
    audit_id = store.create(plan(**{"tests": TESTS} | changes))
    examples = corpus(4).examples
    store.describe(
        audit_id,
        model=("keywords", model),
        corpus=("films", "def"),
        labels=("negative", "positive"),
        environment={"processor": where or processor_and_cores()},
        examples=examples,
    )
    store.add(
        audit_id,
        [
            row(example, test=name, severity=level, seconds=each)
            for example in examples
            for (name, level), each in seconds.items()
        ],
    )


def asked(store, workers=1, **changes):
    made = plan(**{"tests": TESTS} | changes)
    return forecast(made, store, fingerprint="abc", examples=100, seconds_a_text=0.01, workers=workers)


def test_without_earlier_audits_a_noise_costs_an_answer_and_an_attack_nobody_knows_what(store):
    expected = asked(store, seeds=3)
    assert expected.seconds == pytest.approx(100 * 0.01 * (1 + 2 * 3))
    assert (expected.measured, expected.unknown) == (False, ("deepwordbug",))


def test_earlier_rows_tell_what_each_test_takes(store):
    audited(store, {(CLEAN, 0): 0.02, ("keyboard-typos", 3): 0.03, ("deepwordbug", 0): 2.0})
    alone = asked(store)
    assert alone.seconds == pytest.approx(100 * (0.02 + 0.02 + 0.03 + 2.0))
    assert (alone.measured, alone.unknown) == (True, ())
    assert asked(store, workers=2).seconds == pytest.approx(alone.seconds / 2)


@pytest.mark.parametrize(
    "other", [{"where": "another processor, 2 cores"}, {"model": "another"}, {"query_budget": 20}]
)
def test_what_ran_elsewhere_or_under_other_limits_says_nothing_of_a_search(store, other):
    audited(store, {("deepwordbug", 0): 2.0}, **other)
    assert asked(store).unknown == ("deepwordbug",)


def test_the_same_data_speak_before_newer_audits_of_others(store):
    audited(store, {("deepwordbug", 0): 2.0})
    audited(store, {("deepwordbug", 0): 9.0, ("keyboard-typos", 1): 0.5}, data="double:long")
    assert asked(store).seconds == pytest.approx(100 * (0.01 + 0.5 + 0.01 + 2.0))
