"""Half precision beside torch's own autocast: the same numbers, from fewer conversions."""

import torch

from analysis.halves import half_precision
from models.batching import pad
from tests.analysis import tiny

TEXT = "A dull film, but unforgettable!"


def logits_and_slopes(classifier):
    inputs = pad(classifier.tokenizer, classifier.encode([TEXT]), classifier.device)
    points = classifier.module.get_input_embeddings()(inputs.pop("input_ids")).detach().requires_grad_()
    logits = classifier.module(inputs_embeds=points, **inputs).logits.float()
    return logits.detach(), torch.autograd.grad(logits[0, 0], points)[0]


def test_the_answer_is_autocasts_and_the_slopes_come_as_close_to_float32():
    classifier = tiny.classifier("bert").eager()
    _, exact = logits_and_slopes(classifier)
    with torch.autocast("cpu", torch.bfloat16):
        expected, usual = logits_and_slopes(classifier)
    with half_precision(classifier.device):
        for _ in range(2):  # the second time from the copies that the first has made
            found, slopes = logits_and_slopes(classifier)
            assert torch.equal(found, expected)
            error = (slopes - exact).norm() / exact.norm()
            assert 0 < error < max(0.01, 1.5 * float((usual - exact).norm() / exact.norm()))
    assert all(parameter.dtype == torch.float32 for parameter in classifier.module.parameters())


def test_frozen_weights_and_what_is_read_twice_are_converted_once(monkeypatch):
    first, second = (torch.nn.Linear(8, 8).requires_grad_(False) for _ in range(2))
    values, converted = torch.randn(3, 8), []
    real = torch.Tensor.bfloat16

    def counting(tensor):
        converted.append(tensor)
        return real(tensor)

    monkeypatch.setattr(torch.Tensor, "bfloat16", counting)
    with half_precision(torch.device("cpu")):
        for layer in (first, second, first):
            assert torch.equal(layer(values), torch.nn.functional.linear(values, layer.weight, layer.bias))
    assert [id(tensor) for tensor in converted[:5]] == [
        id(tensor) for tensor in (values, first.weight, first.bias, second.weight, second.bias)
    ]
    assert len(converted) == 5


def test_what_is_changed_in_place_is_read_anew():
    layer, values = torch.nn.Linear(8, 8).requires_grad_(False), torch.randn(3, 8)
    with half_precision(torch.device("cpu")):
        layer(values)
        values += 1
        found = layer(values)
        with torch.autocast("cpu", enabled=False):  # a model may ask for full precision in one place
            assert layer(values).dtype == torch.float32
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(found, layer(values))
