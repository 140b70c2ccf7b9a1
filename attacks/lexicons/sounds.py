"""What sounds alike, and what a text sounds like."""

import functools
import re
import unicodedata

import regex

from attacks.entry import AttackError
from attacks.lexicons import rows
from attacks.lexicons.numbers import read_aloud
from attacks.lexicons.tokens import Phrasebook

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,200}>")
_CLUSTER = regex.compile(r"\X")
_SPOKEN_SIGNS = {"&": " and ", "@": " at ", "+": " plus ", "=": " equals "}
_APART = re.compile(r"(?<=\w) (n't|'(?:s|re|ve|ll|d|m))(?!\w)")
_QUOTE = re.compile(r"(?<!\w)'(?!(?:s|re|ve|ll|d|m)\b)|(?<!\w)'(?=\w+')|'(?!\w)")


@functools.cache
def homophones() -> Phrasebook:
    """Words, each with those that sound the same or nearly so and are confused in writing too."""
    return _sets("written")


@functools.cache
def misheard() -> Phrasebook:
    """Words and phrases, each with what a recogniser of speech may take it for."""
    return _sets("written", "heard")


def _sets(*kinds: str) -> Phrasebook:
    found: dict[str, tuple[str, ...]] = {}
    for kind, members in rows("homophones", 2):
        if kind not in ("written", "heard"):
            raise AttackError(f"The word list homophones.tsv has the kind {kind!r} for {members}.")
        if kind in kinds:
            alike = [member.strip() for member in members.split(" / ")]
            found |= {word: tuple(other for other in alike if other != word) for word in alike}
    return Phrasebook(found)


def transcript(text: str) -> str:
    """What a recogniser of speech writes down: one line in lower case, numbers in words, no punctuation."""
    text = read_aloud(_TAG.sub(" ", text)).lower().replace("’", "'")
    spoken = "".join(_spoken(match.group()) for match in _CLUSTER.finditer(text))
    together = _APART.sub(r"\1", " ".join(spoken.split()))
    return " ".join(_QUOTE.sub(" ", together).split())


def _spoken(cluster: str) -> str:
    """What is heard of one character as a reader sees it: nothing of punctuation and pictures."""
    if cluster[0] == "'":
        return cluster
    silent = unicodedata.category(cluster[0])[0] in "PS"
    return _SPOKEN_SIGNS.get(cluster, " ") if silent else cluster
