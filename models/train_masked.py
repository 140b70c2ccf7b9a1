"""Train the masked language model: `python -m models.train_masked --help`.

The result is a folder with what `models.masked` adds to all-MiniLM-L6-v2, and its card.
"""

import argparse
import json
import math
import random
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import torch
from rich.console import Console

from corpora.examples import CorpusError
from corpora.loading import load as load_corpus
from models import bundled, masked, masking
from models.card import Count, Table, grid, package_versions
from models.encoding import EncodedText, Encoder
from models.loading import find_device
from models.masked import MaskedLanguageModel, bare
from models.masking import Found, Recipe, Step
from models.safety import sha256
from models.train import Help, check_out, exit_status, fraction, portable, positive, progress_bar

FILES = frozenset({f"{masked.STEM}.safetensors", "README.md", "ABOUT.md", "training.json"})
#: Texts of each held-out table that tokens are hidden in, and that are compared with themselves spoilt.
JUDGED, COMPARED = 400, 80
#: Training texts that are held out for the loss after each epoch; of few texts, one in ten.
CURVE = 300


@dataclass(frozen=True, slots=True)
class Judged:
    """One held-out table: how hidden tokens are found by the model, by the head before it learnt, and by
    word frequencies alone; and how often a text is held likelier than itself spoilt in a certain way."""

    name: str
    texts: int
    trained: Found
    untrained: Found
    frequencies: Found
    preferred: dict[str, Count]


def read(named: str) -> tuple[str, Sequence[str]]:
    """The file (or data set) and the texts of `TABLE` or `TABLE=COLUMN`. Raises CorpusError."""
    table, _, column = named.partition("=")
    return table, load_corpus(table, text_column=column or None).texts


