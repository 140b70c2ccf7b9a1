"""Training a masked language model: which tokens are hidden, the loop, and the figures it is judged by.

Masks as in Devlin et al. 2019, "BERT"; the encoder learns by LoRA (Hu et al. 2022).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from models.batching import pad, run_in_batches
from models.card import Count
from models.encoding import EncodedText
from models.masked import DOWN, UP
from models.tuning import batches, block_layers, descend, rate


@dataclass(frozen=True, slots=True)
class Recipe:
    """The hyperparameters of a training. `max_length` is in tokens, `hidden` the share of tokens hidden."""

    epochs: int = 2
    rank: int = 16
    alpha: int = 32
    hidden: float = 0.2
    learning_rate: float = 2e-3
    weight_decay: float = 0.01
    warmup: float = 0.06
    batch_size: int = 32
    max_length: int = 128
    seed: int = 0


class Step(NamedTuple):
    """Where a training stands after one batch; the loss in nats a hidden token."""

    done: int
    total: int
    epoch: int
    loss: float


@dataclass(frozen=True, slots=True)
class Found:
    """How well hidden tokens were found: the mean loss in nats, and how often the first guess or one of
    the first five was right. The exponential of the loss is the perplexity."""

    loss: float
    first: Count
    five: Count


def prepare(module: Any, recipe: Recipe, encoded: Sequence[EncodedText]) -> Any:
    """Freeze the module, add LoRA to its encoder, and let the head's transform and bias learn.

    Nothing is dropped out: with other tokens hidden every time, no text is seen twice.

    The bias begins at the logarithm of how often each token stands in `encoded` (plus one), the transform
    near the identity: what a guess without any context is worth, and that states are near their words'
    embeddings, need not be learnt step by step.
    """
    from peft import LoraConfig, get_peft_model

    settings = LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules=block_layers(module)[0])
    adapted = get_peft_model(module, settings)
    head = adapted.get_base_model().cls.predictions
    head.transform.requires_grad_(True)
    head.bias.requires_grad_(True)
    begin_at_frequencies(module, encoded)
    dense = head.transform.dense.weight
    with torch.no_grad():
        dense += torch.eye(len(dense))
    for part in adapted.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return adapted


def begin_at_frequencies(module: Any, encoded: Sequence[EncodedText]) -> None:
    """Set the head's bias to the log-frequency of each token, centred."""
    seen = torch.bincount(
        torch.tensor([index for item in encoded for index in item.ids]), minlength=module.config.vocab_size
    )
    logs = (seen + 1).double().log()
    with torch.no_grad():
        module.cls.predictions.bias.copy_(logs - logs.mean())


def learnt(adapted: Any) -> dict[str, Tensor]:
    """What was trained, named for `models.masked.assemble`: LoRA's factors, its scale multiplied in."""
    found: dict[str, Tensor] = {}
    module = adapted.get_base_model()
    for name, part in module.named_modules():
        if hasattr(part, "lora_A"):
            found[f"{name}.weight{DOWN}"] = part.lora_A["default"].weight
            found[f"{name}.weight{UP}"] = part.lora_B["default"].weight * part.scaling["default"]
    for name, value in module.cls.predictions.transform.named_parameters():
        found[f"cls.predictions.transform.{name}"] = value
    found["cls.predictions.bias"] = module.cls.predictions.bias
    return {name: value.detach().float().cpu().contiguous() for name, value in found.items()}


