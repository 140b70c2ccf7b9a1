"""Train a classifier from a table of labelled texts: `python -m models.train --help`.

The result is a folder with a LoRA adapter, which every page and command takes as a model.
"""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from corpora.examples import CorpusError
from corpora.loading import load as load_corpus
from models import bundled, card, loading
from models.adapters import is_adapter
from models.classifier import ModelError
from models.references import resolve
from models.safety import weight_files
from models.tuning import Labelled, Recipe, Step, add_adapters, fit


@dataclass(frozen=True, slots=True)
class Data:
    """What a training learns from, what chooses its best epoch, and all that it is judged on at the end."""

    labels: tuple[str, ...]
    train: Labelled
    dev: Labelled
    judged: dict[str, Labelled]


_PATHS = {"data", "dev", "test", "held_out", "about", "out"}
"""Options whose value is a path, or begins with one."""


def read(options: argparse.Namespace) -> Data:
    """Load the tables; without a dev table, hold out a part of the training rows, drawn by the seed.

    Raises:
        CorpusError: a table cannot be used, or a label of dev or test does not occur in training.
    """
    labels = load_corpus(
        options.data, text_column=options.text_column, label_column=options.label_column
    ).labels
    if len(labels) < 2:
        raise CorpusError(f"{options.data} has one label only ({', '.join(labels)}); a classifier needs two.")

    def table(reference: str, columns: str | None) -> Labelled:
        found = load_corpus(reference, text_column=columns, label_column=options.label_column)
        if unknown := set(found.labels) - set(labels):
            raise CorpusError(
                f"{reference} has labels that {options.data} lacks: {', '.join(sorted(unknown))}."
            )
        return Labelled(found.texts, [labels.index(example.label) for example in found.examples])

    def split(columns: str | None) -> tuple[Labelled, Labelled]:
        rows = table(options.data, columns)
        if options.dev is not None:
            return rows, table(options.dev, columns)
        count = len(rows.texts)
        order = torch.randperm(count, generator=torch.Generator().manual_seed(options.seed)).tolist()
        held = max(1, round(count * options.dev_share))
        return _rows(rows, sorted(order[held:])), _rows(rows, sorted(order[:held]))

    train, dev = split(options.text_column)
    judged = {"dev": dev}
    if options.test is not None:
        judged["test"] = table(options.test, options.text_column)
    for column in options.text_column.split("+") if options.parts else ():
        part, judged[f"dev, {column} alone"] = split(column)
        train = Labelled([*train.texts, *part.texts], [*train.targets, *part.targets])
        if options.test is not None:
            judged[f"test, {column} alone"] = table(options.test, column)
    if not train.texts:
        raise CorpusError(f"{options.data} is too small: nothing is left to train on.")
    return Data(labels, train, dev, judged)


def _rows(data: Labelled, indices: Sequence[int]) -> Labelled:
    return Labelled([data.texts[index] for index in indices], [data.targets[index] for index in indices])


def build(base: str, labels: tuple[str, ...], recipe: Recipe, device: torch.device) -> tuple[Any, Any]:
    """The base with fresh adapters and a fresh head for these labels, and its tokenizer.

    Raises:
        ModelError: the base cannot be loaded.
    """
    folder = resolve(base).folder
    if is_adapter(folder):
        raise ModelError(f"{base} is an adapter. Name a whole model as the base.")
    config = loading.load_config(folder)
    config.id2label = dict(enumerate(labels))
    config.label2id = {label: index for index, label in enumerate(labels)}
    config.problem_type = "single_label_classification"
    weight_files(folder)
    tokenizer = loading.load_tokenizer(folder)
    with torch.random.fork_rng(devices=[]), loading.quiet():
        torch.manual_seed(recipe.seed)
        module, missing = loading.load_module(folder, config, torch.float32)
        loading.make_paddable(module, tokenizer, folder)
        tokenizer.padding_side = "left" if config.model_type == "xlnet" else "right"  # see loading._try
        return add_adapters(module, recipe, missing).to(device), tokenizer


