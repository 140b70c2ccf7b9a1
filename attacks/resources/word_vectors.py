"""Word vectors whose neighbours are near in meaning, made here: what stands in for counter-fitted GloVe.

The words are the whole words among MiniLM's word pieces, their vectors its table of input embeddings:
centred, without the three widest directions (Mu & Viswanath 2018, All-but-the-Top), and where WordNet is
at hand pulled towards synonyms and pushed away from antonyms (after Mrkšić et al. 2016, Counter-fitting,
and Faruqui et al. 2015, Retrofitting). All cosines are then lifted alike, so that recipes' bounds, made for
other vectors, leave a usual word some twenty neighbours. Spearman's correlation with SimLex-999 is 0.51
without WordNet and 0.67 with it; the published counter-fitted vectors have 0.74. The settings below were
chosen by that figure, so on SimLex itself it flatters a little.
"""

import functools
import hashlib
import json
import os
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attacks.entry import AttackError
from attacks.resources import wordnet
from attacks.resources.relations import Relations, relations
from models import bundled
from models.home import home
from models.safety import MINILM_SHA256

#: Raise it when the recipe below changes, so that vectors made before are made again.
_VERSION = 1
_WIDEST = 3
_STEPS, _PULL, _PUSH = 10, 1.0, 0.6
#: No recipe asks for more than fifty neighbours. The first is the word itself.
_NEIGHBOURS = 64
#: A cosine that many recipes ask for at least, and how many neighbours of the median word reach it.
_USUAL_BOUND, _REACH_IT = 0.5, 20
_AT_ONCE = 1024
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class WordVectors:
    """Words in lower case, their vectors of unit length (one row each), and each one's neighbours by
    falling cosine, as rows of places; the first is the word itself."""

    words: tuple[str, ...]
    vectors: NDArray[np.float32]
    neighbours: NDArray[np.int32]


def name() -> str:
    """Which vectors `load` gives here: it changes with whatever decides them."""
    return f"minilm-{_VERSION}" + ("-wordnet" if wordnet.present() else "")


def load() -> WordVectors:
    """The vectors; made at the first call (about half a minute), then read from Assay's home.

    Raises AttackError where the folder cannot be written.
    """
    with _lock:
        return _load(name(), home() / "word-vectors")


@functools.cache
def _load(which: str, folder: Path) -> WordVectors:
    content = hashlib.sha256(f"{which} {MINILM_SHA256}".encode()).hexdigest()[:12]
    file = folder / f"{which}-{content}.npz"
    if not file.exists():
        try:
            _write(file, make(relations_at_hand=which.endswith("-wordnet")))
        except OSError as problem:
            raise AttackError(f"Word vectors cannot be kept in {folder}: {problem.strerror}.") from None
    with np.load(file, allow_pickle=False) as kept:
        return WordVectors(tuple(kept["words"].tolist()), kept["vectors"], kept["neighbours"])


def _write(file: Path, made: WordVectors) -> None:
    """Another process may be doing the same: the file is complete when it gets its name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(prefix=".", suffix=".npz", dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as out:
            np.savez(out, words=np.array(made.words), vectors=made.vectors, neighbours=made.neighbours)
        Path(unfinished).replace(file)
    finally:
        Path(unfinished).unlink(missing_ok=True)


def make(*, relations_at_hand: bool) -> WordVectors:
    """Makes the vectors anew, with WordNet's relations or without."""
    words, table = _word_pieces()
    vectors = _unit(_without_widest(table))
    if relations_at_hand:
        places = {word: place for place, word in enumerate(words)}
        vectors = _fitted(vectors, relations(wordnet.folder(), places))
    rows = vectors.astype(np.float32)
    neighbours = _neighbours(rows)
    return WordVectors(words, _lifted(rows, neighbours), neighbours)


def _word_pieces() -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """MiniLM's pieces that are whole words of Latin letters, and their rows of its embedding table."""
    from safetensors import safe_open

    folder = Path(bundled.base_folder())
    vocabulary = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    chosen = sorted(
        (number, piece)
        for piece, number in vocabulary.items()
        if len(piece) > 1 and piece.isascii() and piece.isalpha() and piece.islower()
    )
    with safe_open(folder / "model.safetensors", framework="np") as weights:
        key = next(key for key in weights.keys() if key.endswith("word_embeddings.weight"))  # noqa: SIM118
        table = weights.get_tensor(key)
    return tuple(piece for _, piece in chosen), table[[number for number, _ in chosen]].astype(np.float64)


def _without_widest(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Centred rows without the directions in which all words differ most: they tell frequency, not sense."""
    centred = table - table.mean(axis=0)
    _, directions = np.linalg.eigh(centred.T @ centred)
    widest = directions[:, -_WIDEST:]
    return centred - (centred @ widest) @ widest.T


def _fitted(start: NDArray[np.float64], known: Relations) -> NDArray[np.float64]:
    """Rows that stay near their start, move to their synonyms and away from their antonyms."""
    pull, push = _shares(known.synonyms, len(start), least=1.0), _shares(known.antonyms, len(start))
    vectors = start
    for _ in range(_STEPS):
        vectors = _unit(start + _PULL * (pull @ vectors) - _PUSH * (push @ vectors))
    return vectors


def _shares(pairs: Any, size: int, least: float = 1e-12) -> Any:
    """A sparse matrix of weights whose rows are divided by their sums, or by `least` where that is more."""
    from scipy import sparse

    rows, columns = np.array(list(pairs)).reshape(-1, 2).T
    weights = sparse.csr_matrix((list(pairs.values()), (rows, columns)), shape=(size, size))
    sums = np.asarray(weights.sum(axis=1)).ravel()
    return sparse.diags(1 / np.maximum(sums, least)) @ weights


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def _neighbours(rows: NDArray[np.float32]) -> NDArray[np.int32]:
    """Each row's nearest by cosine, itself first; of equals the earlier one."""
    found = np.empty((len(rows), _NEIGHBOURS), dtype=np.int32)
    for first in range(0, len(rows), _AT_ONCE):
        near = rows[first : first + _AT_ONCE] @ rows.T
        own = np.arange(len(near))
        near[own, first + own] = np.inf
        some = np.sort(np.argpartition(-near, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS], axis=1)
        order = np.argsort(-np.take_along_axis(near, some, axis=1), axis=1, kind="stable")
        found[first : first + len(near)] = np.take_along_axis(some, order, axis=1)
    return found


def _lifted(rows: NDArray[np.float32], neighbours: NDArray[np.int32]) -> NDArray[np.float32]:
    """The rows with one coordinate more, the same for all: every cosine x becomes (x + c) / (1 + c)."""
    farthest = np.median(np.einsum("ij,ij->i", rows, rows[neighbours[:, _REACH_IT]]))
    constant = max(0.0, (_USUAL_BOUND - float(farthest)) / (1 - _USUAL_BOUND))
    column = np.full((len(rows), 1), constant**0.5, dtype=np.float32)
    lifted = np.hstack([rows, column]) / (1 + constant) ** 0.5
    return lifted.astype(np.float32)


@functools.cache
def embedding() -> Any:
    """The vectors as TextAttack's `WordEmbedding`. TextAttack must have been imported."""
    from textattack.shared import WordEmbedding

    vectors = load()
    places = {word: place for place, word in enumerate(vectors.words)}
    return WordEmbedding(vectors.vectors, places, dict(enumerate(vectors.words)), vectors.neighbours)
