"""Explanations of changed texts and of other draws beside the one shown."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.attribution import METHODS, Settings, attribute
from analysis.faithfulness import compared
from analysis.stability import across_seeds, under_changes
from attacks.noise import slight
from tests.analysis import planted, tiny

TEXT = f"{planted.KEYWORD} and the film has a long scene"


def test_a_copy_is_compared_word_by_word_and_by_hand():
    classifier = tiny.classifier("bert", labels=2)
    text, copy = "a dull but good film", "a dull yet go od film"
    found = attribute(classifier, text, "gradient-input")
    other = attribute(
        classifier, copy, "gradient-input", target=found.target, contrast=found.contrast
    ).word_scores
    kept = np.argmax(classifier.probabilities([text, copy]), axis=1)
    stability = under_changes(classifier, found, [copy])
    assert kept[0] == kept[1], "another copy is needed here"
    (agreement,) = stability.alike
    own = [*found.word_scores[:2], found.word_scores[2] + found.word_scores[3], found.word_scores[4]]
    theirs = [*other[:2], other[2] + other[3] + other[4], other[5]]
    ranks = [np.argsort(np.argsort(scores)) for scores in (own, theirs)]
    assert agreement.spearman == pytest.approx(np.corrcoef(ranks[0], ranks[1])[0, 1])
    assert (stability.turned, stability.apart) == (0, 0)


def test_what_the_model_reads_alike_is_no_change_and_is_counted_once():
    classifier = tiny.classifier("bert", labels=2)  # an uncased tokenizer
    found = attribute(classifier, TEXT, "gradient-input")
    assert under_changes(classifier, found, [TEXT.upper(), f"{TEXT} ", TEXT]).ranks is None
    twice = under_changes(classifier, found, [f"{TEXT} a", f"{TEXT.upper()} a", f"{TEXT} b"])
    assert len(twice.alike) + twice.turned == 2
    once = under_changes(classifier, found, [f"{TEXT} a", f"{TEXT} b"], copies=1)
    assert len(once.alike) + once.turned == 1


def test_a_copy_that_turns_the_answer_is_counted_and_left_out():
    classifier = planted.classifier()
    found = attribute(classifier, TEXT, "deeplift")
    stability = under_changes(classifier, found, [TEXT.replace("dull", "old"), TEXT.replace("film", "town")])
    assert stability.turned == 1
    assert len(stability.alike) == 1


@pytest.mark.parametrize("method", ["occlusion", "relevance"])
def test_a_planted_reason_stays_the_first_whatever_happens_to_the_rest(method):
    classifier = planted.classifier()
    text = f"a {planted.KEYWORD} film"
    found = attribute(classifier, text, method)
    stability = under_changes(classifier, found, slight(text))
    assert len(stability.alike) + stability.turned + stability.apart == 10
    assert len(stability.alike) > 2
    assert stability.top == 1


def test_other_seeds_are_other_draws_and_methods_that_draw_nothing_say_so():
    classifier = tiny.classifier("bert", labels=2)
    settings = Settings(samples=20, seed=3)
    found = attribute(classifier, TEXT, "lime", settings=settings)
    stability = across_seeds(classifier, found, seeds=2)
    by_hand = [
        compared(found, attribute(classifier, TEXT, "lime", settings=replace(settings, seed=seed)))
        for seed in (4, 5)
    ]
    assert list(stability.alike) == by_hand
    assert stability.ranks is not None
    assert stability.ranks.mean < 1
    for name, method in METHODS.items():
        if "seed" not in method.uses:
            assert not across_seeds(classifier, replace(found, method=name)).alike


def test_progress_is_told_and_can_stop_the_work():
    classifier = tiny.classifier("bert", labels=2)
    found = attribute(classifier, TEXT, "lime", settings=Settings(samples=20))

    def stop(done, total):
        raise KeyboardInterrupt

    for work in (
        lambda: under_changes(classifier, found, slight(TEXT), on_progress=stop),
        lambda: across_seeds(classifier, found, on_progress=stop),
    ):
        with pytest.raises(KeyboardInterrupt):
            work()
