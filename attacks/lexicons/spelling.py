"""Spelling: common misspellings, and American beside British."""

import functools
from collections.abc import Iterator

from attacks.entry import AttackError
from attacks.lexicons import rows
from attacks.lexicons.tokens import Phrasebook

_DIRECTIONS = ("both", "uk-to-us", "us-to-uk")


@functools.cache
def misspellings() -> Phrasebook:
    """English words, each with its common misspellings."""
    return Phrasebook({word: wrong.split() for word, wrong in rows("misspellings", 2)})


@functools.cache
def us_to_uk() -> Phrasebook:
    """American words with their British spelling, where the American one has no other meaning."""
    return Phrasebook({us: (uk,) for us, uk, direction in _pairs() if direction != "uk-to-us"})


@functools.cache
def uk_to_us() -> Phrasebook:
    """British words with their American spelling, where the British one has no other meaning."""
    return Phrasebook({uk: (us,) for us, uk, direction in _pairs() if direction != "us-to-uk"})


def _pairs() -> Iterator[tuple[str, str, str]]:
    """Every American word, its British spelling, and the direction in which the change is safe."""
    for us, uk, endings, direction in rows("us_uk", 4):
        if direction not in _DIRECTIONS:
            raise AttackError(f"The word list us_uk.tsv has the direction {direction!r} for {us}.")
        for ending in endings.split():
            yield us + ending.strip("-"), uk + ending.strip("-"), direction
