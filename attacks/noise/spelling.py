"""Spelling: whole words as many people misspell them, or as the other side of the Atlantic spells them."""

from attacks.lexicons import spelling
from attacks.lexicons.tokens import Phrasebook
from attacks.noise.base import Noise, noise_entry
from attacks.noise.lexical import Lexical
from attacks.noise.sources import BELINKOV, NL_AUGMENTER


class Misspellings(Lexical):
    """Words become one of their common misspellings."""

    entry = noise_entry(
        "misspellings",
        "Common misspellings",
        "Words become a way in which many people misspell them (definitely, definately).",
        BELINKOV,
        "Spelling",
    )

    def book(self) -> Phrasebook:
        """Common misspellings."""
        return spelling.misspellings()


class AmericanToBritish(Lexical):
    """American spelling becomes British."""

    entry = noise_entry(
        "us-to-uk",
        "American to British spelling",
        "American spelling becomes British (color, colour); words that only look American stay.",
        NL_AUGMENTER,
        "Spelling",
    )

    def book(self) -> Phrasebook:
        """American words with their British spelling."""
        return spelling.us_to_uk()


class BritishToAmerican(Lexical):
    """British spelling becomes American."""

    entry = noise_entry(
        "uk-to-us",
        "British to American spelling",
        "British spelling becomes American (colour, color); words that only look British stay.",
        NL_AUGMENTER,
        "Spelling",
    )

    def book(self) -> Phrasebook:
        """British words with their American spelling."""
        return spelling.uk_to_us()


NOISES: tuple[Noise, ...] = (Misspellings(), AmericanToBritish(), BritishToAmerican())
