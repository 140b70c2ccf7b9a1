"""The plan of an audit: which model, which data, which tests, how many examples, which seed."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from attacks.limits import Limits
from attacks.recipes import Recipe, custom
from attacks.registry import AttackError, left_out, parse
from audits import rules
from audits.nearest import meant
from audits.rows import CLEAN
from audits.rules import PolicyError, Rule
from audits.slices import named

#: What is wrong, after where in the plan it stands.
Finding = tuple[tuple[str | int, ...], str]


class PlanError(ValueError):
    """A plan that cannot be run. The message names the field and what would be right.

    `findings` are its sentences, each with where the field stands in the plan, as far as that is known.
    """

    def __init__(self, message: str, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class PlannedTest:
    """One column of an audit: a noise at a severity, an attack, or the clean answer."""

    name: str
    severity: int = 0

    @property
    def written(self) -> str:
        """The way people write it: `keyboard-typos@2`, `deepwordbug`."""
        return f"{self.name}@{self.severity}" if self.severity else self.name


#: With so many seeds every noise is drawn where a new plan does not say it.
USUAL_SEEDS = 3
MOST_SEEDS = 100
LARGEST_SEED = 2**32 - 1
#: The fields of a plan that decide no row.
NOT_ROWS = {"policy", "baseline", "left_out", "slices", "metrics"}


def _names(value: object) -> object:
    """A text with commas as its parts, and `none` (or nothing) as no part at all."""
    if value is None or value == "none":
        return ()
    return [part for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Plan(BaseModel):
    """Everything that decides the rows of an audit, and what is demanded of them. Build it with `make`, which
    checks the names of tests and figures.

    `stratify` names what the sample keeps the shares of: `label` and columns of the data; nothing for a draw
    that looks at neither. `left_out` names the tests of the families asked for that could not run where the
    plan was made. `policy` are the limits that a release must meet, `baseline` the audit it is compared with.
    `recipes` holds the text of each recipe of one's own, by the name of its test: the file may change or go.

    `seeds` says how often each noise is drawn, with `seed` and those after it. Attacks, counterfactuals and
    the sample have the first alone. `make` gives `USUAL_SEEDS`; a stored plan that does not say is of a time
    when there was one. `slices` are the parts of the data to look at (`audits.slices.named`); all that come
    with it unless some are named. `metrics` are the figures to show before all others, by their names or
    patterns (`audits.figures`); every figure is computed whatever stands there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    model: Annotated[str, Field(min_length=1)]
    data: Annotated[str, Field(min_length=1)]
    tests: Annotated[tuple[str, ...], Field(min_length=1)]
    examples: Annotated[int, Field(ge=1)] | None = None
    stratify: Annotated[tuple[str, ...], BeforeValidator(_names)] = ("label",)
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] = 0
    seeds: Annotated[int, Field(ge=1, le=MOST_SEEDS)] = 1
    device: str = "auto"
    dtype: str = "auto"
    text_column: str | None = None
    label_column: str | None = None
    label_map: dict[str, str] = Field(default_factory=dict)
    query_budget: Annotated[int, Field(ge=1)] | None = None
    time_budget: Annotated[float, Field(gt=0)] | None = None
    max_words: Annotated[float, Field(gt=0, le=1)] | None = None
    slices: Annotated[
        tuple[Annotated[str, AfterValidator(named.canonical)], ...], BeforeValidator(_names)
    ] = ()
    metrics: Annotated[
        tuple[Annotated[str, AfterValidator(rules.as_called)], ...], BeforeValidator(_names)
    ] = ()
    policy: tuple[Rule, ...] = ()
    baseline: Annotated[str, Field(min_length=1)] | None = None
    left_out: tuple[str, ...] = ()
    recipes: dict[str, str] = Field(default_factory=dict)

    def recipe(self, test: str) -> Recipe | None:
        """The recipe of one's own that a test stands for; None for a test of the registry."""
        return custom.load(self.recipes[test]) if test in self.recipes else None

    @property
    def columns(self) -> tuple[PlannedTest, ...]:
        """The clean answer first, then every test, in order."""
        return (PlannedTest(CLEAN), *map(read_test, self.tests))

    @property
    def asked_slices(self) -> tuple[str, ...]:
        """The slices that the plan names, and those that its metrics and its policy are about."""
        figures = (*self.metrics, *(rule.figure for rule in self.policy))
        return tuple(dict.fromkeys([*self.slices, *rules.slices_of(figures)]))

    def seeds_of(self, column: PlannedTest) -> tuple[int, ...]:
        """The seeds of a test's rows: several for a noise, which alone has a severity; else one."""
        count = self.seeds if column.severity else 1
        return tuple((self.seed + more) % (LARGEST_SEED + 1) for more in range(count))

    @property
    def rows_an_example(self) -> int:
        """How many rows each example has in the end."""
        return sum(len(self.seeds_of(column)) for column in self.columns)

    @property
    def limits(self) -> Limits:
        """How far each attack may go on one example."""
        return Limits(self.query_budget, self.time_budget, self.max_words)

    @property
    def command(self) -> str:
        """The line for a shell that makes these rows again; a recipe of one's own stands there as a file."""
        files = {test: f"{test.partition(':')[2]}.yaml" for test in self.recipes}
        chosen = self.model_dump(exclude_defaults=True, exclude=NOT_ROWS | {"recipes"}) | {
            "tests": ",".join(files.get(test, test) for test in shortened(self.tests)),
            "seed": self.seed,
            "seeds": self.seeds,
        }
        if "stratify" in chosen:
            chosen["stratify"] = ",".join(self.stratify) or "none"
        if self.label_map:
            chosen["label_map"] = ",".join(f"{ours}={theirs}" for ours, theirs in self.label_map.items())
        options = (f"--{name.replace('_', '-')}={value}" for name, value in chosen.items())
        return shlex.join(["python", "-m", "audits", "run", *options])


