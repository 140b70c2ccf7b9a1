"""The rules of a policy: what they say, and how they are written and read.

- figure: accuracy
  at_least: 85 %
- figure: drop *                   # every test's drop
  at_most: 0.05
- figure: accuracy
  worse_by_at_most: 2 %            # than the baseline's
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from audits import written
from audits.measures import MEASURES, SLICED, split
from audits.nearest import meant
from audits.slices.named import SliceError, canonical, within
from audits.written import Where, Written, WrittenError


class PolicyError(ValueError):
    """A policy that cannot be applied. The message names the rule and what would be right."""


def _share(value: object) -> object:
    """`85 %` as 0.85; any other value as it is."""
    if isinstance(value, str) and value.rstrip().endswith("%"):
        number = value.rstrip().removesuffix("%")
        try:
            return float(number) / 100
        except ValueError:
            return value
    return value


Limit = Annotated[float, BeforeValidator(_share), Field(allow_inf_nan=False)]


def as_called(figure: str) -> str:
    """A figure's slice written as its figures are called; one that cannot be read is told of later."""
    name, part = within(figure)
    try:
        return f"{name} [{canonical(part)}]" if part else figure
    except SliceError:
        return figure


class Rule(BaseModel):
    """A limit on one figure, or on all whose names match a pattern (`drop *`); with several, all hold.

    A slice of the data stands behind the name: `drop * [length>20]`. `at_least` and `at_most` are limits on
    the figure itself. `worse_by_at_most` is one on its difference to the same figure of a baseline: a
    non-inferiority margin, whichever way is better for the figure.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    figure: Annotated[str, Field(min_length=1), AfterValidator(as_called)]
    at_least: Limit | None = None
    at_most: Limit | None = None
    worse_by_at_most: Annotated[Limit, Field(ge=0)] | None = None

    @property
    def limits(self) -> dict[str, float]:
        """The limits that the rule sets, by name."""
        return self.model_dump(exclude={"figure"}, exclude_none=True)


@dataclass(frozen=True)
class Policy:
    """Rules, and where they are written: a file's name and the line of each, empty for those of a plan."""

    rules: tuple[Rule, ...]
    source: str = ""
    lines: tuple[int, ...] = ()

    @cached_property
    def needs_baseline(self) -> bool:
        """Whether a rule compares with another audit."""
        return any(rule.worse_by_at_most is not None for rule in self.rules)


#: What to write instead, field by field.
ADVICE = {
    "figure": "a figure's name, such as accuracy, drop keyboard-typos@2 or drop *",
    "at_least": "a share, such as 0.85 or 85 %",
    "at_most": "a share, such as 0.05 or 5 %",
    "worse_by_at_most": "a share of 0 or more, such as 0.02 or 2 %",
}
FORM = "Write rules as `- figure: accuracy`, and under it `at_least: 85 %`."


def load(path: str) -> Policy:
    """The policy in a file: its `rules`, or the `policy` of a plan.

    Raises PolicyError naming the file, the line, the field, and what would be right.
    """
    try:
        file = written.read(path)
    except WrittenError as problem:
        raise PolicyError(str(problem)) from None
    field = next((name for name in ("rules", "policy") if file.fields.get(name)), None)
    if field is None:
        raise PolicyError(f"{path}: there are no rules. A policy has the field rules. {FORM}")
    if field == "policy" and isinstance(file.fields["policy"], str):
        return load(file.fields["policy"])
    extra = [name for name in file.fields if name != "rules"] if field == "rules" else []
    if extra:
        raise PolicyError(f"{file.at((extra[0],))}{extra[0]}: a policy has no such field, only rules.")
    rules = read(file.fields[field], file, (field,))
    return Policy(rules, path, tuple(file.line((field, place)) for place in range(len(rules))))


def parse(text: str) -> tuple[Rule, ...]:
    """The rules in a text of YAML, with or without `rules:` before them; none for an empty one.

    Raises PolicyError.
    """
    if not text.strip():
        return ()
    begins = text.lstrip().startswith(("rules:", "policy:"))
    try:
        file = written.parse(text if begins else f"rules:\n{text}", "rules")
    except WrittenError as problem:
        raise PolicyError(str(problem)) from None
    return read(next(iter(file.fields.values())))


