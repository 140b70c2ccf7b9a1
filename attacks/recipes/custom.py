"""Recipes of one's own, written down in a few lines of YAML.

    name: careful-synonyms
    goal: untargeted                      # or {targeted: positive}, or input-reduction
    transformations:
      - WordSwapEmbedding: {max_candidates: 20}
    constraints:
      - RepeatModification
      - StopwordModification
      - SentenceEncoder: {threshold: 0.9}
    search:
      GreedyWordSwapWIR: {wir_method: delete}

Components and their parameters are those of `attacks.recipes.components`.
"""

import difflib
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from attacks.entry import AttackError, Entry
from attacks.gradients import white_box
from attacks.recipes.components import LISTS, Component, Kind
from attacks.recipes.deletions import wordless
from attacks.recipes.recipe import Recipe
from attacks.recipes.setup import Setup
from attacks.recipes.words import FLIP
from models.classifier import Classifier

#: What the names of tests made from these recipes begin with: attacks on the answer, and those that keep it.
PREFIX, KEEPING = "custom:", "custom-reduction:"
#: In characters: a recipe is a few lines.
_LONGEST = 20_000
_ENDINGS = (".yaml", ".yml")
_REDUCTION = "input-reduction"


class Chosen(BaseModel):
    """One component by its name, with parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    parameters: dict[str, Any] = Field(default_factory=dict)


class Targeted(BaseModel):
    """The goal of getting one label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    targeted: Annotated[str, Field(min_length=1)]


def _reader(kind: Kind) -> BeforeValidator:
    def read(value: Any) -> Any:
        if isinstance(value, str):
            value = {value: None}
        if not isinstance(value, dict) or len(value) != 1:
            raise ValueError(f"a {kind} is written as its name, or as its name and its parameters")
        ((name, parameters),) = value.items()
        return {"name": str(name), "parameters": _parameters(kind, str(name), parameters)}

    return BeforeValidator(read)


def _parameters(kind: Kind, name: str, given: Any) -> dict[str, Any]:
    if name not in LISTS[kind]:
        raise ValueError(f"there is no {kind} {name!r}. {_near(name, LISTS[kind])}")
    component = LISTS[kind][name]
    if given is not None and not isinstance(given, dict):
        raise ValueError(f"{name}: parameters are written as {{name: value}}")
    checked = {}
    for parameter, value in (given or {}).items():
        if parameter not in component.parameters:
            meant = _near(str(parameter), component.parameters) if component.parameters else "It has none."
            raise ValueError(f"{name} has no parameter {str(parameter)!r}. {meant}")
        try:
            checked[parameter] = TypeAdapter(component.parameters[parameter]).validate_python(value)
        except ValidationError as problem:
            raise ValueError(f"{name}, {parameter}: {problem.errors()[0]['msg']}, not {value!r}") from None
    return checked


def _near(name: str, known: Iterable[str]) -> str:
    listed = list(known)
    lower = {other.lower(): other for other in listed}
    found = difflib.get_close_matches(name.lower(), lower, n=3, cutoff=0.5)
    if found:
        return f"Did you mean {' or '.join(lower[other] for other in found)}?"
    return f"There are: {', '.join(listed)}."


class Written(BaseModel):
    """A recipe as it stands in the file, checked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=60)]
    goal: Literal["untargeted", "input-reduction"] | Targeted = "untargeted"
    transformations: Annotated[tuple[Annotated[Chosen, _reader("transformation")], ...], Field(min_length=1)]
    constraints: tuple[Annotated[Chosen, _reader("constraint")], ...] = ()
    search: Annotated[Chosen, _reader("search method")]


def outline(test: str) -> Entry | None:
    """What the name of a test tells of a recipe of one's own; None for any other test."""
    for prefix in (PREFIX, KEEPING):
        if test.startswith(prefix):
            name = test.removeprefix(prefix)
            return Entry(test, "attack", name, "", "", "", family="Custom", flips=prefix == PREFIX)
    return None


def is_file(written: str) -> bool:
    """Whether a test is written as the path of a recipe's file."""
    return written.strip().lower().endswith(_ENDINGS)


def read(path: str | Path) -> str:
    """The text of a recipe's file. Raises AttackError where it cannot be read."""
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8 text"
        raise AttackError(f"{path}: the recipe cannot be read: {reason}.") from None


def load(path_or_text: str | Path, source: str = "recipe") -> Recipe:
    """The recipe in a file, or in a text of YAML, which errors call `source`.

    Its test is called `custom:` and its name, or `custom-reduction:` where its goal is input reduction.

    Raises AttackError naming the file, the field, and what would be right.
    """
    if isinstance(path_or_text, Path) or ("\n" not in path_or_text and is_file(path_or_text)):
        return _recipe(check(read(path_or_text), str(path_or_text)))
    return _recipe(check(path_or_text, source))


