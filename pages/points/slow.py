"""UMAP and t-SNE on the page: asked for, watched, given up; PCA stands in until they are there."""

from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import streamlit as st

from pages import feedback, selection
from pages.points.scene import SEED, Scene
from views.numbers import duration, percent

if TYPE_CHECKING:
    from analysis.embeddings import Dimensions, Method, Projection
    from analysis.embeddings.background import Job, Projector

METHODS = {"pca": "PCA", "umap": "UMAP", "tsne": "t-SNE"}
#: A projection of no more rows ends soon enough to let it, when another one is asked for.
QUICK = 2000
_MINE = "assay.embeddings.job"


@lru_cache(maxsize=1)
def projector() -> "Projector":
    """The one helper process of this server."""
    from analysis.embeddings.background import Projector

    return Projector()


def projection_of(scene: Scene, method: str, dimensions: "Dimensions") -> "Projection":
    """The projection to draw: the one asked for once it is there, PCA until then and where it fails."""
    key = (*scene.key, method, dimensions, SEED)
    _give_up_stale(key)
    if method == "pca":
        return scene.pca(dimensions)
    job = projector().find(key)
    if job is None or job.state == "cancelled":
        job = projector().submit(key, scene.vectors, cast("Method", method), dimensions, SEED)
    st.session_state[_MINE] = (key, job)
    if job.result is not None:
        return job.result
    if job.state == "failed":
        feedback.notice(
            f"{METHODS[method]} could not be drawn", f"{job.error}\nThe picture below is PCA.", "failure"
        )
    else:
        _watch(job, METHODS[method])
    return scene.pca(dimensions)


def _give_up_stale(wanted: Hashable) -> None:
    """Stop a projection that this visitor no longer waits for, unless it is about to end anyway."""
    key, job = st.session_state.get(_MINE, (None, None))
    if job is None or key == wanted or not job.unfinished:
        return
    vectors = job.vectors
    if job.state == "waiting" or (vectors is not None and len(vectors) > QUICK):
        projector().cancel(job)


@st.fragment(run_every=0.5)
def _watch(job: "Job", name: str) -> None:
    """Progress and the way out; draws the page anew when the job has ended."""
    if not job.unfinished:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", key="assay-embeddings-wait"):
        st.progress(job.share or 0.0, text=f"{_progress(job, name)}. Until then this is PCA.")
        if st.button("Cancel", key="assay.embeddings.cancel", icon=":material/close:", type="tertiary"):
            projector().cancel(job)
            selection.remember("method", "pca")
            st.rerun()


def _progress(job: "Job", name: str) -> str:
    spent = duration(job.seconds)
    if job.state == "waiting":
        return f"{name} waits for another projection to end, {spent} so far"
    if job.share is None:
        first = " (the first time it compiles itself for some ten seconds)" if name == "UMAP" else ""
        return f"{name} is getting ready{first}, {spent} so far"
    left = job.seconds / job.share - job.seconds if job.share else 0
    return f"{name}: {percent(job.share, 0)}, {spent} so far" + (
        f", about {duration(left)} left" if left > 5 else ""
    )
