"""Words with their places in a text, so that an edit touches them and nothing else.

Clitics are tokens of their own, as in the Penn Treebank: "doesn't" is "does" and "n't", whether a text
writes it in one piece or, tokenised long ago, as "does n't". One list therefore serves both.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

_CLITICS = r"(?:n['’]t|['’](?:s|re|ve|ll|d|m))"
_WORD = re.compile(r"(?<!\S)['’](?:s|re|ve|ll|d|m)(?!\w)|\w+(?:['’]\w+)*", re.IGNORECASE)
_ENDS_IN_CLITIC = re.compile(rf"(?<=\w){_CLITICS}\Z", re.IGNORECASE)
_IS_TOKENISED = re.compile(rf"(?<!\S){_CLITICS}(?!\S)|(?<=\w)\s[.,!?;](?!\S)", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!][^<>]{0,200}>")
_BLANKS = re.compile(r"[^\S\r\n\v\f\x1c-\x1e\x85\u2028\u2029]*")
#: What joins the parts of "well-made", "U.S." and "and/or".
_JOINTS = "-‐‑./"
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Token:
    """`text[start:end]`, written as `written`; `key` is that in lower case with a straight apostrophe.

    `compound` is true for a part of a longer word ("well-made", "U.S."), which seldom means what it means
    alone.
    """

    start: int
    end: int
    written: str
    compound: bool = False

    @property
    def key(self) -> str:
        """What word lists know it by."""
        return self.written.lower().replace("’", "'")

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters alone."""
        return self.written.isalpha()


def tokens(text: str) -> list[Token]:
    """The words of a text in its order.

    Links, addresses, @names, #tags and markup are no words, nor is a piece cut out of a longer string of
    letters and combining marks: what is left out here can never be edited.
    """
    untouched = [match.span() for match in _MARKUP.finditer(text)]
    found: list[Token] = []
    for chunk in re.finditer(r"\S+", text):
        written = chunk.group()
        if written[0] in "@#" or "://" in written or "@" in written[1:-1] or written.startswith("www."):
            untouched.append(chunk.span())
    untouched.sort()
    ends = {0, *(cluster.end() for cluster in _CLUSTER.finditer(text))}
    position = 0
    for match in _WORD.finditer(text):
        start, end = match.span()
        while position < len(untouched) and untouched[position][1] <= start:
            position += 1
        inside = position < len(untouched) and untouched[position][0] < end
        if not inside and {start, end} <= ends and _stands_alone(text, start, end):
            found += _split(text, start, end)
    return found


def _split(text: str, start: int, end: int) -> Iterator[Token]:
    """A word and its clitic."""
    compound = (start > 1 and text[start - 1] in _JOINTS and text[start - 2].isalnum()) or (
        end + 1 < len(text) and text[end] in _JOINTS and text[end + 1].isalnum()
    )
    clitic = _ENDS_IN_CLITIC.search(text, start, end)
    middle = clitic.start() if clitic else end
    yield Token(start, middle, text[start:middle], compound)
    if clitic:
        yield Token(middle, end, text[middle:end], compound)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing on either side is part of the same string of letters."""
    around = (text[start - 1] if start else " ") + (text[end] if end < len(text) else " ")
    return not any(
        unicodedata.category(character)[0] == "M" or character in "\u200c\u200d\u00ad" for character in around
    )


def joined(text: str, before: Token, after: Token) -> bool:
    """Whether two tokens belong to one phrase: nothing but blanks lies between them, and no line break."""
    return bool(_BLANKS.fullmatch(text, before.end, after.start))


def key_of(phrase: str) -> str:
    """A phrase of a word list as `Phrasebook` knows it: its tokens' keys with one blank between them."""
    return " ".join(token.key for token in tokens(phrase))


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase found in a text: its first and last token, and what the list has for it."""

    first: int
    last: int
    choices: tuple[str, ...]


class Phrasebook:
    """Words and phrases, each with what may stand in its place; iterating gives both."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        self._entries = {key_of(phrase): tuple(choices) for phrase, choices in entries.items()}
        self._longest = max((key.count(" ") + 1 for key in self._entries), default=0)

    def __iter__(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        return iter(self._entries.items())

    def __getitem__(self, phrase: str) -> tuple[str, ...]:
        return self._entries.get(key_of(phrase), ())

    def find(self, text: str, words: Sequence[Token]) -> Iterator[Found]:
        """For each token the longest phrase that begins there; parts of longer words are passed over."""
        for first, token in enumerate(words):
            key, longest = "", None
            for last in range(first, min(first + self._longest, len(words))):
                if words[last].compound or (last > first and not joined(text, words[last - 1], words[last])):
                    break
                key = f"{key} {words[last].key}" if key else token.key
                if key in self._entries:
                    longest = Found(first, last, self._entries[key])
            if longest:
                yield longest


@functools.lru_cache(maxsize=64)
def is_tokenised(text: str) -> bool:
    """Whether a text was taken apart as corpora do ("it 's good , is n't it ?")."""
    return bool(_IS_TOKENISED.search(text))


def fitted(new: str, old: str, text: str) -> str:
    """`new` in the case of `old`, with the apostrophes of `text` and taken apart where that is."""
    letters = [character for character in old if character.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        new = new.upper()
    elif letters and letters[0].isupper():
        new = new[:1].upper() + new[1:]
    if "'" in new:
        if is_tokenised(text):
            new = " ".join(token.written for token in tokens(new))
        if "’" in text and "'" not in text:
            new = new.replace("'", "’")
    return new
