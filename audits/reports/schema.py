"""The report for machines: what its JSON holds, the same bytes for the same rows, and its JSON Schema.

Canonical JSON: keys sorted, ASCII, no number that JSON does not know, and figures to 12 significant digits.
Beyond that lie the last bits of sums, which another machine may add up otherwise; rows are exact.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from audits.policy import RuleVerdict, Verdict
from audits.reports import board
from audits.reports.explanations import Explanations
from audits.reports.material import Material
from audits.rows import Row
from audits.statistics import Estimate
from audits.summary import Summary
from audits.validity import Verdict as MarkVerdict

#: The version of the JSON's shape; it changes when a reader of the old one would stumble.
SCHEMA: Literal["assay.report/2"] = "assay.report/2"
#: Figures are written to so many significant digits.
DIGITS = 12


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedRule(_Part):
    """One limit on one figure. `needed` examples would decide one that is open; `p` is corrected by Holm."""

    figure: str
    demand: str
    found: str
    verdict: Literal["pass", "fail", "inconclusive"]
    limit: float
    at_least: bool
    estimate: Estimate
    p: float
    needed: int | None
    baseline: Estimate | None
    paired: bool


class Judgement(_Part):
    """The verdict of the plan's policy. `problem` says why it could not be applied, where that is so."""

    kind: Literal["pass", "fail", "inconclusive"]
    sentence: str
    rules: tuple[JudgedRule, ...]
    examples: int
    baseline: str | None
    failed_rows: int
    problem: str


class Known(_Part):
    """One of the three things that a board must know."""

    kind: board.Kind
    title: str
    sentence: str
    figure: str
    estimate: Estimate | None


class Marked(_Part):
    """What a person said of one successful attack."""

    test: str
    severity: int
    seed: int
    example: str
    verdict: MarkVerdict
    at: str
    note: str


class Report(_Part):
    """The report of one audit. All shares lie between 0 and 1; a number that nothing gives is null.

    `rows`, `marks` and `metadata` (the data's other columns by example) are what every figure comes from;
    in a bundle they lie in files of their own, and are null here.
    """

    version: Literal["assay.report/2"] = Field(default=SCHEMA, alias="schema")
    headline: tuple[str, ...]
    board: tuple[Known, ...]
    verdict: Judgement | None
    summary: Summary
    explanations: Explanations
    sections: Mapping[str, Any]
    rows: tuple[Row, ...] | None = None
    marks: tuple[Marked, ...] | None = None
    metadata: Mapping[str, Mapping[str, str]] | None = None


def report(material: Material, *, with_rows: bool = False) -> dict[str, Any]:
    """A report as plain values for JSON."""
    summary = material.summary
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "headline": summary.headline,
        "board": [
            {name: value for name, value in asdict(one).items() if name != "certain"}
            for one in board.findings(summary, material.verdict)
        ],
        "verdict": _judgement(material.verdict) if material.verdict else None,
        "summary": summary.model_dump(mode="json"),
        "explanations": material.explanations.model_dump(mode="json"),
        "sections": {one.name: _plain(one.figures) for one in material.sections},
    }
    content = _rounded(content)
    places = ("test", "severity", "seed", "example")
    content |= {
        "rows": [asdict(row) for row in material.rows] if with_rows else None,
        "marks": [
            dict(zip(places, where, strict=True)) | asdict(mark)
            for where, mark in material.view.marks.items()
        ]
        if with_rows
        else None,
        "metadata": {example: dict(columns) for example, columns in material.metadata.items()}
        if with_rows
        else None,
    }
    return content


def _judgement(verdict: Verdict) -> dict[str, Any]:
    def rule(one: RuleVerdict) -> dict[str, Any]:
        names = ("figure", "demand", "found", "verdict", "limit", "at_least", "p", "needed", "paired")
        estimates = {"estimate": asdict(one.estimate), "baseline": one.baseline and asdict(one.baseline)}
        return {name: getattr(one, name) for name in names} | estimates

    names = ("kind", "sentence", "examples", "baseline", "failed_rows", "problem")
    return {name: getattr(verdict, name) for name in names} | {"rules": [rule(one) for one in verdict.rules]}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def canonical(content: Any) -> bytes:
    """Plain values as canonical JSON."""
    return (json.dumps(content, sort_keys=True, ensure_ascii=True, indent=1, allow_nan=False) + "\n").encode()


class _WithoutInfinity(GenerateJsonSchema):
    """JSON knows no infinity: where nothing limits a figure, null stands in its place."""

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        found = super().float_schema(schema)
        return found | {"type": ["number", "null"]}


def json_schema() -> bytes:
    """The JSON Schema of a report, as it is published in docs/report.schema.json."""
    made = Report.model_json_schema(mode="serialization", schema_generator=_WithoutInfinity)
    return canonical({"$schema": GenerateJsonSchema.schema_dialect, "title": SCHEMA} | made)
