"""Sounds: words taken for others that sound alike, by people and by machines that listen."""

import random
from collections.abc import Sequence

from attacks.lexicons import sounds
from attacks.lexicons.tokens import Found, Phrasebook, Token, joined
from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.lexical import Lexical
from attacks.noise.sources import NL_AUGMENTER


class SoundAlikes(Lexical):
    """What both noises leave alone: a word that a clitic leans on ("weather's") stays what it is."""

    def fits(self, text: str, words: Sequence[Token], found: Found) -> bool:
        """Whether nothing leans on the phrase."""
        last, following = words[found.last], words[found.last + 1 : found.last + 2]
        return not (following and "'" in following[0].key[:2] and joined(text, last, following[0]))


class Homophones(SoundAlikes):
    """Words become others that sound the same."""

    entry = noise_entry(
        "homophones",
        "Homophones",
        "Words become others that sound alike and are confused in writing (their, there; weak, week).",
        NL_AUGMENTER,
        "Spelling",
    )

    def book(self) -> Phrasebook:
        """Words that people confuse in writing."""
        return sounds.homophones()


class SpeechRecognition(SoundAlikes):
    """The text as a recogniser of speech might write it down.

    At every severity it is one line in lower case, with numbers in words and without punctuation; the
    severity is the target share of words that are misheard.
    """

    entry = noise_entry(
        "speech-recognition",
        "Speech recognition",
        "As a recogniser of speech writes it down: lower case, no punctuation, numbers in words, and words "
        "taken for others that sound alike.",
        "Li et al. (2018), Spoken SQuAD: A Study of Mitigating the Impact of Speech Recognition Errors",
        "Wording",
    )

    def book(self) -> Phrasebook:
        """Words and phrases that are misheard."""
        return sounds.misheard()

    def edits(self, text: str, rng: random.Random) -> list[Edit]:
        """Every word that may be misheard; nobody hears a capital."""
        return [
            Edit(edit.start, edit.end, edit.new.lower(), edit.units)
            for edit in super().edits(text, rng)
            if edit.new.lower() != text[edit.start : edit.end]
        ]

    def perturb(self, text: str, severity: int, rng: random.Random) -> str:
        """The transcript with its share of misheard words; the text itself where both are the same."""
        return super().perturb(sounds.transcript(text) or text, severity, rng)

    def applicable(self, text: str) -> bool:
        """Whether a transcript looks different, or has a word that may be misheard."""
        return sounds.transcript(text) not in ("", text) or super().applicable(text)


NOISES: tuple[Noise, ...] = (Homophones(), SpeechRecognition())
