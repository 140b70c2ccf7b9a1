"""Which heads matter: every head removed once, and any chosen ones removed together."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import streamlit as st

from pages import feedback, jobs, pins, selection
from pages.heads.looked import Looked, Shown
from views.attention import effects as view
from views.numbers import percent, plain_number

if TYPE_CHECKING:
    from analysis.attention import HeadEffects
    from models.transformer import TransformerClassifier

_TABLE = "attention.ranked"
#: Of the picture, in pixels: room for the table beside it.
_WIDTH = 430
_ABOUT = (
    "A head is removed by putting zero in place of what it adds to its layer, on this text only. Heads that "
    "another one can stand in for look idle when they are removed alone; remove them together to see."
)


def show(looked: Looked, row: Any) -> Shown:
    """What the answer loses without each head; asks the model once a head, in the background."""
    model = selection.classifier()
    part = looked.attention.part
    label = asked_label(model, row)
    key = ("heads removed", model.fingerprint, str(model.device), looked.text, part, label)

    def work(report: Any) -> "HeadEffects":
        from analysis.attention import effects

        return effects(model, looked.text, part, label, on_progress=report)

    found = jobs.outcome(jobs.job_of(key, work), "Removing each head", key="heads")
    if found is None:
        return Shown("Each head is being removed once to see what the answer owes to it.")
    name, number = found.labels[found.target], found.contrast is None
    without = together(looked, model, found, row)
    grid = partial(view.grid, found.fall, found.left, name, number=number)
    both = st.container(horizontal=True, gap="medium")
    with both.container(width=_WIDTH):
        feedback.chart(
            grid(dark=feedback.is_dark()),
            key="attention.effects",
            title="What the answer loses",
            alt="Layers down and heads across: blue heads carry the answer, orange ones speak against it",
            name=f"{looked.stem} heads removed",
            rows=partial(_rows, looked, found),
        )
        feedback.aside(f"{meaning(found)} {_ABOUT}")
    with both.container(width=570):
        ranking(looked, found)
    answer = lead(found)
    made = f"each head removed once, for {selection.plain(name, 40)}"
    if without is not None:
        made = f"{made}, and {without.heads} together"
    says = f"{answer} {without.says}" if without is not None else answer
    return Shown(answer, made, again=pins.chart(grid, feedback.escaped(says), _WIDTH))


def meaning(found: "HeadEffects") -> str:
    """What the colours stand for."""
    said = selection.plain(found.labels[found.target], 24)
    if found.contrast is None:
        return f"Blue heads raise {said}, orange ones lower it: by how much it falls without the head."
    other = selection.plain(found.labels[found.contrast], 24)
    return (
        "Blue heads carry the answer, orange ones speak against it: by how much the lead of "
        f"{said} over {other} falls without the head, in logits."
    )


def lead(found: "HeadEffects") -> str:
    """What the answer owes to single heads."""
    name, whole = selection.plain(found.labels[found.target], 40), float(found.answer(found.whole))
    first, last = ((pair, float(found.left[pair])) for pair in (found.ranked[0], found.ranked[-1]))
    if found.contrast is None:
        return view.lead_of_number(name, whole, (first, last))
    turned = [pair for pair in found.ranked if found.turned[pair]]
    return view.lead(name, whole, *first, turned)


def asked_label(model: "TransformerClassifier", row: Any) -> int | None:
    """Which label the heads are removed for, where each holds by itself, or which of several values.

    None for the likeliest label, or the first value.
    """
    if model.answering == "choice" or len(model.labels) == 1:
        return None
    with row:
        if model.answering == "number":
            return selection.label_choice("Follow", "the first")
        return selection.label_choice("Does it hold?", "the likeliest")


def ranking(looked: Looked, found: "HeadEffects") -> None:
    """All heads from the one that matters most; a click on one shows what it looks at."""
    first = "what raises it first" if found.contrast is None else "the most needed first"
    st.subheader(f"Heads, {first}", anchor=False)
    lost, _ = _columns(found)
    table = [
        {
            "Head": f"{line['layer']}.{line['head']}",
            lost.capitalize(): line[lost],
            "Left": shown(found, float(found.left[pair])),
            "What it does": line["what it does"],
        }
        for pair, line in zip(found.ranked, _rows(looked, found), strict=True)
    ]
    st.dataframe(
        table,
        key=_TABLE,
        hide_index=True,
        height=min(420, 36 * (len(table) + 1)),
        on_select=partial(_opened, found.ranked),
        selection_mode="single-row",
        column_config={lost.capitalize(): st.column_config.NumberColumn(format="%.3f", width="small")},
    )
    if found.agreement is None:
        feedback.aside(
            "There are no gradients to compare with: this model's attention has none, or the text is too "
            "long for them."
        )
    else:
        feedback.aside(
            f"The estimate from one gradient (Michel et al. 2019) ranks the heads alike: "
            f"Spearman's ρ = {plain_number(found.agreement)} over {found.fall.size} heads. "
            "Click a row to see the head."
        )


class Without(NamedTuple):
    """Some heads by name, and what the model says without all of them."""

    heads: str
    says: str


def together(
    looked: Looked, model: "TransformerClassifier", found: "HeadEffects", row: Any
) -> Without | None:
    """What the model says without several heads at once; None where none is chosen."""
    from analysis.attention import scaled, softmax
    from models.one_label import as_choice

    layers, heads = found.fall.shape
    names = [f"{i + 1}.{j + 1}" for i in range(layers) for j in range(heads)]
    with row:
        chosen = selection.choices("without", names, [], label="Remove together (layer.head)", width=320)
    if not chosen:
        return None
    scales = np.ones((1, layers, heads))
    for name in chosen:
        layer, head = (int(number) - 1 for number in name.split("."))
        scales[0, layer, head] = 0
    left = scaled(model, looked.text, scales, looked.attention.part)[0]
    heads = ", ".join(chosen)
    if model.answering == "number":
        name = selection.plain(found.labels[found.target], 40)
        after, before = (shown(found, float(found.answer(each))) for each in (left, found.whole))
        says = f"Without {heads} the model gives {name} {after}"
        feedback.notice(says, f"With all heads it is {before}.")
        return Without(heads, f"{says}.")
    if model.answering == "several":
        left = as_choice(left, model.labels.index(found.labels[1]))
    said = int(left.argmax())
    chance, usual = (float(softmax(each)[said]) for each in (left, found.whole))
    says = f"Without {heads} the model says {selection.plain(found.labels[said], 40)} ({percent(chance)})"
    feedback.notice(says, f"With all heads it gives that label {percent(usual)}.")
    return Without(heads, f"{says}.")


def shown(found: "HeadEffects", answer: float) -> str:
    """A probability in percent, or a value."""
    return plain_number(answer) if found.contrast is None else percent(answer)


def _columns(found: "HeadEffects") -> tuple[str, str]:
    """What goes without a head, and what is left."""
    return ("value lost", "value left") if found.contrast is None else ("lead lost", "probability left")


def _rows(looked: Looked, found: "HeadEffects") -> list[dict[str, object]]:
    lost, left = _columns(found)
    columns = {
        lost: found.fall,
        left: found.left,
        "entropy share": looked.found.spread,
        "distance": looked.found.distance,
        "to special": looked.found.special,
        "to previous": looked.found.previous,
        "to next": looked.found.next,
        "to itself": looked.found.same,
    }
    if found.estimate is not None and found.relevance is not None:
        columns |= {"gradient estimate": found.estimate, "relevance": found.relevance}
    return list(view.rows(found.ranked, columns, looked.deeds))


def _opened(ranked: list[tuple[int, int]]) -> None:
    """A click on a row shows the head's matrix."""
    rows = st.session_state[_TABLE].selection.rows
    if rows:
        layer, head = ranked[rows[0]]
        selection.remember("layer", layer + 1)
        selection.remember("head", head + 1)
        selection.remember("view", "heatmap")
