"""Where the wrong answers lie: the place where they are densest, put to texts that did not choose it."""

import streamlit as st

from pages import feedback
from pages.points import rows
from pages.points.nearby import Nearby
from pages.points.scene import Scene
from views.numbers import grouped, kept_whole, rate


def draw(scene: Scene, found: Nearby | None) -> None:
    """The sentence about the place, and one click that lists its texts."""
    worst = None if found is None else found.worst
    if found is None or worst is None:
        return
    ids = [scene.corpus.examples[row].id for row in worst.rows]
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="assay-embeddings-worst"
    ):
        st.html(f"<p>{kept_whole(sentence(found))}</p>", width="stretch")
        st.button(
            f"Select its {grouped(len(ids))} texts",
            key="assay.embeddings.worst",
            on_click=rows.pick,
            args=(ids,),
        )


def sentence(found: Nearby) -> str:
    """The densest place in words, as escaped HTML."""
    from audits.statistics.rates import wilson

    worst = found.worst
    assert worst is not None
    about = ", ".join(f"“{feedback.escaped(word[:30])}”" for word in found.words)
    place = f"around texts with {about}" if about else "in one place"

    def told(errors: int, total: int) -> str:
        low, high = wilson(errors / total, total)
        return rate(errors / total, low, high, total)

    there, elsewhere = told(*worst.inside), told(*worst.outside)
    if worst.p >= 0.05:
        return (
            '<span class="assay-muted">No place is known where errors are dense. The densest among half of '
            f"the texts, {place}, is not confirmed by the other half: {there} wrong answers, elsewhere "
            f"{elsewhere} (p = {worst.p:.2f}, Fisher’s exact test).</span>"
        )
    p = "p < 0.001" if worst.p < 0.001 else f"p = {worst.p:.3f}"
    return (
        f"Errors are densest {place}: <b>{there}</b> of them are answered wrongly, elsewhere {elsewhere}. "
        '<span class="assay-muted">Half of the texts chose the place; these figures are the other half’s '
        f"({p}, Fisher’s exact test).</span>"
    )
