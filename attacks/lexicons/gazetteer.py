"""Names of people and places, and how a word begins."""

import functools

from attacks.entry import AttackError
from attacks.lexicons import rows
from attacks.lexicons.tokens import Phrasebook

_NO_VOWEL = ("eu", "uni", "one", "once", "use", "usu", "uk", "ub", "ute", "uru", "ugan", "utah")
_SILENT_H = ("heir", "honest", "hono", "hour")


@functools.cache
def names() -> dict[str, tuple[str, ...]]:
    """First names by gender, and family names, under "female", "male" and "family"."""
    return _by_kind("names", ("female", "male", "family"))


@functools.cache
def places() -> dict[str, tuple[str, ...]]:
    """Places under "city", "country" and "state"."""
    return _by_kind("places", ("city", "country", "state"))


@functools.cache
def gender_of() -> dict[str, str]:
    """For each first name, in lower case, its gender."""
    return {name.lower(): kind for kind in ("female", "male") for name in names()[kind]}


@functools.cache
def kind_of() -> dict[str, str]:
    """For each place what it is."""
    return {place: kind for kind, members in places().items() for place in members}


@functools.cache
def place_book() -> Phrasebook:
    """The places, each with its name as the list has it."""
    return Phrasebook({place: (place,) for place in kind_of()})


def _by_kind(name: str, kinds: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = dict.fromkeys(kinds, ())
    for member, kind in rows(name, 2):
        if kind not in kinds:
            raise AttackError(f"The word list {name}.tsv has the kind {kind!r} for {member}.")
        found[kind] += (member,)
    return found


def takes_an(word: str) -> bool:
    """Whether "an" rather than "a" stands before a word, by the sound that its spelling mostly has."""
    lower = word.lower()
    if lower.startswith(_SILENT_H):
        return True
    return lower[:1] in tuple("aeiou") and not lower.startswith(_NO_VOWEL)
