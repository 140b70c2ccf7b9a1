"""Explain: what does the model say about one text, and which words carry it?"""

import json
from dataclasses import astuple, dataclass, replace
from html import escape
from typing import TYPE_CHECKING, cast

import streamlit as st

from pages import feedback, selection
from pages.selection import plain
from views import explanation, probabilities, tokens
from views.charts.attribution import MOST_BARS, word_bars
from views.numbers import percent
from views.tokens import signed

if TYPE_CHECKING:
    from analysis.attribution import Attribution, Baseline, Quantity
    from models.transformer import TransformerClassifier

#: How the URL writes "choose for me" and "nothing".
AUTO, NONE = "*", "-"
TOLERANCES = (0.01, 0.02, 0.05, 0.1)
STEPS = (16, 48, 144, 432)
#: From so many tokens on the work may take longer than a reader wants to wait, and can be stopped.
LONG = 100
#: Pixels of bars before they scroll inside themselves.
TALLEST = 760


@dataclass(frozen=True)
class Question:
    """What is asked of the attribution; label numbers, None where the model's answer decides."""

    target: int | None
    contrast: int | None
    quantity: "Quantity"
    baseline: "Baseline"
    tolerance: float
    steps: int


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """The attributions computed last, for all visitors."""
    return selection.Kept(256)


def settings(model: "TransformerClassifier", predicted: int) -> tuple[Question, "list[Baseline]"]:
    """The compact row of choices; also the baselines that make sense for the model."""
    from analysis.attribution import BASELINES, baseline_title, why_not

    reasons = {baseline: why_not(model, baseline) for baseline in BASELINES}
    sensible = [baseline for baseline, reason in reasons.items() if reason is None]
    number = {label: index for index, label in enumerate(model.labels)}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="explain-settings"):
        target = selection.option(
            "target",
            [AUTO, *model.labels],
            AUTO,
            label="Explain",
            format_func=lambda name: (
                f"the answer ({plain(model.labels[predicted], 30)})" if name == AUTO else plain(name, 40)
            ),
            width=210,
        )
        explained = predicted if target == AUTO else number[target]
        contrast = selection.option(
            "contrast",
            [AUTO, *(label for label in model.labels if label != model.labels[explained]), NONE],
            AUTO,
            label="rather than",
            format_func=lambda name: {
                AUTO: "the other label" if len(model.labels) == 2 else "the runner-up",
                NONE: "nothing: its logit alone",
            }.get(name, plain(name, 40)),
            width=210,
        )
        baseline = selection.option(
            "baseline",
            sensible,
            sensible[0],
            label="Baseline",
            format_func=lambda name: baseline_title(model, name),
            help=" ".join(
                ["What stands in place of every word where the path begins.", *filter(None, reasons.values())]
            ),
            width=140,
        )
        tolerance = selection.option(
            "tolerance",
            TOLERANCES,
            0.02,
            label="Error at most",
            format_func=lambda value: percent(value, 0),
            help="Steps rise until the scores add up to what they explain, but for this share of it.",
            width=120,
        )
        steps = selection.option("steps", STEPS, STEPS[-1], label="Steps at most", width=120)
    return Question(
        target=None if target == AUTO else number[target],
        contrast=None if contrast in (AUTO, NONE) else number[contrast],
        quantity="logit" if contrast == NONE else "difference",
        baseline=baseline,
        tolerance=tolerance,
        steps=steps,
    ), sensible


def attribution(model: "TransformerClassifier", text: str, question: Question) -> "Attribution | None":
    """The attribution, kept or computed under a progress bar; None while it is stopped."""
    from analysis.attribution import Attribution, integrated_gradients

    # As a tuple: a page's classes are made anew in every run, and are never equal to those of the last.
    key = (model.fingerprint, str(model.device), text, *astuple(question))
    found = kept().get(key)
    if isinstance(found, Attribution):
        return found
    if st.session_state.get("explain.stopped") == key:
        again = f"explain.again.{question.baseline}"
        if feedback.empty("Stopped", "The words have no scores yet.", "Compute them", key=again):
            st.session_state.pop("explain.stopped")
            st.rerun()
        return None
    place = st.empty()
    if len(model.encode([text])[0]) >= LONG:
        place.button(
            "Stop computing",
            key=f"explain.stop.{question.baseline}",
            on_click=st.session_state.__setitem__,
            args=("explain.stopped", key),
        )
    with feedback.progress("Steps along the path") as report:
        computed = integrated_gradients(
            model,
            text,
            target=question.target,
            contrast=question.contrast,
            quantity=question.quantity,
            baseline=question.baseline,
            tolerance=question.tolerance,
            max_steps=question.steps,
            on_progress=report,
        )
    place.empty()
    kept().put(key, computed)
    return computed


