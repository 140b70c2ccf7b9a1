"""Nationality: adjectives of countries and words for their people, as those of another region."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Nation:
    """A country's adjective and people; `people` is empty where they have no word of their own."""

    region: str
    adjective: str
    people: str


class Nationality(Counterfactual):
    """Nations of one region of the world become nations of another."""

    entry = Entry(
        "nationality",
        "counterfactual",
        "Nationality",
        "Nationalities become those of another region of the world; the groups are regions.",
        "Venkit et al. (2023), Nationality Bias in Text Generation",
        "See whether the answer depends on the nationality that the text names.",
        constraints=("Adjectives and people change, and a or an before them; countries stay",),
        family="Counterfactuals",
        may_break="Where the label depends on where something happens, as in world news.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """Every word for a nation as that of another, the same each time."""
        closed = phrase_places(words, phrases("nation-phrases"))
        listed = [(place, *_forms()[word]) for place, word in enumerate(words.lower) if word in _forms()]
        parts = {nation for place, nation, _ in listed if place in closed or not _is_meant(words, place)}
        # A nation that is part of a name somewhere (American Airlines) stays in the whole text.
        mentions = [mention for mention in listed if mention[1] not in parts]
        named = list(dict.fromkeys(nation for _, nation, _ in mentions))
        regions = {nation.region for nation in named}
        # A nation with a word for its people has one for each of them too: "a Kenyan said".
        pool = [nation for nation in _nations() if nation.people and nation.region not in regions]
        if not named or len(pool) < len(named):
            return
        if len(named) == 1:  # every region is as likely, however many nations are listed for it
            region = rng.choice(sorted({nation.region for nation in pool}))
            pool = [nation for nation in pool if nation.region == region]
        new = dict(zip(named, rng.sample(pool, len(named)), strict=True))
        for place, nation, form in mentions:
            written, target = words.words[place], new[nation]
            all_of_them = words.before(place) == "the" and not words.goes_on(place)  # the French said
            word = target.people if all_of_them or form == "people" else target.adjective
            yield Change(
                place,
                place,
                word.lower() if written.islower() else in_case(word, written),
                nation.region,
                target.region,
            )


def _is_meant(words: Words, place: int) -> bool:
    """Whether a listed word is likely about a nation, and no language and no part of a name."""
    written = words.words[place]
    if not has_plain_case(written) or _is_beside_another(words, place):
        return False
    if words.before(place) in word_set("languages-after") and not words.goes_on(place):
        return False
    everyday = words.lower[place] in word_set("nation-lower")
    if written.islower() or (everyday and words.starts_sentence(place)):
        return not everyday
    titled = words.is_name_like(place + 1) and words.after(place) in word_set("titles")
    return not words.touches_a_name(place) or (titled and not words.is_name_like(place - 1))


def _is_beside_another(words: Words, place: int) -> bool:
    """Whether it is part of a compound, such as Indian American or Irish-Moroccan."""
    return any(
        words.lower[neighbour] in _forms() and words.gap(max(place, neighbour)) in (" ", "-")
        for neighbour in (place - 1, place + 1)
        if 0 <= neighbour < len(words)
    )


@cache
def _nations() -> tuple[Nation, ...]:
    return tuple(
        Nation(region, adjective, people.strip("-")) for region, adjective, people in table("nations")
    )


@cache
def _forms() -> dict[str, tuple[Nation, str]]:
    """For every word in lower case its nation, and whether it is the "adjective" or the "people"."""
    adjectives = {nation.adjective.lower(): (nation, "adjective") for nation in _nations()}
    return adjectives | {nation.people.lower(): (nation, "people") for nation in _nations() if nation.people}


COUNTERFACTUALS: tuple[Counterfactual, ...] = (Nationality(),)
