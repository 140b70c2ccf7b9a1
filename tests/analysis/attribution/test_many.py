"""Many texts at once: the scores that each gets by itself, from fewer and fuller batches."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.asking import together
from analysis.attribution import METHODS, AttributionError, Settings, attribute, attribute_many
from corpora.examples import PAIR_MARK
from tests.analysis import tiny

TEXTS = [
    "A dull film, but unforgettable!",
    "Dull.",
    "I don't think so.",
    "It cost 3.5 million and it shows: breathtakingly, overwhelmingly beautiful, if you can stay awake.",
    "A dull film, but unforgettable!",
    f"It cost 3.5 million.{PAIR_MARK}I don't think so.",
]


@pytest.mark.parametrize("family", ["bert", "roberta", "gpt2", "gpt2-without-pad", "t5", "xlnet"])
def test_each_text_gets_the_scores_that_it_gets_alone(family):
    classifier = tiny.classifier(family)
    alone = [attribute(classifier, text) for text in TEXTS]
    for order in ([0, 1, 2, 3, 4, 5], [3, 1, 5, 4, 0, 2]):
        found = attribute_many(classifier, [TEXTS[index] for index in order])
        for index, one in zip(order, found, strict=True):
            assert one.text == TEXTS[index]
            assert one.settings == alone[index].settings
            np.testing.assert_allclose(one.token_scores, alone[index].token_scores, atol=1e-5)
            assert one.ends == pytest.approx(alone[index].ends, abs=1e-5)


@pytest.mark.parametrize("tokens", [1, 64, 100_000])
def test_the_size_of_the_batches_changes_no_score(tokens, monkeypatch):
    classifier = tiny.classifier("bert")
    alone = [attribute(classifier, text) for text in TEXTS]
    monkeypatch.setattr("analysis.points._TOKENS_ON_CPU", tokens)
    for one, expected in zip(attribute_many(classifier, TEXTS), alone, strict=True):
        np.testing.assert_allclose(one.token_scores, expected.token_scores, atol=1e-5)


@pytest.mark.parametrize("method", sorted(set(METHODS) - {"integrated-gradients"}))
def test_every_method_takes_many_texts(method):
    classifier = tiny.classifier("bert", labels=2)
    settings = Settings(samples=30)
    texts = [*TEXTS[:2], TEXTS[-1]]
    many = attribute_many(classifier, texts, method, target=1, settings=settings)
    for text, one in zip(texts, many, strict=True):
        alone = attribute(classifier, text, method, target=1, settings=settings)
        np.testing.assert_allclose(one.word_scores, alone.word_scores, atol=1e-5)


def test_texts_share_batches_and_those_that_converged_ask_no_more(monkeypatch):
    classifier = tiny.classifier("bert")
    sizes: list[int] = []
    forward = classifier.module.forward

    def counting(inputs_embeds=None, **rest):
        if inputs_embeds is not None and torch.is_grad_enabled():
            sizes.append(len(inputs_embeds))
        return forward(inputs_embeds=inputs_embeds, **rest)

    monkeypatch.setattr(classifier.module, "forward", counting)
    texts = [TEXTS[0], TEXTS[0].replace("dull", "long"), TEXTS[0].replace("film", "town")]
    found = attribute_many(classifier, texts, settings=Settings(tolerance=1e-3))
    assert sum(sizes) == sum(int(one.settings["steps"]) for one in found)
    assert len({one.settings["steps"] for one in found}) > 1  # else the line above says little
    assert sizes[0] == 3 * 12  # the first stage of all three


def test_baselines_of_one_length_are_answered_once(monkeypatch):
    classifier = tiny.classifier("bert")
    texts = [TEXTS[0], TEXTS[0].replace("dull", "long"), TEXTS[2]]
    sizes: list[int] = []
    forward = classifier.module.forward

    def counting(inputs_embeds=None, **rest):
        if inputs_embeds is not None and not torch.is_grad_enabled():
            sizes.append(len(inputs_embeds))
        return forward(inputs_embeds=inputs_embeds, **rest)

    monkeypatch.setattr(classifier.module, "forward", counting)
    found = attribute_many(classifier, texts, target=0, contrast=1)
    lengths = {len(one.tokens) for one in found}
    assert sum(sizes) == len(texts) + len(lengths) < 2 * len(texts)
    first, second, _ = (one.ends for one in found)
    assert first is not None
    assert second is not None
    assert first[0] == second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize("method", ["occlusion", "lime"])
def test_the_answer_to_the_text_itself_is_asked_once(method):
    classifier = tiny.classifier("bert")
    seen: list[tuple[int, int]] = []
    (found,) = attribute_many(
        classifier,
        TEXTS[1:2],
        method,
        settings=Settings(samples=9),
        on_progress=lambda *now: seen.append(now),
    )
    assert len(found.words) == 2
    assert seen[-1] == ({"occlusion": 3, "lime": 4}[method],) * 2


def test_slopes_in_half_precision_come_close_and_the_ends_stay_exact():
    classifier = tiny.classifier("bert")
    full = attribute_many(classifier, TEXTS)
    half = attribute_many(classifier, TEXTS, settings=Settings(precision="bfloat16", tolerance=0.1))
    assert {one.settings["precision"] for one in half} == {"bfloat16"}
    for one, other in zip(half, full, strict=True):
        assert one.ends == pytest.approx(other.ends, abs=1e-6)
        largest = np.abs(other.token_scores).max()
        assert 0 < np.abs(one.token_scores - other.token_scores).max() < 0.15 * largest


def test_where_half_precision_does_not_converge_the_full_one_takes_over():
    classifier = tiny.classifier("bert")
    settings = Settings(precision="bfloat16", tolerance=1e-6, max_steps=36)
    for one, other in zip(
        attribute_many(classifier, TEXTS, settings=settings),
        attribute_many(classifier, TEXTS, settings=replace(settings, precision="full")),
        strict=True,
    ):
        assert one.settings == other.settings
        assert one.settings["precision"] == "full"
        np.testing.assert_allclose(one.token_scores, other.token_scores, atol=1e-5)


@pytest.mark.parametrize("method", ["integrated-gradients", "occlusion", "rollout"])
def test_progress_counts_all_texts_and_can_stop_the_work(method):
    classifier = tiny.classifier("bert")
    seen: list[tuple[int, int]] = []
    attribute_many(classifier, TEXTS, method, on_progress=lambda *now: seen.append(now))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1][0] == seen[-1][1]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribute_many(classifier, TEXTS, method, on_progress=stop)


def test_an_empty_text_is_named_by_its_place_and_no_text_is_no_work():
    with pytest.raises(AttributionError, match="text 2 of 3 holds no word"):
        attribute_many(tiny.classifier("bert"), ["one", " ", "three"])
    assert attribute_many(tiny.classifier("bert"), []) == []


def test_computations_side_by_side_get_their_own_answers():
    class Double:
        work = 1

        def __init__(self, number):
            self.number = number

        @classmethod
        def answered(cls, requests, report):
            rounds.append(len(requests))
            report(len(requests))
            return [2 * request.number for request in requests]

    def until(number, most):
        while number < most:
            number = yield Double(number)
        return number

    rounds: list[int] = []
    seen: list[tuple[int, int]] = []
    found = together([until(1, 8), until(9, 8), until(3, 4)], lambda *now: seen.append(now))
    assert found == [8, 9, 6]
    assert rounds == [2, 1, 1]
    assert seen == [(2, 2), (3, 3), (4, 4)]
