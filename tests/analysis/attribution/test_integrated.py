"""Integrated gradients against captum, against closed forms, and against what they promise."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerIntegratedGradients
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analysis.attribution import AttributionError, Settings, attribute, why_not
from analysis.attribution.integrated import nested_midpoints
from models.batching import pad
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXTS = [
    "A dull film, but unforgettable!",
    "I don't think so.",
    "It cost 3.5 million and it shows: breathtakingly, overwhelmingly beautiful, if you can stay awake.",
]
ANSWERING = [name for name in tiny.FAMILIES if name != "canine"]


def integrated_gradients(classifier, text, *, target=None, contrast=None, quantity="difference", **settings):
    """Integrated gradients with these settings; `on_progress` may be among them."""
    report = settings.pop("on_progress", None)
    question = {"target": target, "contrast": contrast, "quantity": quantity}
    return attribute(classifier, text, **question, settings=Settings(**settings), on_progress=report)


def by_captum(classifier, text, *, target, contrast, baseline, steps):
    """Token scores and delta as captum gives them for the same path: midpoints, word embeddings."""
    encoded = classifier.encode([text])[0]
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)
    ids = inputs.pop("input_ids")
    embed = classifier.module.get_input_embeddings()
    end = embed(ids).detach()
    start = end.clone()
    words = ~torch.tensor(encoded.special)
    token = getattr(classifier.tokenizer, f"{baseline}_token_id", None)
    if baseline == "mean":
        start[0, words] = embed.weight.detach().mean(0)
    else:
        start[0, words] = 0.0 if token is None else embed(torch.tensor(token)).detach()

    def forward(embeddings, *fixed):
        logits = classifier.module(inputs_embeds=embeddings, **dict(zip(inputs, fixed, strict=True))).logits
        return logits[:, target] - (0 if contrast is None else logits[:, contrast])

    scores, delta = IntegratedGradients(forward).attribute(
        end,
        start,
        additional_forward_args=tuple(inputs.values()),
        n_steps=steps,
        method="riemann_middle",
        return_convergence_delta=True,
    )
    return scores.sum(-1)[0].numpy(), float(delta)


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert", "gpt2", "albert"])
@pytest.mark.parametrize("baseline", ["pad", "mask", "zero", "mean"])
def test_the_scores_and_the_delta_are_captums(family, baseline):
    classifier = tiny.classifier(family)
    for text in TEXTS:
        for steps in (48, 144):
            ours = integrated_gradients(classifier, text, baseline=baseline, tolerance=1e-12, max_steps=steps)
            assert ours.settings["steps"] == steps
            scores, delta = by_captum(
                classifier, text, target=ours.target, contrast=ours.contrast, baseline=baseline, steps=steps
            )
            assert np.abs(ours.token_scores - scores).max() < 1e-4
            assert ours.delta == pytest.approx(delta, abs=1e-4)


def test_the_logit_alone_is_captums_too():
    classifier = tiny.classifier("bert")
    ours = integrated_gradients(
        classifier, TEXTS[0], quantity="logit", target=2, tolerance=1e-12, max_steps=48
    )
    scores, delta = by_captum(classifier, TEXTS[0], target=2, contrast=None, baseline="pad", steps=48)
    assert (ours.quantity, ours.target, ours.contrast) == ("logit", 2, None)
    assert np.abs(ours.token_scores - scores).max() < 1e-4
    assert ours.delta == pytest.approx(delta, abs=1e-4)


@pytest.mark.parametrize("family", ANSWERING)
def test_every_family_adds_up_to_its_own_answer(family):
    classifier = tiny.classifier(family)
    # The model's own answer to the text as it is: these are not loaded, so nobody found a side to pad on.
    inputs = pad(classifier.tokenizer, classifier.encode([TEXTS[0]]), classifier.device)
    logits = classifier.module(**inputs).logits[0].double().numpy()
    found = integrated_gradients(classifier, TEXTS[0])
    assert found.converged
    assert found.ends[1] == pytest.approx(logits[found.target] - logits[found.contrast], abs=1e-3)
    difference = found.ends[1] - found.ends[0]
    assert found.token_scores.sum() == pytest.approx(difference + found.delta, abs=1e-9)
    assert found.word_scores.sum() == pytest.approx(difference + found.delta, abs=1e-9)
    assert abs(found.delta) <= 0.02 * max(abs(difference), 0.1)
    assert found.target == logits.argmax()
    assert found.contrast == np.argsort(logits)[-2]


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=40))
@example("e\u0301 👩‍🚀 \u202e مرحبا [SEP] [PAD]")
@example("<script>alert('x')</script>")
@example("\x1e")  # a pair of texts, both empty
def test_any_text_adds_up_or_says_that_there_is_none(text):
    classifier = tiny.classifier("bert")
    if all(classifier.encode([text])[0].special):
        with pytest.raises(AttributionError, match="no word"):
            integrated_gradients(classifier, text)
        return
    found = integrated_gradients(classifier, text, max_steps=16)
    assert found.word_scores.sum() == pytest.approx(found.ends[1] - found.ends[0] + found.delta, abs=1e-9)
    assert len(found.words) == len(found.word_scores)


def polynomial(power: int) -> TransformerClassifier:
    """A model whose first logit is (sum of w · embedding over the tokens) ** power, the second one 0."""
    donor = tiny.classifier("bert", labels=2)
    embed = donor.module.get_input_embeddings()
    direction = torch.linspace(-0.05, 0.08, embed.embedding_dim)

    class Polynomial(torch.nn.Module):
        config = donor.module.config

        def __init__(self):
            super().__init__()
            self.embed = embed

        def get_input_embeddings(self):
            return self.embed

        def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, inputs_embeds=None):
            found = self.embed(input_ids) if inputs_embeds is None else inputs_embeds
            value = (found @ direction).sum(1) ** power
            return SimpleNamespace(logits=torch.stack([value, 0 * value], dim=1))

    return TransformerClassifier(Polynomial(), donor.tokenizer, reference="polynomial", weights="0")


@pytest.mark.parametrize("power", [1, 2, 3])
def test_polynomials_have_a_closed_form(power):
    classifier, steps = polynomial(power), 48
    found = integrated_gradients(classifier, TEXTS[2], target=0, tolerance=1e-15, max_steps=steps)
    encoded = classifier.encode([TEXTS[2]])[0]
    embed = classifier.module.get_input_embeddings().weight.detach()
    direction = torch.linspace(-0.05, 0.08, embed.shape[1])
    value = (embed[list(encoded.ids)] @ direction).numpy().astype(float)
    neutral = np.where(encoded.special, value, float(embed[0] @ direction))
    first, last = neutral.sum(), value.sum()
    # The gradient is power * sum ** (power - 1); its mean along the line is what the ends' powers differ by.
    mean_gradient = sum(first**k * last ** (power - 1 - k) for k in range(power))
    midpoint_error = (last - first) ** 2 / (4 * steps**2) if power == 3 else 0.0
    expected = (value - neutral) * (mean_gradient - midpoint_error)
    np.testing.assert_allclose(found.token_scores, expected, atol=1e-5)
    assert found.delta == pytest.approx(-(last - first) * midpoint_error, abs=1e-5)


@pytest.mark.parametrize(("most", "expected"), [(324, [12, 36, 108, 324]), (48, [16, 48]), (50, [50])])
def test_nested_steps_are_all_midpoints_and_none_twice(most, expected):
    seen: list[float] = []
    stages = []
    for steps, alphas in nested_midpoints(most):
        seen += alphas
        stages.append(steps)
        np.testing.assert_allclose(sorted(seen), (np.arange(steps) + 0.5) / steps, atol=1e-12)
    assert stages == expected


def test_nested_steps_equal_direct_steps(monkeypatch):
    classifier = tiny.classifier("distilbert")
    nested = integrated_gradients(classifier, TEXTS[2], tolerance=1e-15, max_steps=144)
    monkeypatch.setattr("analysis.attribution.integrated.FEWEST_STEPS", 144)
    direct = integrated_gradients(classifier, TEXTS[2], tolerance=1e-15, max_steps=144)
    assert nested.settings["steps"] == direct.settings["steps"] == 144
    np.testing.assert_allclose(nested.token_scores, direct.token_scores, atol=1e-6)


def test_steps_rise_only_as_far_as_needed():
    classifier = tiny.classifier("bert")
    loose = integrated_gradients(classifier, TEXTS[0], tolerance=0.5)
    tight = integrated_gradients(classifier, TEXTS[0], tolerance=1e-4)
    hopeless = integrated_gradients(classifier, TEXTS[0], tolerance=1e-12, max_steps=48)
    assert loose.settings["steps"] == 12
    assert tight.settings["steps"] > 12
    assert tight.converged
    assert abs(tight.delta) < abs(loose.delta)
    assert not hopeless.converged
    assert hopeless.settings["steps"] == 48


def test_roberta_from_ids_lies_and_from_embeddings_does_not():
    """PAD ids move RoBERTa's positions, so captum's layer method ends its path where it never began."""
    classifier = tiny.classifier("roberta")
    encoded = classifier.encode([TEXTS[2]])[0]
    inputs = pad(classifier.tokenizer, [encoded], classifier.device)
    ids = inputs.pop("input_ids")
    baseline = ids.clone()
    baseline[0, 1:-1] = classifier.tokenizer.pad_token_id
    ours = integrated_gradients(classifier, TEXTS[2])

    def forward(input_ids, mask):
        logits = classifier.module(input_ids=input_ids, attention_mask=mask).logits
        return logits[:, ours.target] - logits[:, ours.contrast]

    naive = LayerIntegratedGradients(forward, classifier.module.roberta.embeddings.word_embeddings)
    deltas = [
        float(
            naive.attribute(
                ids,
                baseline,
                additional_forward_args=(inputs["attention_mask"],),
                n_steps=steps,
                method="riemann_middle",
                return_convergence_delta=True,
            )[1]
        )
        for steps in (48, 300)
    ]
    difference = abs(ours.ends[1] - ours.ends[0])
    assert all(abs(delta) > 0.1 * difference for delta in deltas)
    assert ours.converged
    assert abs(ours.delta) < 0.02 * difference


def test_gpt2_pools_the_last_word_of_text_and_baseline_alike():
    classifier = tiny.classifier("gpt2")
    found = integrated_gradients(classifier, TEXTS[0], tolerance=1e-12, max_steps=16)
    encoded = classifier.encode([TEXTS[0]])[0]
    embed, body = classifier.module.get_input_embeddings(), classifier.module.transformer
    ids = torch.tensor([encoded.ids])
    kept = torch.tensor([encoded.special])
    baseline = torch.where(kept, ids, torch.full_like(ids, classifier.tokenizer.pad_token_id))
    for end, tokens in zip(found.ends, (baseline, ids), strict=True):
        logits = classifier.module.score(body(inputs_embeds=embed(tokens)).last_hidden_state[0, -1])
        assert end == pytest.approx(float(logits[found.target] - logits[found.contrast]), abs=1e-5)


@pytest.mark.parametrize("family", ["t5", "bart"])
def test_the_decoder_reads_the_path_too(family):
    classifier = tiny.classifier(family)
    module, (encoded,) = classifier.module, classifier.encode([TEXTS[0]])
    ids = torch.tensor([encoded.ids])
    # What the models do with ids, written out for embeddings: the decoder sees the text one token later.
    first = module.config.decoder_start_token_id
    embed = module.get_input_embeddings()
    start, end = embed(torch.tensor([[classifier.tokenizer.pad_token_id]])), embed(ids).detach()
    start = torch.where(torch.tensor(encoded.special)[None, :, None], end, start.detach())
    read_at = encoded.ids.index(module.config.eos_token_id)

    def forward(points):
        before = embed(torch.full((len(points), 1), first))
        decoded = module.base_model(
            inputs_embeds=points, decoder_inputs_embeds=torch.cat([before, points[:, :-1]], dim=1)
        )
        return module.classification_head(decoded.last_hidden_state[:, read_at])

    ours = integrated_gradients(classifier, TEXTS[0], tolerance=1e-12, max_steps=48)
    theirs = IntegratedGradients(
        lambda points: forward(points)[:, ours.target] - forward(points)[:, ours.contrast]
    ).attribute(end, start, n_steps=48, method="riemann_middle")
    assert np.abs(ours.token_scores - theirs.sum(-1)[0].detach().numpy()).max() < 1e-4


def test_a_family_that_takes_no_embeddings_says_so_in_one_line():
    with pytest.raises(AttributionError, match="ForSequenceClassification does not answer to word") as caught:
        integrated_gradients(tiny.classifier("canine"), TEXTS[0])
    assert "\n" not in str(caught.value)


def test_a_model_that_answers_otherwise_from_embeddings_is_refused():
    classifier = polynomial(1)
    forward = classifier.module.forward
    classifier.module.forward = lambda inputs_embeds=None, **rest: (
        forward(**rest) if inputs_embeds is None else forward(inputs_embeds=2 * inputs_embeds)
    )
    with pytest.raises(AttributionError, match="answers differently"):
        integrated_gradients(classifier, TEXTS[0])


@pytest.mark.parametrize("family", ["llama", "modernbert"])
def test_zero_is_refused_where_only_directions_are_read(family):
    with pytest.raises(AttributionError, match="zero baseline makes no sense"):
        integrated_gradients(tiny.classifier(family), TEXTS[0], baseline="zero")


def test_what_makes_no_sense_is_told_beforehand():
    assert why_not(tiny.classifier("bert"), "zero") is None
    assert "RMS" not in (why_not(tiny.classifier("bert"), "mask") or "")
    assert "makes no sense" in (why_not(tiny.classifier("llama"), "zero") or "")
    without_mask = tiny.classifier("bert", max_length=63)
    without_mask.tokenizer.mask_token = None
    assert "no MASK token" in (why_not(without_mask, "mask") or "")
    with pytest.raises(AttributionError, match="no baseline named"):
        integrated_gradients(tiny.classifier("bert"), TEXTS[0], baseline="middle")  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b"])
def test_a_text_without_words_is_a_clear_error(text):
    with pytest.raises(AttributionError, match="holds no word"):
        integrated_gradients(tiny.classifier("bert"), text)


def test_target_and_contrast_can_be_chosen():
    classifier = tiny.classifier("bert")
    found = integrated_gradients(classifier, TEXTS[0], target=0, contrast=2)
    opposite = integrated_gradients(classifier, TEXTS[0], target=2, contrast=0)
    assert (found.target, found.contrast) == (0, 2)
    np.testing.assert_allclose(found.word_scores, -opposite.word_scores, atol=1e-5)
    # A contrast that is itself the most likely label is never explained against itself.
    top = int(classifier.probabilities([TEXTS[0]]).argmax())
    assert integrated_gradients(classifier, TEXTS[0], contrast=top).target != top
    for wrong_target, wrong_contrast in ((1, 1), (3, None), (-1, None), (None, 7)):
        with pytest.raises(AttributionError, match=re.compile("itself|no label number")):
            integrated_gradients(classifier, TEXTS[0], target=wrong_target, contrast=wrong_contrast)


def test_two_labels_are_contrasted_with_each_other():
    found = integrated_gradients(tiny.classifier("bert", labels=2), TEXTS[0], target=0)
    assert (found.target, found.contrast) == (0, 1)


def test_a_long_text_is_explained_as_far_as_it_is_read():
    classifier = tiny.classifier("bert", max_length=16)
    found = integrated_gradients(classifier, "word " * 40)
    assert found.truncated
    assert len(found.words) == 14
    assert not integrated_gradients(classifier, "word").truncated


def test_progress_is_told_and_can_stop_the_work():
    seen: list[tuple[int, int]] = []
    classifier = tiny.classifier("bert")
    integrated_gradients(
        classifier, TEXTS[0], tolerance=1e-12, max_steps=48, on_progress=lambda *now: seen.append(now)
    )
    assert seen == [(16, 16), (48, 48)]

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        integrated_gradients(classifier, TEXTS[0], on_progress=stop)


def test_the_model_is_left_as_it_was():
    classifier = tiny.classifier("bert")
    before = classifier.logits(TEXTS)
    integrated_gradients(classifier, TEXTS[0])
    np.testing.assert_array_equal(classifier.logits(TEXTS), before)
    assert all(parameter.grad is None for parameter in classifier.module.parameters())


SENTENCES = [
    "A dull film that never finds its feet.",
    "Gorgeous to look at, and far funnier than it has any right to be.",
    "I wanted to like it; I really did, but two hours later I only wanted my money back.",
    "Not bad at all.",
    "The script is a mess of borrowed jokes, yet the leads make every one of them land.",
]


@pytest.fixture(scope="module")
def sentiment():
    from models.loading import load

    return load("bundled:sentiment", device="cpu")


@pytest.mark.parametrize("baseline", ["pad", "mask"])
def test_the_bundled_model_converges_on_real_sentences(sentiment, baseline):
    for sentence in SENTENCES:
        found = integrated_gradients(sentiment, sentence, baseline=baseline)
        assert found.converged
        assert found.settings["steps"] <= 144
        steps, question = found.settings["steps"], {"target": found.target, "contrast": found.contrast}
        scores, delta = by_captum(sentiment, sentence, baseline=baseline, steps=steps, **question)
        assert np.abs(found.token_scores - scores).max() < 1e-4
        assert found.delta == pytest.approx(delta, abs=1e-4)


def test_the_bundled_model_finds_the_words_a_reader_would(sentiment):
    found = integrated_gradients(sentiment, SENTENCES[0])
    assert sentiment.labels[found.target] == "negative"
    assert "dull" in [found.words[index].text for index in np.argsort(-found.word_scores)[:2]]
