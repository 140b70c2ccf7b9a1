"""Religion: faiths, their people, places, clerics and books, each as those of another."""

import random
from collections.abc import Iterator
from functools import cache

from attacks.counterfactuals.base import (
    Change,
    Counterfactual,
    Words,
    has_plain_case,
    in_case,
    phrase_places,
    phrases,
    table,
    word_set,
)
from attacks.entry import Entry

_SAME_FOR_BOTH = ("adjective", "person")


class Religion(Counterfactual):
    """Words for one religion become those for another."""

    entry = Entry(
        "religion",
        "counterfactual",
        "Religion",
        "Words for a religion, its people, places of worship, clerics and books become those of another.",
        "Garg et al. (2019), Counterfactual Fairness in Text Classification through Robustness",
        "See whether the answer depends on the religion that the text names.",
        constraints=(
            "Texts about a branch, a movement or a feast of one religion, or with one in a name, stay",
        ),
        family="Counterfactuals",
        may_break="Where the label is about religion itself.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """Every word for a religion as another one's, each religion as the same other one."""
        if not word_set("faith-guards").isdisjoint(words.lower):
            return
        mentions = [place for place, word in enumerate(words.lower) if word in _forms()]
        closed = phrase_places(words, phrases("faith-phrases"))
        if not all(_is_meant(words, place) for place in mentions) or not closed.isdisjoint(mentions):
            return
        named = list(dict.fromkeys(_forms()[words.lower[place]][0] for place in mentions))
        others = [faith for faith in _faiths() if faith not in named]
        if not named or len(others) < len(named):
            return
        new = dict(zip(named, rng.sample(others, len(named)), strict=True))
        for place in mentions:
            faith, form = _forms()[words.lower[place]]
            if form in _SAME_FOR_BOTH:
                form = "adjective" if words.goes_on(place) or _is_predicate(words, place) else "person"
            written, target = words.words[place], new[faith]
            word = _faiths()[target][form]
            # Names of religions keep their capital, except in a text that writes none.
            plain = word.lower() if written.islower() and words.text.islower() else word
            yield Change(place, place, in_case(plain, written), faith, target)


def _is_meant(words: Words, place: int) -> bool:
    """Whether a listed word is no part of a name (Christian Bale, Christian Science Monitor)."""
    written = words.words[place]
    if not has_plain_case(written) or words.touches_a_name(place):
        return False
    return not (written == "Christian" and words.starts_sentence(place) and not words.goes_on(place))


def _is_predicate(words: Words, place: int) -> bool:
    """Whether a form of "be" stands before the word: "she is Jewish", never "she is Jew"."""
    return words.before(place) in ("is", "are", "was", "were", "be", "been", "being", "not", "s", "re")


@cache
def _faiths() -> dict[str, dict[str, str]]:
    """For every religion its word by form."""
    header, *rows = _table()
    return {
        faith: {row[0]: row[column].strip("()") for row in rows}
        for column, faith in enumerate(header)
        if column
    }


@cache
def _forms() -> dict[str, tuple[str, str]]:
    """For every word that is recognised, in lower case, its religion and form."""
    header, *rows = _table()
    forms = {
        word.lower(): (faith, row[0])
        for row in rows
        for faith, word in zip(header[1:], row[1:], strict=True)
        if not word.startswith("(") and " " not in word
    }
    return forms | {
        "islamic": ("Muslim", "adjective"),
        "koran": ("Muslim", "book"),
        "qur'an": ("Muslim", "book"),
    }


def _table() -> tuple[tuple[str, ...], ...]:
    """The list with its header: the first row names the religions."""
    return table("faiths")


COUNTERFACTUALS: tuple[Counterfactual, ...] = (Religion(),)
