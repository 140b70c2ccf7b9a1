"""WordNet, from wherever this machine has it.

Miller (1995), WordNet: A Lexical Database for English.
"""

import functools
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attacks.entry import AttackError, Need
from attacks.resources import nltk_data
from attacks.resources.nltk_data import Source

#: Where Debian's package wordnet-base puts it: all of NLTK's files but the last two of `_FILES`.
DEBIAN = Path("/usr/share/wordnet")

_PARTS = ("adj", "adv", "noun", "verb")
_FILES = (
    "cntlist.rev",
    *(f"index.{part}" for part in _PARTS),
    *(f"data.{part}" for part in _PARTS),
    *(f"{part}.exc" for part in _PARTS),
    "lexnames",
    "index.sense",
)
#: The lexicographer files in the order of their numbers, and the part of speech of each (lexnames(5WN)).
_LEXNAMES = (
    ("adj.", 3, "all pert"),
    ("adv.", 4, "all"),
    (
        "noun.",
        1,
        "Tops act animal artifact attribute body cognition communication event feeling food group location "
        "motive object person phenomenon plant possession process quantity relation shape state substance "
        "time",
    ),
    (
        "verb.",
        2,
        "body change cognition communication competition consumption contact creation emotion motion "
        "perception possession social stative weather",
    ),
    ("adj.", 3, "ppl"),
)
_lock = threading.Lock()


def present() -> bool:
    """Whether WordNet can be loaded here."""
    return (nltk_data.private() / "corpora" / "wordnet").is_dir() or _source() is not None


NEED = Need(
    "WordNet",
    "WordNet is missing: `apt-get install wordnet-base` on Debian or Ubuntu, or `python -m nltk.downloader "
    "wordnet` elsewhere.",
    present,
)


def load() -> Any:
    """NLTK's WordNet reader, ready to be asked. Slow only the first time. Raises AttackError without it."""
    with _lock:
        return _load_once()


def fingerprint() -> str:
    """SHA-256 over the nouns, verbs, adjectives and adverbs that recipes and noises read; empty without them.

    Synonyms, and the word vectors fitted to them, depend on which WordNet a machine has, or on its absence.
    """
    private = nltk_data.private() / "corpora" / "wordnet"
    source = private if private.is_dir() else _source()
    if source is None:
        return ""
    digest = hashlib.sha256()
    for part in _PARTS:
        digest.update((source / f"data.{part}").read_bytes())
    return digest.hexdigest()


@functools.cache
def _load_once() -> Any:
    folder()
    from nltk.corpus import wordnet

    with nltk_data.private_first():
        wordnet.ensure_loaded()
    return wordnet


def folder() -> Path:
    """Where WordNet's files lie, copied there if need be. Raises AttackError without it."""
    if not present():
        raise AttackError(NEED.remedy)
    return nltk_data.lay_out("corpora", "wordnet", _contents())


def _source() -> Source | None:
    found = nltk_data.find("corpora", "wordnet", "data.noun")
    return found or (DEBIAN if (DEBIAN / "data.noun").is_file() else None)


def _contents() -> Iterator[tuple[str, bytes]]:
    """NLTK's files, in its order. Debian lacks two: the numbers' names, and an index of senses, which may
    be empty where nobody asks for senses by key."""
    source = _source()
    assert source is not None
    for file in _FILES:
        if (source / file).is_file():
            yield file, (source / file).read_bytes()
        else:
            yield file, _lexnames().encode() if file == "lexnames" else b""


def _lexnames() -> str:
    names = ((prefix + name, part) for prefix, part, names in _LEXNAMES for name in names.split())
    return "".join(f"{number:02}\t{name}\t{part}\n" for number, (name, part) in enumerate(names))
