"""How did the answer come about: after which layer does it stand, and what moved it?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import streamlit as st

from pages import feedback, jobs, pins, selection
from pages.selection.address import LONGEST_LINKED_TEXT
from views import layers as sentences
from views import outcomes, tokens
from views.charts.attribution import word_bars
from views.charts.layers import Line, answers, changes
from views.numbers import percent
from views.tokens import signed

if TYPE_CHECKING:
    from analysis.layers import Comparison, Contributions, Inference
    from models.transformer import TransformerClassifier

T = TypeVar("T")
#: Labels whose lines are drawn: the likeliest after any layer.
MOST_LINES = 6
#: Seconds that the page waits for an answer before it shows progress and the way out.
_PATIENCE = 2.0
#: Pixels of bars before they scroll inside themselves.
TALLEST = 760
NO_EVIDENCE = (
    "The head has learnt to read the last layer alone (a logit lens, Nostalgebraist 2020). What it says to "
    "an earlier state shows when that state begins to look like an answer; a layer may well know the answer "
    "before, in a form that the head cannot read (Belrose et al. 2023). Settled: from there on the answer "
    "stays, with at least half of its final lead in logits."
)


@st.cache_resource(show_spinner=False)
def kept() -> selection.Kept:
    """The texts followed last, for all visitors."""
    return selection.Kept(16)


def followed(model: "TransformerClassifier", text: str) -> "Inference | None":
    """One text through all layers, from a job; None while it runs."""

    def work(report: jobs.Report) -> "Inference":
        from analysis.layers import infer

        return infer(model, text, on_progress=report)

    return wait(("layers", model.fingerprint, str(model.device), text), work)


def compared(model: "TransformerClassifier", before: str, after: str) -> "Comparison | None":
    """Two texts through all layers, from a job; None while it runs."""

    def work(report: jobs.Report) -> "Comparison":
        from analysis.layers import compare

        return compare(model, before, after, report)

    return wait(("layers", model.fingerprint, str(model.device), before, after), work)


def wait(key: tuple[str, ...], work: "Callable[[jobs.Report], T]") -> "T | None":
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
        feedback.empty(
            "No text to follow", "Type a text or pick a row: how its answer comes about stands here."
        )
        return
    model = selection.classifier()
    jobs.begin_run()
    alone = None if other.strip() else followed(model, text)
    both = compared(model, text, other) if other.strip() else None
    jobs.give_up_left_behind()
    if both is not None:
        show_both(model, both)
    elif alone is not None:
        show_one(model, alone)


def second_text(text: str) -> str:
    """A text to look at beside the first one, where the reader wants one."""
    asked = selection.remembered("beside", "") or ""
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


def show_one(model: "TransformerClassifier", found: "Inference") -> None:
    """One text: the answer after each layer, what moved it, and how its tokens move."""
    lens, labels = found.lens, model.labels
    lead = sentences.settled(labels[int(lens.answers[-1])], lens.settled, lens.layers)
    largest = strongest(found.contributions)
    if largest is not None and found.contributions is not None:
        sides = labels[found.contributions.target], labels[found.contributions.contrast]
        lead += f" {sentences.strongest(*largest, *sides)}"
    feedback.headline(lead)
    cut(model, found)
    drawn = np.sort(np.argsort(-lens.probabilities.max(axis=0))[:MOST_LINES])
    lines = [Line(labels[index], lens.probabilities[:, index].tolist()) for index in drawn]
    figure = partial(answers, lines, mark=(lens.settled, "settled"))
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="layers.answers",
        title="What the head would say after each layer",
        alt=plain(lead),
        name=stem(found),
        rows=lambda: [
            {"layer": layer, **{f"probability of {name}": row[index] for index, name in enumerate(labels)}}
            for layer, row in enumerate(lens.probabilities.tolist())
        ],
    )
    feedback.aside(NO_EVIDENCE)
    pins.beside(pins.made_from(pins.quoted(found.text)), lambda: pinned(figure, lead))
    parts(model, found.contributions, None, stem(found))
    feedback.chart(
        changes(
            found.drift,
            found.positions,
            first=1,
            hover=found.positions,
            unit="1 − cosine",
            dark=feedback.is_dark(),
        ),
        key="layers.drift",
        title="How far each layer turns each token's state",
        alt="Tokens across, layers down: the stronger, the further a layer turns a token's state.",
        name=f"{stem(found)} drift",
        rows=lambda: [
            {"layer": layer + 1, "position": place + 1, "token": token, "change": float(row[place])}
            for layer, row in enumerate(found.drift)
            for place, token in enumerate(found.positions)
        ],
    )
    foot(found)


def pinned(figure: Callable[..., Any], lead: str) -> None:
    """The curves of another text or model, with what they say."""
    st.html(f"<p>{lead}</p>")
    st.plotly_chart(
        figure(dark=feedback.is_dark()), key="layers.pinned", theme=None, config={"displayModeBar": False}
    )


def show_both(model: "TransformerClassifier", both: "Comparison") -> None:
    """Two texts: where their answers part, what pushes them apart, and which words carry it."""
    before, after, labels = both.before, both.after, model.labels
    first, second = (int(one.lens.answers[-1]) for one in (before, after))
    layers = before.lens.layers
    if both.turn is None:
        lead = sentences.alike(labels[first], before.lens.settled, after.lens.settled)
    else:
        lead = sentences.turned(labels[first], labels[second], both.turn, layers)
    largest = strongest(before.contributions, after.contributions)
    if largest is not None and before.contributions is not None:
        sides = labels[before.contributions.target], labels[before.contributions.contrast]
        lead += f" {sentences.pushed(*largest, *sides)}"
    feedback.headline(lead)
    st.html(
        outcomes.pair(
            *(
                (title, shown, outcomes.answers(labels, one.lens.probabilities[-1].tolist()))
                for title, shown, one in zip(
                    ("First text", "Second text"),
                    tokens.marked_change(before.text, after.text),
                    (before, after),
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
            Line("first text", before.lens.probabilities[:, first].tolist()),
            Line("second text", after.lens.probabilities[:, first].tolist(), "dash"),
        ],
        mark=None if both.turn is None else (both.turn, "turns"),
    )
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="layers.answers",
        title=f"Probability of {selection.plain(labels[first], 40)} after each layer",
        alt=plain(lead),
        name=f"{stem(before)} both",
        rows=lambda: [
            {"text": name, "layer": layer, **{f"probability of {labels[i]}": p for i, p in enumerate(row)}}
            for name, one in (("first", before), ("second", after))
            for layer, row in enumerate(one.lens.probabilities.tolist())
        ],
    )
    feedback.aside(NO_EVIDENCE)
    about = pins.made_from(pins.quoted(before.text), f"beside {pins.quoted(after.text)}")
    pins.beside(about, lambda: pinned(figure, lead))
    parts(model, before.contributions, after.contributions, f"{stem(before)} both")
    apart(both)
    foot(before)


def parts(
    model: "TransformerClassifier",
    found: "Contributions | None",
    other: "Contributions | None",
    name: str,
) -> None:
    """What each part of the model adds to the answer; of two texts, what it adds more to the second."""
    if found is None:
        feedback.notice(
            "The answer cannot be taken apart here",
            f"In {model.family} models what attention and MLP add goes by names not known here, or does not "
            "simply add up. What the head says after each layer stands as it is.",
        )
        return
    target, contrast = model.labels[found.target], model.labels[found.contrast]
    rows = [(sentences.part(part.layer, part.kind), part.score) for part in found.parts]
    rows.append(("constants", found.constant))
    total = found.total
    if other is not None:
        more = [*(part.score for part in other.parts), other.constant]
        rows = [(what, new - old) for (what, old), new in zip(rows, more, strict=True)]
        total = other.total - found.total
    figure = word_bars(
        [what[0].upper() + what[1:] for what in (what.removeprefix("the ") for what, _ in rows)],
        [score for _, score in rows],
        for_label=target,
        against_label=contrast,
        order="position",
        dark=feedback.is_dark(),
    )
    title = "What each part adds" if other is None else "What each part adds more to the second text"
    with st.container(height=TALLEST if figure.layout.height > TALLEST else "content", border=False):
        feedback.chart(
            figure,
            key="layers.parts",
            title=title,
            alt=f"One bar a part of the model: to the right {target}, to the left {contrast}.",
            name=f"{name} parts",
            rows=lambda: [{"part": what, "logits": score} for what, score in rows],
        )
    feedback.aside(sum_of_parts([found] if other is None else [found, other], sum(s for _, s in rows), total))


def sum_of_parts(all_of_them: "list[Contributions]", added: float, total: float) -> str:
    """How far the parts add up, and how they were found."""
    missed = abs(added - total)
    worst = missed / max(abs(total), 1.0)
    own = (
        "the model's own difference" if len(all_of_them) == 1 else "the change of the model's own difference"
    )
    told = f"All parts together: {signed(added)} logits; {own}: {signed(total)}" + (
        f", {percent(worst)} apart. " if worst >= 0.0005 else ". "
    )
    if not all(one.exact for one in all_of_them):
        told += "They do not add up here: believe their order rather than their size. "
    told += (
        "Direct contributions to the difference of the two logits, with every norm's scale held (Elhage et "
        "al. 2021). "
    )
    if not all(one.linear for one in all_of_them):
        told += (
            "This head is not linear: it is credited along the straight line from an empty state, as "
            "integrated gradients are. "
        )
    return told + "What a part does by way of later ones counts as theirs."


def strongest(
    found: "Contributions | None", other: "Contributions | None" = None
) -> tuple[str, float] | None:
    """The part that adds most, of two texts the one that changes most; None where nothing adds up."""
    if found is None or not found.exact or (other is not None and not other.exact):
        return None
    scores = [part.score for part in found.parts]
    if other is not None:
        scores = [new.score - old for new, old in zip(other.parts, scores, strict=True)]
    largest = max(range(len(scores)), key=lambda index: abs(scores[index]))
    part = found.parts[largest]
    return sentences.part(part.layer, part.kind), scores[largest]


def apart(both: "Comparison") -> None:
    """The words of both texts, and how far their states lie apart after each layer."""
    if not both.pairs:
        return
    names, told = [], []
    for pair in both.pairs:
        old, new = (" ".join(word.text for word in side) for side in (pair.before, pair.after))
        names.append(f"▸{new or old}" if pair.changed else old)
        told.append(f"{old or '–'} → {new or '–'}" if pair.changed else old)
    feedback.chart(
        changes(both.apart, names, first=0, hover=told, unit="1 − cosine", dark=feedback.is_dark()),
        key="layers.apart",
        title="How far each word's states lie apart in the two texts",
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


def cut(model: "TransformerClassifier", found: "Inference") -> None:
    """A word where a text did not fit the model."""
    if found.encoded.truncated:
        feedback.notice(
            "Only the beginning was read", f"The model reads {model.max_length} tokens; the text has more."
        )


def foot(found: "Inference") -> None:
    """Where to go on, and what all this was made from."""
    with st.container(horizontal=True, vertical_alignment="center"):
        selection.page_link("explain", label="Which words: Explain")
        selection.page_link("attention", label="Where it looks: Attention")
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


main()
