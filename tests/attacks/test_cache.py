"""The cache: what went in comes out, within its bytes; and a long run that does not grow."""

import gc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attacks import engine
from attacks.answers import Answers
from attacks.cache import Cache
from attacks.outcome import Outcome
from attacks.recipes import RECIPES
from attacks.recipes.recipe import Recipe
from attacks.search import Search
from tests.attacks.doubles import WordCounter


@given(
    entries=st.lists(st.tuples(st.sampled_from("ab"), st.text(max_size=3), st.integers(0, 60)), max_size=60),
    limit=st.integers(0, 5000),
)
def test_what_is_kept_is_what_came_last_and_fits(entries, limit):
    cache = Cache(limit)
    latest: dict[tuple[str, str], np.ndarray] = {}
    for name, text, length in entries:
        row = latest.setdefault((name, text), np.arange(length, dtype=np.float64))
        cache.put(name, text, row)
        assert cache.bytes <= limit
        found = cache.get(name, text)
        assert found is None or np.array_equal(found, row)
    assert len(cache) <= len(latest)
    if limit == 5000 and len(latest) < 6:
        assert len(cache) == len(latest)


def test_the_row_not_wanted_for_longest_goes_first():
    one = np.zeros(1)
    cache = Cache(3 * (one.nbytes + 256))
    for text in "abc":
        cache.put("model", text, one)
    cache.get("model", "a")
    cache.put("model", "d", one)
    assert [text for text in "abcd" if cache.get("model", text) is not None] == ["a", "c", "d"]


def test_a_model_with_other_weights_has_other_answers():
    cache = Cache()
    first, second = WordCounter(), WordCounter(("negative", "neutral", "positive"))
    Answers(first, cache=cache)(["a good film"])
    assert len(np.asarray(Answers(second, cache=cache)(["a good film"])["a good film"])) == 3
    Answers(first, cache=cache)(["a good film"])
    assert len(first.calls) == len(second.calls) == 1


def test_a_cache_from_run_to_run_saves_questions_and_changes_nothing():
    texts, targets = ["an awful mess of a film", "a great, superb story"], [0, 1]
    model, cache = WordCounter(), Cache()
    first = engine.run("deepwordbug", None, model, texts, targets, seed=0, cache=cache)
    asked = len(model.calls)
    assert engine.run("deepwordbug", None, model, texts, targets, seed=0, cache=cache) == first
    assert len(model.calls) == asked
    small = engine.run("deepwordbug", None, WordCounter(), texts, targets, seed=0, cache=Cache(600))
    assert small == first


def simple(setup):
    """An attack that is quickly built."""
    from textattack import Attack
    from textattack.constraints.pre_transformation import RepeatModification
    from textattack.goal_functions import UntargetedClassification
    from textattack.search_methods import GreedyWordSwapWIR
    from textattack.transformations import WordSwapRandomCharacterDeletion

    goal = UntargetedClassification(setup.wrapper)
    return Attack(
        goal, [RepeatModification()], WordSwapRandomCharacterDeletion(), GreedyWordSwapWIR("delete")
    )


@pytest.mark.filterwarnings("ignore")  # pytest would keep them all
def test_ten_times_the_examples_hold_no_more(monkeypatch):
    """What is alive after each tenth of the examples, beside their outcomes. Most are skipped, for speed."""
    examples = 4_000
    monkeypatch.setitem(RECIPES, "pruthi", Recipe(RECIPES["pruthi"].entry, simple))
    targets = [int(number % 50 == 0) for number in range(examples)]
    texts = [f"w{number} so good" for number in range(examples)]
    cache = Cache(2**20)
    alive: list[tuple[int, int, int]] = []
    done = 0

    def on_outcome(index, outcome):
        nonlocal done
        done += 1
        if done % 400 == 0:
            gc.collect()
            things = [thing for thing in gc.get_objects() if not isinstance(thing, Outcome)]
            searches = sum(isinstance(thing, Search) for thing in things)
            alive.append((len(things), searches, cache.bytes))

    model = Forgetful()
    outcomes = engine.run(
        "pruthi", None, model, texts, targets, seed=0, cache=cache, on_outcome=on_outcome, judge=False
    )
    assert {outcome.status for outcome in outcomes} >= {"skipped", "succeeded"} and len(alive) == 10
    assert all(searches <= 64 and size <= 2**20 for _, searches, size in alive)
    # Objects come and go by the hundred; one an example would be 3,600 more.
    assert alive[-1][0] - alive[0][0] < 1200
    assert alive[-1][2] > 2**19


class Forgetful(WordCounter):
    """Remembers nothing of what it was asked."""

    def probabilities(self, texts):
        self.calls.clear()
        return super().probabilities(texts)
