import io
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages import feedback, jobs, pins, selection
from pages.heads import compared, drawing, models, removal
from pages.heads.looked import Looked, Shown, look
from views import tokens
from views.attention import bertviz
from views.attention.canvas import Chosen
from views.numbers import grouped

if TYPE_CHECKING:
    from analysis.attention import Attention, Part
    from models.transformer import TransformerClassifier

VIEWS = {
    "heatmap": "Heads",
    "matter": "Which heads matter",
    "compare": "Two texts",
    "models": "Two models",
    "rollout": "Rollout",
    "heads": "Head view",
    "model": "Model view",
}
#: What can be drawn where one row of tokens looks at another one.
WITH_TWO_SIDES = ("heatmap", "matter")
PARTS = {
    "self": "The model",
    "encoder": "Encoder",
    "decoder": "Decoder",
    "cross": "Decoder to encoder",
}
NO_EVIDENCE = (
    "Attention shows where a layer takes its values from. It is no evidence of why the model answers as it "
    "does: other weights can give the same answer (Jain & Wallace 2019; on the limits of that finding, "
    "Wiegreffe & Pinter 2019)."
)

#: Rollouts between all tokens, up to 32 MB each.
_ROLLED = selection.Kept(4)


def main() -> None:
    """Where does each head look, and what reaches the answer?"""
    st.title("Attention")
    text = selection.text_input()
    if not text.strip():
        with pins.staying():
            feedback.no_text(
                "No text to look at", "Type a text or pick a row: what every head looks at stands here."
            )
        return
    with feedback.problems():
        below(selection.classifier(), text)


@st.fragment
def below(model: "TransformerClassifier", text: str) -> None:
    """All that stands below the text; a click on a head draws no more than this anew."""
    with pins.staying(), feedback.problems():
        jobs.begin_run()
        draw(model, text)
        jobs.give_up_left_behind()
    selection.write_address()


def draw(model: "TransformerClassifier", text: str) -> None:
    """The answer, the views' choice, the view, and what it was made from."""
    answer = st.container()
    looked = look(model, text, pick_part(model))
    if looked is None:
        return
    if looked.attention.truncated:
        feedback.notice(
            "Only the beginning was read", f"The model reads {model.max_length} tokens; the text has more."
        )
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        view = selection.option(
            "view",
            [name for name in VIEWS if looked.attention.part != "cross" or name in WITH_TWO_SIDES],
            "heatmap",
            st.segmented_control,
            format_func=VIEWS.__getitem__,
            required=True,
            label="View",
        )
    views = {
        "heatmap": show_heatmap,
        "matter": removal.show,
        "compare": compared.show,
        "models": models.show,
        "rollout": show_rollout,
        "heads": show_heads,
        "model": show_model,
    }
    shown = views[view](looked, row)
    with answer:
        feedback.headline(feedback.escaped(shown.lead))
    if shown.again is not None:
        where = [] if looked.attention.part == "self" else [PARTS[looked.attention.part].lower()]
        pins.beside(pins.made_from(pins.quoted(looked.text), *where, shown.part), shown.again)
    else:
        pins.alone()
    foot(looked, shown)


def pick_part(model: "TransformerClassifier") -> "Part":
    """Where to look in an encoder-decoder; all other models attend in one place."""
    from analysis.attention import parts

    found = parts(model)
    if len(found) == 1:
        return found[0]
    return selection.option(
        "part",
        found,
        found[0],
        st.segmented_control,
        label="Where",
        format_func=PARTS.__getitem__,
        required=True,
    )


def show_heatmap(looked: Looked, row: Any) -> Shown:
    """All heads small and the chosen one large; only that one is sent in full."""
    attention = looked.attention
    layer, head = drawing.pick_layer(looked, row), drawing.pick_head(looked, row)
    kept = drawing.tokens_kept(looked, row)
    does = f"Layer {layer + 1}, head {head + 1} {looked.does(layer, head)}"
    message = drawing.matrix(
        looked,
        attention.head(layer, head),
        kept,
        title=f"Layer {layer + 1}, head {head + 1}",
        alt=f"Which token looks at which. {does}",
        chosen=Chosen(looked.overview, layer, head, looked.notes),
    )
    name = f"layer {layer + 1}, head {head + 1}{drawing.hidden(looked, kept)}"
    flow = "" if attention.part == "cross" else f" {looked.flow}"
    return Shown(f"{does}.{flow}", name, again=partial(drawing.again, message, f"{does}."))


