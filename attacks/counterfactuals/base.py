"""What every counterfactual is: words of a text exchanged all at once, with case and a/an kept right."""

import random
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

from attacks.entry import Entry
from attacks.noise.base import Edit, applied

#: Between two names of groups, where a text is about several.
JOIN = " + "

_LISTS = Path(__file__).parent / "lists"
#: A run of letters and digits.
_WORD = re.compile(r"[^\W_]+")
#: Web and mail addresses and handles: names of somebody or something, never plain words.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S*@\S+", re.IGNORECASE)
#: What joins two parts of one name: "Stephen King", "Lion-King", "Johnson & Johnson".
_LINK = re.compile(r"\s+|-|\s+&\s+")
_ENDS_SENTENCE = re.compile(r"[.!?:;…\n\"“”(\[*|]|--|[-–—]\s|\s[-–—]")
#: Spelt with a vowel and said with a consonant, and the other way round.
_SAID_WITH_CONSONANT = re.compile(r"uni(?!n|m)|us[aeu]|eu|ur[ui]|ukr|ugan|uk|u\.|one\b|once\b|ouija")
_SAID_WITH_VOWEL = re.compile(r"heir|hour|honest|honou?r")


@dataclass(frozen=True, slots=True)
class Swapped:
    """A text after a swap, and the groups it was about before and after; equal texts have no groups.

    Where a text names several groups, they stand sorted and joined: "female + male".
    """

    text: str
    group_before: str = ""
    group_after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Words `first` to `last` (both included) become `new`: one group's word in place of another's."""

    first: int
    last: int
    new: str
    group_before: str
    group_after: str


class Words:
    """A text cut into words, each with its place and what stands around it.

    A word is a run of letters and digits; a hyphen, an apostrophe or a space ends it, so "women's" and the
    tokenised "women 's" both begin with the word "women". Parts of addresses, handles and of identifiers
    (`he_2`) are left out.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        closed = [match.span() for match in _ADDRESS.finditer(text)]
        self.spans = [
            match.span()
            for match in _WORD.finditer(text)
            if not any(start <= match.start() < end for start, end in closed)
            and not _joined(text, match.start() - 1)
            and not _joined(text, match.end())
        ]
        self.words = [text[start:end] for start, end in self.spans]
        self.lower = [word.lower() for word in self.words]

    def __len__(self) -> int:
        return len(self.words)

    def gap(self, place: int) -> str:
        """What stands between the word and the one before it."""
        start = self.spans[place - 1][1] if place else 0
        end = self.spans[place][0] if place < len(self.words) else len(self.text)
        return self.text[start:end]

    def before(self, place: int) -> str:
        """The word before, in lower case, where only white space is between; otherwise nothing."""
        return self.lower[place - 1] if place and self.gap(place).isspace() else ""

    def after(self, place: int) -> str:
        """The word after, in lower case, where only white space is between; otherwise nothing."""
        following = place + 1
        return self.lower[following] if following < len(self) and self.gap(following).isspace() else ""

    def goes_on(self, place: int) -> bool:
        """Whether a noun phrase likely goes on after the word: a word follows, and none that ends one."""
        following = self.after(place)
        return bool(following) and following not in word_set("closed-class") | word_set("people-do")

    def starts_sentence(self, place: int) -> bool:
        """Whether a capital is due here whatever the word: at the start and after a full stop, say."""
        return not place or bool(_ENDS_SENTENCE.search(self.gap(place)))

    def is_name_like(self, place: int) -> bool:
        """Whether there is such a word and it has a capital that no start of a sentence explains."""
        return 0 <= place < len(self) and self.words[place][0].isupper() and not self.starts_sentence(place)

    def touches_a_name(self, place: int) -> bool:
        """Whether a neighbour that only white space or a hyphen separates from the word has a capital."""
        return any(
            self.is_name_like(neighbour) and _LINK.fullmatch(self.gap(max(place, neighbour)))
            for neighbour in (place - 1, place + 1)
        )


