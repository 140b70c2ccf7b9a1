"""Measurements: what Assay costs and what its tests do to a model, beside its peers where there are any.

`python -m benchmarks NAME` runs one and writes its section of `RESULTS.md`. A benchmark is a module here
whose name stands in `NAMES` (with hyphens for underscores; `explain` has several for its parts), with

- `TITLE`, the heading of its section;
- `options(parser)`, which adds its options to an `argparse.ArgumentParser`;
- `run(options, say)`, which measures and returns the section's body as Markdown. `say` prints a line
  while the work goes on.
"""

#: The benchmarks there are, in the order in which they are listed and written down.
NAMES: tuple[str, ...] = (
    "attacks",
    "recipes",
    "noise",
    "noise-fuzz",
    "explain",
    "sanity",
    "intervals",
    "gate",
    "compression",
    "scale",
)