def show_heads(looked: Looked, row: Any) -> Shown:
    """bertviz's head view of one layer, beside what each of its heads does."""
    attention = looked.attention
    layer = drawing.pick_layer(looked, row)
    lead = looked.tally(f"in layer {layer + 1}", range(layer, layer + 1))
    if too_long(attention, attention.heads, "head view"):
        return Shown(lead)
    st.caption("Hover over a token for its links alone. Click a square to switch a head off or on.")
    # A copy: what is pinned holds one layer's weights, not those of all.
    weights, does = attention.array[layer].copy(), looked.deeds[layer]
    picture = partial(head_view, weights, attention.tokens, layer, does)
    return Shown(lead, f"head view of layer {layer + 1}", picture(), partial(pinned_lines, picture, lead))


def head_view(weights: NDArray[np.float32], tokens: Sequence[str], layer: int, does: Sequence[str]) -> str:
    """Draw one layer's heads as lines, beside what each does; returns the page that holds the lines."""
    page, height = bertviz.head_view(weights, tokens, layer=layer + 1, dark=feedback.is_dark())
    both = st.container(horizontal=True, gap="medium")
    with both.container(width=bertviz.HEAD_WIDTH):
        st.iframe(page, height=height, alt=f"Head view of layer {layer + 1}")
    with both.container(width=520):
        st.html(bertviz.heads_list(does))
    return page


def show_model(looked: Looked, row: Any) -> Shown:
    """bertviz's model view: every head of every layer, or of as many layers as can be drawn at once."""
    attention = looked.attention
    lead = looked.tally(f"in {attention.layers} layers", range(attention.layers))
    if too_long(attention, attention.heads, "model view"):
        return Shown(lead)
    once = bertviz.most_layers(attention.heads, len(attention.tokens))
    parts = {f"{i + 1}–{min(i + once, attention.layers)}": i for i in range(0, attention.layers, once)}
    part = next(iter(parts))
    if len(parts) > 1:
        with row:
            part = selection.option("layers", list(parts), part, label="Layers", width=100)
    st.caption(
        "Lines run from each token (left) to the tokens it looks at (right). Click a head to open it. "
        "A row is a layer: its colour means nothing more."
    )
    shown = attention.array[parts[part] : parts[part] + once].copy()
    picture = partial(model_view, shown, attention.tokens, parts[part] + 1, part)
    return Shown(lead, f"model view of layers {part}", picture(), partial(pinned_lines, picture, lead))


def model_view(weights: NDArray[np.float32], tokens: Sequence[str], first: int, layers: str) -> str:
    """Draw every head of some layers as lines; returns the page that holds them."""
    page, height = bertviz.model_view(weights, tokens, first=first, dark=feedback.is_dark())
    st.iframe(page, height=height, alt=f"Model view of layers {layers}")
    return page


def pinned_lines(picture: Callable[[], object], lead: str, key: str) -> None:
    """A picture of lines that was drawn before, with what it says."""
    feedback.aside(lead)
    picture()


def too_long(attention: "Attention", maps: int, view: str) -> bool:
    """Whether the text has too many tokens for a view that draws every link; says what to do if so."""
    most, count = bertviz.most_tokens(maps), len(attention.tokens)
    if count > most:
        feedback.notice(
            f"This text is too long for the {view}",
            f"It has {count} tokens; drawing every link is quick enough up to {most} with this model. "
            "Heads and Rollout show texts of any length.",
        )
    return count > most