def _joined(text: str, place: int) -> bool:
    """Whether the character at `place` makes its neighbour a part of something longer than a word."""
    if not 0 <= place < len(text):
        return False
    character = text[place]
    return character.isalnum() or character in "_\u200d\u00ad" or unicodedata.category(character)[0] == "M"


class Counterfactual(ABC):
    """One protected attribute: what the registry shows, and which words are exchanged for which."""

    entry: ClassVar[Entry]

    @abstractmethod
    def changes(self, words: Words, rng: random.Random) -> Iterable[Change]:
        """The exchanges to be made at once, in the text's order; none where the text names no group."""

    def swap(self, text: str, rng: random.Random) -> Swapped:
        """The text about another group; the same text where it names none."""
        words = Words(text)
        changes = list(self.changes(words, rng))
        edits = [edit for change in changes for edit in _edits(words, change)]
        after = applied(text, edits)
        if after == text:
            return Swapped(text)
        return Swapped(
            after,
            JOIN.join(sorted({change.group_before for change in changes})),
            JOIN.join(sorted({change.group_after for change in changes})),
        )


def _edits(words: Words, change: Change) -> list[Edit]:
    """The exchange itself, and "a" or "an" before it where the new word asks for the other."""
    start, end = words.spans[change.first][0], words.spans[change.last][1]
    edits = [Edit(start, end, change.new)]
    article = words.before(change.first)
    if article in ("a", "an"):
        old = words.words[change.first]
        # An article that did not fit the old word is somebody's dialect or slip, and stays.
        if (article == "an") == said_with_vowel(old) != said_with_vowel(change.new):
            written = words.words[change.first - 1]
            place = words.spans[change.first - 1]
            other = "an" if article == "a" else "a"
            if written[0].isupper():
                # "A" alone does not tell capitals at a sentence's start from a text in capitals.
                shouted = written == "AN" or (written == "A" and old.isupper() and len(old) > 1)
                other = other.upper() if shouted else other.capitalize()
            edits.append(Edit(*place, other))
    return edits


def said_with_vowel(word: str) -> bool:
    """Whether "an" goes before the word (or number), by its spelling and the commonest exceptions."""
    lower = word.lower()
    if lower[:1].isdecimal():
        digits = re.match(r"\d+", lower)
        number = digits.group() if digits else ""
        return number.startswith("8") or number in ("11", "18")
    if _SAID_WITH_VOWEL.match(lower):
        return True
    return lower[:1] in "aeiou" and bool(lower) and not _SAID_WITH_CONSONANT.match(lower)


def has_plain_case(word: str) -> bool:
    """Whether the word is written lower, Capitalised or UPPER, and so says how another one is written."""
    return word in (word.lower(), word.capitalize(), word.upper())


def in_case(word: str, like: str) -> str:
    """The word in the case of another: UPPER (of two letters or more), Capitalised, or as it is listed."""
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of `lists/NAME.tsv`, cut at tabs; empty lines and those that begin with # are left out."""
    return tuple(tuple(line.split("\t")) for line in _lines(f"{name}.tsv"))


@cache
def phrases(name: str) -> tuple[tuple[str, ...], ...]:
    """The phrases of `lists/NAME.txt`, one a line, cut into words."""
    return tuple(tuple(line.split()) for line in _lines(f"{name}.txt"))


@cache
def word_set(name: str) -> frozenset[str]:
    """All the words of `lists/NAME.txt`."""
    return frozenset(word for line in _lines(f"{name}.txt") for word in line.split())


def _lines(file: str) -> list[str]:
    lines = (_LISTS / file).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def phrase_places(words: Words, phrases: Sequence[Sequence[str]]) -> set[int]:
    """The places of words that belong to one of the phrases (each a sequence of lower-case words)."""
    return {
        place + offset
        for phrase in phrases
        for place in range(len(words) - len(phrase) + 1)
        if words.lower[place : place + len(phrase)] == list(phrase)
        for offset in range(len(phrase))
    }
