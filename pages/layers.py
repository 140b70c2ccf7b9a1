"""How did the answer come about: after which layer does it stand, and what moved it?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import streamlit as st

from corpora.labels import negated
from pages import adding, beside, feedback, jobs, pins, selection
from pages.selection.address import LONGEST_LINKED_TEXT
from views import layers as sentences
from views import outcomes, tokens
from views.charts.layers import Line, answers, changes
from views.numbers import plain_number

if TYPE_CHECKING:
    from analysis.layers import Comparison, Inference
    from models.transformer import TransformerClassifier

T = TypeVar("T")
#: Labels whose lines are drawn: the likeliest after any layer.
MOST_LINES = 6
#: Seconds that the page waits for an answer before it shows progress and the way out.
_PATIENCE = 2.0
NO_EVIDENCE = (
    "The head has learnt to read the last layer alone (a logit lens, Nostalgebraist 2020). What it says to "
    "an earlier state shows when that state begins to look like an answer; a layer may well know the answer "
    "before, in a form that the head cannot read (Belrose et al. 2023). "
)
SETTLED = "Settled: from there on the answer stays, with at least half of its final lead in logits."
HALF_WAY = "Half its way: from there on it is at least half as far from where it began as in the end."
HALF_APART = "Half apart: from there on the two differ by at least half of what they do in the end."


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """The texts followed last, for all visitors."""
    return selection.Kept(16)


def followed(model: "TransformerClassifier", text: str, label: int | None) -> "Inference | None":
    """One text through all layers, from a job; None while it runs."""

    def work(report: jobs.Report) -> "Inference":
        from analysis.layers import infer

        return infer(model, text, label, report)

    return wait(("layers", model.fingerprint, str(model.device), label, text), work)


def compared(
    model: "TransformerClassifier", before: str, after: str, label: int | None
) -> "Comparison | None":
    """Two texts through all layers, from a job; None while it runs."""

    def work(report: jobs.Report) -> "Comparison":
        from analysis.layers import compare

        return compare(model, before, after, label, report)

    return wait(("layers", model.fingerprint, str(model.device), label, before, after), work)


def wait(key: tuple[object, ...], work: "Callable[[jobs.Report], T]") -> "T | None":
    """What a job finds out; while it runs, a skeleton first and then its progress and the way out."""
    job = jobs.job_of(key, work, among=kept())
    if not job.finished:
        with feedback.skeleton(360):
            job.wait(_PATIENCE)
    return jobs.outcome(job, "Following the answer through the layers", key="layers")


def main() -> None:
    """The answer on its way through one text, or through two beside each other."""
    st.html(tokens.css() + outcomes.css())
    st.title("Layers", anchor=False)
    text = selection.text_input()
    other = second_text(text)
    if not text.strip():
        feedback.no_text(
            "No text to follow", "Type a text or pick a row: how its answer comes about stands here."
        )
        return
    model = selection.classifier()
    label = asked_label(model, beside=bool(other.strip()))
    jobs.begin_run()
    alone = None if other.strip() else followed(model, text, label)
    both = compared(model, text, other, label) if other.strip() else None
    jobs.give_up_left_behind()
    if both is not None:
        show_both(model, both)
    elif alone is not None:
        show_one(model, alone)


def second_text(text: str) -> str:
    """A text to look at beside the first one, where the reader wants one."""
    asked = beside.second_text("beside")
    wanted_key, area_key = "layers.wanted", "layers.beside"

    def switched() -> None:
        selection.remember("beside", text if st.session_state[wanted_key] else "")

    def typed() -> None:
        selection.remember("beside", st.session_state[area_key])

    st.session_state[wanted_key] = bool(asked)
    st.toggle("Beside another text", key=wanted_key, on_change=switched)
    if not asked:
        return ""
    st.session_state[area_key] = asked[:LONGEST_LINKED_TEXT]
    st.text_area(
        "Second text",
        key=area_key,
        on_change=typed,
        height=96,
        max_chars=LONGEST_LINKED_TEXT,
        placeholder="A changed version of the text, or any other one.",
    )
    return asked[:LONGEST_LINKED_TEXT]


def asked_label(model: "TransformerClassifier", *, beside: bool) -> int | None:
    """Which label is followed, where each holds or does not by itself; None for whichever is worth it."""
    if model.answering == "choice" or len(model.labels) == 1:
        return None
    usual = (
        "what changes most" if beside else "the likeliest" if model.answering == "several" else "the highest"
    )
    return selection.label_choice("Follow", usual)


def asked_about(model: "TransformerClassifier", found: "Inference") -> list[str]:
    """The label that is followed where there are several to follow, for what a picture was made from."""
    label = selection.plain(model.labels[found.target], 40)
    return [] if model.answering == "choice" else [f"following {label}"]


def outcomes_of(model: "TransformerClassifier", found: "Inference") -> tuple[str, ...]:
    """What the columns of `found.asked` say: the labels, or that one does not hold and that it does."""
    if model.answering == "choice":
        return model.labels
    label = model.labels[found.target]
    return negated(label), label


def sides(model: "TransformerClassifier", found: "Inference") -> tuple[str, str]:
    """What a positive and a negative contribution speak for."""
    label = model.labels[found.target]
    if model.answering == "number":
        return f"a higher {label}", f"a lower {label}"
    parts = found.contributions
    if parts is None or parts.contrast is None:
        return label, negated(label)
    return label, model.labels[parts.contrast]


def record(model: "TransformerClassifier", row: list[float]) -> dict[str, float]:
    """The answer after a layer as columns of a file."""
    what = "" if model.answering == "number" else "probability of "
    return {f"{what}{name}": value for name, value in zip(model.labels, row, strict=True)}


def show_one(model: "TransformerClassifier", found: "Inference") -> None:
    """One text: the answer after each layer, what moved it, and how its tokens move."""
    asked, labels, number = found.asked, model.labels, model.answering == "number"
    values = model.answers(found.lens.logits)
    if number:
        start, end = values[[0, -1], found.target].tolist()
        lead = sentences.reached(labels[found.target], start, end, asked.settled, asked.layers)
    else:
        answer = outcomes_of(model, found)[int(asked.answers[-1])]
        lead = sentences.settled(answer, asked.settled, asked.layers)
    largest = adding.strongest(found.contributions)
    if largest is not None:
        lead += f" {sentences.strongest(*largest, *sides(model, found), adding.unit(model.answering))}"
    feedback.headline(lead)
    cut(model, found)
    ranked = np.argsort(-values.max(axis=0)).tolist()
    drawn = sorted([*dict.fromkeys([found.target, *ranked])][:MOST_LINES])
    lines = [Line(labels[index], values[:, index].tolist()) for index in drawn]
    figure = partial(
        answers,
        lines,
        mark=(asked.settled, "half its way" if number else "settled"),
        answering=model.answering,
    )
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="layers.answers",
        title="What the head would say after each layer",
        alt=plain(lead),
        name=stem(found),
        rows=lambda: [{"layer": layer, **record(model, row)} for layer, row in enumerate(values.tolist())],
    )
    feedback.aside(NO_EVIDENCE + (HALF_WAY if number else SETTLED))
    about = pins.made_from(pins.quoted(found.text), *asked_about(model, found))
    pins.beside(about, pins.chart(figure, lead))
    adding.parts(model, found.contributions, None, sides(model, found), name=stem(found), about=about)
    drift = partial(changes, found.drift, found.positions, first=1, hover=found.positions, unit="1 − cosine")
    title = "How far each layer turns each token's state"
    feedback.chart(
        drift(dark=feedback.is_dark()),
        key="layers.drift",
        title=title,
        alt="Tokens across, layers down: the stronger, the further a layer turns a token's state.",
        name=f"{stem(found)} drift",
        rows=lambda: [
            {"layer": layer + 1, "position": place + 1, "token": token, "change": float(row[place])}
            for layer, row in enumerate(found.drift)
            for place, token in enumerate(found.positions)
        ],
    )
    pins.beside(about, pins.chart(drift, f"{title}."), "states")
    foot(model, found)


def show_both(model: "TransformerClassifier", both: "Comparison") -> None:
    """Two texts: where their answers part, what pushes them apart, and which words carry it."""
    before, after, number = both.before, both.after, model.answering == "number"
    labels, name = outcomes_of(model, before), model.labels[before.target]
    first, second = (int(one.asked.answers[-1]) for one in (before, after))
    layers = before.lens.layers
    values = [model.answers(one.lens.logits) for one in (before, after)]
    shown = first if model.answering == "choice" else before.target
    if number:
        start, end = (float(each[-1, shown]) for each in values)
        lead = sentences.parted(name, start, end, both.turn, layers)
    elif both.turn is None:
        lead = sentences.alike(labels[first], before.asked.settled, after.asked.settled)
    else:
        lead = sentences.turned(labels[first], labels[second], both.turn, layers)
    largest = adding.strongest(before.contributions, after.contributions)
    if largest is not None:
        lead += f" {sentences.pushed(*largest, *sides(model, before), adding.unit(model.answering))}"
    feedback.headline(lead)
    st.html(
        outcomes.pair(
            *(
                (title, marked, answered(model, found, each[-1].tolist()))
                for title, marked, found, each in zip(
                    ("First text", "Second text"),
                    tokens.marked_change(before.text, after.text),
                    (before, after),
                    values,
                    strict=True,
                )
            )
        )
    )
    for one in (before, after):
        cut(model, one)
    figure = partial(
        answers,
        [
            Line("first text", values[0][:, shown].tolist()),
            Line("second text", values[1][:, shown].tolist(), "dash"),
        ],
        mark=None if both.turn is None else (both.turn, "half apart" if number else "turns"),
        answering=model.answering,
    )
    title = selection.plain(model.labels[shown], 40)
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="layers.answers",
        title=f"{'The' if number else 'Probability of'} {title} after each layer",
        alt=plain(lead),
        name=f"{stem(before)} both",
        rows=lambda: [
            {"text": text, "layer": layer, **record(model, row)}
            for text, each in zip(("first", "second"), values, strict=True)
            for layer, row in enumerate(each.tolist())
        ],
    )
    feedback.aside(NO_EVIDENCE + (HALF_APART if number else SETTLED))
    about = pins.made_from(
        pins.quoted(before.text), f"beside {pins.quoted(after.text)}", *asked_about(model, before)
    )
    pins.beside(about, pins.chart(figure, lead))
    parts = before.contributions, after.contributions
    adding.parts(model, *parts, sides(model, before), name=f"{stem(before)} both", about=about)
    apart(both, about)
    foot(model, before)


def answered(model: "TransformerClassifier", found: "Inference", values: list[float]) -> str:
    """The final answer to one of two texts, as HTML: the labels' shares, or the number."""
    if model.answering == "number":
        return f"<p><b>{plain_number(values[found.target])}</b></p>"
    if model.answering == "several":
        values = [1 - values[found.target], values[found.target]]
    return outcomes.answers(outcomes_of(model, found), values)


