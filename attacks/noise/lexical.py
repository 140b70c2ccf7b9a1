"""What noises made from word lists share: each phrase of the list, replaced by what the list has for it."""

import random
from abc import abstractmethod
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein

from attacks.lexicons.tokens import Found, Phrasebook, Token, fitted, tokens
from attacks.noise.base import Edit, Noise

#: How far from an edit the ends of its word are looked for; a text without white space stays fast.
_LONGEST = 100


class Lexical(Noise):
    """Replaces the words and phrases of a list; case, apostrophes and everything between words stay."""

    unit = "words"

    @abstractmethod
    def book(self) -> Phrasebook:
        """The list."""

    def fits(self, text: str, words: Sequence[Token], found: Found) -> bool:
        """Whether a phrase may be replaced where it stands."""
        return True

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every phrase of the list that stands in the text, as one of its replacements."""
        words = tokens(text)
        return [
            edit
            for found in self.book().find(text, words)
            if self.fits(text, words, found)
            for edit in replacement(text, words[found.first].start, words[found.last].end, found.choices, rng)
        ]


def replacement(text: str, start: int, end: int, choices: Iterable[str], rng: random.Random) -> list[Edit]:
    """One edit that puts one of `choices` in place of `text[start:end]`; none where no choice differs."""
    old = text[start:end]
    different = [new for choice in choices if (new := fitted(choice, old, text)) != old]
    return [word_edit(text, start, end, rng.choice(different))] if different else []


def word_edit(text: str, start: int, end: int, new: str) -> Edit:
    """An edit that counts the words, between white space, that it changes, adds or takes away."""
    left, right = start, end
    while left > max(0, start - _LONGEST) and not text[left - 1].isspace():
        left -= 1
    while right < min(len(text), end + _LONGEST) and not text[right].isspace():
        right += 1
    before, after = text[left:right], text[left:start] + new + text[end:right]
    return Edit(start, end, new, units=max(1, Levenshtein.distance(before.split(), after.split())))
