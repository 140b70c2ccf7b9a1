"""Where does the model place the texts, and do they lie among their own kind?"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages import feedback, jobs, pins, selection
from pages.points import changed, context, errors, moving, nearby, probes, rows, through, words
from pages.points.scene import SEED, Scene, bounded, colouring, make, records, told_by
from pages.points.slow import METHODS, projection_of
from pages.points.vectors import WORD, colour_input, layer_input, pooling_or_word, value_input
from views.charts.projection import projection
from views.numbers import grouped, percent
from views.tables import to_csv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analysis.embeddings import Dimensions, Pooling, Projection
    from models.transformer import TransformerClassifier

VIEWS = {
    "texts": "Texts",
    "layers": "Over the layers",
    "moves": "Under noise",
    "probes": "Probes",
    "words": "Words",
}
CHART = "assay.embeddings.chart"


def texts() -> None:
    """Every text a point: the picture first, and what the neighbours say when it is known."""
    model, whole = selection.classifier(), selection.corpus()
    head = st.container()
    layer, pooling, word, method, dimensions, colour, value = settings(model, whole.metadata_columns)
    if not len(whole):
        feedback.empty("No texts", "This data set has no examples. Pick another one in the sidebar.")
        return
    jobs.begin_run("texts")
    # A place of its own for what comes and goes, so that nothing below it moves in the page's tree.
    with st.container():
        corpus = bounded(model, whole)
        if pooling is None:
            scene = context.make(model, corpus, layer, word, value)
        else:
            scene = make(model, corpus, layer, pooling, value)
        moved = None if scene is None else changed.find(model, scene)
        whole_picture = moved.joined if moved is not None else scene
        shown = None if whole_picture is None else projection_of(whole_picture, method, dimensions)
        shown, star = changed.parted(shown, moved)
    if scene is None or shown is None:
        jobs.give_up_left_behind()
        return
    with head:
        # What the colours stand for has to be known before the picture; anything else comes after it.
        known = nearby.wait(scene) if colour == "errors nearby" else nearby.known(scene)
    picture(scene, shown, colour, known, star)
    below, beside = st.container(), st.container()
    rows.draw(scene)
    with head:
        found = known if known is not None or colour == "errors nearby" else nearby.wait(scene, drawn=True)
    jobs.give_up_left_behind()
    with head:
        lead(scene, found)
        changed.tell(scene, moved)
    with below:
        small_print(scene, shown, found)
    with beside:
        errors.draw(scene, found)


def settings(
    model: "TransformerClassifier", columns: tuple[str, ...]
) -> "tuple[int, Pooling | None, str, str, Dimensions, str, int | None]":
    """Layer, pooling (None: of a word, and which), projection, dimensions, colour and value, in one row."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        layer = layer_input(model.layers)
        pooling = pooling_or_word()
        word = context.word_input() if pooling is None else ""
        method = selection.option(
            "method",
            tuple(METHODS),
            "pca",
            st.segmented_control,
            label="Projection",
            required=True,
            format_func=lambda name: METHODS[name],
        )
        plane: Dimensions = 2
        dimensions = selection.option(
            "dimensions",
            (plane, 3),
            plane,
            st.segmented_control,
            label="Dimensions",
            required=True,
            format_func=lambda count: f"{count}-D",
        )
        colour = colour_input("colour", told_by(model).COLOURS, columns)
        value = value_input(model)
    return layer, pooling, word, method, dimensions, colour, value


def lead(scene: Scene, found: nearby.Nearby | None) -> None:
    """The answer in one sentence, and what it means."""
    from analysis.embeddings.neighbours import neighbourhood_size

    if found is None:
        return
    place = scene.place.capitalize()
    if scene.word:
        place += f", by <b>“{feedback.escaped(selection.plain(scene.word, 40))}”</b> as it stands in them"
    if found.near is None:
        if len(scene.corpus) < 3:
            feedback.headline("Neighbours need at least three texts; this data set has fewer.")
        else:
            feedback.headline(f"{place} all texts have the same vector here: nothing tells them apart.")
            feedback.aside(
                "A first or last token that is the same in every text has read no context yet. Try the mean."
            )
        return
    feedback.headline(scene.told.headline(place, found.votes))
    size, width = neighbourhood_size(len(scene.corpus)), scene.vectors.shape[1]
    feedback.aside(scene.told.note(size, width, found.votes))