def apart(both: "Comparison", about: str) -> None:
    """The words of both texts, and how far their states lie apart after each layer."""
    if not both.pairs:
        return
    names, told = [], []
    for pair in both.pairs:
        old, new = (" ".join(word.text for word in side) for side in (pair.before, pair.after))
        names.append(f"▸{new or old}" if pair.changed else old)
        told.append(f"{old or '–'} → {new or '–'}" if pair.changed else old)
    figure = partial(changes, both.apart, names, first=0, hover=told, unit="1 − cosine")
    title = "How far each word's states lie apart in the two texts"
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="layers.apart",
        title=title,
        alt="Words across, layers down: the stronger, the further apart a word's states in both texts.",
        name=f"{stem(both.before)} apart",
        rows=lambda: [
            {"layer": layer, "first": told[place].split(" → ")[0], "second": told[place].split(" → ")[-1]}
            | {"apart": None if np.isnan(row[place]) else float(row[place])}
            for layer, row in enumerate(both.apart)
            for place in range(len(told))
        ],
    )
    st.caption("▸ marks the words that differ; an empty column stands for words that came or went.")
    pins.beside(about, pins.chart(figure, f"{title}."), "states")


def cut(model: "TransformerClassifier", found: "Inference") -> None:
    """A word where a text did not fit the model."""
    if found.encoded.truncated:
        feedback.notice(
            "Only the beginning was read", f"The model reads {model.max_length} tokens; the text has more."
        )


def foot(model: "TransformerClassifier", found: "Inference") -> None:
    """Where to go on, and what all this was made from."""
    about = {} if model.answering == "choice" else {"target": model.labels[found.target]}
    with st.container(horizontal=True, vertical_alignment="center"):
        selection.page_link("explain", label="Which words: Explain", **about)
        selection.page_link("attention", label="Where it looks: Attention")
        if model.answering == "choice":
            selection.page_link("embeddings", label="Over the data: Embeddings", view="probes")
    chosen = selection.example()
    feedback.made_from(
        f"row {chosen.id}" if chosen else f"own text {selection.text_fingerprint(found.text)}",
        f"{len(found.encoded)} tokens",
        f"{found.lens.layers} layers",
    )


def stem(found: "Inference") -> str:
    """Begins the names of saved files."""
    return f"layers {selection.text_fingerprint(found.text)}"


def plain(html: str) -> str:
    """A sentence of escaped HTML as an alternative text."""
    import re
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", html))


with pins.staying(), feedback.problems():
    main()
