"""Where does the model place the texts, and do they lie among their own kind?"""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages import feedback, selection
from pages.points import moving, probes, rows, words
from pages.points.scene import COLOURS, COLUMN, SEED, Scene, bounded, colouring, make, records
from pages.points.slow import METHODS, projection_of
from pages.points.vectors import POOLINGS, layer_input, pooling_input
from views.charts.projection import projection
from views.numbers import grouped, percent, rate
from views.tables import to_csv

if TYPE_CHECKING:
    from analysis.embeddings import Pooling, Projection

VIEWS = {"texts": "Texts", "moves": "Under noise", "probes": "Layer by layer", "words": "Words"}
CHART = "assay.embeddings.chart"


def texts() -> None:
    """Every text a point."""
    model, whole = selection.classifier(), selection.corpus()
    head = st.container()
    layer, pooling, method, colour = settings(model.layers, whole.metadata_columns)
    if not len(whole):
        feedback.empty("No texts", "This data set has no examples. Pick another one in the sidebar.")
        return
    # A place of its own for what comes and goes, so that nothing below it moves in the page's tree.
    with st.container():
        scene = make(model, bounded(model, whole), layer, pooling)
        shown = projection_of(scene, method)
    with head:
        lead(scene)
    picture(scene, shown, colour)
    small_print(scene, shown)
    rows.draw(scene)


def settings(layers: int, columns: tuple[str, ...]) -> "tuple[int, Pooling, str, str]":
    """Layer, pooling, projection and colour, in one row."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        layer = layer_input(layers)
        pooling = pooling_input()
        method = selection.option(
            "method",
            tuple(METHODS),
            "pca",
            st.segmented_control,
            label="Projection",
            required=True,
            format_func=lambda name: METHODS[name],
        )
        colour = selection.option(
            "colour",
            (*COLOURS, *(f"{COLUMN}{column}" for column in columns)),
            "label",
            label="Colour",
            format_func=lambda name: selection.plain(name.removeprefix(COLUMN), 30).capitalize(),
            width=180,
        )
    return layer, pooling, method, colour


def lead(scene: Scene) -> None:
    """The answer in one sentence, and what it means."""
    from analysis.embeddings.neighbours import neighbourhood_size
    from audits.statistics import accuracy

    place = scene.place.capitalize()
    if scene.votes is None:
        if len(scene.corpus) < 3:
            feedback.headline("Neighbours need at least three texts; this data set has fewer.")
        else:
            feedback.headline(f"{place} all texts have the same vector here: nothing tells them apart.")
            quiet(
                "A first or last token that is the same in every text has read no context yet. Try the mean."
            )
        return
    own = accuracy(scene.votes == scene.targets)
    share = rate(own.value, own.low, own.high, own.count)
    sentence = f"{place}, <b>{share}</b> of the texts lie among texts of their own label"
    errors = int(scene.wrong.sum())
    if errors:
        astray = int((scene.wrong & (scene.votes != scene.targets)).sum())
        sentence += f"; of the model’s {grouped(errors)} wrong answers, <b>{grouped(astray)}</b> do not"
    feedback.headline(f"{sentence}.")
    commonest = float(np.bincount(scene.targets).max() / len(scene.targets))
    quiet(
        f"Among: most of a text’s {neighbourhood_size(len(scene.corpus))} nearest neighbours carry its label "
        f"(in all {grouped(scene.vectors.shape[1])} dimensions, the text itself left out). "
        f"Always guessing the commonest label would be right for {percent(commonest)}."
    )


def quiet(text: str) -> None:
    """A line of small print; escaped here."""
    feedback.aside(text)


def picture(scene: Scene, shown: "Projection", colour: str) -> None:
    """The points; choosing some of them chooses their rows."""
    examples = scene.corpus.examples
    shares = shown.explained_variance
    axes = ("", "")
    if shares is not None:
        axes = (f"first direction, {percent(shares[0])} of the variance", f"second, {percent(shares[1])}")
    dark, marked = feedback.is_dark(), selection.current().row
    chosen = rows.to_draw(scene, (scene.key, shown.method, colour, dark, marked))
    figure = projection(
        shown.points,
        [example.id for example in examples],
        colouring(scene, colour),
        texts=[example.text for example in examples],
        axes=axes,
        selected=chosen.drawn,
        marked=marked,
        dark=dark,
    )
    figure.update_layout(selectionrevision=chosen.revision)

    def selected() -> None:
        points = st.session_state[CHART].selection.points
        found = [point["customdata"] for point in points if point.get("customdata")]
        ids = [name[0] if isinstance(name, list) else name for name in found]
        rows.pick(scene, ids, in_picture=True)

    st.plotly_chart(
        figure,
        key=CHART,
        theme=None,
        config={
            "displaylogo": False,
            "displayModeBar": True,
            "scrollZoom": True,
            "modeBarButtons": [
                ["select2d", "lasso2d", "pan2d"],
                ["zoomIn2d", "zoomOut2d", "resetScale2d"],
                ["toImage"],
            ],
            "toImageButtonOptions": {"format": "svg", "filename": stem(scene, shown)},
        },
        on_select=selected,
        selection_mode=("points", "box", "lasso"),
        alt=f"{len(examples)} texts as points, placed by {METHODS[shown.method]}, coloured by {colour}.",
    )


def small_print(scene: Scene, shown: "Projection") -> None:
    """How far the picture can be trusted, what it was made from, and the points to take away."""
    kept = shown.neighbours_kept
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        with st.container(gap=None, width="stretch"):
            if kept is not None:
                warning = ": near points need not be near in the model." if kept < 0.5 else "."
                quiet(
                    f"{METHODS[shown.method]} keeps {percent(kept, 0)} of each text’s "
                    f"{shown.neighbours} nearest neighbours{warning}"
                )
            layer = "embeddings" if scene.layer == 0 else f"layer {scene.layer}"
            feedback.made_from(layer, POOLINGS[scene.pooling].lower(), METHODS[shown.method], f"seed {SEED}")
        feedback.download(
            "CSV",
            lambda: to_csv(records(scene, shown)),
            f"{stem(scene, shown)}.csv",
            key="assay.embeddings.points",
        )


def stem(scene: Scene, shown: "Projection") -> str:
    """The name of saved files, without an ending."""
    return f"assay-embeddings-layer-{scene.layer}-{scene.pooling}-{shown.method}"


with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
    st.title("Embeddings", anchor=False, width="content")
    view = selection.option(
        "view",
        tuple(VIEWS),
        "texts",
        st.segmented_control,
        label="What to look at",
        label_visibility="collapsed",
        required=True,
        format_func=lambda name: VIEWS[name],
    )
with feedback.problems():
    if view == "texts":
        texts()
    elif view == "moves":
        moving.draw()
    elif view == "probes":
        probes.draw()
    else:
        words.draw()