def picture(
    scene: Scene,
    shown: "Projection",
    colour: str,
    known: nearby.Nearby | None,
    star: "NDArray[np.float64] | None",
) -> None:
    """The points, and where a changed text lies; choosing some of them on a plane chooses their rows."""
    examples = scene.corpus.examples
    deep = shown.points.shape[1] == 3
    axes = [
        f"{name} direction, {percent(share)} of the variance"
        for name, share in zip(("first", "second", "third"), shown.explained_variance or (), strict=False)
    ]
    dark, row = feedback.is_dark(), selection.current().row
    by_id = scene.rows_by_id
    chosen = rows.to_draw((scene.key, shown.method, deep, colour, dark, row))
    draw = partial(
        projection,
        shown.points,
        colouring(scene, colour, known.errors if known is not None and known.near is not None else None),
        texts=[example.text for example in examples],
        axes=axes,
        marked=by_id.get(row) if row is not None else None,
        changed=star,
    )
    figure = draw(selected=[by_id[name] for name in chosen.drawn if name in by_id], dark=dark)
    figure.update_layout(selectionrevision=chosen.revision)
    alt = f"{len(examples)} texts as points, placed by {METHODS[shown.method]}, coloured by {colour}."
    config = {
        "displaylogo": False,
        "displayModeBar": True,
        "scrollZoom": True,
        "toImageButtonOptions": {"format": "png" if deep else "svg", "filename": stem(scene, shown)},
    }
    if deep:
        # Points in space cannot be chosen by a box; the rows chosen on the plane stay listed below.
        buttons = [["orbitRotation", "pan3d", "resetCameraDefault3d"], ["toImage"]]
        st.plotly_chart(
            figure, key=f"{CHART}.deep", theme=None, config=config | {"modeBarButtons": buttons}, alt=alt
        )
        st.caption("Drag to turn it, scroll to come closer. Texts are selected in 2-D.")
        pin(scene, shown, colour, draw)
        return

    def selected() -> None:
        points = st.session_state[CHART].selection.points
        found = [point["customdata"] for point in points if point.get("customdata") is not None]
        numbers = [one[0] if isinstance(one, list) else one for one in found]
        rows.pick([examples[int(one)].id for one in numbers if 0 <= int(one) < len(examples)], True)

    buttons = [["select2d", "lasso2d", "pan2d"], ["zoomIn2d", "zoomOut2d", "resetScale2d"], ["toImage"]]
    st.plotly_chart(
        figure,
        key=CHART,
        theme=None,
        config=config | {"modeBarButtons": buttons},
        on_select=selected,
        selection_mode=("points", "box", "lasso"),
        alt=alt,
    )
    pin(scene, shown, colour, draw)


def pin(scene: Scene, shown: "Projection", colour: str, figure: Callable[..., Any]) -> None:
    """The way to keep this picture beside that of another layer, model or projection."""
    about = pins.made_from(
        selection.current().data,
        f"{grouped(len(scene.corpus))} texts",
        scene.place,
        scene.read_as,
        f"{METHODS[shown.method]} in {shown.points.shape[1]}-D",
        f"coloured by {selection.plain(colour, 30)}",
    )
    pins.beside(about, pins.chart(figure))


def small_print(scene: Scene, shown: "Projection", found: nearby.Nearby | None) -> None:
    """How far the picture can be trusted, what it was made from, and the points to take away."""
    from analysis.embeddings.neighbours import neighbourhood_size

    known = found if found is not None and found.near is not None else None
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        with st.container(gap=None, width="stretch"):
            told = []
            if known is not None:
                kept = nearby.kept(scene, known, shown)
                warning = ": near points need not be near in the model" if kept < 0.5 else ""
                told.append(
                    f"{METHODS[shown.method]} keeps {percent(kept, 0)} of each text’s "
                    f"{neighbourhood_size(len(scene.corpus))} nearest neighbours{warning}."
                )
            if shown.explained_variance is not None:
                told.append(f"It shows {percent(sum(shown.explained_variance), 0)} of the variance.")
            if told:
                feedback.aside(" ".join(told))
            layer = "embeddings" if scene.layer == 0 else f"layer {scene.layer}"
            feedback.made_from(layer, scene.read_as, METHODS[shown.method], f"seed {SEED}")
        feedback.download(
            "CSV",
            lambda: to_csv(records(scene, shown, *((known.votes, known.errors) if known else ()))),
            f"{stem(scene, shown)}.csv",
            key="assay.embeddings.points",
        )


def stem(scene: Scene, shown: "Projection") -> str:
    """The name of saved files, without an ending."""
    return f"assay-embeddings-layer-{scene.layer}-{WORD if scene.word else scene.pooling}-{shown.method}"


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
with pins.staying(), feedback.problems():
    if view == "texts":
        texts()
    elif view == "layers":
        through.draw()
    elif view == "moves":
        moving.draw()
    elif view == "probes":
        probes.draw()
    else:
        words.draw()
