import io
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages import feedback, selection
from views import tokens
from views.attention import bertviz, heatmap, sentences
from views.attention.table import rows

if TYPE_CHECKING:
    from analysis.attention import Attention, HeadProfiles
    from models.transformer import TransformerClassifier

VIEWS = {"heatmap": "Heatmap", "heads": "Head view", "model": "Model view", "rollout": "Rollout"}
NO_EVIDENCE = (
    "Attention shows where a layer takes its values from. It is no evidence of why the model answers as it "
    "does: other weights can give the same answer (Jain & Wallace 2019; on the limits of that finding, "
    "Wiegreffe & Pinter 2019)."
)


@dataclass(frozen=True)
class Looked:
    """One text as the model read it; `stem` begins the names of its files."""

    stem: str
    text: str
    attention: "Attention"
    found: "HeadProfiles"

    def does(self, layer: int, head: int) -> str:
        """What one head (from 0) does, in words."""
        from analysis.attention import strongest_pair

        source, target, weight = strongest_pair(self.attention, layer, head)
        link = (self.token(source), self.token(target), weight)
        return sentences.head_does(*self.found.pattern(layer, head), link)

    def token(self, position: int) -> str:
        """An untrusted token, short enough for a sentence."""
        return selection.plain(self.attention.tokens[position], 24)

    def tally(self, where: str, layers: range) -> str:
        """How many heads of some layers do what, in words."""
        heads = range(self.attention.heads)
        return sentences.tally(where, Counter(self.found.pattern(i, j)[0] for i in layers for j in heads))

    @cached_property
    def word_shares(self) -> list[tuple[int, int, float]]:
        """By rollout, each word's (start, end, share) in what the classifier reads."""
        from analysis.attention import rollout_to_answer
        from analysis.words import words_of

        shares = rollout_to_answer(self.attention)
        words = words_of(self.attention, self.text)
        return [(word.start, word.end, float(shares[list(word.tokens)].sum())) for word in words]

    @cached_property
    def flow(self) -> str:
        """What reaches the classifier, in words."""
        words, pooled = self.word_shares, self.attention.pooled
        by_form: dict[str, float] = defaultdict(float)
        for start, end, share in words:
            by_form[self.text[start:end].casefold()] += share
        largest = sorted(by_form.items(), key=lambda item: -item[1])[:2]
        return sentences.flow(
            None if pooled is None else self.token(pooled),
            [(selection.plain(word, 24), share) for word, share in largest],
            1 - sum(by_form.values()),
        )


@dataclass(frozen=True)
class Shown:
    """What a view leaves behind: the answer, what part it shows, and a page of its own if it is one."""

    lead: str
    part: str = ""
    page: str = ""


@st.cache_resource(max_entries=3, show_spinner=False)
def read(
    fingerprint: str, device: str, text: str, _classifier: "TransformerClassifier"
) -> "tuple[Attention, HeadProfiles]":
    """The weights of one text and what each head does; shared, not copied (75 MB at 512 tokens)."""
    from analysis.attention import attend, profiles

    attention = attend(_classifier, text)
    return attention, profiles(attention)


def main() -> None:
    """Where does each head look, and what reaches the answer?"""
    st.title("Attention")
    text = selection.text_input()
    if not text.strip():
        feedback.empty(
            "No text to look at", "Type a text or pick a row: what every head looks at stands here."
        )
        return
    model = selection.classifier()
    answer = st.container()
    with feedback.skeleton(360):
        stem = re.sub(r"[^A-Za-z0-9]+", "-", f"attention {model.name} {selection.text_fingerprint(text)}")
        looked = Looked(stem, text, *read(model.fingerprint, str(model.device), text, model))
    if looked.attention.truncated:
        feedback.notice(
            "Only the beginning was read", f"The model reads {model.max_length} tokens; the text has more."
        )
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    with row:
        view = selection.option(
            "view",
            list(VIEWS),
            "heatmap",
            st.segmented_control,
            format_func=VIEWS.__getitem__,
            required=True,
            label="View",
        )
    draw = {"heatmap": show_heatmap, "heads": show_heads, "model": show_model, "rollout": show_rollout}
    shown = draw[view](looked, row)
    with answer:
        feedback.headline(feedback.escaped(shown.lead))
    foot(looked, shown)


def pick_layer(looked: Looked, row: Any) -> int:
    """The chosen layer, from 0; at first the one with the head that is clearest to read."""
    with row:
        first = looked.found.clearest()[0] + 1
        layers = range(1, looked.attention.layers + 1)
        return selection.option("layer", layers, first, label="Layer", width=100) - 1


def show_heatmap(looked: Looked, row: Any) -> Shown:
    """All heads small and the chosen one large; only that one is sent in full."""
    attention = looked.attention
    layer = pick_layer(looked, row)
    with row:
        heads = range(1, attention.heads + 1)
        head = selection.option("head", heads, looked.found.clearest()[1] + 1, label="Head", width=100) - 1
    kept = tokens_kept(looked, row)
    weights = attention.weights[layer, head][np.ix_(kept, kept)]
    names = [attention.tokens[i] for i in kept]
    both = st.container(horizontal=True, gap="small")
    with both.container(width=heatmap.MAP_WIDTH):
        st.subheader("All heads", anchor=False)
        st.plotly_chart(
            heatmap.head_map(
                attention.weights, notes(looked), layer=layer, head=head, dark=feedback.is_dark()
            ),
            key="attention.map",
            theme=None,
            on_select=picked,
            selection_mode="points",
            config={"displayModeBar": False},
            alt="A small picture of what each head looks at, layers down and heads across",
        )
        st.caption("Each is shaded up to its own strongest weight. Click one to see it large.")
    with both.container(width=heatmap.MATRIX_WIDTH):
        feedback.chart(
            heatmap.matrix(weights, names, dark=feedback.is_dark(), positions=kept),
            key="attention.head",
            title=f"Layer {layer + 1}, head {head + 1}",
            alt=f"Which token looks at which: layer {layer + 1}, head {head + 1} {looked.does(layer, head)}",
            name=f"{looked.stem} layer {layer + 1} head {head + 1}",
            rows=partial(rows, weights, names, kept),
        )
    part = f"layer {layer + 1}, head {head + 1}"
    return Shown(f"Layer {layer + 1}, head {head + 1} {looked.does(layer, head)}. {looked.flow}", part)