def fit(
    model: Any,
    tokenizer: Any,
    train: Sequence[EncodedText],
    dev: Sequence[EncodedText],
    *,
    recipe: Recipe,
    on_step: Callable[[Step], None] = lambda step: None,
    on_epoch: Callable[[int, Found], None] = lambda epoch, found: None,
) -> list[float]:
    """Train the parameters that want a gradient.

    Runs in bfloat16 autocast, with AdamW, linear warm-up and decay, and gradients clipped to norm 1. Other
    tokens are hidden in every epoch. The random state of the caller is left as it was.

    Returns:
        The loss on `dev` after each epoch, in nats a hidden token.

    Raises:
        ModelError: the loss is no longer finite.
    """
    lengths = [len(item) for item in train]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    total = recipe.epochs * -(-len(train) // recipe.batch_size)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, total, recipe.warmup))
    generator = torch.Generator().manual_seed(recipe.seed)
    module = model.get_base_model()
    device = next(module.parameters()).device
    history: list[float] = []
    done = 0
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(recipe.seed)
        for epoch in range(1, recipe.epochs + 1):
            model.train()
            for indices in batches(lengths, recipe.batch_size, generator):
                batch = [train[index] for index in indices]
                inputs = pad(tokenizer, batch, device)
                wanted = inputs["input_ids"].clone()
                chosen = choose(batch, inputs["input_ids"].shape[1], recipe.hidden, generator).to(device)
                inputs["input_ids"] = hide(wanted, chosen, tokenizer, generator)
                with torch.autocast(device.type, torch.bfloat16):
                    states = module.base_model(**inputs).last_hidden_state[chosen]
                    loss = cross_entropy(module.cls(states).float(), wanted[chosen])
                descend(loss, parameters, optimizer, scheduler)
                done += 1
                on_step(Step(done, total, epoch, loss.item()))
            found = judge(module, tokenizer, dev)
            history.append(found.loss)
            on_epoch(epoch, found)
    model.eval()
    return history


def choose(batch: Sequence[EncodedText], width: int, share: float, generator: torch.Generator) -> Tensor:
    """Which places to hide, of each text at least one where it has any: a mask of (texts, width)."""
    chosen = torch.zeros(len(batch), width, dtype=torch.bool)
    for row, item in enumerate(batch):
        places = [place for place, special in enumerate(item.special) if not special]
        order = torch.randperm(len(places), generator=generator).tolist()
        for index in order[: max(1, round(share * len(places)))]:
            chosen[row, places[index]] = True
    return chosen


def hide(ids: Tensor, chosen: Tensor, tokenizer: Any, generator: torch.Generator) -> Tensor:
    """The ids with the chosen ones hidden as BERT's were: eight in ten masked, one made random, one left.

    So the model also learns about places that bear no mask.
    """
    fate = torch.rand(ids.shape, generator=generator).to(ids.device)
    other = torch.randint(len(tokenizer), ids.shape, generator=generator).to(ids.device)
    hidden = torch.where(chosen & (fate < 0.8), tokenizer.mask_token_id, ids)
    return torch.where(chosen & (fate >= 0.9), other, hidden)


def judge(module: Any, tokenizer: Any, encoded: Sequence[EncodedText], seed: int = 0) -> Found:
    """Hide 15 in 100 tokens of each text behind the mask, the same ones for a seed, and have them guessed."""
    device = next(module.parameters()).device
    kept = [item for item in encoded if not all(item.special)]
    generator = torch.Generator().manual_seed(seed)
    hidden = [choose([item], len(item), 0.15, generator)[0].nonzero()[:, 0].tolist() for item in kept]

    def run(indices: list[int]) -> list[list[tuple[float, int]]]:
        inputs = pad(tokenizer, [kept[index] for index in indices], device)
        rows = torch.tensor([row for row, index in enumerate(indices) for _ in hidden[index]], device=device)
        places = torch.tensor([place for index in indices for place in hidden[index]], device=device)
        wanted = inputs["input_ids"][rows, places]
        inputs["input_ids"][rows, places] = tokenizer.mask_token_id
        with torch.inference_mode():
            logits = module.cls(module.base_model(**inputs).last_hidden_state[rows, places]).float()
            of_wanted = logits.gather(1, wanted[:, None])
            losses = (logits.logsumexp(-1) - of_wanted[:, 0]).tolist()
            better = (logits > of_wanted).sum(-1).tolist()
        pairs = iter(zip(losses, better, strict=True))
        return [[next(pairs) for _ in hidden[index]] for index in indices]

    module.eval()
    answers = [pair for text in run_in_batches([len(item) for item in kept], run) for pair in text]
    total = len(answers)
    return Found(
        sum(loss for loss, _ in answers) / total,
        Count(sum(better < 1 for _, better in answers), total),
        Count(sum(better < 5 for _, better in answers), total),
    )
