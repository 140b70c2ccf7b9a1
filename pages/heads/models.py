"""The same text in two models, each with a head of its own."""

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import streamlit as st

from pages import feedback, selection
from pages.heads import drawing
from pages.heads.looked import Looked, Shown, look, said_to
from views.attention import sentences
from views.attention.canvas import Chosen

if TYPE_CHECKING:
    from models.transformer import TransformerClassifier


def show(looked: Looked, row: Any) -> Shown:
    """A head of each model, one below the other, and how far their rollouts agree on the words."""
    from analysis.attention import parts

    with row:
        other = selection.other_model()
    if other is None:
        feedback.empty(
            "No second model yet",
            "Pick a model above: what its heads look at in the same text stands here beside this one’s.",
        )
        return Shown("Do two models look at the same words of this text?")
    part = looked.attention.part if looked.attention.part in parts(other) else parts(other)[0]
    theirs = look(other, looked.text, part, "model")
    if theirs is None:
        return Shown(f"{other.name} is reading the text.")
    own = selection.classifier()
    drawn: list[Drawn] = []
    feedback.side_by_side(
        lambda: drawn.append(one(own, looked)),
        lambda: drawn.append(one(other, theirs, drawing.SECOND)),
        key="models",
    )
    said = [said_to(model, [looked.text])[0] for model in (own, other)]
    lead = sentences.two_models((own.name, *said[0]), (other.name, *said[1]))
    agreed = agreement(looked, theirs)
    made = f"{drawn[0].head} beside {drawn[1].head} of {other.name} ({other.fingerprint[:12]})"
    return Shown(f"{lead} {agreed}".strip(), made, again=partial(again, drawn[0], drawn[1]))


class Drawn(NamedTuple):
    """A model's picture: whose it is, which head, what that does, and the message for the browser."""

    name: str
    head: str
    says: str
    message: bytes


def again(own: Drawn, other: Drawn, key: str) -> None:
    """Both models' heads as they were drawn before."""

    def drawn(one: Drawn, whose: str = "") -> None:
        st.html(titled(one.name))
        drawing.again(one.message, one.says, f"{key}.{whose}")

    feedback.side_by_side(lambda: drawn(own), lambda: drawn(other, drawing.SECOND), key="models-pinned")


def titled(name: str) -> str:
    """A model's name above its picture."""
    return f'<h3 style="margin:0">{feedback.escaped(name)}</h3>'


def one(model: "TransformerClassifier", looked: Looked, whose: str = "") -> Drawn:
    """One model's heads, under its name."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = selection.plain(model.name, 60)
        st.html(titled(name), width="stretch")
        row = st.container(horizontal=True, width=230)
    layer, head = drawing.pick_layer(looked, row, whose), drawing.pick_head(looked, row, whose)
    does = f"Layer {layer + 1}, head {head + 1} {looked.does(layer, head)}"
    message = drawing.matrix(
        looked,
        looked.attention.head(layer, head),
        list(range(len(looked.attention.tokens))),
        title=f"Layer {layer + 1}, head {head + 1}",
        alt=f"Which token looks at which in {name}. {does}",
        chosen=Chosen(looked.overview, layer, head, looked.notes),
        whose=whose,
    )
    flow = "" if looked.attention.part == "cross" else f" {looked.flow}"
    feedback.aside(f"{does}.{flow}")
    return Drawn(name, f"layer {layer + 1}, head {head + 1}", f"{does}.", message)


def agreement(one: Looked, other: Looked) -> str:
    """Whether the same words reach both classifiers, by rollout, in words; empty where there are too few."""
    from analysis.attention.comparison import alike

    if "cross" in (one.attention.part, other.attention.part):
        return ""
    rho, count = alike(one.word_shares, other.word_shares)
    return sentences.rollouts(rho, count)
