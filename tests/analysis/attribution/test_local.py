"""Gradients at the text, and drawn ones, against captum and against what they are in the mean."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from captum.attr import InputXGradient, NoiseTunnel, Saliency

from analysis.attribution import Settings, attribute
from analysis.attribution.local import NOISE
from analysis.paths import averaged
from models.batching import pad
from tests.analysis import tiny

TEXT = "A dull film, but unforgettable!"
every_family = pytest.mark.parametrize("family", ["bert", "roberta", "gpt2", "albert"])


def embedded(classifier, found):
    """The text's embeddings, a function from embeddings to the quantity, and the words' positions."""
    encoded = classifier.encode([TEXT])[0]
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)
    start = classifier.module.get_input_embeddings()(inputs.pop("input_ids")).detach()

    def forward(embeddings):
        rest = {name: value.expand(len(embeddings), -1) for name, value in inputs.items()}
        logits = classifier.module(inputs_embeds=embeddings, **rest).logits
        return logits[:, found.target] - logits[:, found.contrast]

    return start, forward, ~torch.tensor(encoded.special)


@every_family
def test_gradient_times_input_is_captums(family):
    classifier = tiny.classifier(family)
    found = attribute(classifier, TEXT, "gradient-input")
    start, forward, words = embedded(classifier, found)
    expected = InputXGradient(forward).attribute(start).sum(-1)[0].detach() * words
    np.testing.assert_allclose(found.token_scores, expected.numpy(), rtol=1e-4, atol=1e-5)


@every_family
def test_saliency_is_the_length_of_captums_gradient(family):
    classifier = tiny.classifier(family)
    found = attribute(classifier, TEXT, "saliency")
    start, forward, words = embedded(classifier, found)
    expected = Saliency(forward).attribute(start, abs=False)[0].norm(dim=-1) * words
    np.testing.assert_allclose(found.token_scores, expected.numpy(), rtol=1e-4, atol=1e-6)


def test_smoothgrad_is_captums_for_the_same_noise(monkeypatch):
    classifier = tiny.classifier("bert")
    found = attribute(classifier, TEXT, "smoothgrad", settings=Settings(samples=12, seed=5))
    start, forward, words = embedded(classifier, found)
    width = NOISE * float(start[0, words].std())
    assert found.settings["noise"] == pytest.approx(width, abs=1e-6)
    draw = torch.normal
    random = torch.Generator().manual_seed(5)

    def the_same(mean, deviation, **_):  # captum draws all copies in one piece
        return draw(0.0, width, tuple(deviation.shape), generator=random) * words[:, None]

    monkeypatch.setattr(torch, "normal", the_same)
    mean_gradient = NoiseTunnel(Saliency(forward)).attribute(start, nt_samples=12, stdevs=width, abs=False)
    expected = (mean_gradient * start).sum(-1)[0] * words
    np.testing.assert_allclose(found.token_scores, expected.numpy(), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_gradient_shap_draws_around_integrated_gradients_over_the_same_baselines(family):
    classifier = tiny.classifier(family)
    exact = attribute(classifier, TEXT, settings=Settings(baseline="average", tolerance=1e-3))
    drawn = [
        attribute(classifier, TEXT, "gradient-shap", settings=Settings(samples=200, seed=seed))
        for seed in range(6)
    ]
    scores = np.array([one.word_scores for one in drawn])
    error = scores.std(axis=0, ddof=1) / np.sqrt(len(scores))
    assert (np.abs(scores.mean(axis=0) - exact.word_scores) < 5 * error + 1e-4).all()
    assert exact.ends is not None
    assert drawn[0].ends == pytest.approx(exact.ends, abs=1e-4)


def test_an_average_of_baselines_is_the_average_of_what_each_gives():
    classifier = tiny.classifier("bert")
    settings = Settings(tolerance=1e-12, max_steps=24)
    single = [
        attribute(classifier, TEXT, settings=replace(settings, baseline=baseline))
        for baseline in averaged(classifier)
    ]
    assert len(single) == 3
    found = attribute(classifier, TEXT, settings=replace(settings, baseline="average"))
    np.testing.assert_allclose(
        found.token_scores, np.mean([one.token_scores for one in single], axis=0), atol=1e-6
    )
    assert found.ends is not None
    assert found.ends[0] == pytest.approx(np.mean([one.ends[0] for one in single if one.ends]), abs=1e-5)
