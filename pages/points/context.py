"""One word in context: a point for each text that holds it, where the word lies in that text."""

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from corpora.examples import Corpus
from pages import feedback, jobs, selection
from pages.points.scene import KEPT_VECTORS, Scene
from views.numbers import grouped

if TYPE_CHECKING:
    from analysis.embeddings import InContext
    from models.transformer import TransformerClassifier

FEWEST = 3
_FIRST, _FIELD = "good", "assay.embeddings.context"


def word_input() -> str:
    """The control for the word; the same one whose neighbours stand under Words."""
    word = selection.remembered("word", _FIRST) or ""

    def typed() -> None:
        selection.remember("word", st.session_state[_FIELD].strip())

    st.session_state[_FIELD] = word
    st.text_input("Word", key=_FIELD, on_change=typed, max_chars=80, width=150)
    selection.remember("word", word)
    return word


def make(
    model: "TransformerClassifier", corpus: Corpus, layer: int, word: str, value: int | None = None
) -> Scene | None:
    """The texts that hold the word, as a scene; None while they are read, or where there are too few.

    Call it in a run begun with `jobs.begin_run`.
    """
    if not word:
        feedback.empty("No word", "Type a word above: each text that holds it becomes a point.")
        return None
    asked = ("in context", model.fingerprint, str(model.device), corpus.fingerprint, word.casefold())

    def work(report: jobs.Report) -> "InContext":
        from analysis.embeddings import in_context

        return in_context(model, corpus.texts, word, on_progress=report)

    found = jobs.outcome(jobs.job_of(asked, work, among=KEPT_VECTORS), "Reading the word", key="read")
    if found is None:
        return None
    if len(found.rows) < FEWEST:
        feedback.empty(
            "Too few texts hold this word",
            f"{grouped(len(found.rows))} of {grouped(len(corpus))} texts hold “{selection.plain(word, 40)}” "
            f"as a word of its own; a picture takes {FEWEST}. "
            f"Often in these texts: {', '.join(often(corpus))}.",
        )
        return None
    return Scene(
        corpus=replace(corpus, examples=tuple(corpus.examples[row] for row in found.rows)),
        labels=model.labels,
        layer=layer,
        pooling="mean",
        key=(*asked, layer, value),
        vectors=found.vectors[layer],
        probabilities=found.probabilities,
        word=word,
        value=value,
    )


def often(corpus: Corpus, count: int = 8) -> list[str]:
    """Words that many of the texts hold, the longer kind."""
    held = Counter(word for text in corpus.texts for word in set(text.casefold().split()) if len(word) > 3)
    return [selection.plain(word, 24) for word, _ in held.most_common(count) if word.isalpha()]
