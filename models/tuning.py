"""LoRA fine-tuning of a sequence classifier: adapters, batches, and the training loop.

LoRA: Hu et al. 2022, "LoRA: Low-Rank Adaptation of Large Language Models".
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy


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

    linears = {
        name.rsplit(".", 1)[-1]
        for name, module in model.named_modules()
        if re.search(r"\.\d+\.", name)
        and (isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D")
    }
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
        target_modules=rf".*\.\d+\.(.*\.)?({'|'.join(sorted(linears))})",
        modules_to_save=sorted(whole),
    )
    return get_peft_model(model, config)


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
    train: tuple[Sequence[str], Sequence[int]],
    dev: tuple[Sequence[str], Sequence[int]],
    *,
    recipe: Recipe,
    on_step: Callable[[Step], None] = lambda step: None,
) -> list[float]:
    """Train the parameters that want a gradient; leave the model at its best epoch on `dev`.

    Runs in bfloat16 autocast, with AdamW, linear warm-up and decay, and gradients clipped to norm 1.
    The random state of the caller is left as it was.

    Returns:
        The accuracy on `dev` after each epoch.
    """
    texts, targets = train
    encoded = _encode(tokenizer, texts, recipe.max_length)
    lengths = [len(item["input_ids"]) for item in encoded]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    total = recipe.epochs * -(-len(texts) // recipe.batch_size)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, total, recipe.warmup))
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
                inputs = tokenizer.pad([encoded[index] for index in indices], return_tensors="pt").to(device)
                wanted = torch.tensor([targets[index] for index in indices], device=device)
                with torch.autocast(device.type, torch.bfloat16):
                    loss = cross_entropy(model(**inputs).logits.float(), wanted)
                loss.backward()
                nn.utils.clip_grad_norm_(parameters, 1.0)
                optimizer.step()
                scheduler.step()
                optimizer.zero_grad()
                done += 1
                on_step(Step(done, total, epoch, loss.item()))
            history.append(_accuracy(model, tokenizer, dev, recipe))
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


def _encode(tokenizer: Any, texts: Sequence[str], max_length: int) -> list[dict[str, list[int]]]:
    return [dict(tokenizer(text, truncation=True, max_length=max_length)) for text in texts]


def _rate(step: int, total: int, warmup: float) -> float:
    """The share of the full learning rate at a step: up in a line, then down in a line to nothing."""
    rising = max(1, round(total * warmup))
    return min((step + 1) / rising, max(0.0, (total - step) / max(1, total - rising)))


def _accuracy(model: Any, tokenizer: Any, data: tuple[Sequence[str], Sequence[int]], recipe: Recipe) -> float:
    texts, targets = data
    encoded = _encode(tokenizer, texts, recipe.max_length)
    order = sorted(range(len(texts)), key=lambda index: len(encoded[index]["input_ids"]))
    device = next(model.parameters()).device
    model.eval()
    right = 0
    with torch.inference_mode():
        for chosen in _chunks(order, recipe.batch_size):
            inputs = tokenizer.pad([encoded[index] for index in chosen], return_tensors="pt").to(device)
            found = model(**inputs).logits.argmax(-1).tolist()
            right += sum(answer == targets[index] for answer, index in zip(found, chosen, strict=True))
    return right / len(texts)


def _chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
