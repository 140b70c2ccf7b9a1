"""A changed text among the others: where an attack or a noise took the row that is looked at."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages import beside, selection
from pages.points.scene import Scene
from pages.selection.address import LONGEST_LINKED_TEXT

if TYPE_CHECKING:
    from analysis.embeddings import Projection
    from models.transformer import TransformerClassifier

_OPTION = "changed"
_KEPT = selection.Kept(40)


@dataclass(frozen=True)
class Changed:
    """A text that is no row of the data, at the scene's layer under its pooling.

    `joined` is the scene with its vector as the last, and not as a text: to project, and nothing else. `row`
    is the number of the text that it was, where that one is drawn; `answers` are the model's to it.
    """

    joined: Scene
    row: int | None
    answers: NDArray[np.float64]

    @property
    def vector(self) -> NDArray[np.float32]:
        """Where it lies, (width,)."""
        return self.joined.vectors[-1]


def find(model: "TransformerClassifier", scene: Scene) -> Changed | None:
    """The changed text that a link brought, if it did; one more text to read, which takes no time."""
    from analysis.embeddings import Pooled, pool_layers

    text = beside.second_text(_OPTION)[:LONGEST_LINKED_TEXT]
    if not text.strip() or scene.word:
        return None
    key = (*scene.key, _OPTION, text)
    read = _KEPT.get(key)
    if not isinstance(read, Pooled):
        read = pool_layers(model, [text], poolings=(scene.pooling,), layers=(scene.layer,))
        _KEPT.put(key, read)
    vectors = np.concatenate([scene.vectors, read.vectors[scene.pooling][0]])
    row = selection.current().row
    return Changed(
        replace(scene, vectors=vectors, key=key),
        None if row is None else scene.rows_by_id.get(row),
        read.probabilities[0],
    )


def parted(
    shown: "Projection | None", changed: Changed | None
) -> "tuple[Projection | None, NDArray[np.float64] | None]":
    """A projection of all, as one of the texts alone and the place of the changed one."""
    if shown is None or changed is None:
        return shown, None
    if len(shown.points) < len(changed.joined.vectors):
        return shown, None
    return replace(shown, points=shown.points[:-1]), shown.points[-1]


def tell(scene: Scene, changed: Changed | None) -> None:
    """Among whom it lies, beside the text that it was, in a sentence; and the way to take it out."""
    from analysis.embeddings.neighbours import around, neighbourhood_size

    if changed is None:
        return
    count = neighbourhood_size(len(scene.corpus))
    if count < 1:
        return

    def among(point: NDArray[np.float32]) -> str:
        return scene.told.among(around(scene.vectors, point, count, without=changed.row))

    now = (
        f"The changed text, a star, lies {among(changed.vector)}; the model "
        f"{scene.told.answer(changed.answers)}."
    )
    if changed.row is None:
        before = " The text that it was is not among these."
    else:
        before = f" Before the change it lay {among(scene.vectors[changed.row])}."
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.html(f"<p>{now}{before}</p>", width="stretch")
        st.button(
            "Take it out",
            key="assay.embeddings.changed",
            type="tertiary",
            icon=":material/close:",
            on_click=selection.forget,
            args=(_OPTION,),
        )
