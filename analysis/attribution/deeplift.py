"""DeepLIFT: the answer's difference to a baseline's, handed back step by step through the model.

Shrikumar, Greenside and Kundaje, "Learning important features through propagating activation differences",
ICML 2017 (the rescale rule), with Lundberg and Lee's rule for products (DeepSHAP, NeurIPS 2017): what two
factors do together is shared evenly. Text and baseline run as one batch of two; each step that bends is
given the slope of the line between its two values in the place of its derivative, so one backward pass
hands out the whole difference.

captum's `DeepLift` replaces the derivatives of a few classes of modules, none of which most Transformers
have (GELU, softmax, products and norms are functions there), and takes plain gradients for the rest. Here
the functions themselves are replaced, in the thread that asks and for one pass. Where the steps are those
that captum knows the scores are captum's, which the tests hold. Whether the rules reach every step of a
family is not listed but measured: the scores must add up.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from analysis.asking import Asking
from analysis.attribution.result import relative_size
from analysis.attribution.task import Scores, Task
from analysis.paths import AttributionError, Path, paths_to
from analysis.points import forward
from models.batching import run_in_batches

#: The largest share of the difference that the scores may miss: more, and a step was not reached.
MOST_MISSED = 0.05

#: Differences of no more than so many of a type's smallest steps have no line between them; the derivative
#: stands in.
_SMALLEST = 8


def deeplift(task: Task) -> Asking[Scores]:
    """Each token's part of the difference between the text's answer and the baseline's.

    The mean over the baselines where they are several. Raises AttributionError for a family with a step
    that the rules do not reach: the sum of the scores tells.
    """
    eager = replace(task, classifier=task.classifier.eager())
    lines = yield from paths_to(eager.classifier, task.encoded, task.settings.baseline, task.logits)
    total = torch.zeros(len(task.encoded), dtype=torch.float64)
    for path in lines.paths:
        total += run_in_batches([2 * len(task.encoded)], lambda _, path=path: [_handed_back(path, task)])[0]  # type: ignore[misc]
    start, end = lines.ends(task.question.values)
    scores = total.numpy() / len(lines.paths)
    missed = relative_size(float(scores.sum()) - (end - start), (start, end), task.question.quantity)
    if not missed <= MOST_MISSED:
        raise _out_of_reach(task)
    return Scores(by_token=scores, ends=(start, end))


def _out_of_reach(task: Task) -> AttributionError:
    if task.classifier.dtype.itemsize < 4:
        return AttributionError(
            f"DeepLIFT's scores do not add up in {str(task.classifier.dtype).removeprefix('torch.')}, which "
            "has too few digits for its steps. Choose float32 in the sidebar, or integrated gradients."
        )
    return AttributionError(
        f"DeepLIFT's rules do not reach every step of {task.classifier.architecture}, so its scores would "
        "not add up. Choose integrated gradients, which need no rules."
    )


def _handed_back(path: Path, task: Task) -> Tensor:
    """The scores (tokens,) from one baseline."""
    with torch.inference_mode(False), torch.enable_grad():
        points = torch.stack([path.end, path.start]).detach().requires_grad_()
        try:
            with _Rules():
                text = task.question.of(forward([path, path], points))[0]
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, ValueError) as error:  # some have no room for a second text
            raise _out_of_reach(task) from error
        (slopes,) = torch.autograd.grad(text, points)
        return (slopes[0] * (path.end - path.start)).sum(-1).double().cpu()


class _Rules(TorchFunctionMode):
    """While it lasts, what depends on the input and bends gets the slope between text and baseline.

    The first half of every batch is the text's, the second the baseline's (see `_axis`).
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        settings = dict(kwargs or {})
        rule = _RULES.get(getattr(func, "__name__", "").strip("_"), _as_it_is)
        moves = any(_moves(each) for each in (*args[:3], *settings.values()))
        return rule(func, args, settings) if moves else func(*args, **settings)


def _moves(value: Any) -> bool:
    return isinstance(value, Tensor) and value.requires_grad


