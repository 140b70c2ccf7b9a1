"""What explanations cost, in one run: attributions, and what the pages of attention and embeddings draw."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from benchmarks import attention, attributions, embeddings

TITLE = "What explanations cost"

PARTS = {"attributions": attributions, "attention": attention, "embeddings": embeddings}


def options(parser: ArgumentParser) -> None:
    """The parts, and what each of them is about."""
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    attributions.options(parser)
    embeddings.options(parser)


def run(options: Namespace, say: Callable[[str], None]) -> str:
    """Measures part after part, each under a heading of its own."""
    return "\n\n".join(
        f"### {PARTS[part].TITLE}\n\n{PARTS[part].run(options, say)}" for part in options.parts
    )
