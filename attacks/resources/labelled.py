"""Words labelled as flair's taggers label them, without flair's models, which are pickles.

Names come from the lists that travel with TextAttack, parts of speech from TextBlob.
"""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from attacks.resources import tagger


def names(words: Sequence[str]) -> Any:
    """The words as a flair `Sentence` with labels for people and places.

    A name is a word with a capital that is in the lists; "S-PER" alone, "B-PER" and "E-PER" as a first
    name and the last name after it, "S-LOC" for a country, nationality or city. Every other word is "O".
    TextAttack must have been imported.
    """
    return _labelled(words, "ner", _tags(words))


def parts_of_speech(words: Sequence[str]) -> Any:
    """The words as a flair `Sentence` with universal parts of speech."""
    tagged = tagger.pos_tag(words, tagset="universal", lang=tagger.TEXTBLOB)
    return _labelled(words, "upos", (tag for _, tag in tagged))


def _labelled(words: Sequence[str], layer: str, tags: Iterable[str]) -> Any:
    from flair.data import Sentence

    sentence = Sentence(list(words))
    for token, tag in zip(sentence.tokens, tags, strict=True):
        token.add_label(layer, tag, 1.0)
    return sentence


def _tags(words: Sequence[str]) -> list[str]:
    first, last, places = _lists()
    tags = ["O"] * len(words)
    for index, word in enumerate(words):
        if word in places:
            tags[index] = "S-LOC"
        elif word in first:
            tags[index] = "S-PER"
        elif word in last and index and tags[index - 1] == "S-PER":
            tags[index - 1 : index + 1] = ["B-PER", "E-PER"]
    return tags


@functools.cache
def _lists() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """First names, last names and places of one word. Stop words with a capital are no names."""
    import nltk
    from textattack.shared.data import NAMED_ENTITIES, PERSON_NAMES

    stop = {word.capitalize() for word in nltk.corpus.stopwords.words("english")}
    places = {name for kind in ("country", "nationality", "city") for name in NAMED_ENTITIES[kind]}
    first, last = (frozenset(PERSON_NAMES[kind]) - stop for kind in ("first", "last"))
    return first, last, frozenset(places) - stop
