"""The card of a trained model: what it learnt from, how, and how well it does. Every figure is computed."""

import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from models.safety import sha256
from models.tuning import Recipe

FILES = frozenset(
    {
        "adapter_model.safetensors",
        "adapter_config.json",
        "config.json",
        "README.md",
        "ABOUT.md",
        "training.json",
    }
)
"""All that a training writes, and the text that may lie beside it."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many of how many were right."""

    right: int
    total: int

    @property
    def sentence(self) -> str:
        """Such as `88.3 % [86.7, 89.7], n = 1821`: the share with its 95 % Wilson interval."""
        from scipy.stats import binomtest

        if not self.total:
            return "no rows"
        interval = binomtest(self.right, self.total).proportion_ci(method="wilson")
        share = self.right / self.total
        return f"{share:.1%} [{100 * interval.low:.1f}, {100 * interval.high:.1f}], n = {self.total}".replace(
            "%", " %"
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """The right answers on one table, for each label."""

    name: str
    labels: dict[str, Count]

    @property
    def sentence(self) -> str:
        """The accuracy over all labels; see `Count.sentence`."""
        counts = self.labels.values()
        return Count(sum(count.right for count in counts), sum(count.total for count in counts)).sentence


@dataclass(frozen=True, slots=True)
class Table:
    """A data file: what it was for, its name, and the SHA-256 of its bytes (empty for what is no file)."""

    use: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """All that is known of one training."""

    name: str
    command: str
    recipe: Recipe
    base: str
    labels: tuple[str, ...]
    tables: list[Table]
    learnt_from: int
    trainable: int
    device: str
    seconds: int
    dev_by_epoch: list[float]
    figures: list[Figure]


def tables(data: str, dev: str | None, test: str | None) -> list[Table]:
    """The tables that were named, with hashes of those that are files."""
    found = []
    for use, name in (("train", data), ("dev", dev), ("test", test)):
        if name is not None:
            path = Path(name).expanduser()
            is_file = path.is_file()
            shown = "/".join(path.parts[-2:]) if is_file else name
            found.append(Table(use, shown, sha256(path) if is_file else ""))
    return found


def write(run: Run, folder: Path, about: Path | None) -> None:
    """Write training.json (for programs) and README.md (for people; begins with the text `about`)."""
    versions = package_versions()
    record = asdict(run) | {"versions": versions}
    (folder / "training.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "README.md").write_text(_readme(run, versions, about), "utf-8")


def package_versions() -> dict[str, str]:
    """The versions of what a training ran on."""
    return {name: version(name).partition("+")[0] for name in ("torch", "transformers", "peft")}


def _readme(run: Run, versions: dict[str, str], about: Path | None) -> str:
    best = run.dev_by_epoch.index(max(run.dev_by_epoch)) + 1
    epochs = ", ".join(f"{accuracy:.1%}".replace("%", " %") for accuracy in run.dev_by_epoch)
    parts = [
        f"# {run.name}",
        about.read_text("utf-8").strip() if about else "",
        f"A LoRA adapter on {run.base}; labels: {', '.join(run.labels)}.",
        "## Figures\n\nAccuracy of the saved adapter, merged into its base, in float32; in brackets the 95 % "
        "Wilson interval. The dev rows chose the epoch, the test rows nothing.",
        grid(
            ["rows", "accuracy", *run.labels],
            [
                [figure.name, figure.sentence, *(_share(figure.labels[label]) for label in run.labels)]
                for figure in run.figures
            ],
        ),
        f"On dev after each epoch, in training: {epochs}; the one kept: {best}.",
        "## Data",
        grid(["use", "file", "SHA-256"], [[table.use, table.name, table.sha256] for table in run.tables]),
        f"Learnt from {run.learnt_from:,} texts."
        + (
            ""
            if any(table.use == "dev" for table in run.tables)
            else " Dev: rows of train, held out by the seed."
        ),
        "## How",
        grid(
            ["setting", "value"],
            [[name.replace("_", " "), f"{value}"] for name, value in asdict(run.recipe).items()],
        ),
        f"{run.trainable:,} parameters trained, on {run.device} in {run.seconds} seconds, with "
        + ", ".join(f"{name} {number}" for name, number in versions.items())
        + ". AdamW, linear warm-up and decay, bfloat16 autocast, gradients clipped to norm 1.",
        f"The same again:\n\n```\n{run.command}\n```",
        "Written by `python -m models.train`; the same figures for programs: training.json.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _share(count: Count) -> str:
    return f"{count.right} of {count.total}"


def grid(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; a bar or a line break within a cell cannot break out of it."""
    lines = [head, ["---"] * len(head), *rows]
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