def save(model: Any, base: str, out: Path) -> None:
    """Write the adapter, with its labels and a name of its base that means the same everywhere it can."""
    named = Path(base).expanduser()
    for settings in model.peft_config.values():
        settings.base_model_name_or_path = str(named.resolve()) if named.is_dir() else base
    # With embedding layers "auto", PEFT would look the base up on the hub.
    model.save_pretrained(out, save_embedding_layers=False)
    model.config.architectures = [type(model.get_base_model()).__name__]
    model.config.save_pretrained(out)


def judge(folder: Path, device: str, judged: dict[str, Labelled]) -> list[card.Figure]:
    """Load what was saved, as any user would, and count its right answers, label by label."""
    classifier = loading.load(str(folder), device=device, dtype="float32")
    figures = []
    for name, (texts, targets) in judged.items():
        found = classifier.probabilities(texts).argmax(axis=1)
        counts = {
            label: card.Count(
                right=sum(
                    int(answer) == target == index for answer, target in zip(found, targets, strict=True)
                ),
                total=sum(target == index for target in targets),
            )
            for index, label in enumerate(classifier.labels)
        }
        figures.append(card.Figure(name, counts))
    return figures


def train(options: argparse.Namespace, console: Console) -> None:
    """Read, train, save, load again, judge, and write the card. Raises CorpusError or ModelError."""
    check_out(options.out, card.FILES)
    names = {field.name for field in fields(Recipe)}
    recipe = Recipe(**{name: value for name, value in vars(options).items() if name in names})
    data = read(options)
    device = loading.find_device(options.device)
    model, tokenizer = build(options.base, data.labels, recipe, device)
    console.print(
        f"{len(data.train.texts)} texts to learn from, {len(data.dev.texts)} to choose the epoch by; "
        f"labels: {', '.join(data.labels)}; on {device}",
        markup=False,
    )
    started = time.monotonic()
    with progress_bar(console) as progress:
        task = progress.add_task("training", total=None)

        def show(step: Step) -> None:
            text = f"epoch {step.epoch} of {recipe.epochs}, loss {step.loss:.3f}"
            progress.update(task, completed=step.done, total=step.total, description=text)
            if step.dev_accuracy is not None:
                progress.console.print(f"epoch {step.epoch}: {step.dev_accuracy:.1%} right on dev")

        history = fit(model, tokenizer, data.train, data.dev, recipe=recipe, on_step=show)
    save(model, options.base, options.out)
    run = card.Run(
        name=options.name or options.out.resolve().name,
        command="python -m models.train " + shlex.join(portable(_parser(), options)),
        recipe=recipe,
        base=options.base,
        labels=data.labels,
        tables=card.tables(options.data, options.dev, options.test),
        learnt_from=len(data.train.texts),
        trainable=sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad),
        device=str(device),
        seconds=round(time.monotonic() - started),
        dev_by_epoch=history,
        figures=judge(options.out, str(device), data.judged),
    )
    card.write(run, options.out, options.about)
    for figure in run.figures:
        console.print(f"{figure.name}: {figure.sentence}", markup=False)
    console.print(f"Saved in {options.out}. Use it as a model by this name, anywhere in Assay.", markup=False)


def check_out(folder: Path, files: Collection[str]) -> None:
    """Raise ModelError where the folder holds anything but these files, which a training may write over."""
    if folder.is_dir() and any(path.name not in files for path in folder.iterdir()):
        raise ModelError(f"{folder} holds other files. Name a new folder for --out.")


def progress_bar(console: Console) -> Progress:
    """A bar with how many steps of how many are done, and the time left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console)


def portable(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[str]:
    """The command line without what differs between machines: folders above a table's own, and defaults."""
    words: list[str] = []
    for action in parser._actions:
        value = getattr(options, action.dest, None)
        if not action.option_strings or value is None or value == action.default or action.dest == "device":
            continue
        for one in value if isinstance(value, list) else [value]:
            moved = action.dest in _PATHS and Path(one).is_absolute()
            shown = [] if one is True else [str(Path(*Path(one).parts[-2:]) if moved else one)]
            words += [action.option_strings[0], *shown]
    return words


