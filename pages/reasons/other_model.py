"""The same data explained in a second model: the same answers, but for the same reasons?"""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages import feedback, pins, selection
from pages.reasons import dataset, drawing
from views import drivers as sentences
from views.charts.drivers import Bar, driver_bars
from views.explanation import agreement
from views.numbers import plain_number

if TYPE_CHECKING:
    from analysis.attribution import Attribution
    from analysis.reasons import Compared, Gathered, Pair

#: Texts and words shown at most.
MOST_TEXTS, MOST_WORDS = 5, 10
#: How the second model may compute.
TYPES = {"auto": "its own numbers", "int8": "int8: a quantised copy"}
_BOX = "drivers.second"


def draw(found: "Gathered", choice: dataset.Choice, length: int) -> None:
    """The choice of a second model, and both side by side, in phrases of so many words."""
    from analysis.reasons import compare

    st.subheader("Beside another model", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="drivers-second"):
        reference = second_model()
        dtype = second_dtype(choice.method) if reference else "auto"
    if not reference:
        feedback.aside(
            "Choose a second model for the same task, such as this one fine-tuned once more: where do both "
            "give the same answer, and differ in the reason?"
        )
        return
    with feedback.problems("The first model's words stand as they are."):
        other = dataset.gathered(choice, reference, dtype)
        if other is not None:
            show(found, compare(found, other), choice, length)


def second_model() -> str:
    """A box with the models known here that takes any other; kept in the link."""
    from models import bundled

    def picked() -> None:
        selection.remember("second", (st.session_state[_BOX] or "").strip())
        selection.remember("second-begun", "")

    asked = (selection.remembered("second") or "").strip()
    known = [f"bundled:{name}" for name in bundled.names()]
    st.session_state[_BOX] = asked or None
    st.selectbox(
        "Second model",
        list(dict.fromkeys([*known, asked] if asked else known)),
        index=None,
        key=_BOX,
        on_change=picked,
        accept_new_options=True,
        placeholder="none: hub id or folder",
        width=360,
    )
    return asked


def second_dtype(method: str) -> str:
    """How the second model computes: quantised copies take methods that remove words alone."""
    from analysis.attribution import METHODS

    if METHODS[method].needs != "nothing":
        return "auto"
    return selection.option(
        "second-type",
        tuple(TYPES),
        "auto",
        label="Computed in",
        format_func=lambda name: TYPES[name],
        width=190,
    )


def show(found: "Gathered", both: "Compared", choice: dataset.Choice, length: int) -> None:
    """The sentence, the words whose part moved most, and the texts with the least alike reasons."""
    from analysis.reasons import moved

    ranks = [pair.alike.spearman for pair in both.pairs if pair.alike.spearman is not None]
    median = float(np.median(ranks)) if ranks else None
    texts = len(both.pairs) + len(both.apart)
    opposed = sum(rank <= 0 for rank in ranks)
    same = "the same answer" if found.values is None else "much the same number"
    lead = sentences.alike(len(both.pairs), texts, median, opposed, same)
    if found.values is not None:
        lead += f" {sentences.together(both.correlation, texts, both.within)}"
    st.html(f"<p>{lead}</p>")
    label = len(found.labels) - 1
    asked = selection.remembered("label")
    if asked in found.labels:
        label = found.labels.index(str(asked))
    terms = moved(both, label, words=length)
    name = selection.plain(found.labels[label], 30)
    drawn = [
        *[term for term in terms if term.each.mean > 0][:MOST_WORDS],
        *[term for term in terms if term.each.mean < 0][-MOST_WORDS:],
    ]
    if drawn:
        figure = partial(
            driver_bars,
            [Bar(t.text, t.each.mean, t.each.low, t.each.high, t.each.count, t.found) for t in drawn],
            for_label=f"more for {name}",
            against_label=f"less for {name}",
            unit="change of the word's share of all that moves the answer",
        )
        what = "words" if length == 1 else f"phrases of {length} words"
        feedback.chart(
            figure(dark=feedback.is_dark()),
            key="drivers.moved",
            title=f"{what[0].upper()}{what[1:]} whose part the second model changes most",
            alt=f"One bar a word: to the right it speaks more for {name} in the second model.",
            rows=lambda: [
                {
                    "word": term.text,
                    "texts": term.each.count,
                    "change": term.each.mean,
                    "low": term.each.low,
                    "high": term.each.high,
                    "p_adjusted": term.p,
                }
                for term in terms
            ],
        )
        second = both.pairs[0].second
        other = f"beside {selection.remembered('second')} ({second.fingerprint[:12]})"
        about = dataset.made_from(found, choice, other, f"for {name}", what)
        pins.beside(about, pins.chart(figure, lead), "moved")
    st.subheader(f"{same[0].upper()}{same[1:]}, least alike reasons", anchor=False)
    for place, pair in enumerate(both.pairs[:MOST_TEXTS]):
        _pair(pair, place, found.labels, choice.about)


def _pair(pair: "Pair", place: int, labels: tuple[str, ...], about: str | None) -> None:
    """One text in both models."""
    alike, answer = pair.alike, feedback.escaped(selection.plain(labels[pair.first.target], 40))
    told = agreement(alike.spearman, alike.shared, alike.top)
    says = f"Both answer {answer}."
    if pair.values:
        says = f"They answer {plain_number(pair.values[0])} and {plain_number(pair.values[1])}."
    st.html(f'<p>{told} <span class="assay-muted">{says}</span></p>')

    def card(one: "Attribution") -> None:
        st.html(drawing.passage(one.text, one))

    feedback.side_by_side(lambda: card(pair.first), lambda: card(pair.second), key=f"drivers-{place}")
    target = {} if about is None else {"target": about}
    selection.page_link("explain", row=pair.example.id, label="Explain in the first model", **target)