#: What to write instead, field by field; shown after what was wrong.
ADVICE = {
    "model": "a model's reference, such as bundled:sentiment, a folder or a hub id",
    "data": "a data set's reference, such as bundled:reviews or a path to a CSV file",
    "tests": "at least one test, such as keyboard-typos, keyboard-typos@2, deepwordbug or my-recipe.yaml",
    "examples": "a whole number of 1 or more, or nothing for all of them",
    "stratify": "label, and columns of the data, such as label,topic; or none",
    "seed": "a whole number from 0 to 4294967295",
    "seeds": "how often each noise is drawn: a whole number from 1 to 100",
    "label_map": "pairs of the data's label and the model's, such as neg=negative (in a file neg: negative)",
    "slices": named.ADVICE,
    "metrics": "names of figures, such as macro_f1, calibration_error or drop *",
    "query_budget": "a whole number of 1 or more, or nothing for no limit",
    "time_budget": "a number of seconds above 0, or nothing for no limit",
    "baseline": "an audit's id, or the beginning of it",
    "max_words": "a share above 0 and up to 1, such as 0.3, or nothing for no limit",
}

#: Where something belongs that people look for in a field of its own.
HOMES = {
    "revision": "A model's revision stands behind its name: owner/name@revision.",
    "severities": "A noise's severity stands behind its name, in tests: keyboard-typos@2.",
    "severity": "A noise's severity stands behind its name, in tests: keyboard-typos@2.",
}


def make(**fields: Any) -> Plan:
    """A checked plan from plain values, its tests written out one column each.

    `tests` is a sequence of names or one text with commas; `seeds` is `USUAL_SEEDS` unless given. Raises
    PlanError.
    """
    fields = {"seeds": USUAL_SEEDS} | fields
    if isinstance(fields.get("tests"), str):
        fields["tests"] = fields["tests"].split(",")
    findings = _with_policy(fields)
    try:
        plan = _with_recipes(Plan.model_validate(fields))
    except ValidationError as problem:
        findings += _plainly(problem)
    if findings:
        raise _wrong(findings)
    missing = [test.name for written in plan.tests for test in left_out(written)]
    names = tuple(dict.fromkeys([*plan.left_out, *missing]))
    made = plan.model_copy(update={"tests": expand(plan.tests, plan.recipes), "left_out": names})
    if findings := list(_about_no_test(made)):
        raise _wrong(findings)
    return made


def _about_no_test(plan: Plan) -> Iterator[Finding]:
    """The rules and metrics that are about a test that the plan does not have."""
    for place, rule in enumerate(plan.policy):
        if said := rules.missing_test(rule.figure, plan.tests):
            yield ("policy", place, "figure"), f"policy, rule {place + 1}: figure: {said}"
    for place, figure in enumerate(plan.metrics):
        if said := rules.wrong_figure(figure) or rules.missing_test(figure, plan.tests):
            yield ("metrics", place), f"metrics: {said}"


def _wrong(findings: Sequence[Finding]) -> PlanError:
    return PlanError(" ".join(dict.fromkeys(said for _, said in findings)), findings)


def _with_policy(fields: dict[str, Any]) -> list[Finding]:
    """Reads the policy's file, where one is named, into the fields; what is wrong is taken out and told."""
    if not fields.get("policy"):
        fields.pop("policy", None)
        return []
    try:
        if isinstance(fields["policy"], str):
            fields["policy"] = rules.load(fields["policy"]).rules
    except PolicyError as problem:
        del fields["policy"]
        return [(("policy",), f"policy: {problem}")]
    findings: list[Finding] = [
        (("policy", *where), f"policy, {said}") for where, said in rules.problems(fields["policy"])
    ]
    if findings:
        del fields["policy"]
    return findings