class Help(argparse.ArgumentDefaultsHelpFormatter):
    """Help that shows defaults, except those that say nothing."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in {None, False} else super()._get_help_string(action)


def _parser() -> argparse.ArgumentParser:
    recipe = Recipe()
    parser = argparse.ArgumentParser(
        prog="python -m models.train",
        description="Train a classifier from a table of labelled texts. Only a small LoRA adapter is "
        "trained; the base stays as it is. The best epoch on the dev rows is kept; test rows are looked "
        "at once, at the end.",
        epilog="Example: python -m models.train --data reviews.csv --test held-out.csv --out my-model. "
        "Then: python -m audits run --model my-model --data held-out.csv ...",
        formatter_class=Help,
    )
    data = parser.add_argument_group("data (CSV, TSV, JSONL, Parquet, bundled:NAME or hub:OWNER/NAME)")
    data.add_argument("--data", required=True, metavar="TABLE", help="what to learn from")
    data.add_argument(
        "--text-column",
        metavar="NAME",
        help="the text's column, guessed when not given; title+text joins two",
    )
    data.add_argument("--label-column", metavar="NAME", help="the label's column, guessed when not given")
    data.add_argument(
        "--parts",
        action="store_true",
        help="with title+text: learn from each column alone as well, to cope with a title without its text",
    )
    data.add_argument("--dev", metavar="TABLE", help="rows that choose the best epoch; else a part of --data")
    data.add_argument(
        "--dev-share", type=fraction, default=0.1, metavar="SHARE", help="that part, drawn by the seed"
    )
    data.add_argument("--test", metavar="TABLE", help="rows for the final figures")
    model = parser.add_argument_group("model")
    model.add_argument(
        "--base",
        default=bundled.BASE_NAME,
        metavar="REF",
        help="folder or Hugging Face id of the model to start from; the default comes with Assay",
    )
    model.add_argument("--out", required=True, type=Path, metavar="DIR", help="where the adapter goes")
    model.add_argument("--name", help="its name in the card; the folder's when not given")
    model.add_argument(
        "--about", type=Path, metavar="FILE", help="a text for the card: data, limits, licence"
    )
    how = parser.add_argument_group("how")
    how.add_argument("--epochs", type=positive, default=recipe.epochs, help="times through the data")
    how.add_argument(
        "--learning-rate", type=fraction, default=recipe.learning_rate, help="the highest, after warm-up"
    )
    how.add_argument("--batch-size", type=positive, default=recipe.batch_size, help="texts a step")
    how.add_argument(
        "--max-length", type=positive, default=recipe.max_length, help="tokens of a text; more are cut"
    )
    how.add_argument("--rank", type=positive, default=recipe.rank, help="of the adapter's matrices")
    how.add_argument("--alpha", type=positive, default=recipe.alpha, help="the adapter's scale, times rank")
    how.add_argument(
        "--seed", type=int, default=recipe.seed, help="the same seed on the same machine: the same model"
    )
    how.add_argument("--device", default="auto", help="auto, cpu, cuda")
    return parser


def positive(text: str) -> int:
    """A whole number from 1 on, for argparse."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def fraction(text: str) -> float:
    """A number between 0 and 1, for argparse."""
    if not 0 < (number := float(text)) < 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number


def exit_status(train: Callable[[], None]) -> int:
    """Trains and says on stderr what stopped it: 0 done, 2 wrong input, 130 interrupted."""
    try:
        train()
    except (CorpusError, ModelError) as error:
        Console(stderr=True).print(f"Not trained: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        Console(stderr=True).print("Stopped; nothing was saved.")
        return 130
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.parts and "+" not in (options.text_column or ""):
        parser.error("--parts needs --text-column with two columns, such as title+text")
    return exit_status(lambda: train(options, Console()))


if __name__ == "__main__":
    sys.exit(main())
