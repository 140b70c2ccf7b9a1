"""From a tokenizer's sub-words to the words a reader sees."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

#: Scripts written without spaces between words: each of their characters may begin a word.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR", "TIBETAN", "BOPOMOFO")
_ZERO_WIDTH_JOINER = "\u200d"
_JOINS_LETTERS = frozenset("'’-‐‑")
_JOINS_DIGITS = frozenset(".,:")


class Spans(Protocol):
    """The part of an encoded text that this file needs."""

    @property
    def offsets(self) -> tuple[tuple[int, int], ...]:
        """Each token's start and end in the text, in characters."""

    @property
    def special(self) -> tuple[bool, ...]:
        """Whether each token was added by the tokenizer ([CLS], [SEP], ...)."""


@dataclass(frozen=True, slots=True)
class Word:
    """A stretch of the text and the positions of the tokens that spell it.

    `start` and `end` count characters of the text, `text` is what stands between them, and `tokens`
    are indices into the encoded text's tokens.
    """

    text: str
    start: int
    end: int
    tokens: tuple[int, ...]


def words_of(encoded: Spans, text: str) -> tuple[Word, ...]:
    """Join the tokens of a text into words, by their offsets.

    Every token but the special ones belongs to exactly one word, so scores summed over a word's tokens
    still add up to the sum over all tokens. Words come in the order of the text and do not overlap.
    Tokens that show nothing (a lone space, a word-start mark) go with the word after them.

    A token's text is never decoded: decoding and encoding again changes ids.
    """
    segments = _segments(text)
    groups: list[_Group] = []
    unseen: list[int] = []  # tokens waiting for the word they introduce
    for index, ((start, end), special) in enumerate(zip(encoded.offsets, encoded.special, strict=True)):
        if special:
            continue
        visible = {segments[i] for i in range(start, end)} - {None}
        if not visible:
            unseen.append(index)
        elif groups and (groups[-1].segments & visible or start < groups[-1].end):
            groups[-1].extend([*unseen, index], start, end, visible)
            unseen = []
        else:
            groups.append(_Group([*unseen, index], start, end, visible))
            unseen = []
    if unseen and groups:
        groups[-1].tokens.extend(unseen)
    elif unseen:
        start, end = encoded.offsets[unseen[0]][0], encoded.offsets[unseen[-1]][1]
        return (Word(text[start:end], start, end, tuple(unseen)),)
    return tuple(group.word(text, segments) for group in groups)


@dataclass(slots=True)
class _Group:
    """A word while its tokens are being collected."""

    tokens: list[int]
    start: int
    end: int
    segments: set[int | None]

    def extend(self, tokens: Sequence[int], start: int, end: int, segments: set[int | None]) -> None:
        self.tokens.extend(tokens)
        self.start, self.end = min(self.start, start), max(self.end, end)
        self.segments |= segments

    def word(self, text: str, segments: Sequence[int | None]) -> Word:
        end = self.end
        while end < len(text) and segments[end] in self.segments:  # a mark that the tokenizer dropped
            end += 1
        covered = text[self.start : end]
        start = self.start + len(covered) - len(covered.lstrip())
        shown = covered.strip()
        return Word(shown, start, start + len(shown), tuple(self.tokens))


def _segments(text: str) -> list[int | None]:
    """Number each character's word; None where nothing is shown (spaces and control characters)."""
    numbers: list[int | None] = []
    current = 0
    for index, character in enumerate(text):
        if character.isspace() or unicodedata.category(character) == "Cc":
            numbers.append(None)
            continue
        if not numbers or numbers[-1] is None or not _continues(text, index):
            current += 1
        numbers.append(current)
    return numbers


def _continues(text: str, index: int) -> bool:
    """Whether the character at `index` belongs to the same word as the one before it."""
    before, here = text[index - 1], text[index]
    after = text[index + 1] if index + 1 < len(text) else " "
    if _attaches(here) or before == _ZERO_WIDTH_JOINER:
        return True
    if _is_letter(here):
        return (
            _is_letter(before)
            or _attaches(before)
            or (index > 1 and _is_inner_mark(text[index - 2], before, here))
        )
    return here == before or _is_inner_mark(before, here, after)


def _is_letter(character: str) -> bool:
    """Letters, digits and underscores of scripts that put spaces between words."""
    category = unicodedata.category(character)
    if category[0] not in "LN" and category != "Pc":
        return False
    return character < "\u0e00" or not unicodedata.name(character, "").startswith(_UNSPACED)


def _attaches(character: str) -> bool:
    """Combining marks, invisible format characters and skin tones belong to what stands before them."""
    return unicodedata.category(character)[0] == "M" or (
        unicodedata.category(character) == "Cf" or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def _is_inner_mark(before: str, mark: str, after: str) -> bool:
    """The apostrophe of "don't", the hyphen of "well-made", the point of "3.5"."""
    if mark in _JOINS_LETTERS:
        return _is_letter(before) and _is_letter(after)
    return mark in _JOINS_DIGITS and before.isdigit() and after.isdigit()
