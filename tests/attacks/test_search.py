"""Attacks through the engine: budgets, crashes, cancelling, watching."""

import time

import numpy as np
import pytest

from attacks import engine
from attacks.limits import Limits
from attacks.outcome import Outcome
from attacks.recipes import RECIPES, Setup
from attacks.recipes.recipe import Recipe
from attacks.trace import LONGEST, Step
from tests.attacks.alone import RECIPES as NAMES
from tests.attacks.doubles import Fragile, WordCounter
from tests.attacks.test_identity import TEXTS as TWENTY
from tests.attacks.test_identity import compared, predicted

TEXTS = TWENTY[:12]
TARGETS = [predicted(WordCounter(), text) for text in TEXTS]
recipes = pytest.mark.parametrize("recipe", NAMES)


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
    class Slow(WordCounter):
        def probabilities(self, texts):
            time.sleep(0.01)
            return super().probabilities(texts)

    model = Slow()
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
            cancelled=lambda: len(model.calls) >= 2,
            on_outcome=done.__setitem__,
        )
    assert len(model.calls) == 2
    assert len(done) < len(TEXTS)


def test_cancelling_stops_a_search_that_asks_nothing(monkeypatch):
    """A transformation that takes long is not waited for: no second one begins."""
    from attacks.resources import import_textattack

    import_textattack()
    from textattack.transformations import WordSwapRandomCharacterDeletion

    begun = []
    original = WordSwapRandomCharacterDeletion._get_replacement_words

    def slow(self, word):
        begun.append(word)
        return original(self, word)

    monkeypatch.setattr(WordSwapRandomCharacterDeletion, "_get_replacement_words", slow)
    with pytest.raises(engine.Cancelled):
        engine.run(
            "deepwordbug", None, WordCounter(), TEXTS, TARGETS, seed=0, cancelled=lambda: len(begun) >= 1
        )
    assert len(begun) == 1


class Clock:
    """Time that passes only where the model answers: a second a call."""

    def __init__(self, model):
        self.model = model

    def monotonic(self):
        return float(len(self.model.calls))


@pytest.mark.parametrize("recipe", ["deepwordbug", "pruthi"])
@pytest.mark.parametrize("concurrency", [1, 32])
def test_a_time_budget_ends_a_search_and_says_so(recipe, concurrency, monkeypatch):
    model = WordCounter()
    monkeypatch.setattr("attacks.search.time", Clock(model))
    outcomes = engine.run(
        recipe, None, model, TEXTS, TARGETS, seed=0, limits=Limits(seconds=3), concurrency=concurrency
    )
    stopped = [outcome for outcome in outcomes if outcome.stopped]
    assert stopped and {(outcome.stopped, outcome.status) for outcome in stopped} == {("seconds", "failed")}
    ample = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0, limits=Limits(seconds=1e9))
    assert ample == engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0)
    for outcome, free in zip(outcomes, ample, strict=True):
        assert outcome.stopped or outcome == free


@recipes
def test_a_spent_query_budget_is_said(recipe):
    free = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0)
    tight = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0, limits=Limits(queries=6))
    for outcome, unbound in zip(tight, free, strict=True):
        assert outcome.stopped in ("", "queries") and not unbound.stopped
        if unbound.queries < 6:
            assert outcome == unbound
        elif unbound.queries > 6 and outcome.status == "failed":
            assert outcome.stopped == "queries"


def test_a_budget_never_makes_a_text_that_only_measures_a_word_the_result():
    for budget in range(1, 40, 4):
        outcomes = engine.run(
            "deepwordbug", None, WordCounter(), TEXTS, TARGETS, seed=0, limits=Limits(queries=budget)
        )
        assert not any("[UNK]" in outcome.perturbed for outcome in outcomes)


