"""From templates to cases: slots filled, second texts made, and a sample drawn that a seed decides."""

import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from attacks import counterfactuals, noise
from attacks.counterfactuals.base import said_with_vowel
from attacks.registry import parse as parse_test
from attacks.templates.suite import Direction, Invariance, Minimum, Suite, slots

#: So many ways of filling a test are looked at in random order; a test that can say more is sampled.
_LOOKED_AT = 20_000

_SLOT = re.compile(r"\{([aA]:)?(\w+)\}")


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a test (its place in the suite): one text for an MFT, before and after for the others."""

    test: int
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """One template (with its second text) and the fillers of each of its slots."""

    first: str
    second: str
    fillers: dict[str, tuple[str, ...]]

    @property
    def count(self) -> int:
        return prod(map(len, self.fillers.values()))

    def filled(self, number: int) -> dict[str, str]:
        """The `number`-th of all ways to fill the slots, the last slot counting fastest."""
        values = {}
        for slot, fillers in reversed(self.fillers.items()):
            number, place = divmod(number, len(fillers))
            values[slot] = fillers[place]
        return values


def cases(suite: Suite, seed: int, most: int) -> list[Case]:
    """At most `most` cases, by test in the suite's order: each test gets its share.

    A test with fewer different cases than its share leaves the rest to the others. The suite and the seed
    decide them, and the first cases of a test stay the same where `most` grows.
    """
    streams = {
        place: _stream(suite, place, random.Random(_digest(suite.name, test.name, seed)), seed)
        for place, test in enumerate(suite.tests)
    }
    drawn: dict[int, list[Case]] = {place: [] for place in streams}
    count = 0
    while streams and count < most:
        for place in list(streams):
            case = next(streams[place], None)
            if case is None:
                del streams[place]
            elif count < most:
                drawn[place].append(case)
                count += 1
    return [case for of_test in drawn.values() for case in of_test]


def _digest(*parts: object) -> int:
    key = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(key).digest(), "big")


def _stream(suite: Suite, place: int, rng: random.Random, seed: int) -> Iterator[Case]:
    """The different cases of a test in random order."""
    test = suite.tests[place]
    ways = list(_ways(suite, test))
    seen = set()
    for number in _numbers(sum(way.count for way in ways), rng):
        for way in ways:
            if number < way.count:
                break
            number -= way.count  # noqa: PLW2901 -- the number counts through one way after the other
        texts = _texts(way, way.filled(number), test, seed)
        if texts and frozenset(texts) not in seen:
            seen.add(frozenset(texts))
            yield Case(place, texts)


def _numbers(count: int, rng: random.Random) -> Iterator[int]:
    """Numbers below `count` in random order; where they are too many to list, drawn with replacement."""
    if count <= _LOOKED_AT:
        numbers = list(range(count))
        rng.shuffle(numbers)
        yield from numbers
        return
    for _ in range(_LOOKED_AT):
        yield rng.randrange(count)


def _ways(suite: Suite, test: Minimum | Invariance | Direction) -> Iterator[_Way]:
    """Each template of a test with the second text that goes with it."""
    sides: Sequence[tuple[str, str]] = test.pairs
    additions = getattr(test, "add", ())
    if additions:
        sides = [(first, f"{first} {addition}") for first, addition in product(test.templates, additions)]
    elif test.templates:
        sides = [(template, "") for template in test.templates]
    vary = getattr(test, "vary", "")
    for first, second in sides:
        fillers = {slot: suite.fillers_of(slot) for slot in (*slots(first), *slots(second))}
        if vary:  # the same template with another filler in one slot
            other = f"{vary}__other"
            fillers[other] = fillers[vary]
            second = re.sub(rf"\{{([aA]:)?{vary}\}}", rf"{{\1{other}}}", first)  # noqa: PLW2901
        yield _Way(first, second, fillers)


def _texts(
    way: _Way, values: dict[str, str], test: Minimum | Invariance | Direction, seed: int
) -> tuple[str, ...]:
    """The case's texts; none where two slots of one kind hold the same filler, or nothing would change."""
    by_kind: dict[tuple[str, ...], list[str]] = {}
    for slot, value in values.items():
        by_kind.setdefault(way.fillers[slot], []).append(value)
    if any(len(set(same)) < len(same) for same in by_kind.values()):
        return ()
    first = _fill(way.first, values)
    if isinstance(test, Minimum):
        return (first,)
    perturb = test.perturb if isinstance(test, Invariance) else ""
    second = _perturbed(first, perturb, seed) if perturb else _fill(way.second, values)
    return (first, second) if first != second else ()


def _fill(template: str, values: dict[str, str]) -> str:
    """The template with its slots filled; `{a:slot}` puts a or an before the filler, `{A:slot}` A or An."""

    def filler(match: re.Match[str]) -> str:
        value = values[match[2]]
        article = match[1][0] + ("n" if said_with_vowel(value) else "") if match[1] else ""
        return f"{article} {value}".lstrip()

    return _SLOT.sub(filler, template)


def _perturbed(text: str, written: str, seed: int) -> str:
    ((test, severity),) = parse_test(written)
    if severity is None:
        return counterfactuals.swap(text, test.name, seed).text
    return noise.perturb(text, test.name, severity, seed)
