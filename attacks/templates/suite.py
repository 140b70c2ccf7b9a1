"""A suite as it is written down: labels, fillers and checks, read from YAML with every error in its place."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from attacks.entry import AttackError
from attacks.registry import parse as parse_test
from attacks.templates.lexicons import lexicons

#: A file larger than this (in bytes) is no suite that somebody wrote.
LARGEST_FILE = 1_000_000
#: The suites that travel with the project, by name.
SUITES: Mapping[str, Path] = {
    path.stem: path for path in sorted((Path(__file__).parent / "suites").glob("*.yaml"))
}

_SLOT = re.compile(r"\{([aA]:)?([A-Za-z_][A-Za-z0-9_]*)\}")

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Template = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Fillers = Annotated[tuple[Annotated[str, StringConstraints(max_length=500)], ...], Field(min_length=1)]


class _Part(BaseModel):
    """Anything in a suite: unknown fields are slips of the pen, and nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Check(_Part):
    """What all checks have: a name, the capability that they test, and templates."""

    name: Line
    capability: Line
    description: str = ""
    templates: tuple[Template, ...] = ()
    pairs: tuple[tuple[Template, Template], ...] = ()

    @property
    def written(self) -> Iterator[str]:
        """Everything in the check that may hold slots."""
        yield from self.templates
        for pair in self.pairs:
            yield from pair

    def _second_text(self, *ways: str) -> None:
        """Refuses a check that does not say in exactly one way how its second text comes about."""
        given = [way for way in ways if getattr(self, way)]
        if len(given) != 1:
            have = f"has {' and '.join(given)}" if given else "has none of them"
            raise ValueError(f"says in exactly one of {', '.join(ways)} what changes; it {have}")
        if bool(self.templates) == bool(self.pairs):
            raise ValueError("has either templates or pairs")


class Minimum(_Check):
    """Minimum functionality test (MFT): texts whose label is plain. It fails where another is given."""

    type: Literal["MFT"]
    label: Line

    @model_validator(mode="after")
    def _has_templates(self) -> "Minimum":
        if not self.templates or self.pairs:
            raise ValueError("has templates, and no pairs")
        return self


class Invariance(_Check):
    """Invariance test (INV): a change that must not change the label. It fails where the label changes.

    What changes is one of `vary` (a slot that gets another filler), `add` (a sentence put at the end),
    `perturb` (a noise `name@severity` or a counterfactual), or the two sides of `pairs`.
    """

    type: Literal["INV"]
    vary: str = ""
    add: tuple[Template, ...] = ()
    perturb: str = ""

    @property
    def written(self) -> Iterator[str]:
        """Everything in the check that may hold slots."""
        yield from super().written
        yield from self.add

    @model_validator(mode="after")
    def _changes_one_way(self) -> "Invariance":
        self._second_text("vary", "add", "perturb", "pairs")
        if self.perturb:
            found = parse_test(self.perturb)
            if len(found) != 1 or found[0][0].kind == "attack":
                raise ValueError(f"perturb: {self.perturb!r} is not one counterfactual or noise@severity")
        if self.vary and not all(self.vary in slots(template) for template in self.templates):
            raise ValueError(f"vary: a template has no slot {{{self.vary}}}")
        return self


class Direction(_Check):
    """Directional expectation test (DIR): a change after which a label's probability may move one way only.

    It fails where the probability of `label` falls (or rises, as `must_not` says) by more than
    `tolerance` (0 to 1) from the first text to the second: the text with a sentence of `add` at its
    end, or the second side of `pairs`.
    """

    type: Literal["DIR"]
    label: Line
    must_not: Literal["fall", "rise"]
    tolerance: float = Field(default=0.1, ge=0, le=1, allow_inf_nan=False)
    add: tuple[Template, ...] = ()

    @property
    def written(self) -> Iterator[str]:
        """Everything in the check that may hold slots."""
        yield from super().written
        yield from self.add

    @model_validator(mode="after")
    def _changes_one_way(self) -> "Direction":
        self._second_text("add", "pairs")
        return self


Check = Annotated[Minimum | Invariance | Direction, Field(discriminator="type")]


