"""Punctuation: marks lost, added, or doubled."""

import random
from collections.abc import Iterator

import regex

from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.positions import whole_characters, words
from attacks.noise.sources import NL_AUGMENTER

KARIMI = "Karimi et al. (2021), AEDA: An Easier Data Augmentation Technique for Text Classification"
FORMENTO = (
    "Formento et al. (2023), Using Punctuation as an Adversarial Attack on Deep Learning-Based NLP Systems"
)

#: Marks that shape a sentence, as the group "mark". Those that stand for a word or name something (% & @ #)
#: are not among them, nor those in a word or before a figure (don't, 3.5, -5), nor those that draw a face.
_MARKS = regex.compile(
    r"""
    (?: [:;=] | (?<!\w) [8xX] ) ['’]? [-o^]? [()\[\]DPpOo3/\\|*] (?!\w)
    | (?<=\w) [.,:'’‐‑·-] (?=\w)
    | \p{P} (?=\d)
    | (?P<mark> [\p{P}--[%‰‱٪﹪％&﹠＆@﹫＠\#﹟＃*﹡＊/／\\﹨＼_＿‿⁀]] )
    """,
    regex.VERSION1 | regex.VERBOSE,
)
#: Question marks: of Latin script, Spanish, Arabic, Greek, Armenian, Ethiopic, full width; and both in one.
_QUESTIONS = frozenset("?¿؟\u037e՞፧？‽⁇⁈⁉")


def marks(text: str) -> Iterator[int]:
    """The positions of the punctuation marks that shape a sentence."""
    whole = set(whole_characters(text))
    for match in _MARKS.finditer(text):
        if match["mark"] and match.start() in whole:
            yield match.start()


class LostPunctuation(Noise):
    """Takes punctuation marks away; those of questions stay, for a question without is none."""

    entry = noise_entry(
        "lost-punctuation",
        "Lost punctuation",
        "Punctuation marks go missing; question marks stay, and marks within words, numbers and faces :-).",
        NL_AUGMENTER,
        "Punctuation",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every mark but those of questions, taken away."""
        return (
            Edit(position, position + 1, "") for position in marks(text) if text[position] not in _QUESTIONS
        )


class AddedPunctuation(Noise):
    """Puts marks behind words; none that asks or exclaims, for that would change what is said."""

    entry = noise_entry(
        "added-punctuation",
        "Added punctuation",
        "A comma, semicolon, colon or full stop comes in behind a word.",
        KARIMI,
        "Punctuation",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """A mark behind every word that ends in a letter or figure."""
        for _, end in words(text):
            if text[end - 1].isalnum():
                yield Edit(end, end, rng.choice(",;:."))


class DoubledPunctuation(Noise):
    """Types punctuation marks twice."""

    entry = noise_entry(
        "doubled-punctuation",
        "Doubled punctuation",
        "Punctuation marks are typed twice.",
        FORMENTO,
        "Punctuation",
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every mark, once more."""
        return (Edit(position + 1, position + 1, text[position]) for position in marks(text))


NOISES: tuple[Noise, ...] = (LostPunctuation(), AddedPunctuation(), DoubledPunctuation())