def dump(rules: Sequence[Rule]) -> str:
    """Rules as the text that `parse` reads."""
    return (
        yaml.safe_dump([rule.model_dump(exclude_none=True) for rule in rules], sort_keys=False)
        if rules
        else ""
    )


def read(content: object, file: Written | None = None, where: Where = ()) -> tuple[Rule, ...]:
    """Checked rules from plain values; `file` and `where` say where they stand. Raises PolicyError."""
    found = list(problems(content))
    if found:
        said = [f"{file.at((*where, *place)) if file else ''}{sentence}" for place, sentence in found]
        raise PolicyError(" ".join(dict.fromkeys(said)))
    return tuple(map(Rule.model_validate, content))  # type: ignore[call-overload]


def problems(content: object) -> Iterator[tuple[Where, str]]:
    """What is wrong, each with where it stands within the rules."""
    if not isinstance(content, list | tuple) or not content:
        yield (), f"policy: these are no rules. {FORM}"
        return
    for place, item in enumerate(content):
        try:
            rule = Rule.model_validate(item)
        except ValidationError as problem:
            for finding in problem.errors():
                yield (place, *finding["loc"][:1]), f"rule {place + 1}: {_plainly(finding)}"
        else:
            wrong = wrong_figure(rule.figure)
            if said := f"figure: {wrong}" if wrong else _senseless(rule):
                yield (place, "figure"), f"rule {place + 1}: {said}"


def _plainly(finding: Mapping[str, Any]) -> str:
    """One of pydantic's findings as a sentence."""
    field = str(finding["loc"][0]) if finding["loc"] else ""
    if not field:
        return FORM
    if finding["type"] == "extra_forbidden":
        return f"{field}: a rule has no such field. {meant(field, tuple(Rule.model_fields))}"
    if finding["type"] == "missing":
        return f"{field}: it is missing. Give {ADVICE[field]}."
    return f"{field}: {finding['input']!r:.60} cannot be used. Give {ADVICE[field]}."


def _senseless(rule: Rule) -> str:
    """What makes a rule one that no figure could be held to; empty for a good one."""
    if not rule.limits:
        return f"it sets no limit. Give one of {', '.join(tuple(Rule.model_fields)[1:])}."
    found = split(rule.figure)
    bounded = found is not None and found[0].unit != "number"
    beyond = [name for name, limit in rule.limits.items() if bounded and abs(limit) > 1]
    if beyond:
        limit = rule.limits[beyond[0]]
        return f"{beyond[0]}: {limit:g} is more than any share. Write {limit / 100:g} or {limit:g} %."
    if rule.at_least is not None and rule.at_most is not None and rule.at_least > rule.at_most:
        return f"at_least: {rule.at_least:g} is more than at_most: {rule.at_most:g}."
    return ""


def wrong_figure(figure: str) -> str:
    """Why no audit could have a figure of that name, or any that a pattern means; empty where one could."""
    found, (_, part) = split(figure), within(figure)
    if found is None:
        return f"there is no figure {figure!r:.80}. {meant(figure, tuple(MEASURES))}"
    measure, rest = found
    name = measure.name
    if not rest and measure.of != "either":
        behind = {"label": "positive", "noise": "keyboard-typos"}.get(measure.of, "keyboard-typos@2")
        return f"{name} of what? Write {name} {behind}, or {name} *."
    if part and name not in SLICED:
        return f"only {' and '.join(SLICED)} are known by slice, not {within(figure)[0]}."
    if part and "*" not in part:
        try:
            canonical(part)
        except SliceError as problem:
            return str(problem)
    return ""


def slices_of(figures: Iterable[str]) -> tuple[str, ...]:
    """The slices that figures are of, as `audits.slices.named` reads them; `label=*` means all labels."""
    parts = dict.fromkeys(within(figure)[1] for figure in figures)
    named = [part.removesuffix("=*") for part in parts if part]
    return tuple(part for part in named if "*" not in part)


def missing_test(figure: str, tests: Iterable[str]) -> str:
    """What to say where a figure is of a test that is not among those of a plan; empty where it is."""
    known = tuple(dict.fromkeys(name for test in tests for name in (test, test.partition("@")[0])))
    found = split(figure)
    # Labels are not known before the model is loaded.
    test = found[1].split(" ")[0] if found and found[0].of != "label" else ""
    if test and not any(fnmatchcase(name, test) for name in known):
        return f"the plan has no test {test!r:.80}. {meant(test, known)}"
    return ""
