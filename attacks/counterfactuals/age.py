"""Age: people who are called young become old and the other way round, in words and in years."""

import random
from collections.abc import Iterator
from functools import cache

from attacks.counterfactuals.base import (
    Change,
    Counterfactual,
    Words,
    has_plain_case,
    in_case,
    table,
    word_set,
)
from attacks.entry import Entry

YOUNGER, OLDER = "younger", "older"
#: Years between a younger and an older adult, and the ages of the younger.
_YEARS = 45
_YOUNG = range(18, 40)


class Age(Counterfactual):
    """Younger people become older ones, and older ones younger."""

    entry = Entry(
        "age",
        "counterfactual",
        "Age",
        "Words for young and old people change places, and 25-year-olds become 70-year-olds and back.",
        "Diaz et al. (2018), Addressing Age-Related Bias in Sentiment Analysis",
        "See whether the answer depends on the age of the people in the text.",
        constraints=("Only words beside a person change: an old film stays old",),
        family="Counterfactuals",
        may_break="Where age decides the label, as in news about schools or pensions.",
    )

    def changes(self, words: Words, rng: random.Random) -> Iterator[Change]:
        """Every word and number for an age as its counterpart."""
        for place, written in enumerate(words.words):
            years = _years(words, place)
            if years:
                young = years in _YOUNG
                groups = (YOUNGER, OLDER) if young else (OLDER, YOUNGER)
                yield Change(place, place, str(years + (_YEARS if young else -_YEARS)), *groups)
            elif words.lower[place] in _table() and has_plain_case(written) and not _counted(words, place):
                group, new, needs_person = _table()[words.lower[place]]
                if not needs_person or words.after(place) in word_set("age-people"):
                    yield Change(
                        place, place, in_case(new, written), group, OLDER if group == YOUNGER else YOUNGER
                    )


def _years(words: Words, place: int) -> int:
    """The age in "25-year-old" or "25 year old" where that is a person's; 0 where there is none."""
    if words.lower[place + 1 : place + 3] != ["year", "old"] or not words.words[place].isascii():
        return 0
    if words.gap(place + 1) not in ("-", " ") or words.gap(place + 2) not in ("-", " "):
        return 0
    years = int(words.words[place]) if words.words[place].isdecimal() and len(words.words[place]) == 2 else 0
    if years not in _YOUNG and years - _YEARS not in _YOUNG:
        return 0
    following = words.after(place + 2)
    person = (
        not words.goes_on(place + 2) or following in word_set("age-people") or words.is_name_like(place + 3)
    )
    return years if person else 0


def _counted(words: Words, place: int) -> bool:
    """Whether it is the "old" of "87-year-old"."""
    return words.lower[place - 1 : place] in (["year"], ["years"], ["month"], ["months"])


@cache
def _table() -> dict[str, tuple[str, str, bool]]:
    """For every word its group, its counterpart, and whether it counts only before a person."""
    words = {}
    for younger, older, *rest in table("ages"):
        marks = rest[0].split() if rest else []
        if "<" not in marks:
            words[younger] = (YOUNGER, older, "before" in marks)
        if ">" not in marks:
            words[older] = (OLDER, younger, "before" in marks)
    return words


COUNTERFACTUALS: tuple[Counterfactual, ...] = (Age(),)
