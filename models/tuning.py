"""LoRA fine-tuning of a sequence classifier: adapters, batches, and the training loop.

LoRA: Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models".
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models.batching import pad, run_in_batches
from models.classifier import ModelError
from models.encoding import EncodedText, Encoder, longest_input


class Labelled(NamedTuple):
    """Texts and, for each, the index of its label."""

    texts: Sequence[str]
    targets: Sequence[int]


@dataclass(frozen=True, slots=True)
class Recipe:
    """The hyperparameters of a training. `max_length` is in tokens, special ones included."""

    epochs: int = 4
    rank: int = 16
    alpha: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    batch_size: int = 32
    max_length: int = 128
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Where a training stands after one batch. `dev_accuracy` is set at the end of an epoch."""

    done: int
    total: int
    epoch: int
    loss: float
    dev_accuracy: float | None = None


def add_adapters(model: Any, recipe: Recipe, fresh: Sequence[str] = ()) -> Any:
    """Freeze the model and add LoRA to every linear layer of its numbered blocks.

    The classification head is trained in full and saved with the adapter; so is any other module
    that holds one of the `fresh` parameters (those the base's checkpoint did not contain).
    """
    from peft import LoraConfig, get_peft_model

    targets, transposed = block_layers(model)
    prefix = model.base_model_prefix
    whole = {
        name
        for name, child in model.named_children()
        if name != prefix and any(True for _ in child.parameters())
    }
    whole |= {name.split(".")[1] for name in fresh if name.startswith(prefix + ".")}
    config = LoraConfig(
        task_type="SEQ_CLS",
        r=recipe.rank,
        lora_alpha=recipe.alpha,
        target_modules=targets,
        fan_in_fan_out=transposed,
        modules_to_save=sorted(whole),
    )
    return get_peft_model(model, config)


def block_layers(model: Any) -> tuple[str, bool]:
    """A pattern for the names of all linear layers of the numbered blocks, and whether they are Conv1D."""
    kinds = {
        name.rsplit(".", 1)[-1]: type(module).__name__
        for name, module in model.named_modules()
        if re.search(r"\.\d+\.", name)
        and (isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D")
    }
    return rf".*\.\d+\.(.*\.)?({'|'.join(sorted(kinds))})", "Conv1D" in kinds.values()


def batches(lengths: Sequence[int], size: int, generator: torch.Generator) -> list[list[int]]:
    """A random order of all indices, cut into batches of similar length (less padding, same randomness)."""
    order = torch.randperm(len(lengths), generator=generator).tolist()
    pool = size * 50
    cut = [
        sorted(order[start : start + pool], key=lambda index: -lengths[index])
        for start in range(0, len(order), pool)
    ]
    found = [part[start : start + size] for part in cut for start in range(0, len(part), size)]
    return [found[index] for index in torch.randperm(len(found), generator=generator).tolist()]


def fit(
    model: Any,
    tokenizer: Any,
    train: Labelled,
    dev: Labelled,
    *,
    recipe: Recipe,
    on_step: Callable[[Step], None] = lambda step: None,
) -> list[float]:
    """Train the parameters that want a gradient; leave the model at its best epoch on `dev`.

    Runs in bfloat16 autocast, with AdamW, linear warm-up and decay, and gradients clipped to norm 1.
    The random state of the caller is left as it was.

    Returns:
        The accuracy on `dev` after each epoch.

    Raises:
        ModelError: the loss is no longer finite.
    """
    encode = Encoder(tokenizer, min(recipe.max_length, longest_input(model, tokenizer)))
    encoded, encoded_dev = encode(train.texts), encode(dev.texts)
    lengths = [len(item) for item in encoded]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    total = recipe.epochs * -(-len(encoded) // recipe.batch_size)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, total, recipe.warmup))
    generator = torch.Generator().manual_seed(recipe.seed)
    device = next(model.parameters()).device
    history: list[float] = []
    best: dict[str, Tensor] = {}
    done = 0
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(recipe.seed)
        for epoch in range(1, recipe.epochs + 1):
            model.train()
            for indices in batches(lengths, recipe.batch_size, generator):
                inputs = pad(tokenizer, [encoded[index] for index in indices], device)
                wanted = torch.tensor([train.targets[index] for index in indices], device=device)
                with torch.autocast(device.type, torch.bfloat16):
                    loss = cross_entropy(model(**inputs).logits.float(), wanted)
                descend(loss, parameters, optimizer, scheduler)
                done += 1
                on_step(Step(done, total, epoch, loss.item()))
            history.append(_accuracy(model, tokenizer, encoded_dev, dev.targets))
            on_step(Step(done, total, epoch, loss.item(), history[-1]))
            if history[-1] == max(history) and history.index(history[-1]) == epoch - 1:
                best = {
                    name: value.detach().clone()
                    for name, value in model.named_parameters()
                    if value.requires_grad
                }
    with torch.no_grad():
        for name, value in model.named_parameters():
            if name in best:
                value.copy_(best[name])
    model.eval()
    return history


def descend(loss: Tensor, parameters: Sequence[Tensor], optimizer: Any, scheduler: Any) -> None:
    """One step down the loss, gradients clipped to norm 1. Raises ModelError where the loss is not finite."""
    if not loss.isfinite():
        raise ModelError("The training went astray: the loss is not finite. Lower --learning-rate.")
    loss.backward()
    nn.utils.clip_grad_norm_(list(parameters), 1.0)
    optimizer.step()
    scheduler.step()
    optimizer.zero_grad()


def rate(step: int, total: int, warmup: float) -> float:
    """The share of the full learning rate at a step: up in a line, then down in a line to nothing."""
    rising = max(1, round(total * warmup))
    return min((step + 1) / rising, max(0.0, (total - step) / max(1, total - rising)))


def _accuracy(model: Any, tokenizer: Any, encoded: Sequence[EncodedText], targets: Sequence[int]) -> float:
    """The share of right answers, in float32."""
    device = next(model.parameters()).device

    def run(indices: list[int]) -> list[bool]:
        with torch.inference_mode():
            logits = model(**pad(tokenizer, [encoded[index] for index in indices], device)).logits
        answers = logits.argmax(-1).tolist()
        return [answer == targets[index] for answer, index in zip(answers, indices, strict=True)]

    model.eval()
    right = run_in_batches([len(item) for item in encoded], run)
    return sum(right) / len(right)
