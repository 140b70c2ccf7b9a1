"""Removal methods against captum, scikit-learn, exact Shapley values and an additive game."""

import itertools
import math

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, ShapleyValues
from sklearn.linear_model import Ridge

from analysis.attribution import AttributionError, Settings, attribute
from analysis.attribution.games import additive_fit, weighted_ridge
from analysis.removal import answers, removals
from analysis.words import words_of
from tests.analysis import tiny

SHORT = "A dull film, unforgettable!"
LONG = "It cost 3.5 million and it shows: breathtakingly, overwhelmingly beautiful, if you can stay awake."


def asked(classifier, found):
    """The quantity as a function of ids, the text's ids, the same all masked, and each token's word."""
    encoded = classifier.encode([found.text])[0]
    ids = torch.tensor([encoded.ids])
    groups = torch.full_like(ids, len(found.words))  # the tokenizer's own come last and never change
    masked = ids.clone()
    for number, word in enumerate(found.words):
        groups[0, list(word.tokens)] = number
        masked[0, list(word.tokens)] = classifier.tokenizer.mask_token_id

    def forward(rows):
        with torch.inference_mode():
            logits = classifier.module(input_ids=rows).logits
        return logits[:, found.target] - logits[:, found.contrast]

    return forward, ids, masked, groups


@pytest.mark.parametrize("family", ["bert", "roberta", "albert"])
def test_leave_one_out_is_captums_ablation(family):
    classifier = tiny.classifier(family)
    found = attribute(classifier, LONG, "occlusion")
    forward, ids, masked, groups = asked(classifier, found)
    ablated = FeatureAblation(forward).attribute(ids, masked, feature_mask=groups)[0].numpy()
    expected = [ablated[word.tokens[0]] for word in found.words]
    np.testing.assert_allclose(found.word_scores, expected, atol=1e-4)


@pytest.mark.parametrize("method", ["kernel-shap", "shapley-sampling"])
def test_shapley_values_are_captums_exact_ones(method):
    classifier = tiny.classifier("bert")  # captum goes through all orders: four words are enough
    found = attribute(classifier, "A dull, film", method, settings=Settings(samples=2000))
    forward, ids, masked, groups = asked(classifier, found)
    exact = ShapleyValues(forward).attribute(ids, masked, feature_mask=groups)[0].numpy()
    expected = np.array([exact[word.tokens[0]] for word in found.words])
    if method == "kernel-shap":  # 2 ** 4 sets of words: all of them are asked
        np.testing.assert_allclose(found.word_scores, expected, atol=1e-4)
    else:
        assert np.abs(found.word_scores - expected).max() < 0.1 * np.abs(expected).max()


def by_brute_force(value, players):
    """Shapley values from their definition."""
    scores = np.zeros(players)
    for player in range(players):
        others = [index for index in range(players) if index != player]
        for size in range(players):
            weight = math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)
            for members in itertools.combinations(others, size):
                scores[player] += weight * (value({*members, player}) - value(set(members)))
    return scores


@pytest.mark.parametrize("family", ["gpt2", "distilbert"])
def test_deleted_words_have_the_shapley_values_of_the_definition(family):
    classifier, text = tiny.classifier(family), "A dull film, again"
    found = attribute(classifier, text, "kernel-shap", settings=Settings(removal="delete"))
    encoded = classifier.encode([text])[0]

    def value(members):
        gone = {
            token for number, word in enumerate(found.words) if number not in members for token in word.tokens
        }
        ids = [id_ for index, id_ in enumerate(encoded.ids) if index not in gone]
        logits = classifier.module(input_ids=torch.tensor([ids])).logits[0].detach()
        return float(logits[found.target] - logits[found.contrast])

    np.testing.assert_allclose(found.word_scores, by_brute_force(value, len(found.words)), atol=1e-3)


