"""The models, data and predictions behind the selection, loaded once for the whole server."""

import hashlib
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from corpora.examples import Corpus, CorpusError
from pages.selection.address import Selection
from pages.selection.kept import Kept

if TYPE_CHECKING:
    from corpora.loading import Labelling
    from models.shelf import ModelShelf
    from models.transformer import TransformerClassifier

T = TypeVar("T")


class Mismatch(CorpusError):
    """Model and data do not speak of the same labels; carries both, so that a page can offer a way out."""

    def __init__(self, message: str, data_labels: tuple[str, ...], model_labels: tuple[str, ...]):
        super().__init__(message)
        self.data_labels = data_labels
        self.model_labels = model_labels


@st.cache_resource(show_spinner=False)
def shelf() -> "ModelShelf":
    """The one shelf of loaded models of this server; it bounds itself by bytes."""
    from models.loading import load
    from models.shelf import ModelShelf

    return ModelShelf(load=partial(load, any_head=True))


def model(selection: Selection) -> "TransformerClassifier":
    """The selection's model, loaded if need be. Raises ModelError."""
    return shelf().get(selection.model, selection.device, selection.dtype)


def stamp(reference: str) -> tuple[int, int] | None:
    """Changes when a local data file does, so that an edited file is read again."""
    try:
        found = Path(reference).expanduser().stat()
    except (OSError, ValueError, RuntimeError):  # a hub id, a name with a null byte, no home folder
        return None
    return found.st_mtime_ns, found.st_size


class _Source(NamedTuple):
    """What is read: the reference, its columns, the state of the file, and how."""

    reference: str
    text_column: str | None
    label_column: str | None
    stamp: tuple[int, int] | None
    labelled: "Labelling"
    about: tuple[str, ...]


def _source(selection: Selection, model: "TransformerClassifier") -> _Source:
    from corpora.labels import reading

    how, about = reading(model.labels, model.among)
    if model.answering != "choice":
        how, about = model.answering, model.labels if model.answering == "several" else ()
    columns = selection.text_column, selection.label_column
    return _Source(selection.data, *columns, stamp(selection.data), how, about)


@lru_cache(maxsize=4)
def _read(source: _Source) -> Corpus:
    from corpora.loading import load

    return load(
        source.reference,
        text_column=source.text_column,
        label_column=source.label_column,
        labelled=source.labelled,
        about=source.about,
    )


@lru_cache(maxsize=8)
def _align(
    source: _Source,
    labels: tuple[str, ...],
    label_map: tuple[tuple[str, str], ...],
    among: tuple[str, ...],
) -> Corpus:
    from corpora.labels import align

    raw = _read(source)
    try:
        return align(raw, labels, dict(label_map) or None, among=among, column=source.label_column)
    except CorpusError as error:
        raise Mismatch(str(error), _written(raw), labels) from error


def _written(raw: Corpus) -> tuple[str, ...]:
    return raw.labels or tuple(sorted({example.label for example in raw.examples} - {""}))


def data_labels(selection: Selection, model: "TransformerClassifier") -> tuple[str, ...]:
    """The data's own labels, as they are read for a model that chooses. Raises CorpusError."""
    return _written(_read(_source(selection, model)))


def full_corpus(selection: Selection, model: "TransformerClassifier") -> Corpus:
    """All of the selection's data with the model's label names.

    For a model that gives numbers or several labels each row has what it is labelled with, as it is written.

    Raises CorpusError, Mismatch among them.
    """
    source = _source(selection, model)
    if model.answering != "choice":
        return _read(source)
    return _align(source, model.labels, selection.label_map, model.among)


@lru_cache(maxsize=8)
def _sample(corpus: "_Whole", count: int) -> Corpus:
    from corpora.sampling import sample

    return sample(corpus.corpus, count, seed=0)


def fits(selection: Selection, model: "TransformerClassifier") -> bool:
    """Whether the selection's data can be read and has the model's labels."""
    try:
        full_corpus(selection, model)
    except (CorpusError, OSError):
        return False
    return True


class _Whole:
    """A corpus by identity: hashing every example to look up a sample would cost more than the sample."""

    def __init__(self, corpus: Corpus):
        self.corpus = corpus

    def __hash__(self) -> int:
        return id(self.corpus)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Whole) and other.corpus is self.corpus


def used_corpus(selection: Selection, model: "TransformerClassifier") -> Corpus:
    """The examples that pages work with: all, or a stratified sample where there are many."""
    whole = full_corpus(selection, model)
    if not selection.examples or len(whole) <= selection.examples:
        return whole
    return _sample(_Whole(whole), selection.examples)


@lru_cache(maxsize=16)
def _fingerprint(corpus: _Whole) -> str:
    return corpus.corpus.fingerprint


@lru_cache(maxsize=16)
def _rows(corpus: _Whole) -> dict[str, int]:
    return {example.id: position for position, example in enumerate(corpus.corpus.examples)}


def rows_by_id(corpus: Corpus) -> dict[str, int]:
    """Each example's position by its id; computed once a corpus."""
    return _rows(_Whole(corpus))


_PREDICTIONS = Kept(24)
CHUNK = 128


def predictions(
    classifier: "TransformerClassifier", corpus: Corpus, on_progress: Callable[[int, int], None] | None = None
) -> NDArray[np.float64]:
    """Probabilities for every example, shape (examples, labels), in chunks that survive an interruption.

    `on_progress(done, total)` is called after every chunk; not at all when the answer is kept already.
    """
    key = (
        classifier.fingerprint,
        str(classifier.device),
        str(classifier.dtype),
        _fingerprint(_Whole(corpus)),
    )
    kept = _PREDICTIONS.get(key)
    chunks: list[NDArray[np.float64]] = list(kept) if isinstance(kept, tuple) else []
    texts = corpus.texts
    done = sum(map(len, chunks))
    while done < len(texts):
        chunks.append(classifier.probabilities(texts[done : done + CHUNK]))
        done += len(chunks[-1])
        _PREDICTIONS.put(key, tuple(chunks))
        if on_progress:
            on_progress(done, len(texts))
    if not chunks:
        return np.empty((0, len(classifier.labels)))
    whole = np.concatenate(chunks)
    if len(chunks) > 1:
        _PREDICTIONS.put(key, (whole,))
    return whole


def text_fingerprint(text: str) -> str:
    """Twelve hex digits that stand for a text in a key or a file name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
