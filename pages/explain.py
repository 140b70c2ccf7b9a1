"""Explain: what does the model say about one text, and which words carry it?"""

import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages import feedback, jobs, pins, selection
from pages.reasons import attributions, drawing, evidence, second
from pages.reasons import choice as choices
from views import explanation, probabilities, reliability, tokens
from views.charts.attribution import MOST_BARS, word_bars
from views.numbers import percent

if TYPE_CHECKING:
    from analysis.attribution import Attribution, Removal
    from models.transformer import TransformerClassifier

#: Seconds after which a first, cheaper picture stands in for scores that are still being computed.
AT_ONCE = 0.1
#: The method of that first picture: tens of milliseconds, and close to the slow ones in what it marks.
FIRST = "relevance"


def first_picture(
    model: "TransformerClassifier", text: str, choice: choices.Choice, unusable: dict[str, str]
) -> "Attribution | None":
    """A quick attribution to look at while the one asked for is computed."""
    if FIRST in unusable or choice.method == FIRST:
        return None
    job = attributions.job(model, text, choice.by(FIRST))
    return job.result if job.wait(2) else None


def trust(found: "Attribution") -> None:
    """What a reader must know before believing the scores."""
    if not found.converged and found.relative_delta is not None:
        missed = f"miss the difference that they explain by {percent(found.relative_delta, 0)}"
        more = next((name for name in ("samples", "steps") if name in found.settings), None)
        if more is None:
            feedback.notice("These scores do not add up", f"They {missed}. Choose another method.")
        else:
            feedback.notice(
                "These scores do not add up yet",
                f"After {found.settings[more]} {more} they {missed}. "
                f"Allow more {more}, or choose another baseline or method.",
            )
    if found.truncated:
        feedback.notice(
            "Only the beginning was read",
            f"The model reads {len(found.tokens)} tokens; what follows the {len(found.words)} words with "
            "scores had no influence on the answer.",
        )


def bars(found: "Attribution", labels: tuple[str, ...], about: str) -> None:
    """Every word's score as bars, and the scores to take away; `about` says what they were made from."""
    from analysis.attribution import record

    head = st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False)
    order = selection.option(
        "order",
        ("strength", "position"),
        "strength",
        st.segmented_control,
        label="Order",
        format_func=lambda name: {"strength": "Strongest first", "position": "In the text's order"}[name],
        label_visibility="collapsed",
        required=True,
    )
    for_label, against_label = drawing.sides(found, labels)
    scores = found.word_scores.tolist()
    signed = drawing.method_of(found).signed
    figure = partial(
        word_bars,
        [word.text for word in found.words],
        drawing.shown_scores(found),
        for_label=for_label,
        against_label=against_label,
        order=order,  # type: ignore[arg-type]
        unit=drawing.UNITS[found.quantity],
        magnitude=not signed,
    )
    name = f"attribution-{selection.text_fingerprint(found.text)}"
    drawn = figure(dark=feedback.is_dark())
    with feedback.bounded(drawn):
        feedback.chart(
            drawn,
            key="explain-bars",
            title="Every word's score",
            alt=f"One bar a word: to the right {for_label}, to the left {against_label}."
            if signed
            else "One bar a word, as long as its share.",
            name=name,
            rows=lambda: [
                {"word": word.text, "start": word.start, "end": word.end, "score": score}
                for word, score in zip(found.words, scores, strict=True)
            ],
            head=head,
        )
    with head:
        feedback.download(
            "JSON",
            lambda: json.dumps(record(found, labels), indent=2).encode(),
            f"{name}.json",
            key="explain.record",
        )
    if order == "strength" and len(found.words) > MOST_BARS:
        st.caption(f"The {MOST_BARS} strongest of {len(found.words)} words; the files hold all.")
    pins.beside(
        f"{about} · {'strongest first' if order == 'strength' else 'in order'}", pins.chart(figure), "bars"
    )


