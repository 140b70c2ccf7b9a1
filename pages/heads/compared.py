"""Two texts in one model: where attention moved, word by word."""

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages import beside, feedback, pins, selection
from pages.heads import drawing
from pages.heads.looked import Looked, Shown, file_name, look, said_to
from pages.selection.address import LONGEST_LINKED_TEXT
from views import tokens
from views.attention import canvas, sentences

if TYPE_CHECKING:
    from analysis.attention import Comparison

_AREA = "attention.other"


def show(looked: Looked, row: Any) -> Shown:
    """What each head does differently in a second text, such as the attacked version of this one."""
    text = other_text(looked.text)
    if not text.strip() or text == looked.text:
        feedback.empty(
            "Nothing to compare yet",
            "Change the second text, or paste an attacked version of the first: what attention does "
            "differently stands here.",
        )
        return Shown("What would attention do differently if the text were another?")
    from analysis.attention import compare

    model = selection.classifier()
    other = look(model, text, looked.attention.part, "other")
    if other is None:
        return Shown("The second text is being read.")
    found = compare((looked.attention, looked.text), (other.attention, other.text))
    changed = "".join(tokens.marked_change(looked.text, text))
    both = f'{tokens.css()}<div class="assay-scroll" tabindex="0">{changed}</div>'
    st.html(both)
    top, most = np.unravel_index(int(found.moved.argmax()), found.moved.shape)
    best = int(top), int(most)
    attention = looked.attention
    with row:
        layers, heads = range(1, attention.layers + 1), range(1, attention.heads + 1)
        names = [f"{drawing.MOVED}{part}" for part in ("layer", "head")]
        layer = selection.option(names[0], layers, best[0] + 1, label="Layer", width=100) - 1
        head = selection.option(names[1], heads, best[1] + 1, label="Head", width=100) - 1
    message = drawing.words(
        found.difference[layer, head],
        *(aligned(found, side) for side in (0, 1)),
        title=f"Layer {layer + 1}, head {head + 1}: second text less first",
        alt=sentence(found, layer, head),
        file=file_name(f"{looked.stem} compared layer {layer + 1} head {head + 1}").lower(),
        chosen=canvas.Chosen(canvas.Overview.of(np.abs(found.difference)), layer, head, notes(found)),
    )
    alone = (
        f"; {found.left_out[0]} of the first and {found.left_out[1]} of the second have no counterpart"
        if any(found.left_out)
        else ""
    )
    feedback.aside(
        "Blue: the word gives more of its attention there in the second text; orange: less. "
        f"{len(found.pairs)} words stand in the same place of both texts{alone}."
    )
    before, after = said_to(model, [looked.text, text])
    lead = f"{sentences.answers(before, after)} {sentence(found, layer, head)}"
    if (layer, head) != best:
        lead += f" {sentences.moved(*best, float(found.moved[best]))}, more than any other."
    part = f"layer {layer + 1}, head {head + 1} beside {pins.quoted(text)}"
    again = partial(drawing.again_below, both, message, sentence(found, layer, head))
    return Shown(lead, part, again=again)


def other_text(first: str) -> str:
    """The second text: the one in the link, else the first, to be changed."""

    def typed() -> None:
        selection.remember("other", st.session_state[_AREA])
        forget_head()

    def forget_head() -> None:
        for part in ("layer", "head"):  # another text, and the head that moves most is another one
            selection.forget(f"{drawing.MOVED}{part}")

    second = beside.second_text("other")
    if not second:
        forget_head()
    st.session_state[_AREA] = (second or first)[:LONGEST_LINKED_TEXT]
    text: str = st.text_area(
        "Second text", key=_AREA, on_change=typed, height=96, max_chars=LONGEST_LINKED_TEXT
    )
    return text


def aligned(found: "Comparison", side: int) -> list[str]:
    """The aligned words of one text; where they differ, as "first → second"."""
    return [
        pair[side].text if place not in found.swapped else f"{pair[0].text} → {pair[1].text}"
        for place, pair in enumerate(found.pairs)
    ]


def notes(found: "Comparison") -> list[list[str]]:
    """What is told when hovering over a head."""
    layers, heads = found.moved.shape
    return [[sentences.moved(i, j, float(found.moved[i, j])) for j in range(heads)] for i in range(layers)]


def sentence(found: "Comparison", layer: int, head: int) -> str:
    """The largest change in one head, in words."""
    source, target, change = found.largest(layer, head)
    own = aligned(found, 1)
    link = (selection.plain(own[source], 40), selection.plain(own[target], 40), change)
    return sentences.changed(layer, head, float(found.moved[layer, head]), link)