@recipes
def test_no_more_words_change_than_the_limit_allows(recipe):
    outcomes = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0, limits=Limits(words=0.2))
    assert all(outcome.words_edited <= 0.2 for outcome in outcomes)
    assert {outcome.status for outcome in outcomes} <= {"succeeded", "failed"}
    free = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0)
    assert any(outcome.words_edited > 0.2 for outcome in free)
    assert engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0, limits=Limits(words=1)) == free


@recipes
def test_watching_shows_every_step_with_growing_counts(recipe):
    traces: dict[int, tuple[Step, ...]] = {}

    def watch(index, steps):
        if len(steps) < LONGEST // 2:
            assert steps[: len(traces.get(index, ()))] == traces.get(index, ())
        traces[index] = steps

    outcomes = engine.run(recipe, None, WordCounter(), TEXTS, TARGETS, seed=0, on_step=watch)
    assert traces
    for index, outcome in enumerate(outcomes):
        steps = traces.get(index, ())
        queries = [step.queries for step in steps]
        assert queries == sorted(set(queries))
        assert [step.best_score for step in steps] == sorted(step.best_score for step in steps)
        # The unchanged text is the first query and no step of the search.
        if len(steps) < LONGEST // 2:
            assert 1 + sum(step.candidates for step in steps) == (queries or [1])[-1]
        assert all(1 <= len(step.tried) <= step.candidates for step in steps)
        if outcome.status == "succeeded" and recipe != "input-reduction":
            assert steps[-1].queries == outcome.queries and steps[-1].text == outcome.perturbed
            assert not steps[-1].ranks


def test_searches_side_by_side_share_calls():
    one, many = WordCounter(), WordCounter()
    engine.run("badcharacters", None, one, TEXTS, TARGETS, seed=0, concurrency=1)
    engine.run("badcharacters", None, many, TEXTS, TARGETS, seed=0, concurrency=12)
    assert len(many.calls) < len(one.calls) / 4


class Encoder:
    """Sentence vectors from the letters of a text; remembers what it was asked."""

    fingerprint = "letters"

    def __init__(self):
        self.calls = []

    def vectors(self, texts):
        self.calls.append(list(texts))
        counts = np.array([[1 + text.count(letter) for letter in "aeiou"] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def alike(setup):
    """DeepWordBug that must stay near to the original for the encoder, window by window."""
    import torch
    from textattack.attack_recipes import DeepWordBugGao2018
    from textattack.constraints.semantics.sentence_encoders import SentenceEncoder

    class Alike(SentenceEncoder):
        def encode(self, sentences):
            return torch.tensor(np.array(setup.encode(sentences)))

    attack = DeepWordBugGao2018.build(setup.wrapper)
    attack.constraints.append(Alike(threshold=0.985, window_size=4))
    return attack


def test_the_encoder_is_asked_for_all_searches_together_and_once_a_text(monkeypatch):
    from textattack.shared.utils import set_seed

    from tests.attacks.test_identity import plain_wrapper

    together, alone = Encoder(), Encoder()
    monkeypatch.setattr("models.encoder.load_encoder", lambda device: together)
    monkeypatch.setitem(RECIPES, "pruthi", Recipe(RECIPES["pruthi"].entry, alike))
    for concurrency in (1, 7, 64):
        together.calls.clear()
        outcomes = engine.run(
            "pruthi", None, WordCounter(), TEXTS, TARGETS, seed=2, judge=False, concurrency=concurrency
        )
        for text, target, outcome in zip(TEXTS, TARGETS, outcomes, strict=True):
            wrapper = plain_wrapper()
            attack = alike(Setup(wrapper, target, (), alone.vectors, wrapper.double))
            set_seed(2)
            result = attack.attack(text, target)
            assert outcome.queries == result.num_queries
            if outcome.status == "succeeded":
                assert outcome.perturbed == result.perturbed_text()
        asked = [text for call in together.calls for text in call]
        assert len(asked) == len(set(asked))
    assert len(together.calls) < len(alone.calls) / 3 / 2
