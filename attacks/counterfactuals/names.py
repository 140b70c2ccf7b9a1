"""People's names: first names of the other gender, and names common among people of another origin."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from attacks.counterfactuals.base import Change, Counterfactual, Words, table, word_set
from attacks.counterfactuals.gender import OTHER, gendered
from attacks.entry import Entry

SURNAME = "surname"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text: where it stands, its origin, and its kind ("female", "male" or "surname")."""

    place: int
    written: str
    origin: str
    kind: str


class GenderOfNames(Counterfactual):
    """First names of the other gender, and the gendered words with them."""

    entry = Entry(
        "names-gender",
        "counterfactual",
        "First names, gender",
        "First names become names of the other gender and the same origin, and gendered words go with them.",
        "Kiritchenko & Mohammad (2018), Examining Gender and Race Bias in 200 Sentiment Analysis Systems",
        "See whether the answer depends on the gender that names suggest.",
        constraints=("Only texts with a first name change", "Surnames stay"),
        family="Counterfactuals",
        may_break="Where gender decides the label, or the label is about the person who is named.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """Every first name as another one, the same each time, and every gendered word as its counterpart."""
        names = [name for name in found(words) if name.kind != SURNAME]
        if not names:
            return
        taken = set(words.words)
        new: dict[str, str] = {}
        for name in names:
            if name.written not in new:
                new[name.written] = _drawn(name.origin, OTHER[name.kind], taken, rng)
            yield Change(name.place, name.place, new[name.written], name.kind, OTHER[name.kind])
        yield from gendered(words)


class OriginOfNames(Counterfactual):
    """Names of another origin; gender stays."""

    entry = Entry(
        "names-origin",
        "counterfactual",
        "Names, origin",
        "First names and surnames become names common among people of another origin; gender stays.",
        "Bertrand & Mullainathan (2004), Are Emily and Greg More Employable than Lakisha and Jamal?",
        "See whether the answer depends on the origin that names suggest.",
        constraints=("Only listed names change, all of a text to one origin",),
        family="Counterfactuals",
        may_break="Where the label is about the person who is named, or about where people come from.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """Every listed name as one of the drawn origin, the same each time."""
        names = found(words)
        targets = sorted(set(_pools()) - {name.origin for name in names})
        if not names or not targets:
            return
        target = rng.choice(targets)
        taken = set(words.words)
        new: dict[tuple[str, str], str] = {}
        for name in names:
            if (name.written, name.kind) not in new:
                new[name.written, name.kind] = _drawn(target, name.kind, taken, rng)
            yield Change(name.place, name.place, new[name.written, name.kind], name.origin, target)


def found(words: Words) -> list[Name]:
    """The listed names in a text that are surely people's.

    A name is written with one capital. A first name stands alone, before a surname or after a title, never
    after another capitalised word (San Jose, Hurricane Ivan) or beside "&". A surname stands after a first
    name, or alone (never in Davis Cup or Dow Jones). What is no such name in one place (the Donald of
    Luke Donald) is none in the whole text.
    """
    names: list[Name] = []
    parts_of_others = set()
    for place, written in enumerate(words.words):
        origin, kind = _names().get(written, ("", ""))
        if not kind:
            continue
        first = names[-1] if names and names[-1].place == place - 1 and words.gap(place) == " " else None
        if kind == SURNAME and first and first.kind != SURNAME:
            meant = first.written not in parts_of_others
        else:
            meant = not _follows_a_name(words, place) and (
                kind != SURNAME or not _precedes_a_name(words, place)
            )
        doubled = words.gap(place + 1) == "-" and words.is_name_like(place + 1)
        if not meant or doubled or "&" in words.gap(place) + words.gap(place + 1):
            parts_of_others.add(written)
        names.append(Name(place, written, origin, kind))
    return [name for name in names if name.written not in parts_of_others]


def _follows_a_name(words: Words, place: int) -> bool:
    """Whether the word before has a capital of its own: no title, and no "When" at a sentence's start."""
    return (
        bool(words.before(place) or words.gap(place) == "-")
        and words.words[place - 1][0].isupper()
        and words.lower[place - 1] not in word_set("titles") | word_set("closed-class")
    )


def _precedes_a_name(words: Words, place: int) -> bool:
    return bool(words.after(place) or words.gap(place + 1) == "-") and words.is_name_like(place + 1)


def _drawn(origin: str, kind: str, taken: set[str], rng: random.Random) -> str:
    """A name that the text does not hold yet; one that it does where all are used up."""
    pool = _pools()[origin][kind]
    name = rng.choice([name for name in pool if name not in taken] or pool)
    taken.add(name)
    return name


@cache
def _pools() -> dict[str, dict[str, Sequence[str]]]:
    """For every origin its names by kind."""
    pools: dict[str, dict[str, Sequence[str]]] = {}
    for origin, kind, names in table("names"):
        pools.setdefault(origin, {})[kind] = names.split()
    return pools


@cache
def _names() -> dict[str, tuple[str, str]]:
    """For every listed name its origin and kind."""
    return {
        name: (origin, kind) for origin, kinds in _pools().items() for kind in kinds for name in kinds[kind]
    }


COUNTERFACTUALS: tuple[Counterfactual, ...] = (GenderOfNames(), OriginOfNames())