def side(found: "Attribution", labels: tuple[str, ...]) -> tuple[str, str]:
    """What a positive and a negative score speak for, in words."""
    target = plain(labels[found.target], 40)
    if found.contrast is None:
        return f"for {target}", f"against {target}"
    return f"for {target}", f"for {plain(labels[found.contrast], 40)}"


def passage(text: str, found: "Attribution | None", scale: float | None = None) -> str:
    """The text as escaped HTML, highlighted where there are scores; long ones scroll inside themselves."""
    if found is None:
        inner = tokens.highlight(text, [])
    else:
        spans = [
            (word.start, word.end, float(score))
            for word, score in zip(found.words, found.word_scores, strict=True)
        ]
        unread = found.words[-1].end if found.truncated else None
        inner = tokens.highlight(text, spans, scale=scale, unread_from=unread)
    return f'<div class="assay-card"><div class="assay-scroll" tabindex="0">{inner}</div></div>'


def trust(found: "Attribution") -> None:
    """What a reader must know before believing the scores."""
    if not found.converged:
        feedback.notice(
            "These scores do not add up yet",
            f"After {found.steps} steps they miss the difference that they explain by "
            f"{percent(found.relative_delta, 0)}. Allow more steps, or choose another baseline.",
        )
    if found.truncated:
        feedback.notice(
            "Only the beginning was read",
            f"The model reads {len(found.tokens)} tokens; what follows the {len(found.words)} words with "
            "scores had no influence on the answer.",
        )


def evidence(found: "Attribution", labels: tuple[str, ...]) -> None:
    """Every word's score as bars, and the scores to take away."""
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
    for_label, against_label = side(found, labels)
    scores = found.word_scores.tolist()
    figure = word_bars(
        [word.text for word in found.words],
        scores,
        for_label=for_label,
        against_label=against_label,
        order=order,  # type: ignore[arg-type]
        dark=feedback.is_dark(),
    )
    name = f"attribution-{selection.text_fingerprint(found.text)}"
    with st.container(height=TALLEST if figure.layout.height > TALLEST else "content", border=False):
        feedback.chart(
            figure,
            key="explain-bars",
            title="Every word's score",
            alt=f"One bar a word: to the right {for_label}, to the left {against_label}.",
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


def facts(found: "Attribution", model: "TransformerClassifier") -> str:
    """How the scores came about, as escaped HTML."""
    from analysis.attribution import baseline_title

    target = plain(model.labels[found.target], 60)
    against = "" if found.contrast is None else f" minus logit of {plain(model.labels[found.contrast], 60)}"
    rows = {
        "Quantity": f"logit of {target}{against}",
        "At the text": signed(found.ends[1]),
        "At the baseline": f"{signed(found.ends[0])}, what the model holds before it has read a word",
        "Sum of scores": f"{signed(float(found.token_scores.sum()))}, should be "
        f"{signed(found.ends[1] - found.ends[0])}",
        "Delta": f"{found.delta:+.4f}".replace("-", "−")
        + f", {percent(found.relative_delta)} of what the scores "
        f"explain{'' if found.converged else ': not converged'}",
        "Steps": f"{found.steps} midpoints",
        "Baseline": f"{baseline_title(model, found.baseline)} in place of every word; the tokenizer's own "
        "tokens, positions and types stay",
        "Text": f"{len(found.words)} words, {len(found.tokens)} tokens"
        f"{' (cut to what the model reads)' if found.truncated else ''}",
        "Model": f"{plain(model.reference, 120)} on {model.device}, "
        f"{str(model.dtype).removeprefix('torch.')}, fingerprint {model.fingerprint[:16]}",
        "Method": "integrated gradients of the word embeddings (Sundararajan, Taly and Yan, 2017)",
    }
    inner = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows.items())
    return f'<dl class="assay-facts">{inner}</dl>'


