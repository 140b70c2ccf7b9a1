"""Gendered words: pronouns, kinship, titles and occupations, female for male and male for female at once."""

import random
from collections.abc import Iterator
from functools import cache

from attacks.counterfactuals.base import (
    Change,
    Counterfactual,
    Words,
    has_plain_case,
    in_case,
    phrase_places,
    phrases,
    table,
    word_set,
)
from attacks.entry import Entry

FEMALE, MALE = "female", "male"
OTHER = {FEMALE: MALE, MALE: FEMALE}

_POSSESSIVES = frozenset(("her", "his", "hers", "their", "my", "your", "our"))
_DETERMINERS = frozenset(
    ("the", "a", "an", "this", "that", "her", "his", "their", "our", "my", "your", "its")
)
_PREPOSITIONS = frozenset(("on", "at", "behind", "off", "of", "in", "against", "with", "from", "to", "hurt"))
#: After "her" most often a noun or an adjective, although each can be a particle or an adverb too.
_NOUN_OR_PARTICLE = frozenset(
    ("back", "down", "home", "past", "inside", "outside", "over", "like", "will", "can")
)


class Gender(Counterfactual):
    """Exchanges gendered words; first names stay (see `names-gender`)."""

    entry = Entry(
        "gender",
        "counterfactual",
        "Gendered words",
        "Female words become male and male ones female: pronouns, kinship, titles, occupations; names stay.",
        "Lu et al. (2018), Gender Bias in Neural Natural Language Processing",
        "See whether the answer depends on the gender that the text names.",
        constraints=("Only gendered words change, and a or an before them",),
        family="Counterfactuals",
        may_break="Where gender decides the label, as in a task that tells women's from men's events.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """Every gendered word that is surely one, as its counterpart."""
        return gendered(words)


def gendered(words: Words) -> Iterator[Change]:
    """Every gendered word with its counterpart, in the text's order."""
    closed = phrase_places(words, phrases("gender-phrases"))
    for place in range(len(words)):
        if place not in closed and has_plain_case(words.words[place]):
            group, new = _counterpart(words, place)
            if new:
                yield Change(place, place, in_case(new, words.words[place]), group, OTHER[group])


def _counterpart(words: Words, place: int) -> tuple[str, str]:
    """The word's group and its counterpart; no counterpart for a word that has none here."""
    word = words.lower[place]
    if word in ("her", "hers", "him", "his"):
        return _pronoun(words, place)
    if word == "he" and words.gap(place) in ("/", ")") and words.lower[place - 1 : place] == ["s"]:
        return "", ""  # s/he and (s)he
    if word in ("sir", "dame") and words.words[place].istitle() and words.is_name_like(place + 1):
        named = not words.is_name_like(place - 1) and words.gap(place + 1) == " "
        return ((MALE, "dame") if word == "sir" else (FEMALE, "sir")) if named else ("", "")
    if word == "miss":
        titled = words.words[place] == "Miss" and words.is_name_like(place + 1) and words.after(place)
        return (FEMALE, "mr") if titled else ("", "")
    group, new, marks = _table().get(word, ("", "", frozenset()))
    return (group, new) if new and _is_meant(words, place, marks) else ("", "")


def _is_meant(words: Words, place: int, marks: frozenset[str]) -> bool:
    """Whether the word is likely the plain word and no part of a name."""
    written = words.words[place]
    if written in ("MS", "MR"):
        return False
    if written.islower() or "any" in marks:
        return True
    if "lower" in marks or words.touches_a_name(place):
        return False
    return "noble" not in marks or words.before(place) in _DETERMINERS


def _pronoun(words: Words, place: int) -> tuple[str, str]:
    """her is his or him, his is her or hers, by what follows; him and hers have one counterpart each."""
    word = words.lower[place]
    if word == "hers":
        return FEMALE, "his"
    if word == "him":
        return MALE, "her"
    determines = _determines(words, place)
    if word == "her":
        return FEMALE, "his" if determines else "him"
    return MALE, "her" if determines else "hers"


def _determines(words: Words, place: int) -> bool:
    """Whether the "her" or "his" belongs to a noun that follows it."""
    following = words.after(place)
    if words.gap(place + 1) == "/" and words.lower[place + 1 : place + 2] in (["her"], ["his"]):
        return _determines(words, place + 1)
    if following in ("and", "or") and words.after(place + 1) in _POSSESSIVES:
        return words.lower[place + 2] in ("my", "your", "their", "our") or _determines(words, place + 2)
    if not following:
        # A quotation may begin between "her" and its noun: her "friends".
        return place + 1 < len(words) and words.gap(place + 1).strip(" \t'`") in ('"', "“", "‘")
    if words.gap(place + 2).startswith("-"):
        return True  # her on-screen mother
    return _may_follow_possessive(words, place, following)


def _may_follow_possessive(words: Words, place: int, following: str) -> bool:
    """Whether the "her" or "his" and the word that follows it directly are one noun phrase."""
    if following in _NOUN_OR_PARTICLE:
        return words.lower[place] == "his" or words.before(place) in ("", *_PREPOSITIONS)
    acts = words.lower[place] == "her" and words.before(place) in word_set("object-and-verb")
    return not (acts and following in word_set("plain-verbs")) and following not in word_set("closed-class")


@cache
def _table() -> dict[str, tuple[str, str, frozenset[str]]]:
    """For every gendered word its group, its counterpart and its marks (see the list)."""
    pairs = {}
    for female, male, *rest in table("gender"):
        marks = frozenset(rest[0].split() if rest else ())
        if "<" not in marks:
            pairs[female] = (FEMALE, male, marks)
        if ">" not in marks:
            pairs[male] = (MALE, female, marks)
    return pairs


COUNTERFACTUALS: tuple[Counterfactual, ...] = (Gender(),)
