import numpy as np
import pytest

from attacks import engine
from audits import statistics
from audits.sweep import Sweep
from tests.attacks.doubles import Fragile, WordCounter

TEXTS = ["a good film", "a dull, awful film", "great fun for a bad day", "an awful end"]
TARGETS = [1, 0, 1, 1]


def swept(model, texts=TEXTS, targets=TARGETS):
    sweep = Sweep("keyboard-typos", texts, targets, seed=3).start(model)
    assert sweep.finished.wait(60)
    return sweep


def test_every_point_is_the_accuracy_that_the_engines_outcomes_give():
    sweep = swept(WordCounter())
    curve = sweep.curve()
    assert curve is not None and sweep.problem is None and not sweep.stopped
    assert sweep.done == sweep.total == 20
    assert [point.note for point in curve.points] == ["unchanged", *(f"severity {s}" for s in range(1, 6))]
    for severity, point in enumerate(curve.points[1:], 1):
        found = engine.run("keyboard-typos", severity, WordCounter(), TEXTS, TARGETS, seed=3)
        right = [int(np.argmax(o.probabilities_after)) == t for o, t in zip(found, TARGETS, strict=True)]
        rate = statistics.accuracy(np.array(right))
        assert (point.accuracy, point.low, point.high) == (rate.value, rate.low, rate.high)
        assert point.edited == pytest.approx(np.mean([o.characters_edited for o in found]))
    clean = [
        int(np.argmax(WordCounter().probabilities([t])[0])) == y for t, y in zip(TEXTS, TARGETS, strict=True)
    ]
    assert curve.points[0].accuracy == np.mean(clean) and curve.points[0].edited == 0


def test_rows_that_fail_count_nowhere():
    curve = swept(Fragile(), [*TEXTS, "poison 1"], [*TARGETS, 0]).curve()
    assert curve is not None
    assert curve.points[0].count == len(TEXTS)
    everything_fails = swept(Fragile(), ["poison 1"], [0])
    assert everything_fails.curve() is None and everything_fails.problem is None


def test_what_was_complete_when_it_was_cancelled_stays():
    class Slow(WordCounter):
        def probabilities(self, texts):
            if len(self.calls) == 2:
                sweep.cancel()
            return super().probabilities(texts)

    sweep = Sweep("casing", TEXTS, TARGETS, seed=0)
    sweep.start(Slow())
    assert sweep.finished.wait(60)
    assert sweep.stopped and sweep.cancelled
    curve = sweep.curve()
    assert curve is not None and 2 <= len(curve.points) < 6


def test_a_problem_is_kept_for_whoever_watches():
    sweep = swept(WordCounter(), targets=[1, 0, 1, 9])
    assert "outside the model's" in str(sweep.problem) and sweep.curve() is None
