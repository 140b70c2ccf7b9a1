"""Spelling: whole words as many people misspell them, or as the other side of the Atlantic spells them."""

from attacks.entry import Entry
from attacks.lexicons import spelling
from attacks.lexicons.tokens import Phrasebook
from attacks.noise.base import SHARES, Noise
from attacks.noise.casing import GOAL
from attacks.noise.lexical import Lexical

SEVERITIES = tuple(SHARES["words"])


class Misspellings(Lexical):
    """Words become one of their common misspellings."""

    entry = Entry(
        "misspellings",
        "noise",
        "Common misspellings",
        "Words become a way in which many people misspell them (definitely, definately).",
        "Belinkov & Bisk (2018), Synthetic and Natural Noise Both Break Neural Machine Translation",
        GOAL,
        severities=SEVERITIES,
        family="Spelling",
    )

    def book(self) -> Phrasebook:
        """Common misspellings."""
        return spelling.misspellings()


class AmericanToBritish(Lexical):
    """American spelling becomes British."""

    entry = Entry(
        "us-to-uk",
        "noise",
        "British spelling",
        "American spelling becomes British (color, colour); words that only look American stay.",
        "Gardner et al. (2021), Robustness Gym; Ribeiro et al. (2020), Beyond Accuracy: CheckList",
        GOAL,
        severities=SEVERITIES,
        family="Spelling",
    )

    def book(self) -> Phrasebook:
        """American words with their British spelling."""
        return spelling.us_to_uk()


class BritishToAmerican(Lexical):
    """British spelling becomes American."""

    entry = Entry(
        "uk-to-us",
        "noise",
        "American spelling",
        "British spelling becomes American (colour, color); words that only look British stay.",
        "Gardner et al. (2021), Robustness Gym; Ribeiro et al. (2020), Beyond Accuracy: CheckList",
        GOAL,
        severities=SEVERITIES,
        family="Spelling",
    )

    def book(self) -> Phrasebook:
        """British words with their American spelling."""
        return spelling.uk_to_us()


NOISES: tuple[Noise, ...] = (Misspellings(), AmericanToBritish(), BritishToAmerican())
