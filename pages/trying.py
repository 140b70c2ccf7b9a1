"""What Attack and Noise share: the text under test, its trial, and what the model reads before and after."""

import json
from dataclasses import asdict
from typing import Any

import streamlit as st

from attacks.entry import Entry
from attacks.resources import STOP_WORDS, stop_words_sha256
from attacks.trial import Setting, Trial
from corpora.examples import Example
from pages import beside, feedback, selection
from views import numbers, outcomes, tokens

#: So many rows are tried for one to begin with.
FIRST_ROWS = 20
#: How often what runs in the background is looked at, in seconds, and how long a quick trial is waited for.
LOOK_EVERY, QUICK = 0.8, 0.5


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """Answers and finished trials of all visitors, so that a link shows at once what was found before."""
    return selection.Kept(300)


def model_key() -> str:
    """What tells the model in use, as it is loaded, from any other; part of every kept result's key."""
    chosen = selection.current()
    return "|".join((selection.classifier().fingerprint, chosen.device, chosen.dtype))


def labels() -> tuple[str, ...]:
    """The model's label names."""
    return selection.classifier().labels


def begin_with_a_right_answer() -> None:
    """Where no row is chosen yet, the first one that the model answers rightly: a test needs one."""
    chosen = selection.current()
    if chosen.row is None and chosen.text is None and selection.example() is not None:
        row = next((row for row in selection.corpus().examples[:FIRST_ROWS] if is_right(row)), None)
        if row is not None:
            selection.choose(row=row.id)


def is_right(row: Example) -> bool:
    """Whether the model answers this row with its label."""
    return labels()[int(answer(row.text).argmax())] == row.label


def choose_next_right_row() -> None:
    """Goes to the next row of the data that the model answers rightly."""
    rows, chosen = selection.corpus().examples, selection.example()
    start = rows.index(chosen) + 1 if chosen in rows else 0
    for row in (*rows[start:], *rows[:start]):
        if is_right(row):
            selection.choose(row=row.id)
            return


def label_of(text: str) -> tuple[int, bool]:
    """The label that counts as right, and whether that is only the model's own answer."""
    model, example = selection.classifier(), selection.example()
    if example is not None and example.text == text and example.label in model.labels:
        return model.labels.index(example.label), False
    return int(answer(text).argmax()), True


def answer(text: str) -> Any:
    """The model's probabilities for one text."""
    key = ("answer", model_key(), text)
    found = kept().get(key)
    if found is None:
        found = selection.classifier().probabilities([text])[0]
        kept().put(key, found)
    return found


def trial_of(setting: Setting, slot: str, *, begin: bool, ask: bool = False) -> Trial | None:
    """The trial of this very setting: running, kept, or (where `begin` or `ask` say so) begun now.

    `slot` is where this tab holds its trial: one at a time, a new one cancels the last. With `ask` it
    is begun anew even where a result is kept.
    """
    mine: Trial | None = st.session_state.get(slot)
    if mine is not None and mine.outcome is not None:
        kept().put(mine.setting, mine)
    if not ask:
        if mine is not None and mine.setting == setting:
            return mine
        found = kept().get(setting)
        if isinstance(found, Trial):
            return found
        if not begin:
            return None
    if mine is not None:
        mine.cancel()
    trial: Trial = Trial(setting).start(selection.classifier())
    st.session_state[slot] = trial
    trial.finished.wait(QUICK)
    return trial


def about_the_label(typed: bool) -> None:
    """For a text without a true label, what is taken for it."""
    if typed:
        st.caption("A text of your own has no true label: the model's answer to it is taken as right.")


def download(trial: Trial, test: Entry) -> None:
    """The outcome as a file, with everything needed to compute it again."""
    setting = trial.setting
    st.download_button(
        "JSON",
        json.dumps(record(trial, test), indent=2),
        file_name=f"{setting.test}-{selection.text_fingerprint(setting.text)}-{setting.seed}.json",
        mime="application/json",
        icon=":material/download:",
        help="The outcome, and everything needed to compute it again",
        on_click="ignore",
    )


def further(outcome: Any) -> None:
    """Where to go on with a changed text: it alone, or beside the text that it was."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        beside.links(outcome.perturbed)


def record(trial: Trial, test: Entry) -> dict[str, Any]:
    """The outcome with everything it was made from."""
    chosen, example, setting = selection.current(), selection.example(), trial.setting
    assert trial.outcome is not None
    made_from: dict[str, Any] = {
        "model": chosen.model,
        "fingerprint": selection.classifier().fingerprint,
        "labels": labels(),
        "data": chosen.data if example else None,
        "row": example.id if example else None,
        "target": labels()[setting.target],
        "test": setting.test,
        "variant": test.variant,
        "severity": setting.severity,
        "seed": setting.seed,
        "limits": asdict(setting.limits),
    }
    if test.kind == "attack":
        made_from["stop_words"] = {"list": STOP_WORDS, "sha256": stop_words_sha256()}
    return {"made_from": made_from, "outcome": asdict(trial.outcome)}


def explanation(trial: Trial) -> None:
    """Both attributions side by side, or a skeleton until they are there."""
    found = trial.explanation
    if found is None:
        wait_for_explanation(trial)
        return
    with feedback.problems("The result above stands."):
        if isinstance(found, Exception):
            raise found
        draw_explanation(*found)


@st.fragment(run_every=LOOK_EVERY)
def wait_for_explanation(trial: Trial) -> None:
    """Looks whether the attributions are there yet."""
    if trial.explanation is not None:
        st.rerun()
    st.skeleton(height=140)


def draw_explanation(before: Any, after: Any) -> None:
    """Two passages on one scale of colour."""
    scale = max((abs(float(score)) for each in (before, after) for score in each.word_scores), default=0.0)
    names = labels()
    against = names[before.contrast] if before.contrast is not None else f"not {names[before.target]}"
    cards = []
    for title, each in (("Before", before), ("After", after)):
        spans = [
            (word.start, word.end, float(score))
            for word, score in zip(each.words, each.word_scores, strict=True)
        ]
        total = f"{tokens.signed(float(each.word_scores.sum()))} logits"
        delta = numbers.percent(each.relative_delta)
        foot = outcomes.facts([("all words", total), ("convergence delta", delta)])
        cards.append((title, tokens.highlight(each.text, spans, scale=scale or None), foot))
    st.html(tokens.key(f"for {names[before.target]}", f"for {against}"))
    st.html(outcomes.pair(*cards))
    st.caption(
        "Integrated gradients of the difference between the two labels' logits, one colour scale for both."
    )