def explain(model: "TransformerClassifier", text: str) -> None:
    """The page below the text: answer, settings, evidence, details."""
    chances = model.answers(model.logits([text]))[0]
    predicted = int(chances.argmax())
    unusable = attributions.unusable(model, model.fingerprint, str(model.device))
    top = st.container()
    choice = choices.draw(model, predicted, unusable)
    if unusable:
        st.html(drawing.left_out(unusable))
    below = st.container()
    with top:
        lead = st.empty()
        with lead:
            feedback.headline(said(model, chances.tolist(), predicted))
        with st.container(key="assay-pair-explain"):
            left, right = st.columns([2, 1], gap="medium")
        with left:
            shown = st.empty()
            shown.html(drawing.passage(text))
        with right:
            if model.answering != "number":
                apart = model.answering == "several"
                st.html(probabilities.bars(model.labels, chances.tolist(), apart=apart))
    job = attributions.job(model, text, choice)
    until_then = ""
    if not job.wait(AT_ONCE):
        first = first_picture(model, text, choice, unusable)
        if first is not None:
            shown.html(coloured(first, model.labels))
            until_then = "Until then the colours are a first picture, by attention relevance."
    with left:
        title = drawing.title(choice.method)
        found = jobs.outcome(job, title, key="first", until_then=until_then)
    if found is None:
        return
    shown.html(coloured(found, model.labels))
    with lead:
        feedback.headline(answer(model, found, chances.tolist(), choice.removal))
    with below:
        trust(found)
        kept = coloured(found, model.labels)
        asked = drawing.quantity(found, model.labels)
        about = pins.made_from(
            pins.quoted(text), asked, drawing.method_of(found).title, *drawing.settings(found, model)
        )
        pins.beside(about, lambda key: st.html(kept))
        with feedback.problems("The scores stand as they are."):
            evidence.draw(model, found, choice)
        bars(found, model.labels, about)
        second.draw(model, found, choice, unusable)
        with st.expander("How this was computed"):
            st.html(drawing.facts(found, model, unusable))


def answer(
    model: "TransformerClassifier", found: "Attribution", chances: list[float], removal: "Removal | None"
) -> str:
    """What the model says, and would say without the strongest words, taken away as in the panel."""
    from analysis.occlusion import strongest_left_out

    chosen = model.answering == "choice"
    about = max(range(len(chances)), key=lambda index: chances[index]) if chosen else found.target
    omission = strongest_left_out(model, found, predicted=about, removal=removal)
    if omission is None:
        return said(model, chances, about)
    return said(
        model, chances, about, [word.text for word in omission.words], omission.probabilities.tolist()
    )


def said(
    model: "TransformerClassifier",
    chances: list[float],
    about: int,
    omitted: Sequence[str] = (),
    without: Sequence[float] = (),
) -> str:
    """The answer in the words that fit the model's head; `about` is the label that words are left out of."""
    then = without[about] if without else 0.0
    if model.answering == "number":
        return explanation.value(model.labels[about], chances[about], omitted, then)
    if model.answering == "several":
        return explanation.several(model.labels, chances, model.labels[about], omitted, then)
    return explanation.answer(model.labels, chances, omitted, without)


def coloured(found: "Attribution", labels: tuple[str, ...]) -> str:
    """The text with its scores, what the colours mean, and the strongest words in a sentence."""
    return (
        f"{drawing.passage(found.text, found)}"
        f'<p style="margin:.6rem 0 0">{drawing.legend(found, labels)}</p>'
        f'<p class="assay-muted" style="margin:.4rem 0 0">{drawing.reason(found, labels)}</p>'
    )


def page() -> None:
    """Draw the page."""
    st.title("Explain", anchor=False)
    st.html(tokens.css() + probabilities.css() + reliability.css())
    text = selection.text_input("explain", "Text to explain")
    model = selection.classifier()
    if not text.strip():
        feedback.no_text(
            "No text yet",
            "Type a text above: the model's answer and the words that carry it will stand here.",
        )
        return
    jobs.begin_run()
    explain(model, text)
    jobs.give_up_left_behind()


with pins.staying(), feedback.problems():
    page()