def check(text: str, source: str) -> Written:
    """A recipe's text, checked. Raises AttackError that begins with `source`."""
    if len(text) > _LONGEST:
        raise AttackError(f"{source}: {len(text)} characters are too many for a recipe.")
    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as problem:
        raise AttackError(f"{source}: this is not YAML: {' '.join(str(problem).split())[:200]}") from None
    if not isinstance(content, dict):
        raise AttackError(f"{source}: a recipe has the fields {', '.join(Written.model_fields)}.")
    try:
        return Written.model_validate(content)
    except ValidationError as problem:
        wrong = [
            finding for finding in problem.errors() if finding["type"] != "too_short"
        ] or problem.errors()
        said = dict.fromkeys(_plainly(finding) for finding in wrong)
        raise AttackError(f"{source}: {' '.join(said)}") from None


def _plainly(finding: Mapping[str, Any]) -> str:
    """One of pydantic's findings as a sentence."""
    field = str(finding["loc"][0]) if finding["loc"] else "recipe"
    if finding["type"] == "extra_forbidden" and len(finding["loc"]) == 1:
        return f"{field}: a recipe has no such field. {_near(field, Written.model_fields)}"
    if finding["type"] == "missing":
        return f"{field}: it is missing."
    if finding["type"] == "too_short":
        return f"{field}: name at least one."
    if field == "goal":
        return "goal: it is untargeted, {targeted: LABEL} or input-reduction."
    if field == "name":
        return "name: it is made of small letters, figures and hyphens, at most 60."
    said = str(finding["msg"]).removeprefix("Value error, ")
    return f"{field}: {said}{'' if said.endswith(('.', '?')) else '.'}"


def _recipe(written: Written) -> Recipe:
    chosen = (
        *((LISTS["transformation"][one.name], one) for one in written.transformations),
        *((LISTS["constraint"][one.name], one) for one in written.constraints),
        (LISTS["search method"][written.search.name], written.search),
    )
    components = [component for component, _ in chosen]
    content = json.dumps(written.model_dump(), sort_keys=True)
    entry = Entry(
        name=_test(written),
        kind="attack",
        family="Custom",
        title=written.name,
        description=f"{_listed(written.transformations)}, searched by {written.search.name}.",
        paper="a recipe of one's own",
        goal=_goal_in_words(written),
        constraints=tuple(one.name for one in written.constraints),
        needs=tuple(dict.fromkeys(need for component in components for need in component.needs)),
        fast=False,
        flips=written.goal != _REDUCTION,
    )

    def prepare(classifier: Classifier) -> None:
        if any(component.white_box for component in components):
            white_box(classifier)
        if isinstance(written.goal, Targeted) and written.goal.targeted not in classifier.labels:
            meant = _near(written.goal.targeted, classifier.labels)
            raise AttackError(f"{entry.name}: the model has no label {written.goal.targeted!r}. {meant}")
        _try(written, classifier)

    return Recipe(
        entry, lambda setup: _build(written, setup), prepare, hashlib.sha256(content.encode()).hexdigest()
    )


def _test(written: Written) -> str:
    return (KEEPING if written.goal == _REDUCTION else PREFIX) + written.name


def _listed(chosen: Iterable[Chosen]) -> str:
    return ", ".join(one.name for one in chosen)


def _goal_in_words(written: Written) -> str:
    if isinstance(written.goal, Targeted):
        return f"Make the model answer {written.goal.targeted}."
    return FLIP if written.goal == "untargeted" else "Keep the answer with as few words as possible."


def _try(written: Written, classifier: Classifier) -> None:
    """Builds the attack once around nothing, for parts that do not go together say so only then."""
    import numpy as np
    from textattack.models.wrappers import ModelWrapper

    class Nothing(ModelWrapper):
        model = None

        def __call__(self, texts: Any, **_: Any) -> Any:
            raise AssertionError("a recipe is only built here, never asked")

    labels = len(classifier.labels)
    setup = Setup(
        Nothing(), 0, (1 / labels,) * labels, lambda texts: np.zeros((len(texts), 1), np.float32), classifier
    )
    try:
        _build(written, setup)
    except (ValueError, TypeError) as problem:
        if isinstance(problem, AttackError):
            raise
        reason = " ".join(str(problem).split())[:300]
        raise AttackError(f"{_test(written)}: its parts do not go together: {reason}") from None


def _build(written: Written, setup: Setup) -> Any:
    from textattack import Attack
    from textattack.transformations import CompositeTransformation

    swaps = [_made(LISTS["transformation"][one.name], one, setup) for one in written.transformations]
    constraints = [_made(LISTS["constraint"][one.name], one, setup) for one in written.constraints]
    search = _made(LISTS["search method"][written.search.name], written.search, setup)
    swap = swaps[0] if len(swaps) == 1 else CompositeTransformation(swaps)
    return Attack(_goal(written, setup), constraints, swap, search)


def _made(component: Component, chosen: Chosen, setup: Setup) -> Any:
    return component.make(setup, **chosen.parameters)


def _goal(written: Written, setup: Setup) -> Any:
    from textattack.goal_functions import InputReduction, TargetedClassification, UntargetedClassification

    if isinstance(written.goal, Targeted):
        wanted = setup.classifier.labels.index(written.goal.targeted)
        return TargetedClassification(setup.wrapper, target_class=wanted)
    if written.goal == "untargeted":
        return UntargetedClassification(setup.wrapper)
    return wordless(InputReduction(setup.wrapper, maximizable=True))
