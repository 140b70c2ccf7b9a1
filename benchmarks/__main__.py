"""The command line: `python -m benchmarks NAME [options]`."""

import argparse
import importlib
import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

from audits.provenance import environment
from benchmarks import NAMES, results


class Benchmark(Protocol):
    """What a benchmark's module holds."""

    TITLE: str

    def options(self, parser: ArgumentParser) -> None:
        """Adds the benchmark's options."""

    def run(self, options: Namespace, say: Callable[[str], None]) -> str:
        """Measures, and returns the section's body as Markdown."""


def benchmark(name: str) -> Benchmark:
    """The module of one benchmark."""
    return cast(Benchmark, importlib.import_module(f"benchmarks.{name.replace('-', '_')}"))


def main(arguments: Sequence[str]) -> None:
    """Runs one benchmark, prints its section and writes it down."""
    parser = ArgumentParser(prog="python -m benchmarks", description="Measure, and write down the results.")
    parser.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    known = parser.add_subparsers(dest="name", required=True, metavar="NAME")
    for name in NAMES:
        found = benchmark(name)
        own = known.add_parser(name, help=found.TITLE, formatter_class=parser.formatter_class)
        found.options(own)
        own.add_argument("--results", type=Path, default=results.RESULTS, help="the file to write to")
        own.add_argument("--dry", action="store_true", help="print the results and write nothing down")
    options = parser.parse_args(arguments)
    chosen = benchmark(options.name)
    body = chosen.run(options, lambda line: print(line, file=sys.stderr, flush=True))
    command = shlex.join(["python", "-m", "benchmarks", *arguments])
    written = results.section(chosen.TITLE, body, command, environment(), datetime.now(UTC))
    print(written)
    if not options.dry:
        results.record(chosen.TITLE, written, options.results)


if __name__ == "__main__":
    main(sys.argv[1:])
