"""The view over the layers: the same texts wander from picture to picture, and find their own kind."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from corpora.sampling import sample
from pages import feedback, jobs, pins, selection
from pages.points.probes import MOST_TEXTS
from pages.points.scene import COLOURS, COLUMN, SEED, bounded, colouring, make
from pages.points.vectors import POOLINGS, pooling_input
from views import layers as sentences
from views.charts.layers import Line, answers
from views.charts.passage import passage
from views.charts.projection import Categories
from views.numbers import grouped, percent, rate

if TYPE_CHECKING:
    from analysis.embeddings.passage import Passage
    from pages.points.scene import Scene

CHART = "assay.embeddings.passage"
#: What a point can be coloured by at every layer: categories that no layer changes.
LASTING = [name for name in COLOURS if name in ("label", "prediction", "correctness")]


def draw() -> None:
    """The settings, the sentence, the wandering points, and what each layer's picture is worth."""
    model, whole = selection.classifier(), selection.corpus()
    corpus = bounded(model, whole)
    if len(corpus) < 3:
        feedback.empty(
            "Too few texts", "Neighbours need at least three texts. Pick other data in the sidebar."
        )
        return
    if len(corpus) > MOST_TEXTS:
        corpus = sample(corpus, MOST_TEXTS, SEED)
        st.caption(f"{grouped(MOST_TEXTS)} of the texts are drawn, each label in its share.")
    head = st.container()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        pooling = pooling_input()
        colour = selection.option(
            "lasting_colour",
            (*LASTING, *(f"{COLUMN}{column}" for column in whole.metadata_columns)),
            "label",
            label="Colour",
            format_func=lambda name: selection.plain(name.removeprefix(COLUMN), 30).capitalize(),
            width=180,
        )
    jobs.begin_run("layers")
    scene = make(model, corpus, model.layers, pooling)
    found = None if scene is None else wait(scene, pooling, model.layers)
    jobs.give_up_left_behind()
    if scene is not None and found is not None:
        with head:
            feedback.headline(told(found))
        wandering = picture(scene, found, colour)
        curves = worth(found)
        about = pins.made_from(
            selection.current().data,
            f"{grouped(len(corpus))} texts",
            f"{model.layers + 1} layers",
            POOLINGS[pooling].lower(),
            f"coloured by {selection.plain(colour, 30)}",
        )
        pins.beside(about, partial(again, wandering, curves, told(found)))
        feedback.made_from(POOLINGS[pooling].lower(), f"{grouped(len(corpus))} texts", f"seed {SEED}")


def wait(scene: "Scene", pooling: str, layers: int) -> "Passage | None":
    """The pictures of all layers, from a job; None while it runs."""
    from pages.points.scene import pooled

    read = pooled(selection.classifier(), scene.corpus, scene.pooling)
    if read is None:
        return None
    vectors, targets = read.vectors[scene.pooling], scene.corpus.targets
    key = ("passage", *scene.key)

    def work(report: jobs.Report) -> "Passage":
        from analysis.embeddings.passage import through_layers

        return through_layers(vectors, targets, seed=SEED, on_progress=report)

    return jobs.outcome(jobs.job_of(key, work), f"The pictures of {layers + 1} layers", key="passage")


def again(wandering: Callable[..., Any], curves: Callable[..., Any], says: str, key: str) -> None:
    """Both pictures of other settings, below what they say."""
    pins.chart(wandering, says)(key)
    pins.chart(curves)(f"{key}.worth")


def told(found: "Passage") -> str:
    """Where texts lie most among their own label, and where they began, as HTML."""
    from audits.statistics import accuracy

    shares = [accuracy(own) for own in found.own]
    best = max(range(len(shares)), key=lambda layer: shares[layer].value)
    first, most = shares[0], shares[best]
    among = rate(most.value, most.low, most.high, most.count)
    return sentences.gathered(best, among, percent(first.value))


def picture(scene: "Scene", found: "Passage", colour: str) -> Callable[..., Any]:
    """The points, the slider, and the button that plays them; returns what makes the figure."""
    shown = colouring(scene, colour)
    assert isinstance(shown, Categories)
    notes = [
        f"{'Embeddings' if layer == 0 else f'After layer {layer}'}: shows {percent(variance, 0)} of the "
        f"variance, keeps {percent(kept, 0)} of the nearest neighbours;\n{percent(float(own.mean()), 0)} of "
        "the texts lie among their own label"
        for layer, (variance, kept, own) in enumerate(zip(found.variance, found.kept, found.own, strict=True))
    ]
    row = selection.current().row
    figure = partial(
        passage,
        found.points,
        shown,
        notes=notes,
        texts=scene.corpus.texts,
        marked=scene.rows_by_id.get(row) if row is not None else None,
    )
    st.plotly_chart(
        figure(dark=feedback.is_dark()),
        key=CHART,
        theme=None,
        config={
            "displaylogo": False,
            "scrollZoom": True,
            "modeBarButtons": [["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]],
            "toImageButtonOptions": {"format": "svg", "filename": f"assay-embeddings-{scene.pooling}-layers"},
        },
        alt=f"{len(scene.corpus)} texts as points, one picture a layer, coloured by {colour}.",
    )
    feedback.aside(
        "Each layer’s picture is a PCA of its own, brought to one size and turned or mirrored to lie like "
        "the next layer’s (orthogonal Procrustes analysis): how far a point moves within the cloud is the "
        "model’s doing, how the cloud as a whole turns is nobody’s."
    )
    return figure


def worth(found: "Passage") -> Callable[..., Any]:
    """Over the layers: how many texts lie among their own, and how much a picture shows of it.

    Returns what makes the figure.
    """
    lines = [
        Line("texts among their own label", [float(own.mean()) for own in found.own]),
        Line("neighbours kept by the picture", found.kept, "dash"),
        Line("variance that it shows", found.variance, "dash"),
    ]
    figure = partial(answers, lines, mark=None)
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="assay.embeddings.passage.worth",
        title="What each layer’s picture shows",
        alt="Three shares over the layers: texts among their own label, neighbours kept, variance shown.",
        name="embeddings over layers",
        rows=lambda: [
            {"layer": layer, **{line.name: line.values[layer] for line in lines}}
            for layer in range(len(found.own))
        ],
    )
    return figure
