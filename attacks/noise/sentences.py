"""Whole sentences: in another order, cut off at the end, or joined by others that say nothing."""

import random
import re
import string
from abc import abstractmethod
from collections.abc import Iterator
from itertools import pairwise

from attacks.lexicons import rows, word_class
from attacks.lexicons.tokens import is_tokenised
from attacks.noise.base import SHARES, Edit, Noise, noise_entry
from attacks.noise.lexical import word_edit
from attacks.noise.positions import words
from attacks.noise.sources import CHECKLIST, NL_AUGMENTER

_END = re.compile(r"(?P<mark>[.!?…]+)[\"'”’)\]]*(?P<gap>\s+)")
_ABBREVIATED = re.compile(
    r"(?:^|[\s(\"'“‘])(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|inc|ltd|co|corp|gen|sen|rep|gov|capt|lt|sgt|rev|"
    r"dept|approx|feat|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|[^\W\d_]|(?:\w\.)+\w)\Z",
    re.IGNORECASE,
)
_WORD_BEFORE = 24


def sentences(text: str) -> list[tuple[int, int]]:
    """Where each sentence begins and ends, without the white space between them.

    A sentence ends with a full stop, question or exclamation mark and white space, before a capital, digit
    or quotation mark (in a text without capitals: before anything), and not at an abbreviation's dot.
    """
    without_capitals = text.islower()
    bounds: list[tuple[int, int]] = []
    start = len(text) - len(text.lstrip())
    for match in _END.finditer(text):
        before = text[max(start, match.start() - _WORD_BEFORE) : match.start()]
        next_one = text[match.end() : match.end() + 1]
        begins = (
            next_one.isupper()
            or next_one.isdigit()
            or next_one in "\"'“‘(["
            or (without_capitals and match["mark"] in (".", "!", "?"))
        )
        number = next_one.isdigit() and before.lower().endswith((" no", "nos"))
        if next_one and begins and not (match["mark"] == "." and (number or _ABBREVIATED.search(before))):
            bounds.append((start, match.start("gap")))
            start = match.end()
    end = len(text.rstrip())
    return [*bounds, (start, end)] if start < end else bounds


class SentenceReorder(Noise):
    """Lets neighbouring sentences change places; each counts twice the words of the shorter one.

    A sentence that leans on the one before ("But ...", "That is why ...") stays behind it.
    """

    unit = "words"
    entry = noise_entry(
        "sentence-reorder",
        "Sentences reordered",
        "Neighbouring sentences change places, but for those that begin with But, So and the like. A task "
        "about the order of events is not for it.",
        NL_AUGMENTER,
        "Sentences",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every pair of neighbouring sentences that may change places."""
        bounds = sentences(text)
        leaning = [place > 0 and _leans(text[start:end]) for place, (start, end) in enumerate(bounds)]
        for place, ((start, middle), (begin, end)) in enumerate(pairwise(bounds)):
            first, second = text[start:middle], text[begin:end]
            if first == second or not _complete(second) or any(leaning[place : place + 3]):
                continue
            shorter = min(len(first.split()), len(second.split()))
            yield Edit(start, end, second + text[middle:begin] + first, units=2 * shorter)


def _complete(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]")[-1:] in (".", "!", "?", "…")


def _leans(sentence: str) -> bool:
    """Whether a sentence goes on from the one before."""
    first = re.match(r"\W*(\w+)", sentence)
    return first is not None and first[1].lower() in word_class("goes_on")


class Truncation(Noise):
    """Cuts the text off: the severity's share of words goes from its end, at least one, never all."""

    unit = "words"
    entry = noise_entry(
        "truncation",
        "Truncation",
        "The last words are cut off, as by a limit on length.",
        NL_AUGMENTER,
        "Sentences",
        may_break="The end of a text may hold what its label rests on.",
    )

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Each place where the text could be cut off: behind every word but the last."""
        spans = list(words(text))
        return [
            Edit(end, len(text), "", units=len(spans) - place)
            for place, (_, end) in enumerate(spans[:-1], start=1)
        ]

    def perturb(self, text: str, severity: int, rng: random.Random) -> str:
        """The text without its last words."""
        cuts = self.edits(text, rng)
        if not cuts:
            return text
        lost = max(1, round(SHARES["words"][severity] * (len(cuts) + 1)))
        return text[: cuts[-min(lost, len(cuts))].start]


class _Additions(Noise):
    """Something is put before or behind the text."""

    unit = "words"

    @abstractmethod
    def additions(self, text: str, rng: random.Random) -> tuple[list[str], list[str]]:
        """What may be put before the text, and what behind it."""

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Each addition before the first word or behind the last one."""
        spans = list(words(text))
        if not any(character.isalnum() for character in text):
            return []
        start, end = spans[0][0], spans[-1][1]
        before, behind = self.additions(text, rng)
        return [
            *(word_edit(text, start, start, f"{new} ") for new in before),
            *(word_edit(text, end, end, f" {new}") for new in behind),
        ]


def _in_the_style_of(text: str, sentence: str) -> str:
    """A sentence in lower case and taken apart where the text is."""
    if not any(character.isupper() for character in text):
        sentence = sentence.lower()
    return f"{sentence[:-1]} ." if is_tokenised(text) else sentence


class Distractors(_Additions):
    """Adds neutral sentences: one at least, and more while their words stay within the severity's share."""

    entry = noise_entry(
        "distractor-sentences",
        "Distractor sentences",
        "Sentences that say nothing about anything are put before and behind the text.",
        CHECKLIST,
        "Sentences",
    )

    def additions(self, text: str, rng: random.Random) -> tuple[list[str], list[str]]:
        """Half of the list on either side; all of it before a text that does not end with punctuation."""
        added = [_in_the_style_of(text, sentence) for (sentence,) in rows("distractors", 1)]
        return (added, []) if text.rstrip()[-1:].isalnum() else (added[::2], added[1::2])


class LinksAndHandles(_Additions):
    """Adds made-up links and @names: one at least, and more up to the severity's share of words."""

    entry = noise_entry(
        "links-and-handles",
        "Links and handles",
        "Random @names are put before the text and random links behind it.",
        CHECKLIST,
        "Sentences",
    )
    _EACH = 20

    def additions(self, text: str, rng: random.Random) -> tuple[list[str], list[str]]:
        """Names that nobody has chosen, and links of the form that a shortener makes."""
        names = ["@" + _random(rng) for _ in range(self._EACH)]
        return names, ["https://t.co/" + _random(rng) for _ in range(self._EACH)]


def _random(rng: random.Random) -> str:
    return "".join(rng.choices(string.ascii_letters + string.digits, k=6))


NOISES: tuple[Noise, ...] = (SentenceReorder(), Truncation(), Distractors(), LinksAndHandles())
