"""Other numbers than were written: near ones, of the same length, that make sense in the same place."""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from attacks.lexicons.gazetteer import takes_an
from attacks.lexicons.numbers import NUMBER_WORDS, spoken
from attacks.lexicons.tokens import Token, fitted, joined, tokens
from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.lexical import word_edit
from attacks.noise.sources import CHECKLIST

_NUMBER = re.compile(r"[0-9]+(?:[.,:/–-][0-9]+)*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_CLOCK = re.compile(r"(1?[0-9]|2[0-3]):([0-5][0-9])")
_SHARE = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")
_PAIR = re.compile(r"([0-9]+)([.–-])([0-9]+)")
_PERCENT = re.compile(r"\s?(?:%|percent|per cent)")
#: The most digits of a number that is changed; longer ones are codes and keys.
_LONGEST = 12
_TENS = [10 * tens for tens in range(2, 10)]


class NumberChanges(Noise):
    """Changes numbers in digits and words; 1 and "one" stay, for what follows them is in the singular."""

    unit = "words"
    entry = noise_entry(
        "number-changes",
        "Numbers changed",
        "Numbers become others near them, of the same length (94 minutes, 87 minutes).",
        CHECKLIST,
        "Facts",
        may_break="A task about numbers, dates, ratings or sums may have another answer.",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every number that has others like it."""
        words = tokens(text)
        found = [*_digits(text, words), *_words(text, words)]
        for start, end, choices in sorted(found, key=lambda place: place[:2]):
            if choices:
                yield word_edit(text, start, end, rng.choice(choices))


Place = tuple[int, int, list[str]]


def _digits(text: str, words: Sequence[Token]) -> Iterator[Place]:
    """Where a number stands in digits, and what may stand there instead."""
    before: dict[int, str] = {token.start: "" for token in words}
    before |= {second.start: first.key for first, second in pairwise(words) if joined(text, first, second)}
    ends = {token.end for token in words}
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        decade = text[end : end + 1] == "s" and end + 1 in ends
        if start in before and (decade or end in ends):
            article = before[start] in ("a", "an")
            choices = _decades(match.group()) if decade else _others(match.group(), text[end:])
            yield start, end, [new for new in choices if not article or _same_article(match.group(), new)]


def _decades(written: str) -> list[str]:
    """Other decades of the same century."""
    if not re.fullmatch(r"(1[5-9]|20)?[2-9]0", written):
        return []
    return [f"{written[:-2]}{tens}" for tens in _TENS if not written.endswith(str(tens))]


def _others(written: str, following: str) -> list[str]:
    """What may stand instead of a number, by how it is written; nothing for dates and the like."""
    others: list[str] = []
    if clock := _CLOCK.fullmatch(written):
        others = [f"{clock[1]}:{minute:02}" for minute in range(5, 60, 5) if minute != int(clock[2])]
    elif share := _SHARE.fullmatch(written):
        others = [f"{new}/{share[2]}" for new in range(2, int(share[2]) + 1) if new != int(share[1])]
    elif _THOUSANDS.fullmatch(written):
        others = [f"{new:,}" for new in _near(written.replace(",", ""))]
    elif pair := _PAIR.fullmatch(written):
        others = [f"{pair[1]}{pair[2]}{new}" for new in _near(pair[3])]
    elif written.isdigit():
        percent = len(written) <= 3 and int(written) <= 100 and _PERCENT.match(following)
        others = [str(new) for new in _near(written) if not percent or new <= 100]
    return others


def _near(written: str) -> list[int]:
    """Numbers of the same length, within a third of this one (of a year: twenty); none for 1, 007."""
    if len(written) == 1:
        return [new for new in range(2, 10) if str(new) != written and written != "1"]
    if written[0] == "0" or len(written) > _LONGEST:
        return []
    number = int(written)
    reach = 20 if 1500 <= number < 2100 else max(2, number // 3)
    low, high = 10 ** (len(written) - 1), 10 ** len(written) - 1
    first, last = max(low, number - reach), min(high, number + reach)
    step = max(1, (last - first) // 60)
    return [new for new in range(first, last + 1, step) if new != number]


def _same_article(old: str, new: str) -> bool:
    """Whether both numbers take the same article (an 8, a 9)."""
    return _takes_an(old) == _takes_an(new)


def _takes_an(written: str) -> bool:
    first = re.match("[0-9]+", written)
    return first is not None and len(first[0]) <= 12 and takes_an(spoken(int(first[0]))) and first[0] != "1"


def _words(text: str, words: Sequence[Token]) -> Iterator[Place]:
    """Where a number stands in words, and what may stand there instead."""
    for place, token in enumerate(words):
        if token.key not in NUMBER_WORDS:
            continue
        before = [word.key for word in words[max(0, place - 2) : place]]
        if before == ["out", "of"]:
            continue  # "nine out of ten"
        like = [word for word in NUMBER_WORDS if word != token.key and _sort(word) == _sort(token.key)]
        if before[-1:] in (["a"], ["an"]):
            like = [word for word in like if takes_an(word) == takes_an(token.key)]
        yield token.start, token.end, [fitted(word, token.written, text) for word in like]


def _sort(word: str) -> int:
    """Which number words stand for each other: up to ten, up to nineteen, the tens."""
    value = NUMBER_WORDS[word]
    return 0 if value <= 10 else 1 if value < 20 else 2


NOISES: tuple[Noise, ...] = (NumberChanges(),)