class Suite(_Part):
    """A whole suite. `labels` are the names that its checks use; a model's are matched to them."""

    name: Line
    description: str = ""
    labels: tuple[Line, ...] = Field(min_length=2, max_length=100)
    fillers: dict[Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*$")], Fillers] = {}
    tests: tuple[Check, ...] = Field(min_length=1, max_length=500)

    @model_validator(mode="after")
    def _has_every_name_once(self) -> "Suite":
        names = [test.name for test in self.tests]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two tests are called {name!r}")
        return self

    def fillers_of(self, slot: str) -> tuple[str, ...]:
        """What may fill a slot: its own fillers, or those of its name without the number (`name2`)."""
        for name in (slot, slot.rstrip("0123456789")):
            if found := self.fillers.get(name) or lexicons().get(name):
                return found
        raise KeyError(slot)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """Every capability once, in the order in which the suite names them."""
        return tuple(dict.fromkeys(test.capability for test in self.tests))


def slots(template: str) -> tuple[str, ...]:
    """The names of a template's slots, each once."""
    return tuple(dict.fromkeys(match[2] for match in _SLOT.finditer(template)))


def load(reference: str) -> Suite:
    """A suite by its name in `SUITES`, or from a YAML file. Raises AttackError."""
    path = SUITES.get(reference) or Path(reference).expanduser()
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AttackError(f"{path} is larger than a suite may be ({LARGEST_FILE // 1000} kB).")
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        if isinstance(problem, AttackError):
            raise
        known = ", ".join(SUITES)
        raise AttackError(
            f"There is no suite {reference!r:.200}: it is none of {known}, and the file cannot be read "
            f"({getattr(problem, 'strerror', None) or problem})."
        ) from None
    return parse(text, path.name)


def parse(text: str, source: str) -> Suite:
    """A suite from YAML; `source` names it in errors. Raises AttackError naming source, test and field."""
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_FILE:
        raise AttackError(f"{source} is larger than a suite may be ({LARGEST_FILE // 1000} kB).")
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as problem:
        raise AttackError(f"{source} is no YAML: {_yaml_problem(problem)}") from None
    if not isinstance(content, dict):
        raise AttackError(f"{source}: a suite has the fields name, labels, fillers and tests.")
    try:
        suite = Suite.model_validate(content)
    except ValidationError as problem:
        raise AttackError(f"{source}: {_first(problem, content)}") from None
    for test in suite.tests:
        for field, trouble in _troubles(suite, test):
            raise AttackError(f"{source}: test {test.name!r}, {field}: {trouble}")
    return suite


def _troubles(suite: Suite, test: Minimum | Invariance | Direction) -> Iterator[tuple[str, str]]:
    """What only the suite as a whole shows to be wrong in a test: the field, and why."""
    label = getattr(test, "label", "")
    if label and label not in suite.labels:
        yield "label", f"{label!r} is none of the suite's labels ({', '.join(suite.labels)})."
    for template in test.written:
        rest = _SLOT.sub("", template)
        if "{" in rest or "}" in rest:
            yield "templates", f"{template!r:.120} has a brace that opens or closes no slot."
        for slot in slots(template):
            try:
                suite.fillers_of(slot)
            except KeyError:
                yield "templates", f"{template!r:.120} has the slot {{{slot}}}, which has no fillers."


def _first(problem: ValidationError, content: dict[Any, Any]) -> str:
    """The first error in a line: the test by name, the field, and what is wrong."""
    error = problem.errors(include_url=False, include_input=False)[0]
    where = [str(part) for part in error["loc"] if part not in ("MFT", "INV", "DIR")]
    message = error["msg"].removeprefix("Value error, ").rstrip(".")
    if error["type"].startswith("union_tag"):
        message = "its type is one of MFT, INV and DIR"
    if where[:1] == ["tests"] and len(where) > 1:
        test = content["tests"][int(where[1])]
        name = test.get("name") if isinstance(test, dict) else None
        where[:2] = [f"test {name!r:.120}" if name else f"test {int(where[1]) + 1}"]
    return f"{', '.join(where or ['the suite'])}: {message}."


def _yaml_problem(problem: Exception) -> str:
    mark = getattr(problem, "problem_mark", None)
    told = getattr(problem, "problem", None) or str(problem).splitlines()[0]
    return f"{told} (line {mark.line + 1}, column {mark.column + 1})." if mark else f"{told}."
