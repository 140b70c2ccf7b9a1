"""Faithfulness by hand, by the papers' definitions in loops, and on a model whose true reason is known."""

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from analysis.attribution import METHODS, Settings, attribute
from analysis.faithfulness import (
    SHARES,
    compared,
    estimate,
    measure,
    randomised,
    ranked,
    under_random_weights,
    unexplained,
)
from models.transformer import TransformerClassifier
from tests.analysis import planted, tiny

TEXT = "It cost 3.5 million and it shows: overwhelmingly beautiful, if you can stay awake."
DULL = "The film has a dull scene with old cars."


def additive(**weights: float) -> TransformerClassifier:
    """A model whose first logit is the sum of these words' weights, the second one 0."""
    donor = tiny.classifier("bert", labels=2)
    table = torch.zeros(len(donor.tokenizer))
    for word, weight in weights.items():
        table[donor.tokenizer.convert_tokens_to_ids(word)] = weight

    class Additive(torch.nn.Module):
        config = donor.module.config

        def __init__(self):
            super().__init__()
            self.one = torch.nn.Parameter(torch.zeros(1))

        def forward(self, input_ids, attention_mask=None, token_type_ids=None):
            value = (table[input_ids] * attention_mask).sum(1)
            return SimpleNamespace(logits=torch.stack([value, 0 * value], dim=1))

    return TransformerClassifier(Additive(), donor.tokenizer, reference="additive", weights=str(weights))


def test_an_example_worked_out_by_hand():
    # Odds multiply: 9 by "dull", 1/3 by "film". Whole: 3 to 1; without "dull" 1 to 3; "dull" alone 9 to 1.
    classifier = additive(dull=math.log(9), film=-math.log(3))
    found = attribute(classifier, "a dull old film", "occlusion", target=0)
    evidence = measure(classifier, found)
    assert evidence.probability == pytest.approx(0.75)
    assert (evidence.counts, evidence.marked) == ((1, 2), 2)
    np.testing.assert_allclose(evidence.removed, [0.25, 0.25], atol=1e-6)
    np.testing.assert_allclose(evidence.kept, [0.9, 0.9], atol=1e-6)
    assert evidence.comprehensiveness == pytest.approx(0.5, abs=1e-6)
    assert evidence.sufficiency == pytest.approx(-0.15, abs=1e-6)
    assert evidence.taken == pytest.approx(0.5 / 0.75, abs=1e-6)
    assert evidence.leave_one_out == pytest.approx(1)


def test_infidelity_is_captums_and_by_hand():
    from captum.metrics import infidelity

    told, lost = np.array([2.0, 1.0, 3.0]), np.array([1.0, 1.0, 2.0])
    # Best scale: (2 + 1 + 6) / (4 + 1 + 9) = 9/14; what stays: 6 - 81/14 of 6.
    assert unexplained(told, lost) == pytest.approx((6 - 81 / 14) / 6)
    assert unexplained(7 * told, lost) == pytest.approx(unexplained(told, lost))
    assert unexplained(-told, lost) == 1.0
    # The same by captum: features of a linear model with a bend, sets of which are zeroed.
    random = np.random.default_rng(0)
    weights, scores, sets = random.normal(size=5), random.normal(size=5), random.random((40, 5)) < 0.5
    scores = weights + 0.5 * scores

    def model(points):
        return torch.tanh(points @ torch.tensor(weights) / 2)

    point = torch.ones(1, 5, dtype=torch.float64)
    gone = torch.tensor(sets.astype(float))
    by_captum = infidelity(
        model,
        lambda points: (gone, points - gone),
        point,
        torch.tensor(scores)[None],
        n_perturb_samples=40,
        normalize=True,
    )
    changes = (model(point) - model(point - gone)).numpy()
    share = unexplained(sets @ scores, changes)
    assert 0.01 < share < 0.9
    assert share * np.mean(changes**2) == pytest.approx(float(by_captum))


