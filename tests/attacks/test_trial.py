"""A trial in the background: its end, its cancelling, its problems."""

import time
from typing import Any

import pytest

from attacks import engine, trial
from attacks.limits import Limits
from attacks.registry import AttackError
from attacks.trial import Setting, Trial
from tests.attacks.doubles import Fragile, WordCounter

TEXT = "An awful mess of a film with great actors."


def setting(test="deepwordbug", severity=None, **changes):
    values: dict[str, Any] = {"text": TEXT, "target": 0, "seed": 0, "limits": Limits()} | changes
    return Setting(model="double", test=test, severity=severity, **values)


@pytest.fixture(autouse=True)
def explained(monkeypatch):
    """Attributions need a Transformer; what was asked to be explained is remembered instead."""
    asked = []

    def explain(classifier, outcome):
        asked.append(outcome)
        return "before", "after"

    monkeypatch.setattr(trial, "explain", explain)
    return asked


def finished(begun: Trial, classifier: Any) -> Any:
    """The trial at its end."""
    assert begun.start(classifier).finished.wait(300)
    return begun


@pytest.mark.parametrize(("test", "severity"), [("deepwordbug", None), ("casing", 2)])
def test_a_trial_ends_with_what_the_engine_says(test, severity, explained):
    done = finished(Trial(setting(test, severity)), WordCounter())
    assert [done.outcome] == engine.run(test, severity, WordCounter(), [TEXT], [0], seed=0)
    assert done.problem is None and not done.stopped
    if severity is None:
        last = done.trace[-1]
        assert (last.queries, last.text) == (done.outcome.queries, done.outcome.perturbed)
        assert last.best_score == pytest.approx(done.outcome.probabilities_after[1])
    for _ in range(100):
        if done.explanation:
            break
        time.sleep(0.02)
    assert done.explanation == ("before", "after") and explained == [done.outcome]


def test_a_cancelled_trial_stops_without_an_outcome():
    class Slow(WordCounter):
        def probabilities(self, texts):
            time.sleep(0.02)
            return super().probabilities(texts)

    begun = Trial(setting("badcharacters"))
    begun.cancel()
    done = finished(begun, Slow())
    assert done.stopped and done.cancelled and done.outcome is None and done.explanation is None


def test_problems_are_kept_for_whoever_watches(explained):
    assert isinstance(finished(Trial(setting("nothing")), WordCounter()).problem, AttackError)
    crashed = finished(Trial(setting(text="poison")), Fragile())
    assert crashed.outcome.status == "error" and not explained
