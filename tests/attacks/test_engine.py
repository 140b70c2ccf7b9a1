import numpy as np
import pytest

from attacks import engine
from attacks.noise import perturb
from attacks.outcome import Outcome
from attacks.registry import AttackError
from tests.attacks.doubles import Fragile, WordCounter

TEXTS = ["a good film", "a dull, awful film", "great fun for a bad day", "日", "", "a good film"]
TARGETS = [1, 0, 1, 0, 1, 1]


def test_noise_outcomes_are_what_the_noise_and_the_model_say():
    model = WordCounter()
    outcomes = engine.run("keyboard-typos", 2, model, TEXTS, TARGETS, seed=5)
    for text, outcome in zip(TEXTS, outcomes, strict=True):
        assert outcome.text == text
        assert outcome.perturbed == perturb(text, "keyboard-typos", 2, 5)
        assert outcome.status == ("unchanged" if outcome.perturbed == text else "perturbed")
        np.testing.assert_allclose(
            outcome.probabilities_before, WordCounter().probabilities([text])[0], atol=1e-6
        )
        assert sum(outcome.probabilities_after) == pytest.approx(1, abs=1e-12)
        assert outcome.queries == 0
        assert (outcome.characters_edited == 0) == (outcome.status == "unchanged")
    assert [outcome.status for outcome in outcomes[3:5]] == ["unchanged", "unchanged"]
    asked = [text for call in model.calls for text in call]
    assert len(asked) == len(set(asked))


def test_outcomes_do_not_depend_on_order_or_neighbours():
    together = engine.run("casing", 3, WordCounter(), TEXTS, TARGETS, seed=1)
    backwards = engine.run("casing", 3, WordCounter(), TEXTS[::-1], TARGETS[::-1], seed=1)
    alone = [
        engine.run("casing", 3, WordCounter(), [text], [target], seed=1)[0]
        for text, target in zip(TEXTS, TARGETS, strict=True)
    ]
    assert together == backwards[::-1] == alone


def test_a_crash_stays_with_its_example():
    texts = [*TEXTS, "poison 1", "another one"]
    outcomes = engine.run("casing", 1, Fragile(), texts, [0] * len(texts), seed=0)
    bad = outcomes[len(TEXTS)]
    assert (bad.status, bad.error) == ("error", "RuntimeError: cannot digest this")
    assert (bad.perturbed, bad.probabilities_after) == ("poison 1", ())
    assert all(outcome.status != "error" for outcome in outcomes if outcome is not bad)


def test_cancelling_stops_before_the_next_question_and_keeps_what_is_done():
    done: dict[int, Outcome] = {}
    model = WordCounter()
    texts = [f"word number {index}" for index in range(300)]
    with pytest.raises(engine.Cancelled):
        engine.run(
            "casing",
            1,
            model,
            texts,
            [0] * 300,
            seed=0,
            on_outcome=done.__setitem__,
            cancelled=lambda: len(done) >= 64,
        )
    assert sorted(done) == list(range(64))


@pytest.mark.parametrize(
    ("test", "severity", "changes", "message"),
    [
        ("casing", None, {}, "severity"),
        ("casing", 6, {}, "severity"),
        ("nothing", 1, {}, "no test called"),
        ("casing", 1, {"targets": [0]}, "each text needs one"),
        ("casing", 1, {"targets": [0, 1, 2, 0, 0, 0]}, "2 labels"),
        ("casing", 1, {"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_run_is_said(test, severity, changes, message):
    settings = {"texts": TEXTS, "targets": TARGETS, "seed": 0} | changes
    with pytest.raises(AttackError, match=message):
        engine.run(test, severity, WordCounter(), **settings)
