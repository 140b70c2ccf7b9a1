"""Every test there is, by name: the noises and the attack recipes."""

import difflib

from attacks.entry import AttackError, Entry
from attacks.noise import NOISES
from attacks.recipes import RECIPES

__all__ = ["AttackError", "Entry", "entries", "entry", "parse"]


def entries() -> tuple[Entry, ...]:
    """Every test, noises first, in the order in which they are shown."""
    noises = [noise.entry for noise in NOISES.values()]
    return (*noises, *(recipe.entry for recipe in RECIPES.values()))


def entry(name: str) -> Entry:
    """The test called `name`. Raises AttackError naming the nearest matches."""
    known = {known.name: known for known in entries()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower(), known, n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(known)}."
    raise AttackError(f"There is no test called {name!r}. {meant}")


def parse(written: str) -> tuple[tuple[Entry, int | None], ...]:
    """The (test, severity) pairs that a written name stands for.

    `keyboard-typos@2` is that noise at severity 2, `keyboard-typos` that noise at each of its
    severities, `deepwordbug` an attack, which has none. Raises AttackError for anything else.
    """
    name, at, level = written.strip().partition("@")
    found = entry(name)
    if not at:
        return tuple((found, severity) for severity in found.severities) or ((found, None),)
    if not found.severities:
        raise AttackError(f"{name} has no severities: write {name}, not {written.strip()}.")
    if level not in map(str, found.severities):
        choices = ", ".join(f"{name}@{severity}" for severity in found.severities)
        raise AttackError(f"{written.strip()!r} is not a severity of {name}. There are {choices}.")
    return ((found, int(level)),)
