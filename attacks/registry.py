"""Every test there is, by name: the noises, the counterfactuals and the attack recipes."""

import difflib
from collections.abc import Callable

from attacks.counterfactuals import COUNTERFACTUALS
from attacks.entry import AttackError, Entry
from attacks.noise import NOISES
from attacks.recipes import RECIPES

__all__ = ["FAMILIES", "AttackError", "Entry", "entries", "entry", "left_out", "parse"]

#: Names that stand for many tests, what each means, and which tests it takes in where they are available.
FAMILIES: dict[str, tuple[str, Callable[[Entry], bool]]] = {
    "noise": ("every noise that keeps the label", lambda test: test.kind == "noise" and not test.may_break),
    "noise:all": ("every noise", lambda test: test.kind == "noise"),
    "counterfactuals": ("every counterfactual", lambda test: test.kind == "counterfactual"),
    "attacks:fast": ("attacks of some hundred queries", lambda test: test.kind == "attack" and test.fast),
    "attacks:all": ("every attack", lambda test: test.kind == "attack"),
}


def entries() -> tuple[Entry, ...]:
    """Every test: noises, counterfactuals, attacks, each in the order in which they are shown."""
    return (
        *(noise.entry for noise in NOISES.values()),
        *(counterfactual.entry for counterfactual in COUNTERFACTUALS.values()),
        *(recipe.entry for recipe in RECIPES.values()),
    )


def entry(name: str) -> Entry:
    """The test called `name`. Raises AttackError naming the nearest matches."""
    known = {known.name: known for known in entries()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower(), [*known, *FAMILIES], n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
    raise AttackError(f"There is no test called {name!r}. {meant}")


def parse(written: str) -> tuple[tuple[Entry, int | None], ...]:
    """The (test, severity) pairs that a written name stands for.

    `keyboard-typos@2` is that noise at severity 2, `keyboard-typos` that noise at each of its
    severities, `deepwordbug` an attack, which has none. A family (`noise`, `noise@3`, `attacks:fast`) is
    all of its tests that can run here, and may be empty. Raises AttackError for anything else.
    """
    name, at, level = written.strip().partition("@")
    if name in FAMILIES:
        _, takes_in = FAMILIES[name]
        tests = [test for test in entries() if takes_in(test) and test.available]
        return tuple(pair for test in tests for pair in _levels(test, at, level, written))
    return _levels(entry(name), at, level, written)


def left_out(written: str) -> tuple[Entry, ...]:
    """The tests of a family that its written name passes over because they cannot run here."""
    name = written.strip().partition("@")[0]
    if name not in FAMILIES:
        return ()
    _, takes_in = FAMILIES[name]
    return tuple(test for test in entries() if takes_in(test) and not test.available)


def _levels(found: Entry, at: str, level: str, written: str) -> tuple[tuple[Entry, int | None], ...]:
    """One test at the severities that `@level` stands for."""
    if not at:
        return tuple((found, severity) for severity in found.severities) or ((found, None),)
    name = written.strip().partition("@")[0]
    if not found.severities:
        raise AttackError(f"{name} has no severities: write {name}, not {written.strip()}.")
    if level not in map(str, found.severities):
        choices = ", ".join(f"{name}@{severity}" for severity in found.severities)
        raise AttackError(f"{written.strip()!r} is not a severity of {name}. There are {choices}.")
    return ((found, int(level)),)
