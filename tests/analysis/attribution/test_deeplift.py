"""DeepLIFT against captum where captum has the steps, by hand where it has not, and by its own promise."""

import copy
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from captum.attr import DeepLift
from torch import nn

from analysis.attribution import AttributionError, Settings, attribute
from analysis.attribution.deeplift import _Rules
from models.transformer import TransformerClassifier
from tests.analysis import tiny

TEXT = "It cost 3.5 million and it shows: overwhelmingly beautiful, if you can stay awake."


class Bending(nn.Module):
    """Word embeddings, their mean, and a network of the steps that captum knows."""

    def __init__(self):
        super().__init__()
        donor = tiny.classifier("bert", labels=2)
        self.config, self.embeddings = copy.deepcopy(donor.module.config), donor.module.get_input_embeddings()
        self.config._attn_implementation = "eager"
        random = torch.Generator().manual_seed(0)
        self.steps = nn.Sequential(
            *(nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 16), nn.ReLU()),
            *(nn.Linear(16, 8), nn.Softplus(), nn.Linear(8, 2)),
        )
        with torch.no_grad():
            for weights in self.steps.parameters():
                weights.normal_(0, 0.6, generator=random)

    def get_input_embeddings(self):
        return self.embeddings

    def forward(self, input_ids=None, inputs_embeds=None, attention_mask=None, token_type_ids=None):
        points = self.embeddings(input_ids) if inputs_embeds is None else inputs_embeds
        return SimpleNamespace(logits=self.steps(points).mean(1))


def test_the_scores_are_captums_where_captum_has_every_step():
    module = Bending()
    classifier = TransformerClassifier(
        module, tiny.classifier("bert").tokenizer, reference="bending", weights="bending"
    )
    found = attribute(classifier, TEXT, "deeplift", target=0)
    encoded = classifier.encode([TEXT])[0]
    ids = torch.tensor([encoded.ids])
    start_ids = torch.where(torch.tensor(encoded.special), ids, torch.zeros_like(ids))
    end, start = (module.embeddings(each).detach() for each in (ids, start_ids))

    class Alone(nn.Module):
        def __init__(self):
            super().__init__()
            self.steps = module.steps

        def forward(self, points):
            logits = self.steps(points).mean(1)
            return logits[:, :1] - logits[:, 1:]

    expected = DeepLift(Alone()).attribute(end, start, target=0).sum(-1)[0].detach()
    np.testing.assert_allclose(found.token_scores, expected.numpy(), rtol=1e-4, atol=1e-5)
    gradients = attribute(classifier, TEXT, "gradient-input", target=0)
    assert not np.allclose(found.token_scores, gradients.token_scores, atol=1e-2)


def handed_back(step, *inputs):
    """What the rules give each input of a step: (text, baseline) pairs, as rows of a batch."""
    batches = [torch.tensor(each, dtype=torch.float64).requires_grad_() for each in inputs]
    with _Rules():
        found = step(*batches)
    np.testing.assert_allclose(found.detach(), step(*(each.detach() for each in batches)), atol=1e-9)
    slopes = torch.autograd.grad(found[0].sum(), batches)
    parts = [
        (slope[0] * (each[0] - each[1])).detach().numpy() for slope, each in zip(slopes, batches, strict=True)
    ]
    return parts, float((found[0] - found[1]).sum().detach())


def test_the_rules_by_hand():
    # A product goes half and half: 3 * 5 - 1 * 2 = 13, of which (3 - 1) * 3.5 = 7 and (5 - 2) * 2 = 6.
    parts, whole = handed_back(torch.mul, [[3.0], [1.0]], [[5.0], [2.0]])
    assert [float(part[0]) for part in parts] == pytest.approx([7, 6])
    assert whole == pytest.approx(13)
    # A ReLU from -1 to 3 rises by 3, whatever its slope at 3 is.
    parts, whole = handed_back(torch.relu, [[3.0], [-1.0]])
    assert parts[0].tolist() == pytest.approx([3])


@pytest.mark.parametrize(
    "step",
    [
        lambda x: x.softmax(-1) * torch.arange(4.0),
        lambda x: nn.functional.softmax(60 * x, dim=-1, dtype=torch.float64)[..., :1],
        lambda x: nn.functional.layer_norm(x, (4,), torch.arange(4.0).double(), torch.ones(4).double())[
            :, 1:
        ],
        lambda x: (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6))[:, :2],
        lambda x: nn.functional.gelu(x) * x.mean(-1, keepdim=True),
        lambda x: x / (1 + x.exp()),
        lambda x: nn.functional.silu(x) * x,
        lambda x: torch.matmul(x[:, None], x[:, :, None]),
        lambda x: (x + torch.tensor([0, 0, 0, -torch.inf])).softmax(-1)[:, :1],
    ],
)
def test_every_rule_hands_back_the_whole_difference(step):
    parts, whole = handed_back(step, [[0.3, -1.2, 2.0, 0.7], [1.1, 0.4, -0.9, 0.7]])
    assert sum(float(part.sum()) for part in parts) == pytest.approx(whole, rel=1e-6, abs=1e-9)


def test_tokens_before_texts_change_nothing():
    """XLNet's way of the same steps: its blocks have their tokens on the first axis, and Einstein's sums."""
    random = np.random.default_rng(0)
    points = random.normal(size=(2, 5, 4))

    def usual(x):
        mixed = (x @ x.transpose(1, 2)).softmax(-1) @ x
        return nn.functional.layer_norm(nn.functional.gelu(mixed) + x, (4,))[:, 1:, 2]

    def other(x):
        x = x.transpose(0, 1)
        weights = torch.einsum("ibd,jbd->bij", x, x).softmax(-1)
        mixed = torch.einsum("bij,jbd->ibd", weights, x)
        return nn.functional.layer_norm(nn.functional.gelu(mixed) + x, (4,)).transpose(0, 1)[:, 1:, 2]

    (one,), whole = handed_back(usual, points)
    (two,), _ = handed_back(other, points)
    np.testing.assert_allclose(two, one, atol=1e-9)
    assert one.sum() == pytest.approx(whole)


FAMILIES = [family for family in tiny.FAMILIES if family not in ("canine", "gpt2-without-pad")]


@pytest.mark.parametrize("family", FAMILIES)
def test_the_scores_add_up_in_every_family(family):
    found = attribute(tiny.classifier(family), TEXT, "deeplift", settings=Settings(baseline="mean"))
    assert found.relative_delta is not None
    assert found.relative_delta < 1e-3


class Wave(nn.Module):
    """A step that no rule names."""

    def forward(self, points):
        return torch.sin(9 * points)


def test_a_step_out_of_reach_is_said_in_one_line():
    classifier = tiny.classifier("bert")
    module = Bending()
    module.steps.append(Wave())
    odd = TransformerClassifier(module, classifier.tokenizer, reference="odd", weights="odd")
    with pytest.raises(AttributionError, match="do not reach every step of Bending") as caught:
        attribute(odd, "a dull film", "deeplift")
    assert "\n" not in str(caught.value)
