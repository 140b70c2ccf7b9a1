"""Abbreviations and what people write in chats, short and in full."""

import functools
from collections.abc import Iterator

from attacks.entry import AttackError
from attacks.lexicons import rows
from attacks.lexicons.tokens import Phrasebook

_DIRECTIONS = ("both", "shorten", "write-out")


@functools.cache
def abbreviations() -> Phrasebook:
    """Words with their abbreviations."""
    return _by_full("abbreviations")


@functools.cache
def slang() -> Phrasebook:
    """Words and phrases with what stands for them in chats."""
    return _by_full("chat")


@functools.cache
def full_forms() -> Phrasebook:
    """Short forms with what they stand for, from both lists, where that is one thing.

    Each choice comes in pairs: the short form as it is written, and the full form.
    """
    found: dict[str, tuple[str, str]] = {}
    for name in ("abbreviations", "chat"):
        for full, short, direction in _rows(name):
            if direction != "shorten":
                found.setdefault(short.lower(), (short, full))
    return Phrasebook(found)


def _by_full(name: str) -> Phrasebook:
    found: dict[str, tuple[str, ...]] = {}
    for full, short, direction in _rows(name):
        if direction != "write-out":
            found[full] = (*found.get(full, ()), short)
    return Phrasebook(found)


def _rows(name: str) -> Iterator[tuple[str, str, str]]:
    for full, short, direction in rows(name, 3):
        if direction not in _DIRECTIONS:
            raise AttackError(f"The word list {name}.tsv has the direction {direction!r} for {full}.")
        yield full, short, direction
