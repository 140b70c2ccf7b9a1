"""Heads of other kinds, layer by layer: labels that hold each by itself, and numbers."""

import numpy as np
import pytest
import torch

from analysis.layers import Lens, compare, infer
from models.transformer import TransformerClassifier
from tests.analysis import tiny

DULL, FINE = "the film was dull", "the film was fine"


def planted():
    """A GPT-2 of three layers and labels: "low" hears "dull" in layer 2, "high" hears any word in layer 3.

    "middle" hears nothing. Every attention is uniform, and nothing else writes.
    """
    import transformers

    usual = tiny.classifier("gpt2")
    config = transformers.GPT2Config(
        n_embd=32, n_layer=3, n_head=4, vocab_size=usual.module.config.vocab_size, pad_token_id=0
    )
    config.id2label = dict(tiny.LABELS)
    config.problem_type = "multi_label_classification"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = transformers.GPT2ForSequenceClassification(config)
    word = usual.tokenizer.convert_tokens_to_ids("dull")
    with torch.no_grad():
        for weights in module.parameters():
            weights.zero_()
        for norm in (part for part in module.modules() if isinstance(part, torch.nn.LayerNorm)):
            norm.weight.fill_(1.0)
        module.transformer.wte.weight[:, 8] = 1.0  # every word has a state, lest a norm divide by nothing
        module.transformer.wte.weight[:, 9] = -1.0
        module.transformer.wte.weight[word, 5] = 30.0
        module.transformer.wte.weight[word, 6] = -30.0
        hears = module.transformer.h[1].attn
        hears.c_attn.weight[5, 64] = 1.0  # the first value of the first head
        hears.c_proj.weight[0, 0], hears.c_proj.weight[0, 1] = 500.0, -500.0
        writes = module.transformer.h[2].mlp.c_proj.bias
        writes[2], writes[3] = 40.0, -40.0
        module.score.weight[0, 0], module.score.weight[0, 1] = 1.0, -1.0
        module.score.weight[2, 2], module.score.weight[2, 3] = 1.0, -1.0
    return TransformerClassifier(module, usual.tokenizer, reference="planted", weights="planted")


def scores_of(found):
    """What each part adds; under (0, "constant") what the head says to nothing."""
    parts = found.contributions
    assert parts.exact
    assert parts.contrast is None
    return {(0, "constant"): parts.constant} | {(part.layer, part.kind): part.score for part in parts.parts}


def test_each_label_has_layers_of_its_own():
    model = planted()
    low, high = (infer(model, DULL, label) for label in (0, 2))
    np.testing.assert_array_equal(low.lens.logits, high.lens.logits)
    assert (low.asked.settled, high.asked.settled) == (2, 3)
    assert low.asked.answers.tolist() == [0, 0, 1, 1]
    assert high.asked.answers.tolist() == [0, 0, 0, 1]
    loudest = [max(scores, key=lambda key: abs(scores[key])) for scores in map(scores_of, (low, high))]
    assert loudest == [(2, "attention"), (3, "MLP")]
    for found, label in ((low, 0), (high, 2)):
        assert sum(scores_of(found).values()) == pytest.approx(model.logits([DULL])[0, label], rel=1e-3)
    deaf = infer(model, DULL, 1)
    assert not deaf.asked.logits.any()
    assert not any(scores_of(deaf).values())
    assert infer(model, DULL).target == int(model.logits([DULL])[0].argmax())


def test_two_texts_turn_label_by_label():
    model = planted()
    both = compare(model, DULL, FINE)
    assert both.before.target == both.after.target == 0  # the one that ceases to hold
    assert both.turn == 2
    moved = {
        key: scores_of(both.after)[key] - score for key, score in scores_of(both.before).items() if key[0]
    }
    assert min(moved, key=lambda key: moved[key]) == (2, "attention")
    same = compare(model, DULL, FINE, 2)
    assert same.before.target == 2
    assert same.turn is None
    assert same.before.asked.answers[-1] == same.after.asked.answers[-1] == 1


def test_a_label_holds_where_its_probability_is_over_a_half():
    random = np.random.default_rng(0)
    logits = random.normal(size=(6, 3))
    for label in range(3):
        asked = Lens(logits).of(label)
        own = 1 / (1 + np.exp(-logits[:, label]))
        np.testing.assert_array_equal(asked.answers, own > 0.5)
        powers = np.exp(asked.logits)
        np.testing.assert_allclose(powers[:, 1] / powers.sum(axis=1), own)


def test_a_number_has_come_half_its_way():
    def settled(*values: float) -> int:
        return Lens(np.array([[9.0, value] for value in values])).of(1, from_start=True).settled

    assert settled(1.0, 1.2, 2.4, 2.6, 4.0) == 3
    assert settled(4.0, 1.0, 3.0, 2.0, 1.0) == 3
    assert settled(2.0, 2.0, 2.0) == 0


def test_two_numbers_are_apart_from_where_half_of_their_difference_stands():
    model = tiny.classifier("bert", labels=1, problem="regression")
    both = compare(model, DULL, FINE)
    assert both.before.answering == "number"
    gaps = (both.after.lens.logits - both.before.lens.logits)[:, 0]
    assert gaps[-1] == pytest.approx(float(np.diff(model.logits([DULL, FINE])[:, 0])[0]), abs=1e-4)
    assert both.turn is not None
    assert (gaps[both.turn :] / gaps[-1] >= 0.5).all()
    assert both.turn == 0 or gaps[both.turn - 1] / gaps[-1] < 0.5
    assert compare(model, DULL, DULL).turn is None
    own = both.before.lens.logits[-1, 0]
    assert sum(scores_of(both.before).values()) == pytest.approx(own, rel=1e-3)