def train(options: argparse.Namespace, console: Console) -> None:
    """Read, train, save, load again, judge, and write the card. Raises CorpusError or ModelError."""
    check_out(options.out, FILES)
    names = {field.name for field in fields(Recipe)}
    recipe = Recipe(**{name: value for name, value in vars(options).items() if name in names})
    held_out = {name: read(name)[1] for name in options.held_out}
    secret = {text for texts in held_out.values() for text in texts}
    texts = [text for name in options.data for text in read(name)[1] if text not in secret]
    apart = min(CURVE, len(texts) // 10)
    if not apart:
        raise CorpusError("There are too few texts to learn from: ten at least.")
    order = torch.randperm(len(texts), generator=torch.Generator().manual_seed(recipe.seed)).tolist()
    device = find_device(options.device)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        # Fused attention's gradient is slow on a processor.
        module, tokenizer = bare("eager")
        encode = Encoder(tokenizer, recipe.max_length)
        encoded = encode(texts)
        model = masking.prepare(module, recipe, encoded).to(device)
    console.print(f"{len(texts)} texts, {sum(map(len, encoded))} tokens; on {device}", markup=False)
    started = time.monotonic()
    with progress_bar(console) as progress:
        task = progress.add_task("training", total=None)
        average = math.nan

        def show(step: Step) -> None:
            nonlocal average
            average = step.loss if math.isnan(average) else 0.98 * average + 0.02 * step.loss
            text = f"epoch {step.epoch} of {recipe.epochs}, loss {average:.3f}"
            progress.update(task, completed=step.done, total=step.total, description=text)
            if step.done % 50 == 0 and not console.is_terminal:
                console.print(f"{step.done} of {step.total}: {text}", markup=False)

        history = masking.fit(
            model,
            tokenizer,
            [encoded[index] for index in order[apart:]],
            [encoded[index] for index in order[:apart]],
            recipe=recipe,
            on_step=show,
            on_epoch=lambda epoch, found: progress.console.print(
                f"epoch {epoch}: loss {found.loss:.3f}, first guess right in {found.first.sentence}"
            ),
        )
    seconds = round(time.monotonic() - started)
    tensors = masking.learnt(model)
    save(tensors, options.out)
    record = {
        "name": options.out.resolve().name,
        "command": "python -m models.train_masked " + shlex.join(portable(_parser(), options)),
        "recipe": asdict(recipe),
        "base": bundled.BASE_NAME,
        "tables": [asdict(_table(use, name)) for use in ("data", "held_out") for name in vars(options)[use]],
        "learnt_from": len(texts) - apart,
        "apart": apart,
        "tokens": sum(len(encoded[index]) for index in order[apart:]),
        "trainable": sum(value.numel() for value in tensors.values()),
        "device": str(device),
        "seconds": seconds,
        "loss_by_epoch": history,
        "figures": [asdict(one) for one in judge(options.out, held_out, encoded, recipe)],
        "versions": package_versions(),
    }
    write_card(record, options.out, options.about)
    console.print(f"Saved in {options.out}.", markup=False)


def save(tensors: dict[str, torch.Tensor], out: Path) -> None:
    """Write what was learnt."""
    from safetensors.torch import save_file

    out.mkdir(parents=True, exist_ok=True)
    file = out / f"{masked.STEM}.safetensors"
    save_file(tensors, file, metadata={"base": bundled.BASE_NAME})
    file.chmod(0o644)


def _table(use: str, named: str) -> Table:
    path = Path(named.partition("=")[0]).expanduser()
    if not path.is_file():
        return Table(use.replace("_", " "), named, "")
    return Table(use.replace("_", " "), "/".join(Path(named).parts[-2:]), sha256(path))


def judge(
    folder: Path, held_out: dict[str, Sequence[str]], learnt_from: Sequence[EncodedText], recipe: Recipe
) -> list[Judged]:
    """Load what was saved, as any user would, and put it beside two that did not learn."""
    module, tokenizer = masked.assemble(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(recipe.seed)
        plain, _ = bare()
        guess, _ = bare()
    masking.begin_at_frequencies(guess, learnt_from)
    with torch.no_grad():  # the head's last state becomes nothing, and only the bias is left
        guess.cls.predictions.transform.LayerNorm.weight.zero_()
        guess.cls.predictions.transform.LayerNorm.bias.zero_()
    encode = Encoder(tokenizer, recipe.max_length)
    some = {
        name: encode(random.Random(recipe.seed).sample(list(texts), min(JUDGED, len(texts))))
        for name, texts in held_out.items()
    }
    scorer = MaskedLanguageModel(module, tokenizer, "")
    words = sorted({word for texts in held_out.values() for text in texts for word in text.split()})
    return [
        Judged(
            "/".join(Path(name).parts[-2:]),
            len(some[name]),
            masking.judge(module, tokenizer, some[name]),
            masking.judge(plain, tokenizer, some[name]),
            masking.judge(guess, tokenizer, some[name]),
            prefer(scorer, texts, words, recipe.seed),
        )
        for name, texts in held_out.items()
    ]


def prefer(
    scorer: MaskedLanguageModel, texts: Sequence[str], words: Sequence[str], seed: int
) -> dict[str, Count]:
    """How often a text is held likelier than itself with two neighbouring words exchanged, and with one
    word replaced by any other: what a measure of fluency must be able to tell."""
    draw = random.Random(seed)
    fit = [text for text in texts if 4 <= len(text.split()) <= 60]
    chosen = draw.sample(fit, min(COMPARED, len(fit)))
    spoilt: dict[str, list[str]] = {"two neighbouring words exchanged": [], "one word replaced at random": []}
    for text in chosen:
        swapped, replaced = text.split(), text.split()
        place = draw.randrange(len(swapped) - 1)
        swapped[place : place + 2] = swapped[place : place + 2][::-1]
        replaced[draw.randrange(len(replaced))] = draw.choice(words)
        for versions, made in zip(spoilt.values(), (swapped, replaced), strict=True):
            versions.append(" ".join(made))
    before = scorer.log_probabilities([" ".join(text.split()) for text in chosen])
    found = {}
    for name, versions in spoilt.items():
        after = scorer.log_probabilities(versions)
        both = ~torch.tensor(before - after).isnan().numpy()
        found[name] = Count(int((before > after)[both].sum()), int(both.sum()))
    return found


def write_card(record: dict, folder: Path, about: Path | None) -> None:
    """Write training.json (for programs) and README.md (for people; begins with the text `about`)."""
    (folder / "training.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    figures, spoilt = [], []
    for one in record["figures"]:
        for name in ("trained", "untrained", "frequencies"):
            found = one[name]
            first, five = (Count(**found[key]).sentence for key in ("first", "five"))
            loss = found["loss"]
            rows = f"{one['name']}, {one['texts']} drawn"
            figures.append([rows, name, f"{loss:.2f}", f"{math.exp(loss):,.0f}", first, five])
        spoilt += [[one["name"], way, Count(**count).sentence] for way, count in one["preferred"].items()]
    losses = ", ".join(f"{loss:.3f}" for loss in record["loss_by_epoch"])
    parts = [
        f"# {record['name']}",
        about.read_text("utf-8").strip() if about else "",
        f"A masked language model: {record['base']} with {record['trainable']:,} trained numbers.",
        "## Figures\n\nOf each held-out text 15 in 100 tokens were hidden behind the mask, all at once. Loss "
        "in nats a hidden token, perplexity its exponential; first: the likeliest token was the right one; "
        "five: one of the five likeliest. In brackets the 95 % Wilson interval. Untrained: the same base "
        "with a head drawn at random and tied to its word embeddings; frequencies: how often each token "
        "stands in the training texts, whatever the context.",
        grid(["rows", "model", "loss", "perplexity", "first", "five"], figures),
        "A text against the same text spoilt: how often its mean pseudo-log-likelihood a token is higher.",
        grid(["rows", "spoilt by", "the text is held likelier"], spoilt),
        f"Loss after each epoch on {record['apart']} training rows that were held out: {losses}.",
        "## Data",
        grid(
            ["use", "file", "SHA-256"],
            [[table["use"], table["name"], table["sha256"]] for table in record["tables"]],
        ),
        f"Learnt from {record['learnt_from']:,} texts, {record['tokens']:,} tokens; their labels were not "
        "looked at, and texts that also stand in a held-out table were left out.",
        "## How",
        grid(["setting", "value"], [[key.replace("_", " "), f"{v}"] for key, v in record["recipe"].items()]),
        f"Trained on {record['device']} in {record['seconds']} seconds, with "
        + ", ".join(f"{name} {number}" for name, number in record["versions"].items())
        + ". LoRA on every linear layer of the encoder; the head's transform and bias whole, its decoder "
        "tied to the word embeddings. AdamW, linear warm-up and decay, bfloat16 autocast, gradients clipped "
        "to norm 1. Masks as in BERT: of the hidden tokens eight in ten masked, one random, one unchanged.",
        f"The same again:\n\n```\n{record['command']}\n```",
        "Written by `python -m models.train_masked`; the same figures for programs: training.json.",
    ]
    (folder / "README.md").write_text("\n\n".join(part for part in parts if part) + "\n", "utf-8")


def _parser() -> argparse.ArgumentParser:
    recipe = Recipe()
    parser = argparse.ArgumentParser(
        prog="python -m models.train_masked",
        description="Train the masked language model that measures fluency and proposes words: a small "
        "difference to all-MiniLM-L6-v2's encoder, and a head.",
        formatter_class=Help,
    )
    add = parser.add_argument
    add("--data", required=True, action="append", metavar="TABLE[=COLUMN]", help="texts; may be repeated")
    add(
        "--held-out",
        required=True,
        action="append",
        metavar="TABLE[=COLUMN]",
        help="texts for the figures; may be repeated",
    )
    add("--out", required=True, type=Path, metavar="DIR", help="where the weights and the card go")
    add("--about", type=Path, metavar="FILE", help="a text for the card: data, limits, licence")
    add("--epochs", type=positive, default=recipe.epochs, help="times through the data")
    add("--hidden", type=fraction, default=recipe.hidden, help="share of a text's tokens that is hidden")
    add("--learning-rate", type=fraction, default=recipe.learning_rate, help="the highest, after warm-up")
    add("--batch-size", type=positive, default=recipe.batch_size, help="texts a step")
    add("--max-length", type=positive, default=recipe.max_length, help="tokens of a text; more are cut")
    add("--rank", type=positive, default=recipe.rank, help="of the difference's matrices")
    add("--alpha", type=positive, default=recipe.alpha, help="the difference's scale, times rank")
    add("--seed", type=int, default=recipe.seed, help="the same seed on the same machine: the same model")
    add("--device", default="auto", help="auto, cpu, cuda")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    return exit_status(lambda: train(options, Console()))


if __name__ == "__main__":
    sys.exit(main())
