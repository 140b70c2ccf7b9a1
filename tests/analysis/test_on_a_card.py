"""What looks inside a model that is on a graphics card: everything that it needs is there too."""

import numpy as np
import pytest
import torch

from analysis.attention import attend, effects, glance, rollout_to_answer
from analysis.attribution import METHODS, Settings, attribute
from analysis.embeddings import POOLINGS, in_context, pool_layers
from analysis.faithfulness import measure, under_random_weights
from analysis.layers import infer
from analysis.sensitivity import sensitivity
from analysis.stability import under_changes
from attacks.noise import slight
from tests.analysis import card, tiny

TEXT = "Never dull, and a good end."
SETTINGS = Settings(samples=8, max_steps=8)


@pytest.fixture(scope="module", params=["bert", "gpt2", "t5", "xlnet"])
def both(request):
    here = tiny.classifier(request.param)
    return here, card.put(here)


def same(look, here, there):
    """What `look` finds on the card is what it finds on the processor."""
    expected = look(here)
    with card.present():
        found = look(there)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_two_devices_do_not_meet_on_this_card():
    """The card itself: it refuses what a real one refuses, and takes what a real one takes."""
    with card.present():
        there = torch.ones(3, device="cuda")
        here = torch.arange(3)
        assert there.device.type == "cuda" and here.device.type == "cpu"
        assert (there[here] + 1).device.type == "cuda"  # the processor may say which
        assert (there + torch.tensor(1.0)).is_cuda  # and give single numbers
        for meet in (lambda: there + here, lambda: here[there.long()], lambda: torch.stack([there, here])):
            with pytest.raises(RuntimeError, match="on the card"):
                meet()
        with pytest.raises(TypeError, match="brought to the processor"):
            there.numpy()
        assert (here.to(there) + there).is_cuda and not there.cpu().is_cuda


@pytest.mark.parametrize("method", METHODS)
def test_every_method(both, method):
    same(lambda model: [attribute(model, TEXT, method, settings=SETTINGS).word_scores], *both)


def test_evidence(both):
    def look(model):
        found = attribute(model, TEXT, "gradient-input")
        again = under_changes(model, found, slight(TEXT), copies=3)
        moved = sensitivity(model, found, draws=2)
        assert moved is not None
        shuffled = under_random_weights(model, found, seeds=(0,))
        return [
            measure(model, found, draws=3).removed,
            moved.changes,
            [one.shared for one in (*shuffled, *again.alike)],
        ]

    same(look, *both)


@pytest.mark.parametrize("is_long", [False, True])
def test_attention(both, is_long, monkeypatch):
    if is_long:
        monkeypatch.setattr("analysis.attention.weights.MOST_BYTES", 100)

    def look(model):
        seen = attend(model, TEXT)
        figures = glance(seen, 3)
        return [seen.head(1, 2), figures.small, figures.profiles.spread, rollout_to_answer(seen)]

    same(look, *both)


def test_heads_and_layers(both):
    def look(model):
        found, heads = infer(model, TEXT), effects(model, TEXT)
        return [found.lens.logits, found.drift, heads.fall, heads.estimate]

    same(look, *both)


def test_embeddings(both):
    same(lambda model: pool_layers(model, [TEXT, "short"], poolings=POOLINGS).vectors.values(), *both)
    same(lambda model: [in_context(model, [TEXT, "so good"], "good").vectors], *both)
