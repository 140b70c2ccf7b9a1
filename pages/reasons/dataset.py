"""Attributions of a whole data set as the Drivers page asks for them: which, how many, in the background."""

from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from pages import feedback, jobs, pins, selection
from pages.reasons import drawing
from pages.selection import loaded
from views.numbers import grouped

if TYPE_CHECKING:
    from analysis.attribution import Precision
    from analysis.reasons import Gathered

#: The methods that are quick enough for many texts and say for or against.
METHODS = ("integrated-gradients", "gradient-input", "occlusion")
TEXTS = (100, 300, 1000)
PRECISIONS: "dict[Precision, str]" = {"full": "full", "bfloat16": "half: quicker"}
EVERY_TEXT = "all"
SLICE = "slice"


@dataclass(frozen=True)
class Choice:
    """How the texts of the data are explained; `texts` is the most of them.

    `about` is the label that is asked about, where each holds or does not by itself, or which of several
    values. `sliced`: the texts of the slice that is looked at, and no others.
    """

    method: str
    texts: int
    precision: "Precision"
    about: str | None = None
    sliced: bool = False


@st.cache_resource(show_spinner=False)
def _kept() -> selection.Kept:
    """The data sets explained last, for all visitors."""
    return selection.Kept(8)


def draw(available: int) -> Choice:
    """The row of settings."""
    from analysis.attribution import METHODS as ALL

    sizes = [*(str(size) for size in TEXTS if size < available), EVERY_TEXT]
    chosen = len(selection.slice_rows())
    if chosen:
        sizes = [SLICE, *sizes]
    sampled = available < len(selection.whole_corpus())
    model = selection.classifier()
    number = model.answering == "number"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="drivers-settings"):
        about = None
        if model.answering == "several":
            about = selection.option(
                "about",
                list(model.labels),
                model.labels[0],
                label="Does it hold?",
                format_func=lambda name: selection.plain(name, 40),
                help="Each label is a question of its own: what speaks for it, and what against it?",
                width=200,
            )
        elif number and len(model.labels) > 1:
            about = selection.option(
                "about",
                list(model.labels),
                model.labels[0],
                label="Value",
                format_func=lambda name: selection.plain(name, 40),
                help="What raises it, and what lowers it? Errors are told by the column that the sidebar "
                "takes for the label.",
                width=200,
            )
        method = selection.option(
            "method",
            METHODS,
            METHODS[0],
            label="Method",
            format_func=lambda name: ALL[name].title if name in ALL else name,
            width=220,
        )
        size = selection.option(
            "texts",
            sizes,
            sizes[0 if chosen else min(1, len(sizes) - 1)],
            label="Texts",
            format_func=lambda name: {
                EVERY_TEXT: f"the {grouped(available)} in use" if sampled else f"all {grouped(available)}",
                SLICE: f"{grouped(chosen)} chosen",
            }.get(name, name),
            help=("Drawn at random." if number else "Drawn at random, each label in its share.")
            + (" How many of the data are in use is chosen in the sidebar." if sampled else ""),
            width=120,
        )
        precision: Precision = "full"
        if method == METHODS[0]:
            precision = selection.option(
                "precision",
                tuple(PRECISIONS),
                "full",
                label="Precision",
                format_func=lambda name: PRECISIONS[name],
                help="Half precision takes less than half the time where the processor knows bfloat16; "
                "the order of the words stays all but the same.",
                width=140,
            )
    texts = {EVERY_TEXT: available, SLICE: chosen}.get(size) or int(size)
    return Choice(method, texts, precision, about, sliced=size == SLICE)


def made_from(found: "Gathered", choice: Choice, *parts: str) -> str:
    """What a picture of the explained data was made from, for its pin."""
    precision = [] if choice.precision == "full" else ["half precision"]
    texts = f"{grouped(len(found.examples))} texts"
    return pins.made_from(
        selection.current().data, texts, drawing.title(choice.method).lower(), *precision, *parts
    )


def gathered(choice: Choice, model: str | None = None, dtype: str = "auto") -> "Gathered | None":
    """The explained data: of the model in use or of another one; None while it is under way or not wanted.

    Nothing begins before the reader asks for it. Call it in a run begun with `jobs.begin_run`. Raises what
    went wrong.
    """
    from analysis.attribution import Settings
    from analysis.reasons import gather
    from corpora.labels import align, negated
    from corpora.sampling import sample

    corpus = selection.corpus()
    if choice.sliced:
        corpus = replace(selection.whole_corpus(), examples=selection.slice_rows())
    whole = selection.classifier()
    if choice.about is not None and whole.answering == "several":
        corpus = align(corpus, (negated(choice.about), choice.about), among=whole.labels)
    corpus = sample(corpus, choice.texts, seed=0)
    chosen = selection.current() if model is None else replace(selection.current(), model=model, dtype=dtype)
    place = "begun" if model is None else "second-begun"
    wanted = (*chosen.model_part, corpus.fingerprint, *astuple(choice))
    if jobs.found(wanted, _kept()) is None and selection.remembered(place, "") != "yes":
        if not feedback.empty(
            "Nothing explained yet" if model is None else "Not explained by the second model yet",
            f"Which words drive the answers, and which drive the errors: it takes an explanation of each of "
            f"{grouped(len(corpus))} texts, in the background.",
            f"Explain {grouped(len(corpus))} texts",
            key=f"{place}.begin",
        ):
            return None
        selection.remember(place, "yes")
        selection.write_address()  # a rerun reads the address first
        st.rerun()
    name = "Explaining the texts" if model is None else "Explaining them by the second model"
    settings = Settings(precision=choice.precision)

    def work(report: jobs.Report) -> "Gathered":
        report(0, len(corpus))
        return gather(
            loaded.model(chosen),
            corpus.examples,
            choice.method,
            about=choice.about,
            settings=settings,
            on_progress=report,
        )

    return jobs.outcome(jobs.job_of(wanted, work, _kept()), name, key=place)
