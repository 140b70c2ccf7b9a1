"""`python -m audits generalise`: one model on several data sets, and how far apart these are."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from rich.text import Text

from audits import generalisation, terminal
from audits.foreground import OK, check_writable
from audits.generalisation import Generalisation, Source
from audits.plan import PlanError, label_pairs
from audits.summary import p_value, points

EXAMPLES = """\
examples:
  python -m audits generalise --model bundled:sentiment --data bundled:reviews --data tweets.csv
  python -m audits generalise --model ./my-model --data test.csv --label-map 0=no,1=yes \\
      --data field.jsonl --text-column body --label-column verdict --json > generalisation.json

The first data set is the reference. Columns and a label map belong to the --data that they follow.
AUC: how well a classifier on the model's own vectors tells the texts of a set from those of the
reference; 0.5 is not at all, 1 always. p: of the distance (MMD), corrected for the number of sets.
"""


class _OfTheLastData(argparse.Action):
    """Gives a column or a label map to the data set that was named last."""

    def __call__(
        self, parser: argparse.ArgumentParser, chosen: Any, value: Any, name: str | None = None
    ) -> None:
        """Takes one option."""
        if self.dest == "data":
            chosen.data = [*(chosen.data or ()), {"data": value}]
        elif not chosen.data:
            parser.error(f"{name} belongs to a data set: name one with --data before it")
        else:
            chosen.data[-1][self.dest] = value


def add_options(made: argparse.ArgumentParser) -> None:
    """The options of `generalise`."""
    made.add_argument(
        "--model",
        required=True,
        metavar="REF",
        help="bundled:sentiment, a folder, or a hub id; with #LABEL behind it one of several labels",
    )
    made.add_argument(
        "--data",
        action=_OfTheLastData,
        required=True,
        metavar="REF",
        help="bundled:reviews, a file, or hub:OWNER/NAME; twice or more, the reference first",
    )
    for option, about in (
        ("--text-column", "default: guessed from the names"),
        ("--label-column", "default: guessed from the names"),
        ("--label-map", "that data set's labels to the model's, as neg=negative"),
    ):
        made.add_argument(
            option, action=_OfTheLastData, default=argparse.SUPPRESS, metavar="NAME", help=about
        )
    made.add_argument(
        "--examples",
        type=int,
        default=generalisation.USUAL_EXAMPLES,
        metavar="N",
        help=f"of each set (default: %(default)s, at most {generalisation.MOST_EXAMPLES})",
    )
    made.add_argument("--seed", type=int, default=0, metavar="S", help="decides the samples (default: 0)")
    made.add_argument("--device", default="auto", help="auto (default), cpu, cuda, cuda:1 …")
    made.add_argument("--dtype", default="auto", help="auto (default), float32, bfloat16, float16")
    made.add_argument("--json", action="store_true", help="all figures on stdout, for machines")
    made.add_argument("--out", type=Path, metavar="FILE", help="write them into this file as well")


def generalise(chosen: argparse.Namespace) -> int:
    """`generalise`: measures, and shows a line a data set."""
    from models.batching import one_thread
    from models.loading import load

    sources = [_source(fields) for fields in chosen.data]
    if len(sources) < 2:
        raise PlanError("data: one set is no comparison. Name another with a second --data.")
    if not 1 <= chosen.examples <= generalisation.MOST_EXAMPLES:
        raise PlanError(f"examples: give a number from 1 to {generalisation.MOST_EXAMPLES}.")
    check_writable(chosen.out, "out")
    classifier = load(chosen.model, device=chosen.device, dtype=chosen.dtype)
    corpora = [generalisation.load(source, classifier, chosen.examples, chosen.seed) for source in sources]
    with one_thread(), terminal.counting("measuring", terminal.console(stderr=True)) as tell:
        found = generalisation.measure(classifier, corpora, seed=chosen.seed, on_progress=tell)
    written = json.dumps(generalisation.as_dict(found), indent=2, ensure_ascii=False) + "\n"
    if chosen.out is not None:
        chosen.out.write_text(written, encoding="utf-8")
    if chosen.json:
        sys.stdout.write(written)
    else:
        show(found)
    return OK


def _source(fields: dict[str, str]) -> Source:
    pairs = dict(label_pairs(fields.get("label_map", "")))
    return Source(fields["data"], fields.get("text_column"), fields.get("label_column"), pairs)


def show(found: Generalisation) -> None:
    """The sentence, and a line a data set."""
    out = terminal.console()
    out.print(Text(found.headline), soft_wrap=True)
    out.print()
    table = terminal.plain_table("Data", "Accuracy", "Lost", "AUC", "MMD²", "p (Holm)", "Lies")
    for each in found.sets:
        if each.lost is None or each.shift is None:
            table.add_row(Text(each.name), generalisation.told(each), "–", "–", "–", "–", "reference")
            continue
        apart = each.shift
        auc = f"{apart.auc:.2f} [{apart.auc_low:.2f}, {apart.auc_high:.2f}]"
        lies = "elsewhere" if each.is_apart else "alike"
        table.add_row(
            Text(each.name),
            generalisation.told(each),
            points(each.lost),
            auc,
            f"{apart.mmd2:.3f}".replace("-", "−"),
            p_value(each.p),
            lies,
        )
    out.print(table)
