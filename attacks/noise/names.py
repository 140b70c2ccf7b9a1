"""Other people and other places: names from short lists stand for each other, all through a text alike."""

import random
from abc import abstractmethod
from collections.abc import Sequence
from itertools import pairwise

from attacks.lexicons import gazetteer, word_class
from attacks.lexicons.tokens import Found, Token, fitted, joined, tokens
from attacks.noise.base import SHARES, Edit, Noise, applied, noise_entry
from attacks.noise.lexical import word_edit
from attacks.noise.sources import CHECKLIST

#: Classes of words that are no part of a name though they may have a capital.
_NO_NAMES = ("small", "negations", "modals", "contrasts")


class _Swap(Noise):
    """Puts other names in place of some; one name is replaced wherever it stands, by one and the same.

    The severity is the target share of words; whole names are taken until it is reached, one at least.
    """

    unit = "words"

    @abstractmethod
    def swaps(self, text: str, rng: random.Random) -> list[list[Edit]]:
        """For each name of the text the edits that replace it."""

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every name, wherever it stands."""
        return sorted(
            (edit for edits in self.swaps(text, rng) for edit in edits), key=lambda edit: edit.start
        )

    def perturb(self, text: str, severity: int, rng: random.Random) -> str:
        """The text with other names."""
        budget = SHARES[self.unit][severity] * self.size(text)
        swaps = self.swaps(text, rng)
        rng.shuffle(swaps)
        taken: list[Edit] = []
        for edits in swaps:
            if taken and sum(edit.units for edit in taken) >= budget:
                break
            taken += edits
        return applied(text, taken)


def _is_name(token: Token) -> bool:
    """Whether a word is written as names are: with a capital, and not as a single letter."""
    return token.written[0].isupper() and len(token.written) > 1 and token.is_word and not token.compound


class NameSwap(_Swap):
    """First names become others of the same gender, and the family name behind them another one."""

    entry = noise_entry(
        "name-swap",
        "Names swapped",
        "People get other names, of the same gender and the same all through a text (Tom Hanks, Luis Weber).",
        CHECKLIST,
        "Facts",
        may_break="A task about the person who is named may have another answer.",
    )

    def swaps(self, text: str, rng: random.Random) -> list[list[Edit]]:
        """A person for each first name: that name and the family names behind it."""
        words = tokens(text)
        present = {token.key for token in words}
        fresh = {
            kind: [name for name in rng.sample(members, len(members)) if name.lower() not in present]
            for kind, members in gazetteer.names().items()
        }
        swaps: list[list[Edit]] = []
        for first, families in _people(text, words).items():
            new = {first: _next(fresh[gazetteer.gender_of()[first]])}
            new |= {family: _next(fresh["family"]) for family in families}
            swaps.append(
                [
                    word_edit(text, token.start, token.end, fitted(new[token.key], token.written, text))
                    for token in words
                    if token.key in new and _is_name(token)
                ]
            )
        return swaps


def _people(text: str, words: Sequence[Token]) -> dict[str, list[str]]:
    """Each first name of a text, with the family names that stand behind it; all as keys, each once."""
    pairs: list[tuple[str, str]] = []
    place = 0
    while place < len(words):
        if words[place].key in gazetteer.gender_of() and _is_first_name(text, words, place):
            two = _has_family_name(text, words, place)
            pairs.append((words[place].key, words[place + 1].key if two else ""))
            place += two
        place += 1
    taken = {family for _, family in pairs}
    people: dict[str, list[str]] = {first: [] for first, _ in pairs if first not in taken}
    for first, family in pairs:
        if first in people and family in taken - {""}:
            people[first].append(family)
            taken.remove(family)
    return people


def _is_first_name(text: str, words: Sequence[Token], place: int) -> bool:
    """Whether a word that may be a first name is one: not in "Ariel Sharon", "St. Louis" or "Lake George"."""
    if not _is_name(words[place]):
        return False
    before = words[place - 1] if place else None
    if (
        before is None
        or text[before.end : words[place].start].strip(" .")
        or before.key in word_class("titles")
    ):
        return True
    return before.key not in word_class("geographic") and not _is_capitalised(text, words, place - 1, place)


def _next(fresh: list[str]) -> str:
    """A name that is not in the text, and another one each time while there are any."""
    return fresh.pop() if len(fresh) > 1 else fresh[0]


def _has_family_name(text: str, words: Sequence[Token], place: int) -> bool:
    """Whether the word behind a first name is a family name."""
    first, following = words[place], words[place + 1] if place + 1 < len(words) else None
    if following is None or first.end == following.start or not joined(text, first, following):
        return False
    return (
        _is_name(following)
        and following.written.isupper() == first.written.isupper()
        and not text.isupper()
        and not any(following.key in word_class(name) for name in (*_NO_NAMES, "titles", "geographic"))
    )


class PlaceSwap(_Swap):
    """Cities become other cities, countries other countries, and states of the US other states."""

    entry = noise_entry(
        "place-swap",
        "Places swapped",
        "Places become others of their kind, the same all through the text (Paris, Lima; Peru, Kenya).",
        CHECKLIST,
        "Facts",
        may_break="A task about the place that is named may have another answer.",
    )

    def swaps(self, text: str, rng: random.Random) -> list[list[Edit]]:
        """For each place all of its mentions."""
        words, lower = tokens(text), text.lower()
        fresh = {kind: rng.sample(members, len(members)) for kind, members in gazetteer.places().items()}
        mentions: dict[str, list[Found]] = {}
        for found in _mentions(text, words):
            mentions.setdefault(found.choices[0], []).append(found)
        swaps: list[list[Edit]] = []
        for place, all_of_it in mentions.items():
            article = any(_key(text, words, found.first - 1) in ("a", "an") for found in all_of_it)
            like = fresh[gazetteer.kind_of()[place]]
            new = next(
                (
                    other
                    for other in like
                    if other.lower() not in lower
                    and not (article and gazetteer.takes_an(other) != gazetteer.takes_an(place))
                ),
                None,
            )
            if new:
                like.remove(new)
                spans = [(words[found.first].start, words[found.last].end) for found in all_of_it]
                swaps.append(
                    [word_edit(text, start, end, fitted(new, text[start:end], text)) for start, end in spans]
                )
        return swaps


def _mentions(text: str, words: Sequence[Token]) -> list[Found]:
    """Places that stand for themselves: not in "Boston Globe", "West London" or "Paris, France"."""
    found = [
        found
        for found in gazetteer.place_book().find(text, words)
        if _is_name(words[found.first])
        and _is_name(words[found.last])
        and not _is_capitalised(text, words, found.last + 1, found.last)
        and not _is_capitalised(text, words, found.first - 1, found.first)
    ]
    inside = set()
    for first, second in pairwise(found):
        kinds = {gazetteer.kind_of()[mention.choices[0]] for mention in (first, second)}
        if text[words[first.last].end : words[second.first].start].strip() == "," and len(kinds) > 1:
            inside |= {first, second}
    return [mention for mention in found if mention not in inside]


def _is_capitalised(text: str, words: Sequence[Token], place: int, beside: int) -> bool:
    """Whether a neighbour belongs to the same proper name; the first word of a sentence does not."""
    first, second = sorted((place, beside))
    if first < 0 or second == len(words) or not joined(text, words[first], words[second]):
        return False
    token = words[place]
    if not token.written[0].isupper() or text.isupper():
        return False
    if any(token.key in word_class(name) for name in _NO_NAMES):
        return False
    starts = place == 0 or not text[words[place - 1].end : token.start].isspace()
    return place > beside or not starts


def _key(text: str, words: Sequence[Token], place: int) -> str:
    return words[place].key if place >= 0 and joined(text, words[place], words[place + 1]) else ""


NOISES: tuple[Noise, ...] = (NameSwap(), PlaceSwap())
