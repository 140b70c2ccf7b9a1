"""Synonyms by WordNet, of words that mostly mean one thing.

WordNet lists every word that shares any sense with another ("made" and "crap" share one). What is kept here:
both words are of one part of speech nearly always, both have the shared sense as their first and by far most
usual, both occur often enough in the texts that WordNet was built on to know that (the counts are its own),
and neither is on the list of words that this gets wrong.
"""

import functools
from typing import Any

from attacks.lexicons import word_class
from attacks.resources import wordnet

#: WordNet's letter for each part of speech that lemminflect names, and the tags of its forms.
_PARTS = {
    "NOUN": ("n", ("NN", "NNS")),
    "VERB": ("v", ("VB", "VBP", "VBZ", "VBG", "VBD", "VBN")),
    "ADJ": ("a", ("JJ",)),
    "ADV": ("r", ("RB",)),
}
#: The smallest share of a word's uses that its part of speech and its first sense must have.
_PART, _SENSE = 0.8, 0.5
#: How often a word and its synonym must occur in WordNet's texts, and the synonym beside the word.
_USED, _BESIDE = 5, 0.05
#: Shorter synonyms are abbreviations (yr, hr).
_SHORTEST = 3


@functools.lru_cache(maxsize=20_000)
def synonyms(word: str) -> tuple[str, ...]:
    """What may stand for a word in lower case, in the same form; nothing for words of many meanings.

    Raises AttackError where there is no WordNet.
    """
    import lemminflect

    reader = wordnet.load()
    readings = {
        (lemma, _PARTS[part]): sum(_counts(reader, lemma, _PARTS[part][0]))
        for part, lemmas in lemminflect.getAllLemmas(word).items()
        if part in _PARTS
        for lemma in lemmas
    }
    found: set[str] = set()
    for (lemma, (letter, tags)), uses in readings.items():
        sense = _usual_sense(reader, lemma, letter)
        if (
            sense is not None
            and lemma not in word_class("no_synonyms")
            and uses >= _PART * sum(readings.values())
        ):
            for other in _others(reader, lemma, sense, uses):
                found |= _inflected(word, lemma, other, tags)
    return tuple(sorted(found - {word} - word_class("negations")))


def _others(reader: Any, lemma: str, sense: Any, uses: int) -> list[str]:
    """The other single words of a sense for which it is the usual one too."""
    letter = sense.pos().replace("s", "a")  # what it calls satellites are adjectives
    return [
        name
        for name in sense.lemma_names()
        if name not in {lemma, *word_class("no_synonyms")} and len(name) > _SHORTEST
        if name.isalpha() and name.islower()
        if sum(_counts(reader, name, letter)) >= _BESIDE * uses
        and _usual_sense(reader, name, letter) == sense
    ]


@functools.cache
def _all_counts(reader: Any) -> dict[str, int]:
    """How often each sense of each word occurs in WordNet's texts, by the key of the sense."""
    with reader.open("cntlist.rev") as lines:
        cells = (line.split() for line in lines)
        return {key: int(count) for key, _, count in cells}


@functools.lru_cache(maxsize=20_000)
def _counts(reader: Any, lemma: str, letter: str) -> list[int]:
    """How often a word occurs as a part of speech, in each of its senses."""
    counts = _all_counts(reader)
    return [
        counts.get(other.key(), 0)
        for sense in reader.synsets(lemma, letter)
        for other in sense.lemmas()
        if other.name().lower() == lemma
    ]


@functools.lru_cache(maxsize=20_000)
def _usual_sense(reader: Any, lemma: str, letter: str) -> Any:
    """The sense that a word mostly has; None where it has no such one, or too few uses to tell."""
    counts = _counts(reader, lemma, letter)
    total = sum(sum(_counts(reader, lemma, other)) for other, _ in _PARTS.values())
    if sum(counts) < max(_USED, _PART * total) or counts[0] < _SENSE * sum(counts):
        return None
    return reader.synsets(lemma, letter)[0]


def _inflected(word: str, lemma: str, other: str, tags: tuple[str, ...]) -> set[str]:
    """The form of `other` that `word` is of `lemma`; nothing where that may be either of two."""
    import lemminflect

    forms = {
        (lemminflect.getInflection(other, tag) or ("",))[0]
        for tag in tags
        if word in lemminflect.getInflection(lemma, tag)
    }
    return forms if len(forms) == 1 and "" not in forms else set()
