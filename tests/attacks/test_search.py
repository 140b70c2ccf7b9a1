"""Attacks through the engine: budgets, crashes, cancelling, watching."""

import time

import pytest

from attacks import engine
from attacks.limits import Limits
from attacks.outcome import Outcome
from tests.attacks.alone import RECIPES
from tests.attacks.doubles import Fragile, WordCounter
from tests.attacks.test_identity import TEXTS, compared, predicted

TARGETS = [predicted(WordCounter(), text) for text in TEXTS]
recipes = pytest.mark.parametrize("recipe", RECIPES)


@recipes
def test_outcomes_hold_together(recipe):
    model = WordCounter()
    for text, target, outcome in zip(
        TEXTS, TARGETS, engine.run(recipe, None, model, TEXTS, TARGETS, seed=0), strict=True
    ):
        assert outcome.text == text and outcome.error is None
        assert outcome.probabilities_before == pytest.approx(model.probabilities([text])[0], abs=1e-6)
        assert outcome.probabilities_after == pytest.approx(
            model.probabilities([outcome.perturbed])[0], abs=1e-6
        )
        flipped = outcome.probabilities_after.index(max(outcome.probabilities_after)) != target
        assert flipped == (outcome.status == "succeeded" and recipe != "input-reduction")
        assert (outcome.perturbed != text) == (outcome.status == "succeeded")
        assert (outcome.characters_edited > 0) == (outcome.status == "succeeded")


@recipes
def test_a_wrong_answer_is_skipped_after_one_query(recipe):
    outcomes = engine.run(recipe, None, WordCounter(), TEXTS, [1 - target for target in TARGETS], seed=0)
    assert {(outcome.status, outcome.queries) for outcome in outcomes} == {("skipped", 1)}


@recipes
@pytest.mark.parametrize("budget", [1, 2, 25])
def test_a_budget_is_never_passed_and_ends_in_an_ordinary_outcome(recipe, budget):
    outcomes = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0, limits=Limits(queries=budget))
    assert all(outcome.queries <= budget for outcome in outcomes)
    assert {outcome.status for outcome in outcomes} <= {"succeeded", "failed"}


def test_a_text_that_crashes_the_model_spoils_no_other_search():
    texts = [*TEXTS, "poison", "A good film without poison in it"]
    targets = [*TARGETS, 0, 0]
    outcomes = engine.run("pruthi", None, Fragile(), texts, targets, seed=0)
    assert [outcome.status for outcome in outcomes[-2:]] == ["error", "error"]
    assert outcomes[-1].error == "RuntimeError: cannot digest this"
    assert compared(outcomes[:-2]) == compared(
        engine.run("pruthi", None, WordCounter(), TEXTS, TARGETS, seed=0)
    )


def test_a_crash_in_the_middle_of_a_search_keeps_the_count():
    class Moody(WordCounter):
        def probabilities(self, texts):
            if any("[UNK]" in text for text in texts):
                raise ValueError
            return super().probabilities(texts)

    (outcome,) = engine.run("deepwordbug", None, Moody(), ["a good film"], [1], seed=0)
    assert (outcome.status, outcome.error) == ("error", "ValueError")
    assert outcome.queries > 1


@recipes
def test_cancelling_stops_at_the_next_question(recipe):
    calls_when_asked = []

    class Slow(WordCounter):
        def probabilities(self, texts):
            time.sleep(0.01)
            return super().probabilities(texts)

    model = Slow()

    def cancelled():
        calls_when_asked.append(len(model.calls))
        return len(model.calls) >= 2

    done: dict[int, Outcome] = {}
    with pytest.raises(engine.Cancelled):
        engine.run(
            recipe,
            None,
            model,
            TEXTS,
            TARGETS,
            seed=0,
            concurrency=2,
            cancelled=cancelled,
            on_outcome=done.__setitem__,
        )
    assert calls_when_asked == [0, 1, 2] and len(model.calls) == 2
    assert len(done) < len(TEXTS)


def test_watching_shows_every_step_with_growing_counts():
    steps: dict[int, list] = {}

    def watch(index, queries, best_score, text):
        steps.setdefault(index, []).append((queries, best_score, text))

    outcomes = engine.run("deepwordbug", None, WordCounter(), TEXTS, TARGETS, seed=0, on_step=watch)
    for index, outcome in enumerate(outcomes):
        seen = steps.get(index, [])
        assert [queries for queries, _, _ in seen] == sorted({queries for queries, _, _ in seen})
        assert [score for _, score, _ in seen] == sorted(score for _, score, _ in seen)
        if outcome.status == "succeeded":
            assert seen[-1][0] == outcome.queries and seen[-1][2] == outcome.perturbed


def test_searches_side_by_side_share_calls():
    one, many = WordCounter(), WordCounter()
    engine.run("badcharacters", None, one, TEXTS, TARGETS, seed=0, concurrency=1)
    engine.run("badcharacters", None, many, TEXTS, TARGETS, seed=0, concurrency=12)
    assert len(many.calls) < len(one.calls) / 4
