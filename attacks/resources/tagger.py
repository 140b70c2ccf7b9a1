"""Parts of speech: NLTK's tagger where its data is at hand, and TextBlob's, which travels with the project.

TextAttack tags with `nltk.pos_tag`, which reads its data anew at every call; here it is read once.
"""

import functools
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from attacks.entry import AttackError, Need
from attacks.resources import nltk_data
from attacks.resources.plain_pickle import load_plain

#: Given to `pos_tag` for a language, this stands for TextBlob's tagger.
TEXTBLOB = "textblob"

_JSON, _PICKLE = "averaged_perceptron_tagger_eng", "averaged_perceptron_tagger"
_JSON_FILES = tuple(f"{_JSON}.{part}.json" for part in ("weights", "tagdict", "classes"))
_lock = threading.Lock()

Tags = list[tuple[str, str]]

#: From the Penn Treebank's tags to the universal ones (Petrov et al. 2012); any other tag is "X".
_UNIVERSAL = {
    tag: universal
    for universal, tags in (
        (".", "! # $ '' ( ) , -LRB- -RRB- . : ? ``"),
        ("ADJ", "JJ JJR JJRJR JJS JJ|RB JJ|VBG"),
        ("ADP", "IN IN|RP"),
        ("ADV", "RB RBR RBS RB|RP RB|VBG WRB"),
        ("CONJ", "CC"),
        ("DET", "DT EX PDT WDT"),
        ("NOUN", "NN NNP NNPS NNS NN|NNS NN|SYM NN|VBG NP"),
        ("NUM", "CD"),
        ("PRON", "PRP PRP$ PRP|VBP WP WP$"),
        ("PRT", "POS PRT RP TO"),
        ("VERB", "MD VB VBD VBD|VBN VBG VBG|NN VBN VBP VBP|TO VBZ VP"),
    )
    for tag in tags.split()
}


def present() -> bool:
    """Whether NLTK's tagger can be loaded here."""
    return any(
        nltk_data.find("taggers", name, file) for name, file in ((_JSON, _JSON_FILES[0]), _pickle_place())
    )


NEED = Need(
    "NLTK's tagger",
    "NLTK's tagger is missing: `python -m nltk.downloader averaged_perceptron_tagger_eng`.",
    present,
)


def pos_tag(words: Sequence[str], tagset: str | None = None, lang: str = "eng") -> Tags:
    """Each word with its part of speech, as `nltk.pos_tag` gives it; `lang` may also be `TEXTBLOB`.

    Raises AttackError where NLTK's tagger is wanted and its data is missing.
    """
    if isinstance(words, str):
        raise TypeError("words: a sequence of words, not one text")
    tags = (_textblob() if lang == TEXTBLOB else load())(list(words))
    if tagset == "universal":
        return [(word, _UNIVERSAL.get(tag, "X")) for word, tag in tags]
    return tags


def load() -> Callable[[list[str]], Tags]:
    """NLTK's English tagger. Raises AttackError without its data."""
    with _lock:
        return _load_once()


@functools.cache
def _load_once() -> Callable[[list[str]], Tags]:
    from nltk.tag.perceptron import PerceptronTagger

    tagger = PerceptronTagger(load=False)
    tagger.decode_json_params(_parameters())
    return tagger.tag


def _parameters() -> tuple[Any, Any, Any]:
    """Weights, fixed tags and classes, from NLTK's data of today or of before 2024."""
    found = nltk_data.find("taggers", _JSON, _JSON_FILES[0])
    if found:
        weights, fixed, classes = (json.loads((found / file).read_bytes()) for file in _JSON_FILES)
        return weights, fixed, classes
    name, file = _pickle_place()
    older = nltk_data.find("taggers", name, file)
    if not older:
        raise AttackError(NEED.remedy)
    weights, fixed, classes = load_plain((older / file).read_bytes())
    return weights, fixed, classes


def _pickle_place() -> tuple[str, str]:
    return _PICKLE, f"{_PICKLE}.pickle"


@functools.cache
def _textblob() -> Callable[[list[str]], Tags]:
    from textblob.en import parser

    def tag(words: list[str]) -> Tags:
        return [(word, str(found[1])) for word, found in zip(words, parser.find_tags(words), strict=True)]

    return tag
