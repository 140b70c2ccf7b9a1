"""Readings and contributions against the families' heads written out, and models whose reason is known."""

import copy

import numpy as np
import pytest
import torch
from torch.nn.functional import gelu, layer_norm

from analysis.layers import Lens, Stack, compare, infer, read_layers, turn
from models.transformer import TransformerClassifier
from tests.analysis.layers.test_families import TEXT, classifier, parts_of


def contributions(found):
    assert found.contributions is not None
    return found.contributions


def states_of(model):
    inputs = {"input_ids": torch.tensor([model.encode([TEXT])[0].ids])}
    with torch.no_grad():
        return model.module(**inputs, output_hidden_states=True).hidden_states


def bert_head(module, state):
    return module.classifier(torch.tanh(module.bert.pooler.dense(state[:, 0])))


def distilbert_head(module, state):
    return module.classifier(torch.relu(module.pre_classifier(state[:, 0])))


def mpnet_head(module, state):
    return module.classifier.out_proj(torch.tanh(module.classifier.dense(state[:, 0])))


def deberta_head(module, state):
    return module.classifier(gelu(module.pooler.dense(state[:, 0])))


@pytest.mark.parametrize(
    ("family", "head"),
    [
        ("bert", bert_head),
        ("distilbert", distilbert_head),
        ("mpnet", mpnet_head),
        ("roberta", mpnet_head),
        ("deberta-v2", deberta_head),
    ],
)
def test_each_reading_is_the_familys_head_on_that_state(family, head):
    model = classifier(family)
    found = read_layers(Stack(model, model.encode([TEXT])[0]))
    with torch.no_grad():
        expected = np.vstack([head(model.module, state).numpy() for state in states_of(model)])
    assert found.logits == pytest.approx(expected, abs=1e-5)


def test_gpt2_is_read_through_its_final_norm_at_the_last_token():
    model = classifier("gpt2")
    stack = Stack(model, model.encode([TEXT])[0])
    module = model.module
    with torch.no_grad():
        middle = module.score(module.transformer.ln_f(states_of(model)[1]))[0, -1]
    assert read_layers(stack).logits[1] == pytest.approx(middle.numpy(), abs=1e-5)


def test_gpt2s_contributions_are_projections_on_the_heads_direction():
    """The textbook formula, from what the model's own modules give out."""
    model = classifier("gpt2")
    module = model.module
    outputs = []
    hooks = [
        part.c_proj.register_forward_hook(lambda _, __, output: outputs.append(output[0, -1].double()))
        for block in module.transformer.h
        for part in (block.attn, block.mlp)
    ]
    states = states_of(model)
    for hook in hooks:
        hook.remove()
    start = states[0][0, -1].double()
    last = start + sum(outputs)
    norm = module.transformer.ln_f
    scale = ((last - last.mean()).square().mean() + norm.eps).sqrt()
    direction = (module.score.weight[2] - module.score.weight[0]).double()

    def credit(part):
        return float(((part - part.mean()) / scale * norm.weight.double()) @ direction)

    found = parts_of(Stack(model, model.encode([TEXT])[0]), 2, 0)
    expected = [credit(part) for part in (start, *outputs)]
    assert [part.score for part in found.parts] == pytest.approx(expected, abs=1e-4)
    assert found.constant == pytest.approx(float(norm.bias.double() @ direction), abs=1e-4)
    normed = layer_norm(last, last.shape, norm.weight.double(), norm.bias.double(), norm.eps)
    assert found.total == pytest.approx(float(normed @ direction), abs=1e-4)


def planted(layer, kind="mlp"):
    """A GPT-2 of four layers of which one alone writes anything, and the head looks only for that."""
    import transformers

    usual = classifier("gpt2")
    config = copy.deepcopy(usual.module.config)
    config.n_layer = 4
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = transformers.GPT2ForSequenceClassification(config)
    with torch.no_grad():
        for number, block in enumerate(module.transformer.h, 1):
            for name in ("attn", "mlp"):
                part = getattr(block, name).c_proj
                part.weight.zero_()
                part.bias.zero_()
                if (number, name) == (layer, kind):
                    part.bias[:2] = torch.tensor([40.0, -40.0])
        module.score.weight.zero_()
        module.score.weight[1, :2] = torch.tensor([1.0, -1.0])
    return TransformerClassifier(module, usual.tokenizer, reference="planted", weights="planted")