def _as_it_is(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    return func(*args, **settings)


def _bending(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    return _rescaled(lambda given: func(given, *args[1:], **settings), args[0])


def _product(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    both = len(args) > 1 and _moves(args[0]) and _moves(args[1])
    return _shared(func, args[0], args[1]) if both else func(*args, **settings)


def _summed(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    """Einstein's sums: of two factors a product."""
    equation, *factors = args
    both = len(factors) == 2 and all(map(_moves, factors))
    return _shared(partial(func, equation), *factors) if both else func(*args, **settings)


def _quotient(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Any:
    if not _moves(args[1]):
        return func(*args, **settings)
    below = _rescaled(torch.reciprocal, args[1])
    return _shared(torch.mul, args[0], below) if _moves(args[0]) else args[0] * below


def _rescaled(bend: Callable[[Tensor], Tensor], given: Tensor) -> Tensor:
    """A function of single numbers whose slope is that of the line between both halves' values."""
    found, axis = bend(given), _axis(given)
    text, baseline = given.detach().chunk(2, axis)
    above, below = found.detach().chunk(2, axis)
    step = torch.cat([text - baseline] * 2, axis)
    smallest = _SMALLEST * torch.finfo(given.dtype).eps
    near = ~(step.abs() >= smallest)  # also where a mask has made both minus infinity
    rise = torch.cat([above - below] * 2, axis)
    slope = torch.where(near, torch.zeros_like(rise), rise / torch.where(near, torch.ones_like(step), step))
    return torch.where(near, found, _as_if(found, slope * given))


def _shared(multiply: Callable[[Tensor, Tensor], Tensor], one: Tensor, other: Tensor) -> Tensor:
    """A product, half of whose difference goes by each factor, the other at its mean."""
    linear = multiply(one, _mean(other)) + multiply(_mean(one), other)
    return _as_if(multiply(one, other), linear)


def _mean(value: Tensor) -> Tensor:
    axis = _axis(value)
    text, baseline = value.detach().chunk(2, axis)
    return torch.cat([(text + baseline) / 2] * 2, axis)


def _axis(value: Tensor) -> int:
    """Where text and baseline stand side by side: on the first axis, in XLNet's blocks, which have their
    tokens there, on the second. (No text has as few as two tokens there: it has ends of its own.)"""
    return 1 if value.dim() > 1 and value.shape[0] != 2 and value.shape[1] == 2 else 0


def _as_if(value: Tensor, linear: Tensor) -> Tensor:
    """The value, with the slopes of `linear`."""
    return value.detach() + (linear - linear.detach())


def _softmax(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Tensor:
    """As the exponential of the input less its logarithm of summed exponentials, whose slopes stay bounded.

    (A quotient's would not: one over the sum explodes where one half's inputs are far below the other's.)
    """
    given, *rest = args
    dim, dtype = rest[0] if rest else settings["dim"], settings.get("dtype")
    wide = given.double()
    # Any shift will do, as long as both halves have the same one.
    largest = torch.maximum(*wide.detach().amax(dim, keepdim=True).chunk(2))
    shifted = wide - largest.repeat(2, *[1] * (given.dim() - 1))
    whole = _rescaled(torch.log, _rescaled(torch.exp, shifted).sum(dim, keepdim=True))
    return _rescaled(torch.exp, shifted - whole).to(dtype or given.dtype)


def _layer_norm(func: Callable[..., Any], args: tuple[Any, ...], settings: dict[str, Any]) -> Tensor:
    return _normed(*args, **settings)


def _normed(
    given: Tensor,
    shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    if len(shape) != 1:
        raise RuntimeError("a norm over more than a token's width")
    # In double precision: squares and their inverses do not fit half types.
    dtype, given = given.dtype, given.double()
    centred = given - given.mean(-1, keepdim=True)
    variance = _rescaled(torch.square, centred).mean(-1, keepdim=True)
    found = _shared(torch.mul, centred, _rescaled(torch.rsqrt, variance + eps))
    found = found if weight is None else found * weight
    return (found if bias is None else found + bias).to(dtype)


_RULES: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("gelu", "relu", "relu6", "silu", "mish", "elu", "leaky_relu", "softplus"), _bending),
    **dict.fromkeys(("tanh", "sigmoid", "exp", "log", "erf", "abs", "hardtanh"), _bending),
    **dict.fromkeys(("pow", "square", "sqrt", "rsqrt", "reciprocal"), _bending),
    **dict.fromkeys(("mul", "rmul", "matmul", "rmatmul", "bmm"), _product),
    **dict.fromkeys(("div", "truediv"), _quotient),
    "einsum": _summed,
    "softmax": _softmax,
    "layer_norm": _layer_norm,
}
