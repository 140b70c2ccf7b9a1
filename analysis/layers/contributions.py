"""What each layer's attention and MLP, and the embeddings, add to the answer: direct logit attribution.

A Transformer's last state is a sum: the embeddings, and what each branch adds to the residual stream.
With the norms' scales held (`frozen`) each summand passes through the norms between by itself, and a
linear head reads each by itself as well: then the contributions are exact. A head that is not linear
(BERT's tanh) is credited along the straight line from an empty state to the true one, as integrated
gradients are (Sundararajan, Taly & Yan 2017). Either way the sum is compared with the logit difference
that it explains, which is computed without any of this.

Direct means: by way of the residual stream alone. What an early layer does by feeding a later one is
counted as the later one's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from analysis.layers.frozen import Norms
from analysis.layers.stack import Kind, Stack

#: Points of the line through the head: raised threefold until the sum is right, at most to the last.
_POINTS = (16, 48, 144, 432, 1296)
#: The sum may miss the difference by this share of it (or, of small differences, of one logit); half
#: precision rounds the logits themselves to about the second.
TOLERANCE, HALF_TOLERANCE = 0.001, 0.02


@dataclass(frozen=True)
class Part:
    """One summand of the residual stream: `layer` counts from 1, and 0 is what enters the first layer."""

    layer: int
    kind: Kind | None
    score: float


@dataclass(frozen=True)
class Contributions:
    """What adds up to `total`: the logit of `target` minus that of `contrast`, or alone where that is None.

    `parts` are in the order of the pass. `constant` is what the head says to no state at all, with the
    biases of the norms: the same for every text, but for the norms' scales. `points` is how many points
    the line through the head needed; a linear head's line is as good with one as with many.
    """

    target: int
    contrast: int | None
    parts: tuple[Part, ...]
    constant: float
    total: float
    linear: bool
    points: int
    tolerance: float = TOLERANCE

    @property
    def gap(self) -> float:
        """By how much the sum misses the model's own `total`, in logits."""
        return sum(part.score for part in self.parts) + self.constant - self.total

    @property
    def exact(self) -> bool:
        """Whether the sum is right up to the tolerance."""
        return abs(self.gap) <= self.tolerance * max(abs(self.total), 1.0)

    def of_layer(self, layer: int, kind: Kind | None = None) -> float:
        """What a layer adds, or one branch of it; 0 is the embeddings."""
        return sum(
            part.score for part in self.parts if part.layer == layer and (kind is None or part.kind == kind)
        )


def contribute(stack: Stack, target: int, contrast: int | None = None) -> Contributions | None:
    """What each part of the model adds to the logit of `target` (over that of `contrast`).

    None where the blocks' branches go by names not known here, or where something else than a norm stands
    between them: then nothing could be said that adds up.
    """
    branches = stack.branches()
    if not all(branches.values()):
        return None
    norms = Norms(stack.module)
    with norms.held():
        leaves, last = _follow(stack, norms, lambda value: value.detach().requires_grad_())
        half = last.dtype in (torch.float16, torch.bfloat16)
        missed = float((last.detach() - stack.states[-1]).abs().max())
        if missed > (0.05 if half else 0.001) * float(stack.states[-1].abs().max()):
            return None
        with torch.no_grad():
            _, empty = _follow(stack, norms, torch.zeros_like)
        found: Contributions | None = None
        for points in _POINTS:
            slope, none, linear = _through_the_head(stack, norms, last.detach(), (target, contrast), points)
            grads = torch.autograd.grad(last, [leaf for _, leaf in leaves], slope, retain_graph=True)
            parts = tuple(
                Part(layer, kind, float((grad.double() * leaf.detach().double()).sum()))
                for ((layer, kind), leaf), grad in zip(leaves, grads, strict=True)
            )
            found = Contributions(
                target,
                contrast,
                parts,
                constant=none + float((slope.double() * empty.double()).sum()),
                total=float(_explained(stack.logits, (target, contrast)).detach()),
                linear=linear,
                points=points,
                tolerance=HALF_TOLERANCE if half else TOLERANCE,
            )
            if found.exact:
                break
        return found


def _follow(
    stack: Stack, norms: Norms, put: Callable[[Tensor], Tensor]
) -> tuple[list[tuple[tuple[int, Kind | None], Tensor]], Tensor]:
    """Run the text with `put(summand)` for each summand of the residual stream: these, and the last state."""
    norms.begin_pass()
    leaves: list[tuple[tuple[int, Kind | None], Tensor]] = []

    def enter(state: Tensor) -> Tensor:
        leaves.append(((0, None), put(state)))
        return leaves[0][1]

    def write(layer: int, kind: Kind, value: Tensor) -> Tensor:
        leaves.append(((layer, kind), put(value)))
        return leaves[-1][1]

    with _branch_hooks(stack, write):
        states, _ = stack.follow(enter)
    return leaves, states[-1]


@contextmanager
def _branch_hooks(stack: Stack, write: Callable[[int, Kind, Tensor], Tensor]) -> Iterator[None]:
    """Have `write(layer, kind, value)` say what each branch adds; layers count from 1, calls of a block."""
    layer = 0
    hooks: list[Any] = []

    def begin(*_: object) -> None:
        nonlocal layer
        layer += 1

    def hook(kind: Kind) -> Callable[[nn.Module, Any, Tensor], Tensor | None]:
        def replace(module: nn.Module, args: Any, output: Tensor) -> Tensor | None:
            # XLNet's dropout stands behind its attention's output and behind its weights, which have a
            # dimension more.
            if isinstance(module, nn.Dropout) and output.dim() != 3:
                return None
            return write(layer, kind, output)

        return replace

    for block, branches in stack.branches().items():
        hooks.append(block.register_forward_pre_hook(begin))
        hooks += [branch.writes.register_forward_hook(hook(branch.kind)) for branch in branches]
    try:
        yield
    finally:
        for one in hooks:
            one.remove()


def _through_the_head(
    stack: Stack, norms: Norms, last: Tensor, sides: tuple[int, int | None], points: int
) -> tuple[Tensor, float, bool]:
    """The head's mean slope on the way from no state to the last one, and what it says to none.

    The slope has the shape of `last`. The third result says whether the head is linear on that way.
    """
    norms.begin_pass()
    state = stack.rows(last)
    alphas = (torch.arange(points, device=state.device, dtype=state.dtype) + 0.5) / points
    slopes = []
    for part in alphas.split(max(1, 8192 // len(state))):
        norms.begin_pass()
        line = (part[:, None, None] * state).requires_grad_()
        (slope,) = torch.autograd.grad(_explained(stack.read(line), sides).sum(), line)
        slopes.append(slope)
    each = torch.cat(slopes)
    with torch.no_grad():
        norms.begin_pass()
        none = _explained(stack.read(torch.zeros_like(state)[None])[0], sides)
    mean = each.double().mean(0).to(state.dtype)
    linear = bool(torch.allclose(each[0], each[-1], rtol=1e-4, atol=1e-7))
    return mean.unsqueeze(stack.batch_axis), float(none), linear


def _explained(logits: Tensor, sides: tuple[int, int | None]) -> Tensor:
    """The one number of logits (…, labels) that is taken apart (…)."""
    target, contrast = sides
    own = logits[..., target]
    return own if contrast is None else own - logits[..., contrast]
