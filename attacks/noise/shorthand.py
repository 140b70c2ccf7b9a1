"""Shorthand: words as they are abbreviated in notes and chats, and the other way round."""

import random
from collections.abc import Iterator, Sequence

from attacks.lexicons import chat, word_class
from attacks.lexicons.tokens import Found, Phrasebook, Token, fitted, joined, tokens
from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.lexical import Lexical, replacement, word_edit
from attacks.noise.sources import NL_AUGMENTER

#: What may stand before "kind of" and "sort of" where they mean "rather".
_BEFORE_RATHER = frozenset(
    [
        "is",
        "was",
        "'s",
        "are",
        "'re",
        "'m",
        "am",
        "were",
        "it",
        "i",
        "feels",
        "felt",
        "feel",
        "looks",
        "seems",
    ]
)
#: The longest short form that has to be in lower case to be taken for one: "u", not "U" for university.
_SHORT = 3


class Abbreviations(Lexical):
    """Words become their usual abbreviations."""

    entry = noise_entry(
        "abbreviations",
        "Abbreviations",
        "Words are abbreviated as in notes (approximately, approx.; government, govt.).",
        NL_AUGMENTER,
        "Wording",
    )

    def book(self) -> Phrasebook:
        """Words with their abbreviations."""
        return chat.abbreviations()

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every word that has an abbreviation; two full stops never meet."""
        return [
            Edit(edit.start, edit.end, edit.new.removesuffix("."), edit.units)
            if text[edit.end : edit.end + 1] == "."
            else edit
            for edit in super().edits(text, rng)
        ]


class ChatSlang(Lexical):
    """Words and phrases as they are written in chats."""

    entry = noise_entry(
        "chat-slang",
        "Chat slang",
        "Words are written as in chats (you, u; great, gr8; to be honest, tbh); negations stay.",
        NL_AUGMENTER,
        "Wording",
    )

    def book(self) -> Phrasebook:
        """Words and phrases with what stands for them in chats."""
        return chat.slang()

    def fits(self, text: str, words: Sequence[Token], found: Found) -> bool:
        """Whether a phrase has the meaning that its short form has."""
        first, last = words[found.first], words[found.last]
        phrase = " ".join(token.key for token in words[found.first : found.last + 1])
        follows = found.last + 1 < len(words) and joined(text, last, words[found.last + 1])
        after = words[found.last + 1].key if follows else ""
        before = words[found.first - 1].key if found.first else ""
        if after == "n't" or (after.startswith("'") and phrase != "you"):
            return False
        if phrase in ("going to", "want to", "have to"):
            return after in word_class("base_verbs")
        if phrase in ("kind of", "sort of"):
            return before in _BEFORE_RATHER
        if phrase == "have":
            return before not in ("could", "should", "would", "might", "must")
        return not (phrase == "for" and first.start == 0)


class WrittenOut(Noise):
    """Abbreviations and chat slang in full, where they stand for one thing only."""

    unit = "words"
    entry = noise_entry(
        "written-out",
        "Shorthand written out",
        "Abbreviations and chat slang are written in full (govt., government; tbh, to be honest).",
        NL_AUGMENTER,
        "Wording",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every short form with its full form; its dot goes, unless a sentence ends there."""
        words = tokens(text)
        for found in chat.full_forms().find(text, words):
            short, full = found.choices
            start, end = words[found.first].start, words[found.last].end
            written = text[start:end]
            acronym = short != short.lower() and not short.endswith(".")
            if acronym or (written.isupper() and not text.isupper()):
                if not acronym or written == short:
                    yield word_edit(text, start, end, full)
            elif not short.endswith("."):
                alone = (
                    len(short) > 1 or found.last + 1 == len(words) or len(words[found.last + 1].written) > 1
                )
                if alone and (len(short) > _SHORT or written.islower()):
                    yield from replacement(text, start, end, [full], rng)
            elif text[end : end + 1] == ".":
                yield word_edit(text, start, end + _goes(text, end), fitted(full, written, text))


def _goes(text: str, dot: int) -> bool:
    """Whether the dot is the abbreviation's alone: what comes next goes on with the sentence."""
    rest = text[dot + 1 : dot + 3].lstrip()
    return bool(rest) and (rest[0].islower() or rest[0].isdigit() or rest[0] in ",;:)(&-'")


NOISES: tuple[Noise, ...] = (Abbreviations(), ChatSlang(), WrittenOut())