def _with_recipes(plan: Plan) -> Plan:
    """The plan with the recipes' files that it names read, and named by their tests."""
    tests, texts = [], dict(plan.recipes)
    for name, text in texts.items():
        try:
            found = custom.load(text, source=name).entry.name
        except AttackError as problem:
            raise PlanError(f"recipes: {problem}", [(("recipes", name), f"recipes: {problem}")]) from None
        if found != name:
            said = f"recipes: the recipe under {name} is called {found}. Write that name before it."
            raise PlanError(said, [(("recipes", name), said)])
    try:
        for written in plan.tests:
            if custom.is_file(written):
                text = custom.read(written.strip()).strip()
                name = custom.load(text, source=written.strip()).entry.name
                if texts.get(name, text) != text:
                    raise AttackError(f"{written.strip()}: another recipe is called {name} already.")
                texts[name] = text
                tests.append(name)
            else:
                tests.append(written)
    except AttackError as problem:
        raise PlanError(f"tests: {problem}") from None
    return plan.model_copy(update={"tests": tuple(tests), "recipes": texts})


def read_test(written: str) -> PlannedTest:
    """`keyboard-typos@2` as its name and severity. Does not ask whether such a test exists."""
    name, _, severity = written.partition("@")
    return PlannedTest(name, int(severity) if severity.isdigit() else 0)


def expand(written: Iterable[str], recipes: Mapping[str, str] = MappingProxyType({})) -> tuple[str, ...]:
    """Test names with the severities written out, in order and without repeats. Raises PlanError.

    `recipes` are the plan's own, by the names of their tests.
    """
    names = [name for raw in written if (name := raw.strip())]
    if not names:
        raise PlanError(f"tests: nothing is chosen. Give {ADVICE['tests']}.")
    return tuple(dict.fromkeys(column for name in names for column in _columns_of(name, recipes)))


def shortened(tests: Iterable[str]) -> list[str]:
    """Written tests with a noise at all its severities as its name alone: what `expand` undoes."""
    short: list[str] = []
    for name, group in groupby(tests, key=lambda test: read_test(test).name):
        columns = list(group)
        short += [name] if len(columns) > 1 and columns == _every_column(name) else columns
    return short


def _every_column(name: str) -> list[str]:
    """All that a name stands for; nothing for one that this version no longer has."""
    try:
        return [PlannedTest(name, severity or 0).written for _, severity in parse(name)]
    except AttackError:
        return []


def _columns_of(written: str, recipes: Mapping[str, str]) -> list[str]:
    """The columns that one written name stands for."""
    try:
        found = ((custom.load(recipes[written]).entry, None),) if written in recipes else parse(written)
    except AttackError as problem:
        raise PlanError(f"tests: {problem}") from None
    if not found:
        raise PlanError(f"tests: nothing of {written} can run here. `python -m audits tests` says why.")
    if not found[0][0].available:
        raise PlanError(f"tests: {found[0][0].title} cannot run here. {found[0][0].remedy}")
    return [PlannedTest(entry.name, severity or 0).written for entry, severity in found]


#: The fields that a plan is written with; what could not run is found out, not written.
WRITTEN = tuple(name for name in Plan.model_fields if name != "left_out")


def _plainly(problem: ValidationError) -> list[Finding]:
    """Pydantic's findings, one plain sentence a field, each with where it stands."""
    findings: list[Finding] = []
    for finding in problem.errors():
        field = str(finding["loc"][0]) if finding["loc"] else "plan"
        if finding["type"] == "extra_forbidden":
            said = f"{field}: a plan has no such field. {meant(field, WRITTEN, HOMES)}"
        elif finding["type"] == "missing":
            said = f"{field}: it is missing. Give {ADVICE.get(field, 'a text')}."
        else:
            said = f"{field}: {_short(finding['input'])} cannot be used. Give {ADVICE.get(field, 'a text')}."
        findings.append((finding["loc"], said))
    return findings


def _short(value: object) -> str:
    """A value as it appears in a message, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def label_pairs(text: str) -> Mapping[str, str]:
    """`neg=negative,pos=positive` as a mapping. Raises PlanError."""
    pairs = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        ours, equals, theirs = part.partition("=")
        if not (equals and ours.strip() and theirs.strip()):
            raise PlanError(f"label_map: '{part}' is not a pair. Give {ADVICE['label_map']}.")
        pairs[ours.strip()] = theirs.strip()
    return pairs
