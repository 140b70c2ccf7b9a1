"""Max-sensitivity against captum's for the same small steps, and on models where it is known."""

import numpy as np
import pytest
import torch
from captum.metrics import sensitivity_max

from analysis.attribution import AttributionError, Settings, attribute
from analysis.sensitivity import nudged, sensitivity
from models.batching import pad
from tests.analysis import planted, tiny

TEXT = "a dull but unforgettable film"


def test_it_is_captums_for_the_same_steps():
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, "gradient-input")
    measured = sensitivity(classifier, found, radius=0.3, draws=4, seed=1)
    assert measured is not None
    (encoded,) = classifier.encode([TEXT])
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)
    ids = inputs.pop("input_ids")
    random = np.random.default_rng(1)
    seeds = [int(random.integers(2**32)) for _ in range(4)]
    near = [nudged(classifier, TEXT, 0.3, seed).module.get_input_embeddings()(ids)[0] for seed in seeds]
    words = ~torch.tensor(encoded.special)

    def explained(points):
        if isinstance(points, tuple):
            return (explained(points[0]),)
        with torch.enable_grad():
            points = points.detach().requires_grad_()
            rest = {name: value.expand(len(points), -1) for name, value in inputs.items()}
            logits = classifier.module(inputs_embeds=points, **rest).logits
            (slopes,) = torch.autograd.grad(
                (logits[:, found.target] - logits[:, found.contrast]).sum(), points
            )
        tokens = (slopes * points).sum(-1) * words
        return torch.stack([tokens[:, list(word.tokens)].sum(-1) for word in found.words], dim=1).detach()

    start = classifier.module.get_input_embeddings()(ids)
    expected = sensitivity_max(explained, start, lambda points: torch.stack(near), n_perturb_samples=4)
    assert measured.largest == pytest.approx(float(expected), rel=1e-3)
    assert measured.largest > 0.01


def test_only_the_texts_own_embeddings_move_and_no_further_than_told():
    classifier = tiny.classifier("bart")
    near = nudged(classifier, TEXT, 0.1, seed=0)
    before, after = (each.module.get_input_embeddings().weight for each in (classifier, near))
    (encoded,) = classifier.encode([TEXT])
    own = torch.tensor([i for i, special in zip(encoded.ids, encoded.special, strict=True) if not special])
    moved = (after - before).abs().amax(1).nonzero().flatten()
    assert moved.tolist() == sorted(own.tolist())
    assert (after - before).abs().max() <= 0.1 * before[own].std() + 1e-6
    halves = (near.module.base_model.get_encoder(), near.module.base_model.get_decoder())
    for half in halves:  # both embed by the same moved table
        assert torch.equal(half.get_input_embeddings().weight, after)
    elsewhere = dict(near.module.named_parameters())
    assert sum(elsewhere[name] is weights for name, weights in classifier.module.named_parameters()) > 10
    assert near.fingerprint != classifier.fingerprint


def test_a_step_nowhere_moves_nothing_and_the_floor_is_far():
    found = attribute(planted.classifier(), TEXT, "deeplift", settings=Settings(seed=0))
    still = sensitivity(planted.classifier(), found, radius=0.0, draws=1)
    assert still is not None
    assert still.largest == pytest.approx(0, abs=1e-6)
    near = sensitivity(planted.classifier(), found, draws=3)
    assert near is not None
    assert near.largest < near.random.low


def test_a_model_without_embeddings_says_so():
    found = attribute(tiny.classifier("canine"), TEXT, "occlusion")
    with pytest.raises(AttributionError, match="no word embeddings"):
        sensitivity(tiny.classifier("canine"), found, draws=1)