def show_rollout(looked: Looked, row: Any) -> Shown:
    """What reaches the classifier through all layers: the words shaded, and the whole matrix."""
    from analysis.attention import rollout
    from analysis.attention.flow import MOST_ROLLED

    attention = looked.attention
    kept = drawing.tokens_kept(looked, row)
    shares, way, about = followed(looked, row)
    lead = looked.flow if way == "rollout" else looked.reaching(shares, "attention flow")
    name = f"rollout over all layers{', words by flow' if way == 'flow' else ''}"
    read_to = max((end for _, end in attention.offsets), default=0) if attention.truncated else None
    words = tokens.css() + tokens.highlight(looked.text, shares, unread_from=read_to, magnitude=True)
    st.html(words)
    st.caption(
        "The stronger its shade, the more of a word reaches the classifier; hover for its share. Heads are "
        f"averaged and half of each layer is passed straight on; {about} (Abnar & Zuidema 2020)."
    )
    if len(attention.tokens) > MOST_ROLLED:
        feedback.aside(
            f"What every token takes from every other is drawn up to {grouped(MOST_ROLLED)} tokens."
        )
        return Shown(lead, name, again=partial(pinned_words, words, lead))
    key = ("rollout", selection.classifier().fingerprint, looked.text, attention.part)
    job = jobs.job_of(key, partial(rollout, attention), among=_ROLLED)
    through = jobs.outcome(job, "Following every token", key="rollout")
    if through is None:
        return Shown(lead)
    message = drawing.matrix(
        looked,
        through,
        kept,
        title="From every token to every token",
        alt=f"Rollout over all layers. {looked.flow}",
        verb="takes from all tokens",
    )
    again = partial(drawing.again_below, words, message, lead)
    return Shown(lead, name + drawing.hidden(looked, kept), again=again)


def pinned_words(words: str, lead: str, key: str) -> None:
    """The words of a text too long for its matrix, shaded as before."""
    st.html(words)
    feedback.aside(lead)


def followed(looked: Looked, row: Any) -> tuple[list[tuple[int, int, float]], str, str]:
    """Each word's share in what reaches the classifier, by rollout or by flow; which, and how it is got."""
    from analysis.attention.flow import MOST_FLOWING

    ways = {"rollout": "Rollout", "flow": "Flow"}
    fits = len(looked.attention.tokens) <= MOST_FLOWING
    with row:
        way = selection.option(
            "way",
            list(ways) if fits else ["rollout"],
            "rollout",
            st.segmented_control,
            label="Words shaded by",
            format_func=ways.__getitem__,
            required=True,
        )
    if way == "flow":
        pipes = "layers are pipes, and a word's share is the most that runs through them"
        return looked.word_flows, way, pipes
    limit = "" if fits else f" (attention flow is computed for up to {MOST_FLOWING} tokens)"
    return looked.word_shares, way, f"the layers are multiplied{limit}"


def foot(looked: Looked, shown: Shown) -> None:
    """What attention is not, the downloads, and what all this was made from."""
    feedback.aside(NO_EVIDENCE)
    with st.container(horizontal=True, vertical_alignment="center"):
        selection.page_link("explain", label="Why it answers as it does: Explain")
        if shown.page:
            name = re.sub(r"[^a-z0-9]+", "-", shown.part)
            feedback.download(
                "This view (HTML)", shown.page.encode, f"{looked.stem}-{name}.html", key="attention.page"
            )
        if looked.attention.whole is not None:
            feedback.download(
                "All weights (NumPy)",
                partial(arrays, looked),
                f"{looked.stem}.npz",
                key="attention.all",
            )
    chosen = selection.example()
    feedback.made_from(
        f"row {chosen.id}" if chosen else f"own text {selection.text_fingerprint(looked.text)}",
        f"{len(looked.attention.tokens)} tokens",
        *([shown.part] if shown.part else []),
    )


def arrays(looked: Looked) -> bytes:
    """All weights, the rollout and the tokens as one NumPy archive (no pickles inside)."""
    from analysis.attention import rollout
    from analysis.attention.flow import MOST_ROLLED

    attention = looked.attention
    rolls = attention.part != "cross" and len(attention.tokens) <= MOST_ROLLED
    out = io.BytesIO()
    np.savez_compressed(
        out,
        weights=attention.array,
        rollout=rollout(attention) if rolls else np.zeros((0, 0)),
        tokens=np.array(attention.tokens, dtype=np.str_),
        offsets=np.array(attention.offsets, dtype=np.int64),
        special=np.array(attention.special, dtype=np.bool_),
    )
    return out.getvalue()


main()
