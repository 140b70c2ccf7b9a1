"""Contractions: "do not" and "don't", each written as the other where English leaves one reading."""

import random
import re
from collections.abc import Iterator, Sequence

from attacks.lexicons import word_class
from attacks.lexicons.contractions import contracted
from attacks.lexicons.tokens import Found, Token, joined, tokens
from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.lexical import replacement, word_edit
from attacks.noise.sources import CHECKLIST

_PREPOSITIONS = frozenset(["of", "for", "to", "with", "about", "in", "on", "from", "by", "at"])
_QUESTIONS = frozenset(["what", "who", "where", "when", "how", "why"])
#: What stands for the verb before n't in "can't", "won't" and "shan't".
_CUT = {"ca": "cannot", "wo": "will not", "sha": "shall not"}
_ALWAYS = {"'m": "am", "'re": "are", "'ve": "have", "'ll": "will"}
_ENDS_SENTENCE = re.compile(r"[.?!:;\r\n]")
#: How many words behind a verb may stand between it and its participle ("it's not yet been").
_NEAR = 3


class Contractions(Noise):
    """Contracts auxiliary verbs, negations included, where they lean on a neighbour."""

    unit = "words"
    entry = noise_entry(
        "contractions",
        "Contractions",
        "Long forms are contracted (it is, it's; do not, don't) where no meaning can change.",
        CHECKLIST,
        "Wording",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every long form that a writer could contract."""
        words = tokens(text)
        for found in contracted().find(text, words):
            short, rule = found.choices
            first, last = words[found.first], words[found.last]
            if first.written.isupper() != last.written.isupper() and len(first.written) > 1:
                continue  # "it IS": whoever stresses a word does not contract it
            if _leans(text, words, found, rule):
                yield from replacement(text, first.start, last.end, [short], rng)


def _leans(text: str, words: Sequence[Token], found: Found, rule: str) -> bool:
    """Whether a long form may be contracted where it stands."""
    after = _following(text, words, found.last)
    before = words[found.first - 1].key if found.first else ""
    if rule == "negative":
        return "only" not in after[:1]
    if not after or after[0] in word_class("leaves_alone") or "'" in after[0][:2] or after[0] == "to":
        return False
    if after in (["too"], ["either"]):
        return False  # "so they are too": the verb is stressed
    subject = words[found.first].key
    if rule != "have" and subject not in _QUESTIONS and (before in _PREPOSITIONS or before.endswith("ing")):
        return False  # "watching it is fun", "some of it will do": another word is the subject
    fits = {
        "have": _participle(after),
        "be": before not in {"than", "as", "all", "whatever", "whoever", *_QUESTIONS},
        "has": after[0] == "been",
    }
    return fits.get(rule, True)


def _participle(after: Sequence[str]) -> bool:
    """Whether the words behind "have" make it an auxiliary verb."""
    return after[0].endswith("ed") or after[0] in {"been", "made", "done", "gone", "seen", "had", "taken"}


class Expansions(Noise):
    """Writes contractions out: always n't, 'm, 're, 've, 'll; 's and 'd only where one reading is left."""

    unit = "words"
    entry = noise_entry(
        "expansions",
        "Contractions written out",
        "Contractions are written out (it's, it is; don't, do not) where they can mean but one thing.",
        CHECKLIST,
        "Wording",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every contraction that stands for one thing only."""
        words = tokens(text)
        for place in range(1, len(words)):
            verb, clitic = words[place - 1], words[place]
            if verb.compound or not joined(text, verb, clitic):
                continue
            if clitic.key == "n't":
                yield from _negation(text, words, place, rng)
            elif long := _ALWAYS.get(clitic.key) or _one_reading(text, words, place):
                yield _written_out(text, verb, clitic, long)


def _negation(text: str, words: Sequence[Token], place: int, rng: random.Random) -> list[Edit]:
    """n't as "not", but not where its verb and subject have changed places ("isn't it?")."""
    verb, clitic = words[place - 1], words[place]
    after = _following(text, words, place)
    begins = place < 2 or bool(_ENDS_SENTENCE.search(text, words[place - 2].end, verb.start))
    asked = begins or words[place - 2].key in _QUESTIONS
    if verb.key == "ai" or (after and after[0] in word_class("subjects")):
        return []
    if asked and verb.key not in ("do", "ca", "wo"):
        return []
    if verb.key in _CUT:
        return replacement(text, verb.start, clitic.end, [_CUT[verb.key]], rng)
    return [_written_out(text, verb, clitic, "not")]


def _written_out(text: str, verb: Token, clitic: Token, long: str) -> Edit:
    """The clitic in full, one blank from its verb."""
    if clitic.written.isupper():
        long = long.upper()
    gap = "" if clitic.start > verb.end else " "
    return word_edit(text, clitic.start, clitic.end, gap + long)


def _one_reading(text: str, words: Sequence[Token], place: int) -> str:
    """What 's or 'd stands for; nothing where that takes a reader to tell."""
    subject, clitic = words[place - 1].key, words[place].key
    after = _following(text, words, place)
    long = ""
    if not after:
        return long
    if clitic == "'s" and subject == "let":
        long = "us"
    elif clitic == "'s" and subject in {"he", "she", "it", "that", "there", "what", "who", "where", "here"}:
        if after[0] in word_class("after_has"):
            long = "has"
        elif not word_class("after_has").intersection(after):
            long = "is" if after[0] in word_class("after_is") or after[0].endswith("ing") else ""
    elif clitic == "'d" and subject in {"i", "you", "he", "she", "it", "we", "they"}:
        if after[0] in ("been", "better"):
            long = "had"
        elif after[0] in word_class("base_verbs"):
            long = "would"
    return long


def _following(text: str, words: Sequence[Token], place: int) -> list[str]:
    """The keys of the next few words that belong to the same stretch without punctuation."""
    keys: list[str] = []
    while place + 1 < len(words) and len(keys) < _NEAR and joined(text, words[place], words[place + 1]):
        place += 1
        keys.append(words[place].key)
    return keys


NOISES: tuple[Noise, ...] = (Contractions(), Expansions())
