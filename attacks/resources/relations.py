"""Which words WordNet holds for synonyms and antonyms, read from its files at one go.

NLTK's reader answers one word at a time; here a vocabulary of twenty thousand is answered in a second.
The format is that of wndb(5WN).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

#: The files' endings, and the letter by which pointers name each part of speech.
_PARTS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}
_ANTONYM = "!"
#: A word's sense that the index does not list.
_LAST_RANK = 99

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Relations:
    """Pairs of places in a vocabulary, each in both directions. A synonym weighs the more the more usual both
    words are in that sense: one over the product of the sense's ranks."""

    synonyms: Mapping[Pair, float]
    antonyms: Mapping[Pair, float]


@dataclass(frozen=True, slots=True)
class _Synset:
    part: str
    offset: int
    words: tuple[str, ...]
    #: (own word's number, the other's part, offset and number), numbers from 1.
    antonyms: tuple[tuple[int, str, int, int], ...]


def relations(folder: Path, places: Mapping[str, int]) -> Relations:
    """The pairs among the words of `places` that WordNet's files in `folder` tell of."""
    ranks = _ranks(folder, places)
    synsets = [synset for part in _PARTS for synset in _synsets(folder, part)]
    words = {(synset.part, synset.offset): synset.words for synset in synsets}
    synonyms: dict[Pair, float] = {}
    antonyms: dict[Pair, float] = {}
    for synset in synsets:
        known = [
            (places[word], ranks.get((synset.part, word, synset.offset), _LAST_RANK))
            for word in synset.words
            if word in places
        ]
        for one, its_rank in known:
            for other, other_rank in known:
                if one != other:
                    weight = max(synonyms.get((one, other), 0.0), 1 / (its_rank * other_rank))
                    synonyms[one, other] = weight
        for own, part, offset, number in synset.antonyms:
            pair = synset.words[own - 1], words[part, offset][number - 1]
            if pair[0] in places and pair[1] in places:
                antonyms[places[pair[0]], places[pair[1]]] = 1.0
    return Relations(synonyms, antonyms)


def _ranks(folder: Path, places: Mapping[str, int]) -> dict[tuple[str, str, int], int]:
    """How usual each sense of each word is, from 1: the index lists a word's synsets in that order."""
    ranks = {}
    for name, part in _PARTS.items():
        for fields in _lines(folder / f"index.{name}"):
            if fields[0] in places:
                for rank, offset in enumerate(fields[-int(fields[2]) :], start=1):
                    ranks[part, fields[0], int(offset)] = rank
    return ranks


def _synsets(folder: Path, name: str) -> Iterator[_Synset]:
    for fields in _lines(folder / f"data.{name}"):
        count = int(fields[3], 16)
        # An adjective may carry its position: "asleep(p)".
        words = tuple(word.lower().partition("(")[0] for word in fields[4 : 4 + 2 * count : 2])
        first = 5 + 2 * count
        pointers = (fields[at : at + 4] for at in range(first, first + 4 * int(fields[first - 1]), 4))
        antonyms = tuple(
            (int(numbers[:2], 16), part, int(offset), int(numbers[2:], 16))
            for symbol, offset, part, numbers in pointers
            if symbol == _ANTONYM
        )
        yield _Synset(_PARTS[name], int(fields[0]), words, antonyms)


def _lines(path: Path) -> Iterator[list[str]]:
    """The lines' fields, without the licence on top and the definitions behind the bar."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if not line.startswith(" ") and line.strip():
                yield line.partition(" | ")[0].split()