def tokens_kept(looked: Looked, row: Any) -> list[int]:
    """The positions to draw: all, or all but the special tokens, which outshine the rest."""
    with row:
        special = selection.option(
            "special",
            ["shown", "hidden"],
            "shown",
            st.segmented_control,
            label="Special tokens",
            format_func=str.capitalize,
            required=True,
        )
    return [i for i, added in enumerate(looked.attention.special) if special == "shown" or not added]


def notes(looked: Looked) -> list[list[str]]:
    """What is told when hovering over a head of the map."""
    return [
        [f"Layer {i + 1}, head {j + 1} {looked.does(i, j)}" for j in range(looked.attention.heads)]
        for i in range(looked.attention.layers)
    ]


def picked() -> None:
    """A click on the map of heads chooses that head."""
    points = st.session_state["attention.map"].selection.points
    if points:
        layer, head = points[0]["customdata"][:2]
        selection.remember("layer", int(layer) + 1)
        selection.remember("head", int(head) + 1)


def show_heads(looked: Looked, row: Any) -> Shown:
    """bertviz's head view of one layer, beside what each of its heads does."""
    attention = looked.attention
    layer = pick_layer(looked, row)
    lead = looked.tally(f"in layer {layer + 1}", range(layer, layer + 1))
    if too_long(attention, attention.heads, "head view"):
        return Shown(lead)
    page, height = bertviz.head_view(
        attention.weights[layer], attention.tokens, layer=layer + 1, dark=feedback.is_dark()
    )
    st.caption("Hover over a token for its links alone. Click a square to switch a head off or on.")
    both = st.container(horizontal=True, gap="medium")
    with both.container(width=bertviz.HEAD_WIDTH):
        st.iframe(page, height=height, alt=f"Head view of layer {layer + 1}")
    with both.container(width=520):
        st.html(bertviz.heads_list([looked.does(layer, head) for head in range(attention.heads)]))
    return Shown(lead, f"layer {layer + 1}", page)


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
    shown = attention.weights[parts[part] : parts[part] + once]
    page, height = bertviz.model_view(shown, attention.tokens, first=parts[part] + 1, dark=feedback.is_dark())
    st.caption("Lines run from each token (left) to the tokens it looks at (right). Click a head to open it.")
    st.iframe(page, height=height, alt=f"Model view of layers {part}")
    return Shown(lead, f"layers {part}", page)


def too_long(attention: "Attention", maps: int, view: str) -> bool:
    """Whether the text has too many tokens for a view that draws every link; says what to do if so."""
    most, count = bertviz.most_tokens(maps), len(attention.tokens)
    if count > most:
        feedback.notice(
            f"This text is too long for the {view}",
            f"It has {count} tokens; drawing every link is quick enough up to {most} with this model. "
            "Heatmap and Rollout show texts of any length.",
        )
    return count > most


def show_rollout(looked: Looked, row: Any) -> Shown:
    """What reaches the classifier through all layers: the words shaded, and the whole matrix."""
    from analysis.attention import rollout

    attention = looked.attention
    kept = tokens_kept(looked, row)
    flow = rollout(attention)[np.ix_(kept, kept)]
    names = [attention.tokens[i] for i in kept]
    read_to = max((end for _, end in attention.offsets), default=0) if attention.truncated else None
    words = tokens.highlight(looked.text, looked.word_shares, unread_from=read_to, magnitude=True)
    st.html(tokens.css() + words)
    st.caption(
        "The stronger its shade, the more of a word reaches the classifier; hover for its share. Heads are "
        "averaged and half of each layer is passed straight on (Abnar & Zuidema 2020)."
    )
    with st.container(width=heatmap.MATRIX_WIDTH):
        feedback.chart(
            heatmap.matrix(flow, names, dark=feedback.is_dark(), positions=kept),
            key="attention.rollout",
            title="From every token to every token",
            alt=f"Rollout over all layers. {looked.flow}",
            name=f"{looked.stem} rollout",
            rows=partial(rows, flow, names, kept),
        )
    return Shown(looked.flow, "rollout over all layers")


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
        feedback.download(
            "All weights (NumPy)",
            partial(arrays, looked.attention),
            f"{looked.stem}.npz",
            key="attention.all",
        )
    chosen = selection.example()
    feedback.made_from(
        f"row {chosen.id}" if chosen else f"own text {selection.text_fingerprint(looked.text)}",
        f"{len(looked.attention.tokens)} tokens",
        *([shown.part] if shown.part else []),
    )


def arrays(attention: "Attention") -> bytes:
    """All weights, the rollout and the tokens as one NumPy archive (no pickles inside)."""
    from analysis.attention import rollout

    out = io.BytesIO()
    np.savez_compressed(
        out,
        weights=attention.weights,
        rollout=rollout(attention),
        tokens=np.array(attention.tokens, dtype=np.str_),
        offsets=np.array(attention.offsets, dtype=np.int64),
        special=np.array(attention.special, dtype=np.bool_),
    )
    return out.getvalue()


main()
