"""Plans as files: read with the line of every mistake, written, and a commented one to begin with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from audits import written
from audits.plan import Plan, PlanError, make, shortened
from audits.written import Where, Written, WrittenError

STARTER = """\
# A plan for an audit: what is asked, in one file.
#
#   python -m audits run {name}
#
# Every field but model, data and tests may be left out; what stands here after # is the usual value or an
# example. Paths start from the folder in which the command runs. Options beside the file override it:
#
#   python -m audits run {name} --examples 500 --seed 1

# Which model: bundled:sentiment, bundled:topics, a folder with a model or an adapter, or owner/name on the
# Hugging Face hub; owner/name@revision holds it to one branch, tag or commit.
model: bundled:sentiment

# Which examples: bundled:reviews, bundled:headlines, a .csv, .tsv, .jsonl, .json or .parquet file, or
# hub:owner/name. Columns are found by their usual names, and labels matched by theirs.
data: bundled:reviews
# text_column: text                # title+text joins two columns
# label_column: label
# label_map:                       # the data's labels on the left, the model's on the right
#   neg: negative
#   pos: positive

# How many of them, drawn so that each label keeps its share; leave it out for all.
examples: 100
# stratify: [label, domain]        # what keeps its share: label, and columns of the data; or none
# The same plan with the same seed gives the same rows, here and on the page Audit.
seed: 0
# How often each noise is drawn: with this seed and the next ones. It tells what the draw did from what the
# model did. Attacks search once, with the first.
# seeds: 3

# What to put the model through. `python -m audits tests` lists everything:
#   keyboard-typos      a noise at all its severities, 1 to 5;  keyboard-typos@2  at one
#   gender              the same text about somebody else
#   deepwordbug         an attack: a search for a small change that turns the answer
#   noise@2, counterfactuals, attacks:fast     whole families
#   ./mine.yaml         a recipe of your own
tests:
  - keyboard-typos
  - homoglyphs@2

# How far each attack may go on one text; no limit unless one stands here.
# query_budget: 500                # texts it may ask the model about
# time_budget: 60                  # seconds; it makes results depend on the machine
# max_words: 0.3                   # the largest share of the words that it may change

# Parts of the data to look at; without this: every label, length, confidence and column that there is.
# slices: [label, length>20, confidence<0.6, domain]

# The figures that the report begins with, in this order; all others are there too, further down.
# `python -m audits gate ID --figures` lists the figures of an audit.
# metrics: [accuracy, macro_f1, calibration_error, drop *]

# What a release must meet; `python -m audits gate ID` says pass, fail or inconclusive, with an exit code.
# Any figure can have a limit. Or name a file: policy.yaml
policy:
  - figure: accuracy
    at_least: 50 %
  - figure: drop *                 # every test's drop
    at_most: 30 %
#  - figure: drop * [label=negative]   # on a part of the data
#    at_most: 40 %
#  - figure: accuracy              # no worse than an audit of yesterday's model
#    worse_by_at_most: 2 %
# baseline: lusab-babad            # that audit's id

# Where to compute.
# device: auto                     # cpu, cuda, cuda:1 …
# dtype: auto                      # float32, bfloat16, float16; int8: a quantised copy, on a processor
"""


def starter(name: str = "plan.yaml") -> str:
    """A plan with every field explained, which runs as it stands. `name` is its file's, to quote it."""
    return STARTER.format(name=name)


def load(path: Path | str, **changes: Any) -> Plan:
    """The checked plan in a file; `changes` stand in the place of its fields.

    Raises PlanError naming the file, the line, the field, and what would be right.
    """
    try:
        return _made(written.read(path), changes)
    except WrittenError as problem:
        raise PlanError(str(problem)) from None


def parse(text: str, source: str = "plan", **changes: Any) -> Plan:
    """As `load`, for a text that errors call `source`."""
    try:
        return _made(written.parse(text, source), changes)
    except WrittenError as problem:
        raise PlanError(str(problem)) from None


def _made(file: Written, changes: Mapping[str, Any]) -> Plan:
    if "left_out" in file.fields:
        raise PlanError(f"{file.at(('left_out',))}left_out: a plan has no such field; it is found out.")
    kept = {name: value for name, value in file.fields.items() if value is not None and name not in changes}
    try:
        return make(**kept, **changes)
    except PlanError as problem:
        findings = problem.findings or [(_guilty(kept), str(problem))]
        findings = sorted(findings, key=lambda finding: file.line(finding[0]))
        # What an option said stands in no line of the file.
        said = dict.fromkeys(
            sentence if where and where[0] in changes else file.at(where) + sentence
            for where, sentence in findings
        )
        raise PlanError(" ".join(said), findings) from None


def _guilty(fields: Mapping[str, Any]) -> Where:
    """Where the test stands that cannot be planned."""
    tests = fields.get("tests")
    for place, test in enumerate(tests if isinstance(tests, list) else []):
        try:
            make(**{**fields, "tests": [test]})
        except PlanError:
            return "tests", place
    return ("tests",)


def dump(plan: Plan) -> str:
    """The plan as YAML, without what has its usual value; `parse` gives the same plan again."""
    whole = plan.model_dump(mode="json", exclude={"left_out"})
    told = plan.model_dump(exclude_defaults=True).keys() | {"seeds"}
    fields = {name: value for name, value in whole.items() if name in told}
    fields["tests"] = shortened(plan.tests)
    if fields.get("stratify") == []:
        fields["stratify"] = "none"
    return yaml.dump(fields, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines, such as recipes, as they are."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)
