"""Whole words that go missing, come twice, or change places; what a statement turns on stays where it is."""

import random
from collections.abc import Iterator, Sequence

from attacks.lexicons import word_class
from attacks.lexicons.tokens import Token, joined, tokens
from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.lexical import word_edit
from attacks.noise.sources import EDA, NL_AUGMENTER

#: The longest word that a hand would write twice. (Chinese has no blanks: a run of letters is a sentence.)
_LONGEST = 30


def _leans(token: Token) -> bool:
    """Whether a token is a clitic, which nobody writes without its verb."""
    return "'" in token.key[:2]


def _free(text: str, words: Sequence[Token], place: int) -> bool:
    """Whether a word stands for itself: no negation, clitic, or part of a longer word."""
    token = words[place]
    if token.compound or _leans(token) or not token.is_word or token.key in word_class("negations"):
        return False
    following = words[place + 1] if place + 1 < len(words) else None
    return not (following and _leans(following) and joined(text, token, following))


class WordDrop(Noise):
    """Leaves out small words, as telegrams and hurried notes do.

    Only articles, prepositions, pronouns, forms of to be and a few fillers go, and only before another word;
    nothing goes that follows a negation ("not just good" is not "not good").
    """

    unit = "words"
    entry = noise_entry(
        "word-drop",
        "Small words lost",
        "Small words go missing, as in a telegram; negations and all words of weight stay.",
        EDA,
        "Wording",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every small word with the blanks behind it; a capital moves on to the next word."""
        words = tokens(text)
        for place in range(len(words) - 1):
            token, following = words[place], words[place + 1]
            if token.key not in word_class("small") or not _free(text, words, place):
                continue
            if not joined(text, token, following) or (following.compound and token.end == following.start):
                continue
            if place and words[place - 1].key in word_class("negations"):
                continue
            first = following.written[0]
            if token.written[0].isupper() and first.isascii() and first.islower():
                yield word_edit(text, token.start, following.start + 1, first.upper())
            else:
                yield word_edit(text, token.start, following.start, "")


class WordDuplicate(Noise):
    """Writes words twice; never a negation, for two of them may cancel each other."""

    unit = "words"
    entry = noise_entry(
        "word-duplicate",
        "Words doubled",
        "Words are written twice (the the film); negations are not.",
        NL_AUGMENTER,
        "Wording",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every word once more behind itself; a small word's capital is not repeated."""
        words = tokens(text)
        for place, token in enumerate(words):
            if _free(text, words, place) and token.key != "so" and len(token.written) <= _LONGEST:
                small = token.key in word_class("small") and token.key != "i" and not token.written.isupper()
                again = token.key if small else token.written
                yield word_edit(text, token.end, token.end, f" {again}")


class WordSwap(Noise):
    """Lets two neighbouring words change places; each swap edits two words.

    Negations, modal verbs and words of contrast keep their place, and nothing moves across punctuation.
    Both words have the same case, so a capital stays at the start of its sentence.
    """

    unit = "words"
    entry = noise_entry(
        "word-swap",
        "Words swapped",
        "Two neighbouring words change places (each swap edits two words); negations and contrasts stay.",
        EDA,
        "Wording",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every pair of neighbours that may change places."""
        words = tokens(text)
        stays = word_class("negations") | word_class("modals") | word_class("contrasts")
        for place in range(len(words) - 1):
            first, second = words[place], words[place + 1]
            if (
                first.key != second.key
                and not stays & {first.key, second.key}
                and not (place and words[place - 1].key in word_class("negations"))
                and first.end < second.start
                and joined(text, first, second)
                and _free(text, words, place)
                and _free(text, words, place + 1)
                and first.written[0].isupper() == second.written[0].isupper()
            ):
                swapped = second.written + text[first.end : second.start] + first.written
                yield word_edit(text, first.start, second.end, swapped)


NOISES: tuple[Noise, ...] = (WordDrop(), WordDuplicate(), WordSwap())
