import random
from dataclasses import replace

import pytest

from attacks import engine
from attacks.outcome import Outcome
from attacks.validity import judged
from models.bundled import base_folder
from tests.attacks.doubles import WordCounter

PAIRS = (
    ("a wonderful film", "a wonderful movie"),
    ("a wonderful film", "a dreadful film"),
    ("the plot is clever", "the pl0t is cIever"),
    ("it works", "Stocks fell sharply in Tokyo on Monday."),
    ("", "😀"),
)


def _succeeded(text, perturbed):
    return Outcome(text, perturbed, "succeeded", None, (0.1, 0.9), (0.8, 0.2), 5, 0.1, 0.5)


@pytest.fixture(scope="module")
def cosines():
    """The similarities as sentence-transformers has them."""
    library = pytest.importorskip("sentence_transformers")
    encoder = library.SentenceTransformer(str(base_folder()), device="cpu", local_files_only=True)
    return [float(library.util.cos_sim(*encoder.encode(list(pair)))) for pair in PAIRS]


def test_similarity_is_the_cosine_of_sentence_transformers(cosines):
    ours = [judged(_succeeded(*pair)).similarity or 0.0 for pair in PAIRS]
    assert ours == pytest.approx(cosines, abs=2e-5)
    assert ours[3] < 0.3
    assert ours[0] > 0.7


def test_only_a_success_is_judged_and_nothing_else_changes():
    before = _succeeded(*PAIRS[0])
    assert replace(judged(before), similarity=None, fluency=None) == before
    for status in ("failed", "skipped", "error", "perturbed"):
        other = replace(before, status=status)
        assert judged(other) is other


def test_the_engine_judges_the_attacks_that_flip_an_answer():
    classifier = WordCounter()
    texts = ["good good plot", "a good film", "bad"]
    found = engine.run("deepwordbug", None, classifier, texts, [1, 1, 1], seed=0)
    assert [outcome.status for outcome in found].count("succeeded")
    for outcome in found:
        assert (outcome.similarity is not None) == (outcome.status == "succeeded")
        if outcome.status == "succeeded":
            assert outcome == judged(outcome)
    plain = engine.run("deepwordbug", None, classifier, texts, [1, 1, 1], seed=0, judge=False)
    assert [replace(outcome, similarity=None, fluency=None) for outcome in found] == plain
    kept = engine.run("input-reduction", None, classifier, texts, [1, 1, 1], seed=0)
    assert all(outcome.similarity is None for outcome in kept)


def test_judging_draws_no_random_number():
    random.seed(5)
    state = random.getstate()
    judged(_succeeded(*PAIRS[1]))
    assert random.getstate() == state
