"""The helper process behind `background`: jobs on standard input, progress and answers on standard output.

A job is a line of JSON (`method`, `dimensions`, `seed`, `shape`) and then the vectors as raw
float32. Answers are lines of JSON: `share` while at work, then `points`, or `error`. The end of the input
ends it.
"""

import contextlib
import io
import json
import math
import re
import sys
from collections.abc import Callable
from typing import BinaryIO

import numpy as np

from analysis.embeddings.hidden import EmbeddingError
from analysis.embeddings.projection import TSNE_ITERATIONS, project

#: What UMAP and t-SNE print as they go.
_UMAP_STEP = re.compile(r"completed\s+(\d+)\s*/\s*(\d+) epochs")
_TSNE_STEP = re.compile(r"Iteration (\d+): error")


class Progress(io.TextIOBase):
    """Stands in for standard output while a library talks, and passes on the shares it mentions."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._line = ""

    def write(self, text: str) -> int:
        """Take in one piece of the library's talk, and read every line that it completes."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            if found := _UMAP_STEP.search(line):
                self._report(int(found[1]) / int(found[2]))
            elif found := _TSNE_STEP.search(line):
                self._report(int(found[1]) / TSNE_ITERATIONS)
        return len(text)


def serve(source: BinaryIO, answer: Callable[[dict[str, object]], None]) -> None:
    """Work through the jobs of `source` until it ends."""
    while line := source.readline():
        asked = json.loads(line)
        shape = asked["shape"]
        vectors = np.frombuffer(source.read(4 * math.prod(shape)), np.float32).reshape(shape)
        try:
            with contextlib.redirect_stdout(Progress(lambda share: answer({"share": share}))):
                found = project(
                    vectors, asked["method"], asked["dimensions"], seed=asked["seed"], verbose=True
                )
        except EmbeddingError as error:
            answer({"error": str(error)})
        except Exception as error:  # whatever a library throws, the app hears of it and the next job runs
            answer({"error": f"{type(error).__name__}: {error}"})
        else:
            answer({"points": found.points.tolist()})


def main() -> None:
    """Serve this process's standard input and output."""
    output = sys.stdout

    def answer(message: dict[str, object]) -> None:
        output.write(json.dumps(message) + "\n")
        output.flush()

    serve(sys.stdin.buffer, answer)


if __name__ == "__main__":
    main()