def test_infidelity_of_an_additive_model_is_nought_and_dealt_scores_have_more():
    classifier = additive(dull=2.0, film=-1.0, old=0.5)
    found = attribute(classifier, "a dull old film", "occlusion", target=0)
    evidence = measure(classifier, found)
    assert evidence.infidelity is not None and evidence.random_infidelity is not None
    assert evidence.infidelity.mean == pytest.approx(0, abs=1e-6)
    assert evidence.random_infidelity.low > 0.1
    nothing = attribute(additive(film=1.0), "a dull old scene", "occlusion", target=0)
    assert measure(additive(film=1.0), nothing).infidelity is None


def by_definition(classifier, found, removal, order):
    """Comprehensiveness and sufficiency of one order of the words, text by text."""
    encoded = classifier.encode([found.text])[0]

    def chance(gone):
        tokens = {token for number in gone for token in found.words[number].tokens}
        mask = classifier.tokenizer.mask_token_id
        if removal == "mask":
            ids = [mask if index in tokens else id_ for index, id_ in enumerate(encoded.ids)]
        else:
            ids = [id_ for index, id_ in enumerate(encoded.ids) if index not in tokens]
        logits = classifier.module(torch.tensor([ids])).logits[0]
        return float(logits.softmax(-1)[found.target])

    whole = chance([])
    losses: tuple[list[float], list[float]] = ([], [])
    for share in SHARES:
        count = math.ceil(share * len(order))
        losses[0].append(whole - chance(order[:count]))
        losses[1].append(whole - chance(order[count:]))
    return [sum(each) / len(SHARES) for each in losses]


@pytest.mark.parametrize("removal", ["mask", "delete"])
@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_the_measures_are_erasers(family, removal):
    classifier = tiny.classifier(family)
    found = attribute(classifier, TEXT, "occlusion")
    evidence = measure(classifier, found, removal=removal, draws=3)
    order = sorted(range(len(found.words)), key=lambda number: -found.word_scores[number])
    assert ranked(found).tolist() == order
    expected = by_definition(classifier, found, removal, order)
    assert [evidence.comprehensiveness, evidence.sufficiency] == pytest.approx(expected, abs=1e-5)


def test_the_floor_is_what_random_orders_do():
    classifier = planted.classifier()
    found = attribute(classifier, "a long dull scene", "occlusion", target=1)
    evidence = measure(classifier, found, draws=300)
    every = [by_definition(classifier, found, "mask", order) for order in itertools.permutations(range(4))]
    exact = np.mean(every, axis=0)
    floor = evidence.random_comprehensiveness
    assert floor.low < floor.mean < floor.high
    assert floor.mean == pytest.approx(exact[0], abs=0.06)
    assert evidence.random_sufficiency.mean == pytest.approx(exact[1], abs=0.06)
    again = measure(classifier, found, draws=300)
    np.testing.assert_array_equal(evidence.random_removed, again.random_removed)
    other = measure(classifier, found, draws=300, seed=1)
    assert not np.array_equal(evidence.random_removed, other.random_removed)


@pytest.mark.parametrize("method", METHODS)
def test_the_true_reason_is_far_above_the_floor_and_its_reverse_below(method):
    classifier = planted.classifier()
    found = attribute(classifier, DULL, method)
    # Gradients at the text itself get the size of the reason right, and its sign by luck.
    scores = np.abs(found.word_scores) if method in ("gradient-input", "smoothgrad") else found.word_scores
    found = replace(found, word_scores=scores)
    evidence = measure(classifier, found)
    assert evidence.comprehensiveness > 0.8
    assert evidence.sufficiency < 0.05
    assert evidence.comprehensiveness > evidence.random_comprehensiveness.high
    assert evidence.taken > 0.9 > evidence.random_taken.high
    assert evidence.beaten > 0.7  # an order that happens to begin with the reason is as good
    backwards = measure(classifier, replace(found, word_scores=-found.word_scores))
    assert backwards.comprehensiveness < 0.05