def second_look(
    model: "TransformerClassifier", found: "Attribution", question: Question, sensible: "list[Baseline]"
) -> None:
    """How it was computed, and the same question asked from another baseline."""
    from analysis.attribution import baseline_title

    others = [baseline for baseline in sensible if baseline != question.baseline]
    wanted = selection.remembered("second", NONE)
    with st.expander("How this was computed", expanded=wanted != NONE):
        st.html(facts(found, model))
        if not others:
            return
        second = selection.option(
            "second",
            [NONE, *others],
            NONE,
            label="Compare with a second baseline",
            format_func=lambda name: "none" if name == NONE else baseline_title(model, name),
            width=260,
        )
        if second == NONE:
            return
        other = attribution(model, found.text, replace(question, baseline=cast("Baseline", second)))
        if other is None:
            return
        scale = max(float(abs(one.word_scores).max()) for one in (found, other))

        def draw(one: "Attribution") -> None:
            st.html(
                f'<p class="assay-muted" style="margin:0 0 .4rem">From '
                f"{escape(baseline_title(model, one.baseline))}: {one.steps} steps, delta "
                f"{percent(one.relative_delta)}</p>{passage(one.text, one, scale)}"
            )

        feedback.side_by_side(lambda: draw(found), lambda: draw(other), key="baselines")
        st.caption("Baselines ask different questions; trust the words on which they agree.")


def explain(model: "TransformerClassifier", text: str) -> None:
    """The page below the text: answer, settings, evidence, details."""
    from analysis.occlusion import strongest_left_out

    chances = model.probabilities([text])[0]
    predicted = int(chances.argmax())
    top = st.container()
    question, sensible = settings(model, predicted)
    below = st.container()
    with top:
        lead = st.empty()
        with lead:
            feedback.headline(explanation.answer(model.labels, chances.tolist()))
        with st.container(key="assay-pair-explain"):
            left, right = st.columns([2, 1], gap="medium")
        with left:
            shown = st.empty()
            shown.html(passage(text, None))
        with right:
            st.html(probabilities.bars(model.labels, chances.tolist()))
        with left:
            found = attribution(model, text, question)
    if found is None:
        return
    omission = strongest_left_out(model, found, predicted=predicted)
    omitted = ([word.text for word in omission.words], omission.probabilities.tolist()) if omission else ()
    for_label, against_label = side(found, model.labels)
    with lead:
        feedback.headline(explanation.answer(model.labels, chances.tolist(), *omitted))
    words = [word.text for word in found.words]
    why = explanation.reasons(words, found.word_scores.tolist(), for_label, against_label)
    shown.html(
        f"{passage(text, found)}"
        f'<p style="margin:.6rem 0 0">{tokens.key(for_label, against_label)}</p>'
        f'<p class="assay-muted" style="margin:.4rem 0 0">{why} Together they lead from '
        f"{signed(found.ends[0])} at the baseline to {signed(found.ends[1])}.</p>"
    )
    with below:
        trust(found)
        evidence(found, model.labels)
        second_look(model, found, question, sensible)


def page() -> None:
    """Draw the page."""
    st.title("Explain", anchor=False)
    st.html(tokens.css() + probabilities.css())
    text = selection.text_input("explain", "Text to explain")
    model = selection.classifier()
    if not text.strip():
        if feedback.empty(
            "No text yet",
            "Type a text above: the model's answer and the words that carry it will stand here.",
            # Without a text of one's own there would be a row here, if the data had any that fits.
            "Take the first row of the data" if selection.current().text is not None else None,
        ):
            selection.choose()
            selection.write_address()  # a rerun reads the address first
            st.rerun()
        return
    explain(model, text)


with feedback.problems():
    page()
