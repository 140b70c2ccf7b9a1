"""Disability: somebody of whom nothing is said is called blind, say, or somebody disabled no longer is."""

import random
from collections.abc import Iterator

from attacks.counterfactuals.base import (
    Change,
    Counterfactual,
    Words,
    has_plain_case,
    in_case,
    phrase_places,
    phrases,
    word_set,
)
from attacks.entry import Entry

#: The group of a person of whom the text says nothing.
UNSAID = "not said"
#: Words that stand before a person and are used by the people they describe.
DESCRIPTIONS = ("blind", "deaf", "disabled", "autistic", "wheelchair-using")
#: What is recognised in a text, for each of them the same person without it.
_RECOGNISED = ("blind", "deaf", "disabled", "autistic")
_DETERMINERS = frozenset(
    ("a", "an", "the", "this", "that", "one", "two", "three", "four", "five", "some", "many", "every")
)


class Disability(Counterfactual):
    """Puts a description before the first person that a text names, or takes it away from all."""

    entry = Entry(
        "disability",
        "counterfactual",
        "Disability",
        "The first person in the text is said to be blind, deaf, disabled, autistic or wheelchair-using; "
        "where the text says so, it no longer does.",
        "Hutchinson et al. (2020), Social Biases in NLP Models as Barriers for Persons with Disabilities",
        "See whether the answer depends on a disability that the text names.",
        constraints=("A word is put in or taken away before a person, and a or an agrees",),
        family="Counterfactuals",
        may_break="Where the label is about health or disability, and where the word contradicts the story.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """One description put in, or every one taken away."""
        people = word_set("disability-people")
        closed = phrase_places(words, phrases("gender-phrases"))
        described = [
            place
            for place, word in enumerate(words.lower)
            if word in _RECOGNISED and words.after(place) in people and has_plain_case(words.words[place])
        ]
        for place in described:
            # The next word takes the capital of the one that goes.
            person = words.words[place + 1]
            new = in_case(person, words.words[place]) if words.words[place].istitle() else person
            yield Change(place, place + 1, new, words.lower[place], UNSAID)
        if described:
            return
        named = [
            place
            for place, word in enumerate(words.lower)
            if word in people and place not in closed and _stands_alone(words, place)
        ]
        if named:
            description = rng.choice(DESCRIPTIONS)
            place = named[0]
            yield Change(place, place, f"{description} {words.words[place]}", UNSAID, description)


def _stands_alone(words: Words, place: int) -> bool:
    """Whether somebody is named in plain words: "a man", not "a man's game", "a women-only prize"."""
    article = words.before(place)
    return (
        words.words[place].islower()
        and article in _DETERMINERS
        and not words.goes_on(place)
        and not words.gap(place + 1).lstrip().startswith(("-", "'", "’", "`", "#"))
        and not (words.lower[place] == "people" and article in ("a", "an", "this", "that", "one", "every"))
    )


COUNTERFACTUALS: tuple[Counterfactual, ...] = (Disability(),)