@pytest.mark.parametrize(("layer", "kind", "name"), [(2, "mlp", "MLP"), (3, "attn", "attention")])
def test_the_one_layer_that_answers_is_found_out(layer, kind, name):
    model = planted(layer, kind)
    found = infer(model, TEXT)
    assert found.lens.settled == layer
    scores = {(part.layer, part.kind): part.score for part in contributions(found).parts}
    assert max(scores, key=lambda key: scores[key]) == (layer, name)
    silent = [score for (number, _), score in scores.items() if number not in (0, layer)]
    assert silent == pytest.approx([0.0] * len(silent), abs=1e-9)
    assert found.drift[layer - 1].min() > 0.01
    others = [row for number, row in enumerate(found.drift, 1) if number != layer]
    assert np.abs(others).max() < 1e-6


def test_the_layer_at_which_an_attacked_text_turns_is_found_out():
    """Only layer 3 hears the word: its attention is uniform, and moves the answer where "dull" stands."""
    model = planted(1)
    block = model.module.transformer.h[2]
    word = model.tokenizer.convert_tokens_to_ids("dull")
    with torch.no_grad():
        model.module.transformer.wte.weight.zero_()
        model.module.transformer.wpe.weight.zero_()
        model.module.transformer.wte.weight[word, 5] = 30.0
        model.module.transformer.wte.weight[word, 6] = -30.0
        block.attn.c_attn.weight.zero_()
        block.attn.c_attn.bias.zero_()
        block.attn.c_attn.weight[5, 64] = 1.0  # the first value of the first head
        block.attn.c_proj.weight[0, 0] = -500.0
        block.attn.c_proj.weight[0, 1] = 500.0
    both = compare(model, "the film was dull", "the film was fine")
    assert both.before.lens.answers[-1] != both.after.lens.answers[-1]
    assert both.turn == 3
    changed = [pair for pair in both.pairs if pair.changed]
    assert [(pair.before[0].text, pair.after[0].text) for pair in changed] == [("dull", "fine")]
    old, new = contributions(both.before), contributions(both.after)
    assert (old.target, old.contrast) == (new.target, new.contrast)
    moved = {
        (part.layer, part.kind): abs(part.score - other.score)
        for part, other in zip(old.parts, new.parts, strict=True)
    }
    assert max(moved, key=lambda key: moved[key]) == (3, "attention")


def test_settled_and_turn_count_from_the_end():
    def lens(*leads):
        return Lens(np.array([[0.0, lead] for lead in leads]))

    assert lens(0.1, 3.0, -1.0, 4.0, 5.0).settled == 3
    assert lens(0.1, 0.1, 0.1, 0.1, 5.0).settled == 4  # a hair of a lead is no answer
    assert lens(4.0, 4.0, 5.0).settled == 0
    assert turn(lens(1, 1, 1, 1), lens(1, -1, 1, -1)) == 3
    assert turn(lens(1, 1, 1, 1), lens(-1, -1, -1, -1)) == 0
    assert turn(lens(1, 1, 1), lens(-1, -1, 1)) is None


def test_progress_counts_the_steps_and_raising_in_it_gives_the_work_up():
    model, told = classifier("bert"), []
    infer(model, "never dull", on_progress=lambda *at: told.append(at))
    assert told == [(1, 3), (2, 3), (3, 3)]
    told.clear()
    compare(model, "never dull", "so dull", on_progress=lambda *at: told.append(at))
    assert told == [(step, 6) for step in range(1, 7)]

    def stop(done: int, total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        infer(model, "never dull", on_progress=stop)
