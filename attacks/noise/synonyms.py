"""Synonyms: words that mostly mean one thing become others that mostly mean the same."""

import random
from collections.abc import Iterator

from attacks.lexicons import word_class
from attacks.lexicons.gazetteer import takes_an
from attacks.lexicons.synonyms import synonyms
from attacks.lexicons.tokens import joined, tokens
from attacks.noise.base import Edit, Noise, noise_entry
from attacks.noise.lexical import replacement
from attacks.noise.sources import MILLER
from attacks.resources import wordnet

_STAY = ("negations", "modals", "contrasts", "small")


class Synonyms(Noise):
    """Replaces words in lower case by WordNet's synonyms in the same form, whatever their context."""

    unit = "words"
    entry = noise_entry(
        "synonyms",
        "Synonyms",
        "Words become synonyms in the same form, where both mostly mean the same one thing.",
        MILLER,
        "Wording",
        may_break="Synonyms differ in shade, and the context is not looked at.",
        needs=(wordnet.NEED,),
    )

    def edits(self, text: str, rng: random.Random) -> Iterator[Edit]:
        """Every word that has synonyms; those that take another article (a, an) than it are left out."""
        words = tokens(text)
        for place, token in enumerate(words):
            if token.compound or not token.written.islower() or not token.written.isascii():
                continue
            if any(token.key in word_class(name) for name in _STAY):
                continue
            before = words[place - 1] if place and joined(text, words[place - 1], token) else None
            article = before is not None and before.key in ("a", "an")
            choices = [
                other
                for other in synonyms(token.key)
                if not article or takes_an(other) == takes_an(token.key)
            ]
            yield from replacement(text, token.start, token.end, choices, rng)


NOISES: tuple[Noise, ...] = (Synonyms(),)