def test_a_long_text_is_drawn_and_both_estimates_agree():
    classifier = tiny.classifier("bert")
    settings = Settings(samples=3000)
    fitted = attribute(classifier, LONG, "kernel-shap", settings=settings)
    drawn = attribute(classifier, LONG, "shapley-sampling", settings=settings)
    assert len(fitted.words) > 15
    assert np.corrcoef(fitted.word_scores, drawn.word_scores)[0, 1] > 0.95
    for found in (fitted, drawn):
        assert found.delta == pytest.approx(0, abs=1e-9)


def test_an_additive_game_is_fitted_exactly():
    random = np.random.default_rng(0)
    true = random.normal(size=7)
    present = random.random((60, 7)) < 0.5
    fitted = additive_fit(present.astype(float), present @ true, np.ones(60), float(true.sum()))
    np.testing.assert_allclose(fitted, true, atol=1e-10)


def test_the_weighted_fit_is_scikit_learns():
    random = np.random.default_rng(0)
    features, values = random.random((50, 6)), random.normal(size=50)
    weights = random.random(50)
    expected = Ridge(alpha=1.0).fit(features, values, sample_weight=weights).coef_
    np.testing.assert_allclose(weighted_ridge(features, values, weights, 1.0), expected, atol=1e-10)


def test_lime_ranks_words_as_their_fair_parts_do():
    classifier = tiny.classifier("bert")
    settings = Settings(samples=1500)
    lime = attribute(classifier, SHORT, "lime", settings=settings)
    fair = attribute(classifier, SHORT, "kernel-shap", settings=settings)
    assert np.corrcoef(lime.word_scores, fair.word_scores)[0, 1] > 0.9


def test_equal_inputs_are_asked_once(monkeypatch):
    classifier = tiny.classifier("bert")
    asked_for: list[tuple[int, ...]] = []
    real = type(classifier).run

    def run(self, encoded, read, **how):
        asked_for.extend(item.ids for item in encoded)
        return real(self, encoded, read, **how)

    monkeypatch.setattr(type(classifier), "run", run)
    attribute(classifier, SHORT, "shapley-sampling", settings=Settings(samples=2000))
    assert len(asked_for) == len(set(asked_for)) <= 2**6
    encoded = classifier.encode(["dull dull dull"])[0]
    words = words_of(encoded, "dull dull dull")
    asked_for.clear()
    answers(classifier, encoded, words, ~np.eye(3, dtype=bool), "delete")
    assert len(asked_for) == 1  # whichever of three equal words is deleted


def test_neighbours_of_a_removed_word_keep_their_ids():
    """Taking a word out of the text and encoding it again would read other pieces around it."""
    classifier = tiny.classifier("bert")
    text = "film.s"
    encoded = classifier.encode([text])[0]
    words = words_of(encoded, text)
    for number, word in enumerate(words):
        gone = set(word.tokens)
        naive = classifier.encode([text.replace(word.text, "", 1)])[0].ids
        kept = [id_ for index, id_ in enumerate(encoded.ids) if index not in gone]
        assert (list(naive) != kept) == (word.text == ".")  # "films" is another word
        present = np.arange(len(words)) != number
        found = answers(classifier, encoded, words, present[None], "delete")[0]
        expected = classifier.module(torch.tensor([kept])).logits[0].detach().numpy()
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_model_without_a_mask_deletes():
    classifier = tiny.classifier("bert", max_length=61)
    classifier.tokenizer.mask_token = None
    assert removals(classifier) == ("delete",)
    assert attribute(classifier, SHORT, "occlusion").settings["removal"] == "delete"
    with pytest.raises(AttributionError, match="no MASK token"):
        attribute(classifier, SHORT, "occlusion", settings=Settings(removal="mask"))


def test_progress_is_told_and_can_stop_the_work():
    seen: list[tuple[int, int]] = []
    attribute(tiny.classifier("bert"), LONG, "lime", on_progress=lambda *now: seen.append(now))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert seen[-1][0] == seen[-1][1]

    def stop(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        attribute(tiny.classifier("bert"), LONG, "lime", on_progress=stop)