def test_a_duplicated_reason_must_be_taken_away_twice():
    """Leave-one-out sees nothing where two words say the same; measured, it does no better than chance."""
    classifier = planted.classifier()
    text = "the dull film has a dull scene"
    fair = attribute(classifier, text, "kernel-shap")
    assert {fair.words[number].text for number in ranked(fair)[:2]} == {"dull"}
    evidence = measure(classifier, fair)
    one_gone, three_gone = evidence.removed[0], evidence.removed[evidence.counts.index(3)]
    assert one_gone > 0.9
    assert three_gone < 0.1


def test_equal_inputs_are_asked_once(monkeypatch):
    classifier = tiny.classifier("bert")
    found = attribute(classifier, "a dull old film", "occlusion")
    asked: list[tuple[int, ...]] = []
    real = type(classifier).run

    def run(self, encoded, read, **how):
        asked.extend(item.ids for item in encoded)
        return real(self, encoded, read, **how)

    monkeypatch.setattr(type(classifier), "run", run)
    measure(classifier, found, draws=50)
    assert len(asked) == len(set(asked)) <= 2**4


def with_scores(*scores: float, method: str = "occlusion"):
    found = attribute(additive(dull=1.0), "a dull old film", "occlusion")
    return replace(found, word_scores=np.array(scores), method=method)


def test_agreement_by_hand():
    one = with_scores(4.0, 3.0, 2.0, 1.0)
    assert compared(one, one).spearman == pytest.approx(1)
    other = with_scores(4.0, 3.0, 1.0, 2.0)
    # Differences of ranks: 0, 0, 1, 1; 1 - 6 * 2 / (4 * 15)
    assert compared(one, other).spearman == pytest.approx(0.8)
    assert (compared(one, other).shared, compared(one, other).top) == (2, 2)
    against = with_scores(-4.0, 3.0, 2.0, -1.0)
    assert compared(one, against).spearman == pytest.approx(1 - 6 * (9 + 1 + 1 + 1) / 60)
    assert compared(with_scores(4.0, 3.0, 2.0, 1.0, method="rollout"), against).spearman == pytest.approx(1)
    assert compared(one, with_scores(1.0, 1.0, 1.0, 1.0)).spearman is None
    elsewhere = attribute(additive(dull=1.0), "a dull old scene", "occlusion")
    with pytest.raises(ValueError, match="one text"):
        compared(one, elsewhere)


def test_an_interval_over_draws():
    found = estimate(np.array([0.1, 0.3, 0.2]))
    half = 4.302652729911275 * 0.1 / math.sqrt(3)  # Student's t, two degrees of freedom
    assert (found.mean, found.low, found.high) == pytest.approx((0.2, 0.2 - half, 0.2 + half))


def test_random_weights_are_the_same_numbers_in_another_order():
    classifier = planted.classifier()
    before = classifier.logits([DULL])
    scrambled = randomised(classifier, 0)
    for old, new in zip(classifier.module.parameters(), scrambled.module.parameters(), strict=True):
        torch.testing.assert_close(old.flatten().sort().values, new.flatten().sort().values)
    assert not np.allclose(scrambled.logits([DULL]), before)
    np.testing.assert_array_equal(classifier.logits([DULL]), before)
    np.testing.assert_array_equal(randomised(classifier, 0).logits([DULL]), scrambled.logits([DULL]))
    fingerprints = {classifier.fingerprint, scrambled.fingerprint, randomised(classifier, 1).fingerprint}
    assert len(fingerprints) == 3


@pytest.mark.parametrize("method", ["integrated-gradients", "relevance", "kernel-shap"])
def test_an_explanation_of_the_model_does_not_survive_its_forgetting(method):
    found = attribute(planted.classifier(), DULL, method, settings=Settings(samples=100))
    alike = under_random_weights(planted.classifier(), found, seeds=range(4))
    assert np.mean([abs(each.spearman or 0) for each in alike]) < 0.6
