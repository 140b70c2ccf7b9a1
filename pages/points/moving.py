"""The fourth view: where a noise takes the texts, and whether they cross to the other answer."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from attacks.registry import entries, entry
from corpora.examples import Corpus
from corpora.sampling import sample
from pages import beside, feedback, jobs, pins, selection
from pages.points.numbers import Shift
from pages.points.scene import SEED, bounded, pooled
from pages.points.vectors import POOLINGS, layer_input, pooling_input, value_input
from views import outcomes, tokens
from views.charts.moves import moves
from views.numbers import grouped, percent

if TYPE_CHECKING:
    from analysis.embeddings import Pooling
    from analysis.embeddings.moves import Moves
    from attacks.outcome import Outcome
    from models.transformer import TransformerClassifier

#: So many texts move: more lines than that hide each other.
MOVED = 100
#: So many of the others, at most, draw the line between the answers.
MOST_OTHERS = 2000
SEVERITIES = (1, 2, 3, 4, 5)
PLANES = {"boundary": "Across the boundary", "pca": "PCA"}
CHART = "assay.embeddings.moves"


@dataclass(frozen=True)
class Moved:
    """What a noise made of some texts, in the corpus's order: `rows` number them in it.

    `vectors[pooling]` is (layers + 1, len(rows), width), of the changed texts; `answers` (len(rows), labels)
    are the model's to them. Where these are numbers the outcomes know texts alone.
    """

    rows: tuple[int, ...]
    outcomes: "tuple[Outcome, ...]"
    vectors: "dict[Pooling, NDArray[np.float32]]"
    answers: NDArray[np.float64]

    @property
    def flipped(self) -> NDArray[np.bool_]:
        """Whose answer changed."""
        return np.array(
            [
                int(np.argmax(one.probabilities_before)) != int(np.argmax(one.probabilities_after))
                for one in self.outcomes
            ],
            np.bool_,
        )


def draw() -> None:
    """The settings, the picture, and the text that is clicked."""
    st.html(tokens.css() + outcomes.css())
    model = selection.classifier()
    corpus = bounded(model, selection.corpus())
    if len(corpus) < 2:
        feedback.empty("No texts", "This data set has no examples to move. Pick another one in the sidebar.")
        return
    head = st.container()
    test, severity, layer, pooling, plane, side, value = settings(model)
    place = st.container()
    jobs.begin_run("moves")
    with place:
        clean = pooled(model, corpus, pooling)
        moved = None if clean is None else wait(model, corpus, test, severity)
    jobs.give_up_left_behind()
    if clean is None or moved is None:
        return
    if not moved.rows:
        feedback.empty("Nothing moved", f"{entry(test).title} finds nothing to change in these texts.")
        return
    answers = clean.probabilities.argmax(1) == side
    found = placed(moved, clean.vectors[pooling][layer], answers, moved.vectors[pooling][layer], plane)
    shift = None
    if value is not None:
        shift = Shift(
            model.labels[value], clean.probabilities[list(moved.rows), value], moved.answers[:, value]
        )
    with head:
        said = lead(moved, found, test, severity, layer=layer, tried=tried(corpus), shift=shift)
    with place:
        figure = picture(model, corpus, moved, found, side=side, shift=shift)
    if found.fit is not None:
        feedback.aside(
            "The dotted line is a linear probe's: learnt, at this layer, from other texts and the model's "
            f"answers to them; {percent(found.fit, 0)} of the unchanged texts lie on their answer's side. It "
            "stands for the model's own boundary only as far as that figure is high."
        )
    made = [
        entry(test).title,
        *([f"severity {severity}"] if severity else []),
        "embeddings" if layer == 0 else f"layer {layer}",
        POOLINGS[pooling].lower(),
    ]
    label = [f"for {selection.plain(model.labels[side], 30)}"] if plane == "boundary" else []
    about = pins.made_from(
        selection.current().data, f"{len(moved.rows)} texts", *made, PLANES[plane].lower(), *label
    )
    pins.beside(about, pins.chart(figure, said))
    feedback.made_from(*made, f"seed {SEED}")


def settings(
    model: "TransformerClassifier",
) -> "tuple[str, int | None, int, Pooling, str, int, int | None]":
    """Noise, severity, layer, pooling, plane, the label right of the line, and the number that moves.

    A number has no line between two answers, so PCA's is the only plane.
    """
    tests = [one for one in entries() if one.kind != "attack" and one.available]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        test = selection.option(
            "noise",
            [one.name for one in tests],
            "keyboard-typos",
            label="Change",
            format_func=lambda name: f"{entry(name).family} · {entry(name).title}",
            width=300,
        )
        severity = None
        if entry(test).severities:
            severity = selection.option(
                "severity", SEVERITIES, 2, st.segmented_control, label="Severity", required=True
            )
        plane = "pca"
        if model.answering != "number":
            plane = selection.option(
                "plane",
                tuple(PLANES),
                "boundary",
                st.segmented_control,
                label="Plane",
                required=True,
                format_func=lambda name: PLANES[name],
            )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        layer = layer_input(model.layers)
        pooling, value = pooling_input(), value_input(model)
        side = 1
        if len(model.labels) > 2 and plane == "boundary":
            side = selection.option(
                "side",
                range(len(model.labels)),
                0,
                label="Label",
                format_func=lambda index: selection.plain(model.labels[index], 30),
                width=180,
            )
    return test, severity, layer, pooling, plane, side, value


def wait(model: "TransformerClassifier", corpus: Corpus, test: str, severity: int | None) -> Moved | None:
    """The changed texts with their vectors, from a job; None while it runs."""

    def work(report: jobs.Report) -> Moved:
        from analysis.embeddings import pool_layers
        from attacks.answers import Answers
        from attacks.single import Draw, run

        chosen = {example.id for example in sample(corpus, tried(corpus), SEED).examples}
        rows = [row for row, example in enumerate(corpus.examples) if example.id in chosen]
        texts = [corpus.examples[row].text for row in rows]
        kept = []
        for place, outcome in run(texts, Draw(test, severity, SEED), Answers(model)):
            report(place + 1, 2 * len(texts))
            if outcome.status == "perturbed":
                kept.append((rows[place], outcome))
        after = pool_layers(
            model,
            [outcome.perturbed for _, outcome in kept],
            on_progress=lambda done, _: report(len(texts) + done, 2 * len(texts)),
        )
        return Moved(
            tuple(row for row, _ in kept),
            tuple(outcome for _, outcome in kept),
            dict(after.vectors),
            after.probabilities,
        )

    key = ("moves", model.fingerprint, str(model.device), corpus.fingerprint, test, severity)
    return jobs.outcome(jobs.job_of(key, work), f"{entry(test).title} on {tried(corpus)} texts", key="moves")


def tried(corpus: Corpus) -> int:
    """How many texts are to move: at most half of them, for the others draw the line."""
    return min(MOVED, len(corpus) // 2)


def placed(
    moved: Moved,
    clean: NDArray[np.float32],
    answers: NDArray[np.bool_],
    after: NDArray[np.float32],
    plane: str,
) -> "Moves":
    """Where the texts were and went, at one layer: `clean` are the vectors of all texts there."""
    from analysis.embeddings.moves import across, on_plane

    rows = np.array(moved.rows)
    others = np.setdiff1d(np.arange(len(clean)), rows)[:MOST_OTHERS]
    if plane == "pca":
        return on_plane(clean[others], clean[rows], after)
    return across(clean[others], answers[others], clean[rows], after, answers[rows])


def lead(
    moved: Moved,
    found: "Moves",
    test: str,
    severity: int | None,
    *,
    layer: int,
    tried: int,
    shift: Shift | None,
) -> str:
    """How many answers flipped, and how many of them cross the line at this layer; returned as HTML too.

    Of a number: how far it moved.
    """
    flipped = moved.flipped
    level = f" at severity {severity}" if severity else ""
    flips = f"flips <b>{int(flipped.sum())} of {len(flipped)}</b> answers"
    told = f"{feedback.escaped(entry(test).title)}{level} {flips if shift is None else shift.told()}"
    if found.crossed is not None:
        place = f"after layer {layer}," if layer else "before the first layer"
        own, rest = int(found.crossed[flipped].sum()), int(found.crossed[~flipped].sum())
        others = grouped(int((~flipped).sum()))
        told += (
            f"; {place} <b>{own}</b> of them lie across the boundary, and {rest} of the {others} others"
            if flipped.any()
            else f"; {place} {rest} of the {others} texts lie across the boundary all the same"
        )
    feedback.headline(f"{told}.")
    if len(flipped) < tried:
        feedback.aside(f"It finds something to change in {len(flipped)} of {tried} texts.")
    return f"{told}."


def picture(
    model: "TransformerClassifier",
    corpus: Corpus,
    moved: Moved,
    found: "Moves",
    *,
    side: int,
    shift: Shift | None,
) -> Callable[..., Any]:
    """Points and lines; a click on one shows its text before and after. Returns what makes them."""
    examples = [corpus.examples[row] for row in moved.rows]
    own = model.labels[min(side, len(model.labels) - 1)]
    other = model.labels[1 - side] if len(model.labels) == 2 else f"not {own}"
    figure = partial(
        moves,
        found.before,
        found.after,
        moved.flipped,
        [example.id for example in examples],
        [(one.text, one.perturbed) for one in moved.outcomes],
        sides=None if found.crossed is None else (other, own),
        shifts=None if shift is None else shift.amounts(),
    )
    picked = st.plotly_chart(
        figure(dark=feedback.is_dark()),
        key=CHART,
        theme=None,
        on_select="rerun",
        selection_mode="points",
        config={
            "displaylogo": False,
            "scrollZoom": True,
            "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]],
            "toImageButtonOptions": {"format": "svg", "filename": "assay-moves"},
        },
        alt=f"{len(examples)} texts before and after the change, joined by lines; "
        + (f"{int(moved.flipped.sum())} answers flip." if shift is None else "the colour is the change."),
    )
    points = [point["customdata"] for point in picked.selection.points if point.get("customdata")]
    by_id = {example.id: place for place, example in enumerate(examples)}
    ids = [one[0] if isinstance(one, list) else one for one in points]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Hollow: before the change. Click a point to read its text before and after.")
        feedback.download(
            "CSV",
            lambda: rows_of(corpus, moved, found, model.labels, shift),
            "assay-embeddings-moves.csv",
            key="assay.embeddings.moves.data",
        )
    if ids and ids[0] in by_id:
        at = by_id[ids[0]]
        outcome = moved.outcomes[at]
        numbers = None if shift is None else {shift.name: (shift.before[at], shift.after[at])}
        st.html(outcomes.before_and_after(model.labels, outcome, numbers=numbers))
        with st.container(horizontal=True, gap="medium"):
            beside.links(outcome.perturbed, ids[0])
    return figure


def rows_of(
    corpus: Corpus, moved: Moved, found: "Moves", labels: tuple[str, ...], shift: Shift | None = None
) -> bytes:
    """Every move as a row of a CSV file."""
    from views.tables import to_csv

    def answers(place: int, outcome: "Outcome") -> tuple[object, object]:
        if shift is not None:
            return float(shift.before[place]), float(shift.after[place])
        before, after = outcome.probabilities_before, outcome.probabilities_after
        return labels[int(np.argmax(before))], labels[int(np.argmax(after))]

    return to_csv(
        {
            "id": corpus.examples[row].id,
            "text": outcome.text,
            "changed": outcome.perturbed,
            **dict(zip(("answer", "answer_after"), answers(place, outcome), strict=True)),
            "x": float(found.before[place, 0]),
            "y": float(found.before[place, 1]),
            "x_after": float(found.after[place, 0]),
            "y_after": float(found.after[place, 1]),
        }
        for place, (row, outcome) in enumerate(zip(moved.rows, moved.outcomes, strict=True))
    )
