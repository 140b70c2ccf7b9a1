"""The view over the layers: the same texts wander from picture to picture, and find their own kind."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from corpora.sampling import sample
from pages import feedback, jobs, pins, selection
from pages.points.probes import MOST_TEXTS
from pages.points.scene import SEED, bounded, colouring, in_shares, make, told_by
from pages.points.vectors import colour_input, pooling_input, value_input
from views.charts.layers import Line, answers
from views.charts.passage import passage
from views.numbers import grouped, percent

if TYPE_CHECKING:
    from analysis.embeddings.passage import Passage
    from pages.points.scene import Scene

CHART = "assay.embeddings.passage"


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
        st.caption(f"{grouped(MOST_TEXTS)} of the texts are drawn{in_shares(corpus)}.")
    head = st.container()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        pooling, value = pooling_input(), value_input(model)
        colour = colour_input("lasting_colour", told_by(model).LASTING, whole.metadata_columns)
    jobs.begin_run("layers")
    scene = make(model, corpus, model.layers, pooling, value)
    found = None if scene is None else wait(scene, pooling, model.layers)
    jobs.give_up_left_behind()
    if scene is not None and found is not None:
        with head:
            feedback.headline(scene.told.gathered(found.votes))
        wandering = picture(scene, found, colour)
        curves = worth(scene, found)
        about = pins.made_from(
            selection.current().data,
            f"{grouped(len(corpus))} texts",
            f"{model.layers + 1} layers",
            scene.read_as,
            f"coloured by {selection.plain(colour, 30)}",
        )
        pins.beside(about, partial(again, wandering, curves, scene.told.gathered(found.votes)))
        feedback.made_from(scene.read_as, f"{grouped(len(corpus))} texts", f"seed {SEED}")


def wait(scene: "Scene", pooling: str, layers: int) -> "Passage | None":
    """The pictures of all layers, from a job; None while it runs."""
    from pages.points.scene import pooled

    read = pooled(selection.classifier(), scene.corpus, scene.pooling)
    if read is None:
        return None
    vectors = read.vectors[scene.pooling]
    key = ("passage", *scene.key)

    def work(report: jobs.Report) -> "Passage":
        from analysis.embeddings.passage import through_layers

        return through_layers(vectors, scene.told.vote, seed=SEED, on_progress=report)

    return jobs.outcome(jobs.job_of(key, work), f"The pictures of {layers + 1} layers", key="passage")


def again(wandering: Callable[..., Any], curves: Callable[..., Any], says: str, key: str) -> None:
    """Both pictures of other settings, below what they say."""
    pins.chart(wandering, says)(key)
    pins.chart(curves)(f"{key}.worth")


def picture(scene: "Scene", found: "Passage", colour: str) -> Callable[..., Any]:
    """The points, the slider, and the button that plays them; returns what makes the figure."""
    shown = colouring(scene, colour)
    notes = [
        f"{'Embeddings' if layer == 0 else f'After layer {layer}'}: shows {percent(variance, 0)} of the "
        f"variance, keeps {percent(kept, 0)} of the nearest neighbours;\n{scene.told.worth_told(votes)}"
        for layer, (variance, kept, votes) in enumerate(
            zip(found.variance, found.kept, found.votes, strict=True)
        )
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


def worth(scene: "Scene", found: "Passage") -> Callable[..., Any]:
    """Over the layers: how well neighbours know each other's label or value, and how much a picture shows.

    Returns what makes the figure.
    """
    lines = [
        Line(scene.told.worth_name, [scene.told.worth(votes) for votes in found.votes]),
        Line("neighbours kept by the picture", found.kept, "dash"),
        Line("variance that it shows", found.variance, "dash"),
    ]
    figure = partial(answers, lines, mark=None)
    feedback.chart(
        figure(dark=feedback.is_dark()),
        key="assay.embeddings.passage.worth",
        title="What each layer’s picture shows",
        alt=f"Three shares over the layers: {scene.told.worth_name}, neighbours kept, variance shown.",
        name="embeddings over layers",
        rows=lambda: [
            {"layer": layer, **{line.name: line.values[layer] for line in lines}}
            for layer in range(len(found.votes))
        ],
    )
    return figure
